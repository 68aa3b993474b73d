# Without this: want of memory in the middle of a read by tag could end a
# worker, leave a flight that nobody finishes, or give a client a list that is
# shorter than it should be.  (Spec: "A tag".)

use lib 't/lib';
use Mlist::Test;
use Mlist::Faults;

our $TWO = "mlist_auth nginx;\nmlist_flights 4;\n"
           . "mlist_source http://amd64;\nmlist_source http://arm;\n";
our $HOUR = $TWO . "mlist_valid 1h;\n";
our $SUFFIXED = "mlist_auth nginx;\nmlist_flights 4;\n"
                . "mlist_source http://amd64 tag=*-amd64;\n"
                . 'mlist_source http://amd64 tag=*-arm'
                . " platform=linux/arm/v7;\n";

# One image at each registry; the bytes are the same for all names.
sub both {
    my ($name, $make) = @_;

    $make //= \&docker_image;
    $amd64->tag("$name:1", $make->('linux/amd64'));
    $arm->tag("$name:1", $make->('linux/arm/v7'));
}

sub get_list {
    my ($name, %opt) = @_;

    return get("/v2/$name/manifests/1", %opt);
}

# The list is known when the request comes.
sub warm {
    my ($name) = @_;

    both($name);
    fetched("/v2/$name/manifests/1");
}

# The first asks and is held; the others wait together for the next flight.
sub three_clients {
    my ($name) = @_;
    my $path = "/v2/$name/manifests/1";
    my @clients = send_to(nginx_port(), 'GET', $path);

    $amd64->wait_for("$path\$", 1, 1);
    push @clients, map { send_to(nginx_port(), 'GET', $path) } 1, 2;
    $amd64->release($name);

    return map { answer_of($_, 'GET') } @clients;
}

our @GOOD = (Authorization => 'Basic Z29vZDpvbmU=');

sub guarded {
    my ($name) = @_;
    my @image = map { docker_image($_) } qw(linux/amd64 linux/arm/v7);

    $other->tag("$name:1-amd64", $image[0]);
    $other->tag("$name:1-arm", $image[1]);
    $other->on($_, challenge => 'Basic realm="r"', auth => $GOOD[1])
        for "$name:1", "$name:1-amd64", "$name:1-arm",
            map { ("$name\@$_->{digest}",
                   map { "$name#$_" } keys %{ $_->{blobs} }) } @image;
}

our $ARTIFACT = raw_manifest($OM, {
    schemaVersion => 2, mediaType => $OM, artifactType => 'a/b',
    config => { mediaType => 'application/vnd.example.config',
                size => 2, digest => sha256('{}') },
    layers => [] }, config => '{}');

run_tests();

__DATA__

=== TEST 1: a list that is built
--- mlist eval: $::TWO
--- steps
each_fault('list, cold', prepare => \&both, request => \&get_list);



=== TEST 2: a list that is known
--- mlist eval: $::HOUR
--- steps
each_fault('list, hit', prepare => \&warm, request => \&get_list);
each_fault('list, hit, HEAD', prepare => \&warm,
           request => sub { head("/v2/$_[0]/manifests/1") });



=== TEST 3: a list that is checked
--- mlist eval: $::TWO
--- steps
each_fault('list, revalidated', prepare => \&warm, request => \&get_list);
each_fault('list, 304', prepare => sub {
    warm($_[0]);
    $main::etag = header_of($res, 'ETag');
}, request => sub {
    get_list($_[0], headers => ['If-None-Match' => $main::etag]);
});



=== TEST 4: an image that is new
--- mlist eval: $::TWO
--- steps
each_fault('list, one child changed', prepare => sub {
    warm($_[0]);
    $arm->tag("$_[0]:1", docker_image('linux/arm/v7', seed => 'new'));
}, request => \&get_list);



=== TEST 5: suffixed tags
--- mlist eval: $::SUFFIXED
--- steps
each_fault('list, suffixed', prepare => sub {
    $amd64->tag("$_[0]:1-amd64", docker_image('linux/amd64'));
    $amd64->tag("$_[0]:1-arm", docker_image('linux/arm/v7'));
}, request => \&get_list);
each_fault("a source's own tag", prepare => sub {
    $amd64->tag("$_[0]:1-arm", docker_image('linux/arm/v7'));
}, request => sub { get("/v2/$_[0]/manifests/1-arm") });



=== TEST 6: a client that takes the other type, or no list
--- mlist eval: $::TWO
--- steps
each_fault('list, rebuilt as OCI', prepare => \&both, request => sub {
    get_list($_[0], accept => $OI);
});
each_fault('list, rebuilt as Docker', prepare => sub {
    both($_[0], \&oci_image);
}, request => sub { get_list($_[0], accept => $DL) });
each_fault("the default platform's image", prepare => \&both, request => sub {
    get_list($_[0], accept => $D2);
});



=== TEST 7: a tag that is nowhere, and a source that fails
--- mlist eval: $::TWO
--- steps
each_fault('tag, nowhere', request => \&get_list);
each_fault('list, a source fails', prepare => sub {
    both($_[0]);
    $arm->fail("$_[0]:1", 503);
}, request => \&get_list);
each_fault('list, a source says 429', prepare => sub {
    both($_[0]);
    $arm->fail("$_[0]:1", 429, headers => { 'Retry-After' => 7 });
}, request => \&get_list);



=== TEST 8: the last complete list
--- mlist eval: $::TWO
--- steps
each_fault('list, stale', prepare => sub {
    warm($_[0]);
    $arm->fail("$_[0]:1", 503);
}, request => \&get_list);



=== TEST 9: clients that share a flight
--- mlist eval: $::TWO
--- steps
each_fault('three clients', prepare => sub {
    both($_[0]);
    $amd64->on("$_[0]:1", hold => $_[0]);
}, request => \&three_clients, again => \&get_list);



=== TEST 10: a source that is optional, one that is required
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm optional;
--- steps
each_fault('list, partial', prepare => sub {
    both($_[0]);
    $arm->fail("$_[0]:1", 503);
}, request => \&get_list, also => qr/^502.*source/s);



=== TEST 11: with what a registry has checked
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
each_fault('list, mlist_auth registry', prepare => \&guarded,
           request => sub { get_list($_[0], headers => \@::GOOD) });
each_fault('list, refused', prepare => \&guarded, request => \&get_list);



=== TEST 12: an index of a registry
--- mlist
mlist_auth nginx;
mlist_source http://amd64 platform=linux/amd64;
mlist_source http://arm;
--- steps
each_fault('list, an index is flattened', prepare => sub {
    my @image = map { oci_image($_) } qw(linux/amd64 linux/arm64);

    $amd64->tag("$_[0]:1", oci_index(@image, attestation($image[0]),
                                     attestation($image[1])));
    $arm->tag("$_[0]:1", oci_image('linux/arm/v7'));
}, request => \&get_list);
each_fault('an artifact', prepare => sub {
    $amd64->tag("$_[0]:1", $main::ARTIFACT);
}, request => \&get_list);
