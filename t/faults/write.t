# Without this: want of memory in the middle of a push could end a worker, tell
# a client that something was written that was not, or leave a list in answers
# that a push has replaced.  (Spec: "Writes".)

use lib 't/lib';
use Mlist::Test;
use Mlist::Events;
use Mlist::Faults;

our $ONE = "mlist_auth nginx;\nmlist_flights 4;\nmlist_valid 1h;\n"
           . "mlist_source http://amd64 tag=*-amd64;\n"
           . "mlist_source http://amd64 tag=*-arm;\n";
our $BY = "mlist_auth nginx;\nmlist_push http://amd64 by=platform;\n"
          . "mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;\n"
          . "mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;\n";
our $NAMES = $BY =~ s/tag=\*-(\w+)/name=$1\/*/gr;
our $PUBLISH = $ONE =~ s/mlist_valid 1h;/mlist_publish on;/r;
our $EVENTS = "location /v2/ { $ONE\nPROXY;\n}\n"
              . "location = /events { allow all; mlist_notify; }\n";

# Everything that a manifest names is at the registry.
sub uploaded {
    my ($name, $m) = @_;

    $amd64->writable;
    $amd64->blob($name, $m->{blobs}{$_}) for sort keys %{ $m->{blobs} // {} };
    $amd64->manifest($name, $_) for @{ $m->{children} // [] };

    return $m;
}

sub push_of {
    my ($place, $m) = @_;
    my ($name, $tag) = $place =~ /^(.*):(.*)$/;

    return put_to("/v2/$name/manifests/$tag", $m->{body},
                  headers => ['Content-Type' => $m->{type}]);
}

# A list of two suffixed tags is known; its digest.
sub announced {
    my ($name) = @_;

    $amd64->tag("$name:1-amd64", docker_image('linux/amd64'));
    $amd64->tag("$name:1-arm", docker_image('linux/arm/v7'));

    return sha256(fetched("/v2/$name/manifests/1")->{body});
}

# An image that is pushed is the one that is pulled from then on.
sub pulls {
    my ($name, $image) = @_;

    get("/v2/$name/manifests/1");

    return undef if grep { $_->{digest} eq $image->{digest} } entries();
    return "a pull brings $res->{code} $res->{body}";
}

our $NEW = docker_image('linux/arm/v7', seed => 'new');

run_tests();

__DATA__

=== TEST 1: a manifest
--- mlist eval: $::ONE
--- steps
each_fault('PUT of a suffixed tag', prepare => sub {
    announced($_[0]);
    uploaded($_[0], $::NEW);
}, request => sub { push_of("$_[0]:1-arm", $::NEW) },
   after => sub { pulls($_[0], $::NEW) });
each_fault('PUT of a synthesized tag', prepare => sub {
    announced($_[0]);
    uploaded($_[0], $::NEW);
}, request => sub { push_of("$_[0]:1", $::NEW) });



=== TEST 2: blobs
--- mlist eval: $::ONE
--- steps
each_fault('an upload begins', prepare => sub { $amd64->writable },
           request => sub { ask('POST', "/v2/$_[0]/blobs/uploads/",
                                body => '') });
each_fault('an upload ends', prepare => sub {
    ask('POST', "/v2/$_[0]/blobs/uploads/", body => '');
    $main::where = header_of($res, 'Location');
}, request => sub {
    put_to("$main::where&digest=" . sha256('bytes'), 'bytes');
});
each_fault('mount', prepare => sub { $amd64->blob("x$_[0]", 'bytes') },
           request => sub {
               ask('POST', "/v2/$_[0]/blobs/uploads/?from=x$_[0]&mount="
                   . sha256('bytes'), body => '');
           });



=== TEST 3: by platform
--- mlist eval: $::BY
--- steps
each_fault('PUT by platform', prepare => sub { uploaded($_[0], $::NEW) },
           request => sub { push_of("$_[0]:1", $::NEW) },
           after => sub { pulls($_[0], $::NEW) });
each_fault('PUT of an index by platform', prepare => sub {
    $main::index = docker_list(docker_image('linux/amd64'), $::NEW);
    uploaded($_[0], $main::index);
}, request => sub { push_of("$_[0]:1", $main::index) },
   after => sub { pulls($_[0], $::NEW) });
each_fault('PUT of no known platform', prepare => sub {
    $main::none = docker_image('linux/s390x');
    uploaded($_[0], $main::none);
}, request => sub { push_of("$_[0]:1", $main::none) });



=== TEST 4: by platform, other names
--- mlist eval: $::NAMES
--- steps
each_fault('PUT by platform, blobs mounted', prepare => sub {
    uploaded($_[0], $::NEW);
}, request => sub { push_of("$_[0]:1", $::NEW) },
   after => sub { pulls($_[0], $::NEW) });



=== TEST 5: what is deleted
--- mlist eval: $::ONE
--- steps
each_fault('DELETE of a list', prepare => sub {
    $amd64->writable;
    $main::digest = announced($_[0]);
}, request => sub { ask('DELETE', "/v2/$_[0]/manifests/$main::digest") },
   again => sub {
       ask('DELETE', "/v2/$_[0]/manifests/$main::digest");
       get("/v2/$_[0]/manifests/$main::digest");
   });
each_fault('DELETE of a synthesized tag', prepare => \&announced,
           request => sub { ask('DELETE', "/v2/$_[0]/manifests/1") });



=== TEST 6: what a registry tells
--- config eval: $::EVENTS
--- steps
each_fault('notification', plain => 1, prepare => sub {
    announced($_[0]);
    $amd64->tag("$_[0]:1-arm", $::NEW);
}, request => sub { notify([pushed("$_[0]:1-arm")]) },
   after => sub { pulls($_[0], $::NEW) });
each_fault('notification, malformed', plain => 1,
           request => sub { notify('{"x') });



=== TEST 7: published
--- mlist eval: $::PUBLISH
--- steps
each_fault('list, published', prepare => sub {
    $amd64->writable;
    $amd64->tag("$_[0]:1-amd64", docker_image('linux/amd64'));
    $amd64->tag("$_[0]:1-arm", docker_image('linux/arm/v7'));
}, request => sub { get("/v2/$_[0]/manifests/1") });
