# Without this: a Helm chart, a WASM module, a docker plugin, a BuildKit cache
# or a cosign signature that lies beside the images would be wrapped into a
# list, re-typed or re-ordered, and be of no use to the tool that wrote it.
# (Spec: "Terms" and "A tag", 4.)

use lib 't/lib';
use Mlist::Test;

sub oci {
    my ($config, $layer, %more) = @_;

    return raw_manifest($OM, {
        schemaVersion => 2, mediaType => $OM,
        config => { mediaType => $config, size => 2, digest => sha256('{}') },
        layers => [{ mediaType => $layer, size => 5,
                     digest => sha256('bytes') }],
        %more }, config => '{}', layer => 'bytes');
}

our %ARTIFACT = (
    'helm chart' => oci('application/vnd.cncf.helm.config.v1+json',
                        'application/vnd.cncf.helm.chart.content.v1.tar+gzip'),
    'wasm' => oci('application/vnd.wasm.config.v0+json',
                  'application/vnd.wasm.content.layer.v1+wasm'),
    'sbom' => oci('application/vnd.oci.empty.v1+json',
                  'application/spdx+json',
                  artifactType => 'application/spdx+json'),
    'artifactType of its own, config of an image' =>
        oci($OCI_CONFIG, 'application/x-thing',
            artifactType => 'application/vnd.example.thing'),
    'cosign signature' =>
        oci($OCI_CONFIG, 'application/vnd.dev.cosign.simplesigning.v1+json'),
    'buildkit cache, a manifest' =>
        oci('application/vnd.buildkit.cacheconfig.v0',
            'application/vnd.oci.image.layer.v1.tar+gzip'),
    'docker plugin' => raw_manifest($D2, {
        schemaVersion => 2, mediaType => $D2,
        config => { mediaType => 'application/vnd.docker.plugin.v1+json',
                    size => 2, digest => sha256('{}') },
        layers => [{ mediaType => 'application/vnd.docker.image.rootfs.diff'
                                  . '.tar.gzip',
                     size => 5, digest => sha256('bytes') }],
    }, config => '{}', layer => 'bytes'),
    'buildkit cache, an index' => raw_manifest($OI, {
        schemaVersion => 2, mediaType => $OI,
        manifests => [
            { mediaType => 'application/vnd.oci.image.layer.v1.tar+gzip',
              size => 5, digest => sha256('bytes'),
              annotations => { 'buildkit/createdat' => '2024-01-01T00:00Z' } },
            { mediaType => 'application/vnd.buildkit.cacheconfig.v0',
              size => 2, digest => sha256('{}') } ],
    }, config => '{}', layer => 'bytes'),
    'buildkit cache, a docker list' => raw_manifest($DL, {
        schemaVersion => 2, mediaType => $DL,
        manifests => [
            { mediaType => 'application/vnd.docker.image.rootfs.diff.tar.gzip',
              size => 5, digest => sha256('bytes') },
            { mediaType => 'application/vnd.buildkit.cacheconfig.v0',
              size => 2, digest => sha256('{}') } ],
    }, config => '{}', layer => 'bytes'),
    'an empty index' => raw_manifest($OI, {
        schemaVersion => 2, mediaType => $OI, manifests => [] }),
    'schema 1' => raw_manifest($D1J,
        qq({\n   "schemaVersion": 1,\n   "name": "x",\n   "tag": "1",\n)
        . qq(   "architecture": "amd64",\n   "fsLayers": [],\n)
        . qq(   "history": [],\n   "signatures": []\n})),
);

# What the registry of the artifacts is asked may differ, but not the answer.
our @ACCEPTS = ([], '*/*', [$D2, $DL, $OI, $D1J, 'application/json', $OM],
                "$D2, $DL, $OM, $OI, */*", $D2, $OI, $OM);

sub passes {
    my ($target, $m, $what) = @_;

    for my $accept (@ACCEPTS) {
        my $text = ref $accept ? scalar(@$accept) . ' lines'
                               : substr $accept, -20;

        get($target, accept => $accept);
        is($res->{code}, 200, "$what: 200 ($text)");
        is($res->{body}, $m->{body}, "$what: its bytes");
        header_is('Content-Type', $m->{type});
        header_is('Docker-Content-Digest', $m->{digest});
    }

    same_as_get($target);
    is(variables($target)->{cache}, 'PASS', "$what: PASS");
}

run_tests();

__DATA__

=== TEST 1: an artifact passes, with one source that has it
--- steps
my $n = 0;

for my $what (sort keys %ARTIFACT) {
    my $m = $ARTIFACT{$what};
    my $name = 'one-' . $n++;

    $amd64->tag("$name:1", $m);
    passes("/v2/$name/manifests/1", $m, $what);
}



=== TEST 2: where only the second source has it, and where both do
--- steps
my $n = 0;

