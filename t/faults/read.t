# Without this: want of memory could make an image, a layer or a tag that is
# there look as if it were not, or end a worker in the middle of a pull.
# (Spec: "A digest", "Blobs", "Everything else of the registry API".)

use lib 't/lib';
use Mlist::Test;
use Mlist::Faults;

our $TWO = "mlist_auth nginx;\nmlist_flights 4;\n"
           . "mlist_source http://amd64;\nmlist_source http://arm;\n";
our $LAYER = 'a layer ' x 1000;

# A list is known under its name; its digest.
sub list_of {
    my ($name) = @_;

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    $arm->tag("$name:1", docker_image('linux/arm/v7'));

    return sha256(fetched("/v2/$name/manifests/1")->{body});
}

sub blob_of {
    my ($name) = @_;

    return $arm->blob($name, $LAYER);
}

sub get_blob {
    my ($name, %opt) = @_;

    return get("/v2/$name/blobs/" . sha256($LAYER), %opt);
}

# Tags of each registry, on two pages of one of them.
sub tags_of {
    my ($name) = @_;
    my $path = "/v2/$name/tags/list";

    $amd64->put("$path?n=1000", type => 'application/json',
                body => qq({"name":"$name","tags":["1","2"]}),
                headers => { Link => qq(<$path?n=2&last=2>; rel="next") });
    $amd64->put($path, type => 'application/json',
                body => qq({"name":"$name","tags":["1","2"]}));
    $arm->put($path, type => 'application/json',
              body => qq({"name":"$name","tags":["2","3"]}));
}

sub refers {
    my ($registry, $name, @seeds) = @_;

    $registry->put("/v2/$name/referrers/" . sha256('subject'), type => $OI,
                   body => json_text({
                       schemaVersion => 2, mediaType => $OI,
                       manifests => [map { { mediaType => $OM, size => 9,
                                             digest => sha256($_),
                                             artifactType => 'a/b' } } @seeds]
                   }));
}

run_tests();

__DATA__

=== TEST 1: a manifest by digest
--- mlist eval: $::TWO
--- steps
each_fault('list by digest', prepare => sub {
    $main::digest = list_of($_[0]);
}, request => sub { get("/v2/$_[0]/manifests/$main::digest") });
each_fault('child by digest, of no known place', prepare => sub {
    $main::digest = $arm->manifest($_[0], docker_image('linux/arm/v7'))
                    ->{digest};
}, request => sub { get("/v2/$_[0]/manifests/$main::digest") });
each_fault('child by digest, its place is known', prepare => sub {
    list_of($_[0]);
    $main::digest = docker_image('linux/arm/v7')->{digest};
}, request => sub { get("/v2/$_[0]/manifests/$main::digest") });
each_fault('digest, nowhere', request => sub {
    get("/v2/$_[0]/manifests/" . sha256('nowhere'));
});



=== TEST 2: a blob
--- mlist eval: $::TWO
--- steps
each_fault('blob, of no known place', prepare => \&blob_of,
           request => \&get_blob);
each_fault('blob, its place is known', prepare => sub {
    blob_of($_[0]);
    get_blob($_[0]);
}, request => \&get_blob);
each_fault('blob, HEAD', prepare => \&blob_of, request => sub {
    head("/v2/$_[0]/blobs/" . sha256($::LAYER));
});
each_fault('blob, Range', prepare => \&blob_of, request => sub {
    get_blob($_[0], headers => [Range => 'bytes=3-9']);
});
each_fault('blob, its place has lost it', prepare => sub {
    blob_of($_[0]);
    get_blob($_[0]);
    $arm->forget("$_[0]#" . sha256($::LAYER));
    $amd64->blob($_[0], $::LAYER);
}, request => \&get_blob);
each_fault('blob, nowhere', request => \&get_blob);



=== TEST 3: a redirect
--- mlist eval: "$::TWO mlist_redirect follow;"
--- steps
each_fault('blob, redirect followed', prepare => sub {
    $amd64->put("$_[0]#" . sha256($::LAYER), status => 307, body => 'no',
                headers => { Location => 'http://' . $arm->address
                                         . "/at/$_[0]" });
    $arm->put("/at/$_[0]", body => $::LAYER);
}, request => \&get_blob);



=== TEST 4: lists of names
--- mlist eval: $::TWO
--- steps
each_fault('tags/list', prepare => \&tags_of, request => sub {
    get("/v2/$_[0]/tags/list");
});
each_fault('tags/list, a page', prepare => \&tags_of, request => sub {
    get("/v2/$_[0]/tags/list?n=2");
});
each_fault('tags/list, nowhere', request => sub {
    get("/v2/$_[0]/tags/list");
});

for my $registry ($amd64, $arm) {
    $registry->put('/v2/_catalog', type => 'application/json',
                   body => json_text({ repositories =>
                                       ['all', $registry->name] }));
}

each_fault('_catalog', request => sub { get('/v2/_catalog') });



=== TEST 5: referrers
--- mlist eval: $::TWO
--- steps
each_fault('referrers', prepare => sub {
    refers($amd64, $_[0], 'a', 'b');
    refers($arm, $_[0], 'b', 'c');
}, request => sub { get("/v2/$_[0]/referrers/" . sha256('subject')) });
each_fault('referrers, by tag', prepare => sub {
    $arm->tag("$_[0]:" . (sha256('subject') =~ s/:/-/r),
              oci_index(oci_image('linux/amd64')));
}, request => sub { get("/v2/$_[0]/referrers/" . sha256('subject')) });



=== TEST 6: what needs no registry
--- mlist eval: $::TWO
--- steps
each_fault('ping', request => sub { get('/v2/') });
each_fault('a malformed name', request => sub { get('/v2/A/manifests/1') });
each_fault('a path that is no canonical one', request => sub {
    get("/v2/$_[0]//manifests/1");
});



=== TEST 7: an error of nginx
--- config
location /v2/ {
    client_max_body_size 10;
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
--- steps
each_fault('413', request => sub {
    put_to("/v2/$_[0]/manifests/1", 'x' x 100);
});
