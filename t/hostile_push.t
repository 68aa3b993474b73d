# Without this: a registry that is pushed to could have an image put under the
# tag of another platform, or send this front, which reads what was uploaded
# and mounts and puts it elsewhere, to places of its own choosing.
# (Spec: "Writes", by=platform; "Limits and hostile input".)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use Mlist::Hostile;
use Mlist::HostileJson;
use Mlist::Test;

our $TAGS = <<'CONF';
mlist_auth nginx;
mlist_redirect follow;
mlist_push http://arm by=platform;
mlist_source http://arm tag=*-amd64 platform=linux/amd64;
mlist_source http://arm tag=*-arm platform=linux/arm/v7;
CONF

our $NAMES = <<'CONF';
mlist_auth nginx;
mlist_redirect follow;
mlist_push http://arm by=platform;
mlist_source http://arm name=amd64/* platform=linux/amd64;
mlist_source http://arm name=arm32v7/* platform=linux/arm/v7;
CONF

# What answers to a write is good for is its status.
my %STATUS_IS_ENOUGH = map { $_->{name} => [201, 502] }
                       attacks_of('endless', 'wire');

# What is longer than the client's own manifest says may be the client's fault,
# and so may a child of another type; a config's is nothing that counts.
my %BLAMED = ((map { $_->{name} => [400] }
                   grep { $_->{name} =~ /^(?:a body|chunks)/ }
                   attacks_of('endless')),
              map { $_->{name} => [200, 400, 502] }
                  grep { $_->{name} =~ /^Content-Type/ } attacks_of('names'));

# A registry that says to have mounted what it has not refuses what names it.
my %NOT_MOUNTED = map { $_->{name} => [201, 502] } attacks_of('headers');


# An index of two platforms, all of it uploaded; its children.
sub uploaded {
    my ($name, $entry) = @_;
    my @children = map { oci_image($_, seed => $name) }
                   'linux/amd64', 'linux/arm/v7';
    my $index = oci_index(map { $entry ? $entry->($_) : $_ } @children);

    $arm->manifest($name, $_) for @children;

    return ($index, @children);
}


# The PUT of a manifest that goes to these places, of which the first is what
# the client's own request goes to.
sub pushed {
    my ($name, $m, %case) = @_;

    return (registry => $arm, method => 'PUT', target =>
            "/v2/$name/manifests/1",
            options => { body => $m->{body},
                         headers => ['Content-Type' => $m->{type}] }, %case);
}


# What a registry itself has there.
sub held {
    my ($name, $tag) = @_;

    return request_to($arm->{port}, 'GET', "/v2/$name/manifests/$tag",
                      headers => [Accept => "$OM, $OI"])->{body};
}


# It is put, and is at these places ("NAME:1-arm") once all were honest.
sub put_at {
    my (@places) = @_;

    return sub {
        my ($name, $what) = @_;
        local $Test::Builder::Level = $Test::Builder::Level + 2;

        is($res->{code}, 201, "$what: put") || Mlist::Test::show();
        return unless $what =~ /then honest$/;

        my %bytes = map { held(split /:/, s/NAME/$name/r) => 1 } @places;

        is(scalar(keys %bytes), 1, "$what: at all places");
    };
}