for my $what (sort keys %ARTIFACT) {
    my $m = $ARTIFACT{$what};
    my $name = 'two-' . $n++;

    $arm->tag("$name:second", $m);
    get("/v2/$name/manifests/second");
    is($res->{body}, $m->{body}, "$what at the second source");
    header_is('Content-Type', $m->{type});

    $_->tag("$name:both", $m) for $amd64, $arm;
    get("/v2/$name/manifests/both");
    is($res->{body}, $m->{body}, "$what at both");
    header_is('Docker-Content-Digest', $m->{digest});
}



=== TEST 3: a declared platform makes no image of it
--- mlist
mlist_auth nginx;
mlist_source http://amd64 platform=linux/amd64;
mlist_source http://arm platform=linux/arm/v7;
--- steps
my $n = 0;

for my $what (sort keys %ARTIFACT) {
    my $m = $ARTIFACT{$what};
    my $name = 'declared-' . $n++;

    $amd64->tag("$name:1", $m);
    get("/v2/$name/manifests/1");
    is($res->{body}, $m->{body}, "$what at one source");
    header_is('Content-Type', $m->{type});
    $arm->tag("$name:2", $m);
    get("/v2/$name/manifests/2", accept => $OI);
    is($res->{body}, $m->{body}, "$what at the second source");
}



=== TEST 4: the first source that has one gives it
--- steps
my $one = oci('application/vnd.example.one', 'application/x-one');
my $two = oci('application/vnd.example.two', 'application/x-two');
$amd64->tag('first:1', $one);
$arm->tag('first:1', $two);
get('/v2/first/manifests/1');
is($res->{body}, $one->{body}, 'of two different ones');
is(variables('/v2/first/manifests/1')->{source}, 'amd64', '$mlist_source');



=== TEST 5: an image here and an artifact there is an error that names both
--- steps
$amd64->tag('clash:1', docker_image('linux/amd64'));
$arm->tag('clash:1', $ARTIFACT{'helm chart'});
get('/v2/clash/manifests/1');
code_is(502);
like($res->{body}, qr/amd64/, 'names the one');
like($res->{body}, qr/\barm\b/, 'names the other');
ok(ref eval { json_data($res->{body})->{errors} }, 'in JSON');

$amd64->tag('clash:2', $ARTIFACT{'buildkit cache, an index'});
$arm->tag('clash:2', docker_image('linux/arm/v7'));
get('/v2/clash/manifests/2');
code_is(502, 'the artifact first');

$amd64->tag('clash:3', $ARTIFACT{'wasm'});
$arm->tag('clash:3', oci_index(oci_image('linux/arm64')));
get('/v2/clash/manifests/3');
code_is(502, 'an artifact and an image index');

# whose error is no reason to give the other one
$amd64->tag('clash:4', $ARTIFACT{'wasm'});
$arm->fail('clash:4', 503);
get('/v2/clash/manifests/4');
gateway_error('an artifact and a failure');



=== TEST 6: a config that names no platform is no image
--- steps
my $m = oci_image('linux/amd64', config_bytes => '{"config":{}}');
$amd64->tag('no-platform:1', $m);
get('/v2/no-platform/manifests/1');
is($res->{body}, $m->{body}, 'it passes');
header_is('Content-Type', $OM);

$m = docker_image('linux/amd64', config => { os => 'linux',
                                             architecture => '' });
$amd64->tag('no-arch:1', $m);
get('/v2/no-arch/manifests/1');
is($res->{body}, $m->{body}, 'an empty architecture');



=== TEST 7: after an artifact an image, and back
--- steps
my $chart = $amd64->tag('turns:1', $ARTIFACT{'helm chart'});
get('/v2/turns/manifests/1');
is($res->{body}, $chart->{body}, 'a chart');
my $image = $amd64->tag('turns:1', docker_image('linux/amd64'));
get('/v2/turns/manifests/1');
whole_answer($DL);
digests_are($image);
$amd64->tag('turns:1', $ARTIFACT{'helm chart'});
get('/v2/turns/manifests/1');
is($res->{body}, $chart->{body}, 'a chart again');



=== TEST 8: suffixed tags: an artifact under a source's spelling
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $m = $other->tag('suffixed:1-amd64', $ARTIFACT{'wasm'});
get('/v2/suffixed/manifests/1');
is($res->{body}, $m->{body}, 'passes');

# and under the tag as it stands
$m = $other->tag('standing:1', $ARTIFACT{'schema 1'});
get('/v2/standing/manifests/1');
is($res->{body}, $m->{body}, 'the tag as it stands');
header_is('Content-Type', $D1J);

# cosign's own tags are never synthesized
my $tag = 'sha256-' . ('a' x 64) . '.sig';
$m = $other->tag("signed:$tag", $ARTIFACT{'cosign signature'});
get("/v2/signed/manifests/$tag", accept => $OM);
is($res->{body}, $m->{body}, 'a signature');



=== TEST 9: by digest
--- steps
for my $what ('helm chart', 'buildkit cache, an index', 'schema 1') {
    my $m = $ARTIFACT{$what};

    $arm->tag('by-digest:1', $m);
    get('/v2/by-digest/manifests/1');
    get("/v2/by-digest/manifests/$m->{digest}", accept => $m->{type});
    is($res->{body}, $m->{body}, "$what by its digest");
    header_is('Content-Type', $m->{type});
}
