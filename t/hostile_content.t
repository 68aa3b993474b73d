# Without this: a registry could crash a worker, make it run out of memory, or
# have its own words in this front's answers, by documents that are what their
# digests say and yet not what a reader hopes for.
# (Spec: "Limits and hostile input"; a tag, rules 2, 6 and 8.)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use Mlist::Hostile;
use Mlist::HostileJson;
use Mlist::Test;

our @IMAGE = qw(schemaVersion mediaType config config.mediaType config.size
                config.digest layers layers.0 layers.0.digest artifactType
                subject annotations);
our @INDEX = qw(schemaVersion mediaType manifests manifests.0
                manifests.0.mediaType manifests.0.size manifests.0.digest
                manifests.0.platform manifests.0.platform.os
                manifests.0.platform.architecture
                manifests.0.platform.variant manifests.0.annotations
                artifactType);
our @CONFIG = qw(os architecture variant rootfs);


# Documents that a second registry has under a tag, beside an honest one.
sub documents {
    my ($what, $there, @ways) = @_;

    broken($what, sub {
        my ($name, $bytes) = @_;
        $amd64->tag("$name:1", docker_image('linux/amd64'));
        $there->("$name:1", $bytes);
        return "/v2/$name/manifests/1";
    }, \&whole_or_nothing, @ways);
}


# No shorter list, no absence, no control character.
sub whole_or_nothing {
    my ($what) = @_;
    my $code = $res->{code};
    my @digests = map { $_->{digest} } Mlist::Test::entries();

    return ok(1, "$what: 502") if $code == 502;
    ok($code == 200 && @digests >= 2
       && $digests[0] eq docker_image('linux/amd64')->{digest}
       && !grep({ !/^sha256:[0-9a-f]{64}$/ } @digests)
       && $res->{body} !~ /[\x00-\x1f]/, "$what: $code")
        || Mlist::Test::show();
}


sub data_of {
    my ($m) = @_;

    return Mlist::Content::json_data($m->{body});
}


# A registry's image of that manifest or of that config, an index.
sub image_is {
    my ($place, $bytes) = @_;

    $arm->tag($place, raw_manifest($OM, $bytes, %{ honest_image()->{blobs} }));
}


sub config_is {
    my ($place, $bytes) = @_;

    $arm->tag($place, oci_image('linux/arm/v7', config_bytes => $bytes));
}


sub index_is {
    my ($place, $bytes) = @_;
    my $m = raw_manifest($OI, $bytes);

    $m->{children} = [honest_image()];
    $arm->tag($place, $m);
}


sub honest_image {
    return oci_image('linux/arm/v7');
}


sub honest_config {
    my $image = honest_image();

    return Mlist::Content::json_data($image->{blobs}{$image->{config}});
}


sub honest_again {
    $amd64->tag('again:1', docker_image('linux/amd64'));
    $arm->tag('again:1', honest_image());
    get('/v2/again/manifests/1');
    platforms_are('linux/amd64', 'linux/arm/v7');
    visible_log();
    ok(memory() < 65_536, 'memory: ' . memory() . ' KB')
        if memory_counts();
}

run_tests();

__DATA__

=== TEST 1: images
--- steps
my $data = data_of(honest_image());

documents('a manifest', \&image_is, broken_json(json_text($data)));
documents('a manifest', \&image_is, broken_values($data, @::IMAGE));
honest_again();



=== TEST 2: indexes
--- steps
my $data = data_of(oci_index(honest_image()));

documents('an index', \&index_is, broken_json(json_text($data)));
documents('an index', \&index_is, broken_values($data, @::INDEX));
honest_again();



=== TEST 3: configs
--- steps
my $data = honest_config();

documents('a config', \&config_is, broken_json(json_text($data)));
documents('a config', \&config_is, broken_values($data, @::CONFIG));
honest_again();



=== TEST 4: indexes that name themselves, each other, and too much
--- steps
sub named {
    my ($type, $digest, $size) = @_;

    return { mediaType => $type, digest => $digest, size => $size // 100,
             platform => { os => 'linux', architecture => 'arm' } };
}

my $digest = sha256('nothing');
my @many = map { named($OI, sha256("nothing $_")) } 1 .. 2000;

documents('an index', \&index_is, map { [$_->[0], json_text({
    schemaVersion => 2, mediaType => $OI, manifests => $_->[1] })] }
    ['of one that is not there', [named($OI, $digest)]],
    ['of 2,000 that are not there', \@many],
    ['of one, 2,000 times', [(named($OI, $digest)) x 2000]],
    ['of images that are no images', [named('text/plain', $digest)]],
    ['of a size of 8 EB', [named($OM, honest_image()->{digest}, 2**62)]],
    ['of a size of 5 MB', [named($OI, honest_image()->{digest}, 5 << 20)]]);

# no digest is of itself, but a registry may answer anything
my $loop = oci_index(oci_index(honest_image()));
my $inner = $loop->{children}[0];

$amd64->tag('loop:1', docker_image('linux/amd64'));
$arm->tag('loop:1', $loop);
$arm->put("loop\@$inner->{digest}", type => $OI, body => $loop->{body},
          headers => { 'Docker-Content-Digest' => $inner->{digest} });
get('/v2/loop/manifests/1');
whole_or_nothing('an index of an index that is the first again');
honest_again();



=== TEST 5: how much one request may cause
--- steps
my @entries = map { { mediaType => $OM, size => 100,
                      digest => sha256("nothing $_") } } 1 .. 400;

$amd64->tag('much:1', docker_image('linux/amd64'));
$arm->tag('much:1', raw_manifest($OI, { schemaVersion => 2, mediaType => $OI,
                                        manifests => \@entries }));
get('/v2/much/manifests/1');
error_is(502, 'UNAVAILABLE', '400 entries that have to be read');
ok($arm->requests <= 130, 'asked of it: ' . $arm->requests);

$_->clear_requests for $amd64, $arm;
get('/v2/much/manifests/nowhere');
error_is(404, 'MANIFEST_UNKNOWN');
ok($_->requests <= 3, 'a tag that is nowhere: ' . join ', ', $_->requests)
    for $amd64, $arm;

$_->clear_requests for $amd64, $arm;
get('/v2/much/blobs/' . sha256('nowhere'));
error_is(404, 'BLOB_UNKNOWN');
ok($_->requests <= 1, 'a blob that is nowhere: ' . join ', ', $_->requests)
    for $amd64, $arm;