# What comes of a registry that mounts nothing.
sub unmounted {
    my ($name, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 2;

    is($res->{code}, 405, "$what: told so") || Mlist::Test::show();
}


our $CONFIG = {
    name => 'GET of a config', status => 201, right => put_at('NAME:1-arm'),
    gives => \%BLAMED,
    place => sub {
        my ($name) = @_;
        my ($index, $other, $m) = uploaded($name);
        return pushed($name, $m, place => "$name#$m->{config}",
                      only => 'GET');
    },
};

# An entry that says no platform is read.
our $CHILD = {
    name => 'GET of a child', status => 201, gives => \%BLAMED,
    right => put_at('NAME:1-amd64', 'NAME:1-arm'),
    place => sub {
        my ($name) = @_;
        my ($index, $m) = uploaded($name, \&without_platform);
        return pushed($name, $index, place => "$name\@$m->{digest}",
                      only => 'GET');
    },
};

our $PUT = {
    name => 'PUT at another place', status => 201,
    right => put_at('NAME:1-amd64', 'NAME:1-arm'),
    gives => \%STATUS_IS_ENOUGH,
    place => sub {
        my ($name) = @_;
        my ($index) = uploaded($name);
        return pushed($name, $index, place => "$name:1-arm", only => 'PUT');
    },
};

my $COPIED = put_at('amd64/NAME:1', 'arm32v7/NAME:1');

our $COPIED_CHILD = {
    name => 'GET of a child that is copied', status => 201, right => $COPIED,
    place => sub {
        my ($name) = @_;
        my ($index, $m) = uploaded($name);
        return pushed($name, $index, place => "$name\@$m->{digest}",
                      only => 'GET');
    },
};

our $CHILD_PUT = {
    name => 'PUT of a child', status => 201, gives => \%STATUS_IS_ENOUGH,
    right => sub {
        return $COPIED->(@_) if $_[1] =~ /then honest$/;
        # a registry that did not take it does not take the index
        ok($res->{code} == 201 || $res->{code} == 400, "$_[1]: $res->{code}");
    },
    place => sub {
        my ($name) = @_;
        my ($index, $m) = uploaded($name);
        return pushed($name, $index, only => 'PUT',
                      place => "amd64/$name\@$m->{digest}");
    },
};

our $MOUNT = {
    name => 'a mount', status => 201, right => $CHILD_PUT->{right},
    gives => { %STATUS_IS_ENOUGH, %NOT_MOUNTED },
    place => sub {
        my ($name) = @_;
        my ($index) = uploaded($name);
        return pushed($name, $index, only => 'POST',
                      place => "/v2/amd64/$name/blobs/uploads/");
    },
};


# A registry that begins an upload instead of a mount, at that Location.
sub begins {
    my ($name, $location) = @_;
    my ($index) = uploaded($name);

    $arm->on("/v2/$_/$name/blobs/uploads/", method => { POST => {
        status => 202, body => '', headers => { Location => $location } } })
        for qw(amd64 arm32v7);

    return $index;
}

our $CANCEL = {
    name => 'the end of an upload', status => 405, always => [405],
    right => \&unmounted,
    place => sub {
        my ($name) = @_;
        my $path = "/v2/amd64/$name/blobs/uploads/1";
        my $index = begins($name, $path);
        return pushed($name, $index, place => $path, only => 'DELETE');
    },
};

our $ASKED = {
    name => 'HEAD of a blob', status => 405, right => \&unmounted,
    gives => { map { $_->{name} => [405, 502] }
               attacks_of('endless', 'wire', 'redirects') },
    place => sub {
        my ($name) = @_;
        my ($index, $m) = uploaded($name);
        begins($name, "/v2/amd64/$name/blobs/uploads/1");
        $arm->on("$name#$_", body => 'x') for $m->{config}, $m->{layer};
        return pushed($name, $index, place => "$name#$m->{config}",
                      only => 'HEAD');
    },
};

our @ALL = qw(endless wire headers redirects);

run_tests();

__DATA__

=== TEST 1: what is read to know the platform
--- config eval: Mlist::Hostile::hostile_location($::TAGS)
--- steps
$arm->writable;
attack($_, attacks_of(@::ALL, qw(names lies))) for $::CONFIG, $::CHILD;



=== TEST 2: where it is put
--- config eval: Mlist::Hostile::hostile_location($::TAGS)
--- steps
$arm->writable;
attack($::PUT, attacks_of(@::ALL, 'names'));



=== TEST 3: what is copied to another name
--- config eval: Mlist::Hostile::hostile_location($::NAMES)
--- steps
$arm->writable;
attack($::COPIED_CHILD, attacks_of(@::ALL, qw(names lies)));
attack($_, attacks_of(@::ALL)) for $::CHILD_PUT, $::MOUNT, $::CANCEL,
                                   $::ASKED;



=== TEST 4: all of them slowly
--- config eval: Mlist::Hostile::hostile_location($::NAMES, 1)
--- steps
$arm->writable;
attack($_, attacks_of('slow')) for $::COPIED_CHILD;
attack($_, grep { $_->{name} !~ /body/ } attacks_of('slow'))
    for $::CHILD_PUT, $::MOUNT, $::CANCEL, $::ASKED;



=== TEST 5: where an upload that began is to be ended
--- config eval: Mlist::Hostile::hostile_location($::NAMES)
--- steps
$arm->writable;

my $n = 0;
my $other = $other->address;

for my $location ("http://$other/v2/x", "//$other/v2/x", 'http://arm@evil/x',
                  "http://arm.evil/v2/x", "\@$other/v2/x", '', '*',
                  '/internal/secret', '/v2/../../internal/secret',
                  'file:///etc/passwd', "/v2/x\rX-Evil: 1",
                  '/v2/x y HTTP/1.1', '/v2/' . 'x' x 3000, "/v2/\xff\xfe",
                  'http://127.0.0.1:22/x', '?x', '#x')
{
    my $name = 'begun' . $n++;
    my $index = ::begins($name, $location);
    my $what = substr $location, 0, 30;

    $arm->clear_requests;
    put_to("/v2/$name/manifests/1", $index->{body},
           headers => ['Content-Type' => $index->{type}]);
    like($res->{code}, qr/^(?:405|502)$/, "$what: told so");
    sane($what);
    ok(!grep({ !m{^DELETE /[!-~]*$} } $arm->requests('^DELETE')),
       "$what: one request line");
}

is(scalar($Mlist::Test::other->requests), 0, 'nobody else is asked');
visible_log();



=== TEST 6: configs and children of broken JSON
--- config eval: Mlist::Hostile::hostile_location($::TAGS)
--- steps
$arm->writable;

# its digest is right, since whoever pushed it made it so
for my $way (broken_json('{"os":"linux","architecture":"arm"}'),
             broken_values({ os => 'linux', architecture => 'arm',
                             variant => 'v7' },
                           qw(os architecture variant))) {
    my $m = oci_image('', config_bytes => $way->[1]);

    $arm->manifest('json', $m);
    $arm->clear_requests;
    put_to('/v2/json/manifests/1', $m->{body},
           headers => ['Content-Type' => $m->{type}]);
    sane("config, $way->[0]");

    my @put = map { s{.*/}{}r } $arm->requests('^PUT');

    ok($res->{code} == 400 && !@put
       || $res->{code} == 201 && "@put" =~ /^1(?:-arm)?$/,
       "config, $way->[0]: $res->{code} @put") || Mlist::Test::show();
}

visible_log();
