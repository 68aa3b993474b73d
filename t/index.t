# Without this: what buildx pushes (indexes with attestations), nested indexes,
# Windows images of several versions and ARM variants would come out of the
# front with platforms lost, doubled or misspelled, and signatures of an index
# that all registries share would not fit any more.
# (Spec: "A tag", 5 and 6.)

use lib 't/lib';
use Mlist::Test;

# An index as buildx pushes it: images, then an attestation for each.
sub buildx {
    my (@images) = @_;

    return oci_index(@images, map {
        my ($m, $annotations) = @{ attestation($_) };
        [$m, $annotations]
    } @images);
}

sub subjects {
    return map { $_->{annotations}{'vnd.docker.reference.digest'} // () }
           entries();
}

run_tests();

__DATA__

=== TEST 1: an index at one source passes byte for byte
--- steps
my $i = $amd64->tag('one:1', buildx(oci_image('linux/amd64'),
                                    oci_image('linux/arm64')));
get('/v2/one/manifests/1');
is($res->{body}, $i->{body}, 'its bytes');
is(whole_answer($OI), $i->{digest}, 'its digest');

$i = $arm->tag('one-list:1', docker_list(docker_image('linux/arm/v7'),
                                         docker_image('linux/s390x')));
get('/v2/one-list/manifests/1');
is($res->{body}, $i->{body}, "a Docker list's bytes");
whole_answer($DL);

# and costs HEADs only while it stays
$_->clear_requests for $amd64, $arm;
get('/v2/one/manifests/1');
asked_of($amd64, 'HEAD /v2/one/manifests/1');
asked_of($arm, 'HEAD /v2/one/manifests/1');



=== TEST 2: the same index at both sources
--- steps
my $i = buildx(oci_image('linux/amd64'), oci_image('linux/arm64'));
$_->tag('both:1', $i) for $amd64, $arm;
get('/v2/both/manifests/1');
is($res->{body}, $i->{body}, 'byte for byte');
same_as_get("/v2/both/manifests/1");

# in the other type for those who take no index
get('/v2/both/manifests/1', accept => [$D2, $DL, $OM]);
whole_answer($DL);
platforms_are('linux/amd64', 'linux/arm64');



=== TEST 3: an odd spelling of its JSON is kept too
--- steps
my $a = oci_image('linux/amd64');
my $text = qq({\n  "mediaType": "$OI",\n  "manifests": [ {\n)
         . qq(    "platform": { "os": "linux", "architecture": "amd64" },\n)
         . qq(    "digest": "$a->{digest}", "size": $a->{size},\n)
         . qq(    "mediaType": "$OM" } ],\n  "schemaVersion": 2,\n)
         . qq(  "annotations": { "x": "\\u00e9" } }\n);
$amd64->manifest('odd', $a);
$amd64->tag('odd:1', raw_manifest($OI, $text));
get('/v2/odd/manifests/1');
is($res->{body}, $text, 'byte for byte');



=== TEST 4: two indexes: flattened, attestations at the end
--- steps
my $a = oci_image('linux/amd64');
my $b = oci_image('linux/arm64');
$amd64->tag('two:1', buildx($a));
$arm->tag('two:1', buildx($b));
get('/v2/two/manifests/1');
whole_answer($OI);
platforms_are('linux/amd64', 'linux/arm64', 'unknown/unknown',
              'unknown/unknown');
digests_are($a, $b, attestation($a)->[0], attestation($b)->[0]);
is(join(' ', subjects()), "$a->{digest} $b->{digest}",
   'with their annotations');

# a Docker list carries none
get('/v2/two/manifests/1', accept => [$D2, $DL]);
whole_answer($DL);
digests_are($a, $b);
unlike($res->{body}, qr/annotations/, 'and no annotations');



=== TEST 5: an index and an image
--- steps
my $a = oci_image('linux/amd64');
my $b = docker_image('linux/arm/v7');
$amd64->tag('mix:1', buildx($a));
$arm->tag('mix:1', $b);
get('/v2/mix/manifests/1');
whole_answer($OI);
digests_are($a, $b, attestation($a)->[0]);
is((entries())[1]{mediaType}, $D2, "the image's own type");



=== TEST 6: mlist_attestations drop
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_attestations drop;
--- steps
my ($a, $b) = (oci_image('linux/amd64'), oci_image('linux/arm64'));
$amd64->tag('drop:1', buildx($a, $b));
get('/v2/drop/manifests/1');
whole_answer($OI);
digests_are($a, $b);

# what has none stays as it is
my $i = $amd64->tag('drop:2',
                    oci_index({ annotations => { a => 'b' } }, $a, $b));
get('/v2/drop/manifests/2');
is($res->{body}, $i->{body}, 'byte for byte');



=== TEST 7: declared platforms choose from an index
--- mlist
mlist_auth nginx;
mlist_source http://amd64 platform=linux/amd64;
mlist_source http://arm platform=linux/arm;
--- steps
my @m = map { oci_image($_) } qw(linux/amd64 linux/arm/v6 linux/arm/v7
                                 linux/s390x);
my $i = buildx(@m);
$amd64->tag('choose:1', $i);
get('/v2/choose/manifests/1');
whole_answer($OI);
digests_are($m[0], attestation($m[0])->[0]);

$arm->tag('choose:2', $i);
get('/v2/choose/manifests/2');
platforms_are('linux/arm/v6', 'linux/arm/v7', 'unknown/unknown',
              'unknown/unknown');

# none left counts as a 404
my $x = $amd64->tag('choose:3', docker_image('linux/amd64'));
$arm->tag('choose:3', oci_index(oci_image('linux/s390x')));
get('/v2/choose/manifests/3');
code_is(200);
digests_are($x);
is(variables('/v2/choose/manifests/3')->{missing}, 'arm', '$mlist_missing');



=== TEST 8: a declared variant takes only that one
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm platform=linux/arm/v7;
--- steps
my $a = $amd64->tag('variant:1', oci_image('linux/amd64'));
my @m = map { oci_image($_) } qw(linux/arm/v5 linux/arm/v6 linux/arm/v7);
$arm->tag('variant:1', oci_index(@m));
get('/v2/variant/manifests/1');
digests_are($a, $m[2]);



=== TEST 9: nested indexes
--- steps
my ($a, $b, $c) = map { oci_image($_) } qw(linux/amd64 linux/s390x
                                           linux/riscv64);
my $arm64 = oci_image('linux/arm64');
$amd64->tag('nested:1', oci_index($a, oci_index($b, oci_index($c))));
$arm->tag('nested:1', $arm64);
get('/v2/nested/manifests/1');
whole_answer($OI);
digests_are($a, $b, $c, $arm64);

# too deep is an error, not less
my $deep = $a;
$deep = oci_index($deep) for 1 .. 12;
$amd64->tag('deep:1', $deep);
$arm->tag('deep:1', $arm64);
get('/v2/deep/manifests/1');
complete_or_error('twelve deep', 'linux/amd64', 'linux/arm64');

# and so is a part that is gone
$amd64->tag('torn:1', oci_index($a, oci_index($b)));
$amd64->forget('torn@' . oci_index($b)->{digest});
$arm->tag('torn:1', $arm64);
get('/v2/torn/manifests/1');
gateway_error('a nested index that is gone');



=== TEST 10: entries without a platform are read
--- steps
my ($a, $b) = (oci_image('linux/amd64'), oci_image('linux/arm64'));
$amd64->tag('bare:1', oci_index(without_platform($a)));
$arm->tag('bare:1', $b);
get('/v2/bare/manifests/1');
code_is(200);
platforms_are('linux/amd64', 'linux/arm64');
digests_are($a, $b);



=== TEST 11: Windows images of two os.versions
--- steps
my @w = map { oci_image('windows/amd64', config => { 'os.version' => $_ }) }
        qw(10.0.17763.1 10.0.20348.1);
my $l = oci_image('linux/amd64');
$amd64->tag('windows:1', $w[0]);
$arm->tag('windows:1', $w[1]);
get('/v2/windows/manifests/1');
platforms_are('windows/amd64+10.0.17763.1', 'windows/amd64+10.0.20348.1');
digests_are(@w);

$amd64->tag('windows:2', oci_index(map {
    [$w[$_], undef, { os => 'windows', architecture => 'amd64',
                      'os.version' => ('10.0.17763.1', '10.0.20348.1')[$_],
                      'os.features' => ['win32k'] }] } 0, 1));
$arm->tag('windows:2', $l);
get('/v2/windows/manifests/2');
platforms_are('windows/amd64+10.0.17763.1', 'windows/amd64+10.0.20348.1',
              'linux/amd64');
is(json_text((entries())[0]{platform}{'os.features'}), '["win32k"]',
   'os.features');



=== TEST 12: Windows is read even where it is declared
--- mlist
mlist_source http://other tag=*-2019 platform=windows/amd64;
mlist_source http://other tag=*-2022 platform=windows/amd64;
--- steps
my @w = map { docker_image('windows/amd64', config => { 'os.version' => $_ }) }
        qw(10.0.17763.1 10.0.20348.1);
$other->tag('win:1-2019', $w[0]);
$other->tag('win:1-2022', $w[1]);
get('/v2/win/manifests/1');
platforms_are('windows/amd64+10.0.17763.1', 'windows/amd64+10.0.20348.1');



=== TEST 13: arm v5, v6, v7 and amd64 v3
--- steps
my @a = map { docker_image($_) } qw(linux/amd64/v3 linux/amd64);
my @b = map { docker_image($_) } qw(linux/arm/v7 linux/arm/v5 linux/arm/v6);
$amd64->tag('variants:1', docker_list(@a));
$arm->tag('variants:1', docker_list(@b));
get('/v2/variants/manifests/1');
whole_answer($DL);
platforms_are('linux/amd64', 'linux/amd64/v3', 'linux/arm/v7', 'linux/arm/v5',
              'linux/arm/v6');
digests_are($a[1], $a[0], @b);



=== TEST 14: spellings that clients do not match are mended
--- steps
sub spelled {
    my ($os, $arch, $variant) = @_;

    return { os => $os, architecture => $arch,
             defined $variant ? (variant => $variant) : () };
}

my @rows = (
    [qw(linux x86_64)]    => 'linux/amd64',
    [qw(linux aarch64)]   => 'linux/arm64',
    [qw(linux i386)]      => 'linux/386',
    [qw(linux armhf)]     => 'linux/arm/v7',
    [qw(linux armel)]     => 'linux/arm/v6',
    [qw(freebsd arm64 v8)] => 'freebsd/arm64',
    [qw(freebsd amd64 v1)] => 'freebsd/amd64',
    [qw(linux arm64 v9)]  => 'linux/arm64/v9',
    [qw(linux arm)]       => 'linux/arm',
);
my (@in, @out);

while (my ($parts, $out) = splice @rows, 0, 2) {
    my $m = oci_image('linux/amd64', seed => "@$parts",
                      config => spelled(@$parts));

    push @in, [$m, undef, spelled(@$parts)];
    push @out, $out;
}

$amd64->tag('spelled:1', oci_index(@in));
$arm->tag('spelled:1', oci_image('linux/s390x'));
get('/v2/spelled/manifests/1');
is(join(' ', sort(platforms())), join(' ', sort(@out, 'linux/s390x')),
   'mended');



=== TEST 15: two sources with one platform: the first wins, told once
--- steps
my $a = $amd64->tag('same:1', docker_image('linux/amd64', seed => 'first'));
$arm->tag('same:1', docker_image('linux/amd64', seed => 'second'));
get('/v2/same/manifests/1') for 1 .. 3;
digests_are($a);
is(scalar(log_lines(qr/\[warn\].*same/)), 1, 'one warning');



=== TEST 16: twins within one index stay
--- steps
my $gzip = oci_image('linux/amd64', seed => 'gzip');
my $zstd = oci_image('linux/amd64', seed => 'zstd', layer_type =>
                     'application/vnd.oci.image.layer.v1.tar+zstd');
my %note = ('io.github.containers.compression.zstd' => 'true');
my $arm64 = $arm->tag('zstd:1', oci_image('linux/arm64'));
$amd64->tag('zstd:1', oci_index($gzip, [$zstd, \%note]));
get('/v2/zstd/manifests/1');
digests_are($gzip, $zstd, $arm64);
is(json_text((entries())[1]{annotations}), json_text(\%note),
   'with their annotations');



=== TEST 17: the same entry at both sources stands there once
--- steps
my ($a, $b, $c) = map { oci_image($_) } qw(linux/amd64 linux/arm64 linux/386);
$amd64->tag('overlap:1', buildx($a, $b));
$arm->tag('overlap:1', buildx($b, $c));
get('/v2/overlap/manifests/1');
is(join(' ', map { $_->{digest} } grep { !$_->{annotations} } entries()),
   join(' ', map { $_->{digest} } $a, $b, $c), 'images');
my %seen;
$seen{$_->{digest}}++ for entries();
is(scalar(grep { $_ > 1 } values %seen), 0, 'nothing is there twice');



=== TEST 18: one registry, buildx indexes under suffixed tags
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm platform=linux/arm/v7;
--- steps
my ($a, $b) = (oci_image('linux/amd64'), oci_image('linux/arm/v7'));
$other->tag('ci:1-amd64', buildx($a));
$other->tag('ci:1-arm', buildx($b));
get('/v2/ci/manifests/1');
whole_answer($OI);
digests_are($a, $b, attestation($a)->[0], attestation($b)->[0]);

# the default platform's child of an index
get('/v2/ci/manifests/1', accept => $OM);
whole_answer($OM);
body_is($a->{body});



=== TEST 19: hostile indexes
--- steps
my $a = oci_image('linux/amd64');
my $b = $arm->tag('x:1', oci_image('linux/arm64'));
my %bad = (
    'a digest that is none' => { digest => '../../etc/passwd' },
    'a digest of another algorithm' => { digest => 'md5:00' },
    'a negative size' => { size => -1 },
    'an enormous size' => { size => 1e18 },
    'a size that is no number' => { size => '400' },
    'no mediaType' => { mediaType => undef },
    'a mediaType with a line end' => { mediaType => "$OM\r\nX-Evil: 1" },
    'a platform that is a list' => { platform => ['linux', 'amd64'] },
    'a platform with a line end' =>
        { platform => { os => "linux\nX: y", architecture => 'amd64' } },
    'a platform without an end' =>
        { platform => { os => 'l' x 100_000, architecture => 'amd64' } },
    'annotations that are no texts' => { annotations => { a => [1] } },
);
my $n = 0;

for my $how (sort keys %bad) {
    my $name = 'hostile-' . $n++;
    my %entry = (%{ Mlist::Content::entry_of($a) }, %{ $bad{$how} });

    delete $entry{$_} for grep { !defined $entry{$_} } keys %entry;
    $amd64->manifest($name, $a);
    $amd64->tag("$name:1", raw_manifest($OI, {
        schemaVersion => 2, mediaType => $OI, manifests => [\%entry] }));
    $arm->tag("$name:1", $b);
    get("/v2/$name/manifests/1");
    no_header('X-Evil');
    ok($res->{code} >= 502 && $res->{code} <= 504
       || $res->{code} == 200 && entries() >= 2
          && $res->{body} !~ /\\n|\\r|passwd/,
       "$how: an error, or nothing lost ($res->{code})");
}



=== TEST 20: of an index that passes as it is, a client that takes no list
--- mlist
mlist_auth nginx;
mlist_source http://other;
--- steps
my $image = oci_image('linux/amd64');
$other->tag('plain:1', oci_index(without_platform($image)));

for my $time (qw(built unchanged)) {
    get('/v2/plain/manifests/1', accept => $OM);
    code_is(200);
    body_is($image->{body}, "$time: no platform in the index");
}

$image = oci_image('linux/amd64', seed => 'leaf');
$other->tag('plain:2', oci_index(oci_index($image)));

for my $time (qw(built unchanged)) {
    get('/v2/plain/manifests/2', accept => $OM);
    code_is(200);
    body_is($image->{body}, "$time: a leaf of a nested index");
}

get('/v2/plain/manifests/2', accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');
