# Without this: pushes of two machines of different architecture to one name
# would overwrite each other, or an image would land under the tag of another
# platform.  (Spec: "Writes", by=platform.)

use lib 't/lib';
use Mlist::Test;
use Mlist::Http2;

our $TAGS = <<'EOT';
mlist_auth nginx;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
EOT

our $NAMES = <<'EOT';
mlist_auth nginx;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 name=amd64/* platform=linux/amd64;
mlist_source http://amd64 name=arm32v7/* platform=linux/arm/v7;
EOT

# The socket and the way to say HTTP/2 are known at run time only.
add_block_preprocessor(sub {
    my ($block) = @_;
    my $config = $block->config // return;

    $config =~ s/^LISTEN_H2;/listen_h2()/gme;
    $block->set_value(config => $config);
});

# Everything that a manifest names is at the registry, as after the uploads
# that come before its PUT.
sub uploaded {
    my ($name, $m) = @_;

    $amd64->writable;
    $amd64->blob($name, $m->{blobs}{$_}) for sort keys %{ $m->{blobs} // {} };
    $amd64->manifest($name, $_) for @{ $m->{children} // [] };

    return $m;
}

# The PUT of a manifest, the rest of it being there.
sub pushed {
    my ($place, $m, %opt) = @_;
    my ($name, $tag) = $place =~ /^(.*):(.*)$/;

    uploaded($name, $m);

    return put_to("/v2/$name/manifests/$tag", $m->{body},
                  headers => [ 'Content-Type' => $m->{type} ], %opt);
}

# Which tags of a name hold a manifest, of those that were put.
sub held {
    my ($name, $m) = @_;
    my @tags;

    for my $request ($amd64->seen) {
        next unless $request->{method} eq 'PUT'
                    && $request->{target} =~ m{^/v2/\Q$name\E/manifests/(.*)};
        push @tags, $1;
        is($request->{body}, $m->{body}, "$1: the same bytes");
        is(join(',', map { $_->[1] } grep { lc $_->[0] eq 'content-type' }
                     @{ $request->{headers} }), $m->{type}, "$1: the type");
    }

    return join ' ', sort @tags;
}

# What clients show of an error.
sub told {
    my $data = eval { json_data($res->{body}) } // {};

    return $data->{errors}[0]{message} // '';
}

sub detail {
    my $data = eval { json_data($res->{body}) } // {};

    return $data->{errors}[0]{detail} // '';
}

run_tests();

__DATA__

=== TEST 1: two images under one name make one list
--- mlist eval: $::TAGS
--- steps
my $x = docker_image('linux/amd64');
my $y = docker_image('linux/arm/v7');

pushed('one:1', $x);
code_is(201);
header_is('Docker-Content-Digest', $x->{digest});
header_is('Location', "/v2/one/manifests/$x->{digest}");
no_header('Warning');
is(held('one', $x), '1-amd64', 'under its tag');
is(variables('/v2/one/manifests/1')->{source}, 'amd64 tag=*-amd64',
   'the source is known');

get('/v2/one/manifests/1');
whole_answer($DL);
platforms_are('linux/amd64');

$amd64->clear_requests;
pushed('one:1', $y);
code_is(201);
is(held('one', $y), '1-arm', 'under the other one');

get('/v2/one/manifests/1');
whole_answer($DL);
platforms_are('linux/amd64', 'linux/arm/v7');
digests_are($x, $y);

# what was pushed is there by its digest too
for my $m ($x, $y) {
    get("/v2/one/manifests/$m->{digest}");
    code_is(200);
    body_is($m->{body});
    head("/v2/one/manifests/$m->{digest}");
    code_is(200);
}



=== TEST 2: a push is seen at once, whatever mlist_valid says
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
pushed('seen:1', docker_image('linux/amd64'));
get('/v2/seen/manifests/1');
platforms_are('linux/amd64');

pushed('seen:1', docker_image('linux/arm/v7'));
get('/v2/seen/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7');

my $new = docker_image('linux/amd64', seed => 'new');
pushed('seen:1', $new);
get('/v2/seen/manifests/1');
is((entries())[0]{digest}, $new->{digest}, 'the new one');



=== TEST 3: an index goes to every source of which it has a platform
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
mlist_source http://amd64 tag=*-arm64 platform=linux/arm64;
--- steps
my $x = oci_image('linux/amd64');
my $y = oci_image('linux/arm64/v8');
my $index = oci_index($x, attestation($x), $y, attestation($y));

pushed('index:1', oci_image('linux/arm/v7'));
$amd64->clear_requests;

pushed('index:1', $index);
code_is(201);
header_is('Docker-Content-Digest', $index->{digest});
header_is('Location', "/v2/index/manifests/$index->{digest}");
no_header('Warning');
is(held('index', $index), '1-amd64 1-arm64', 'under both tags');
is(join(' ', map { s{.*/}{}r } $amd64->requests(qr/^PUT/)), '1-arm64 1-amd64',
   'the first one is the last');

get('/v2/index/manifests/1');
whole_answer($OI);
platforms_are('linux/amd64', 'linux/arm/v7', 'linux/arm64',
              'unknown/unknown', 'unknown/unknown');



=== TEST 4: a platform of an index that no source has is named
--- mlist eval: $::TAGS
--- steps
my $index = docker_list(docker_image('linux/s390x'),
                        docker_image('linux/amd64'));

pushed('left:1', $index);
code_is(201);
is(held('left', $index), '1-amd64', 'the others are put');
header_is('Warning', '299 - "this tag will not serve linux/s390x: no source '
                     . 'declares it"');



=== TEST 5: what no source is for is refused with the platforms there are
--- mlist
mlist_auth nginx;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64 label=big;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7 label=small;
mlist_source http://arm platform=linux/riscv64;
--- steps
for my $platform (qw(linux/riscv64 linux/arm/v6 linux/arm windows/amd64)) {
    my $m = docker_image($platform);

    pushed('refused:1', $m);
    error_is(400, 'MANIFEST_INVALID', $platform);
    is(told(), "$platform is taken by no source, expected one of "
                 . 'linux/amd64 (big), linux/arm/v7 (small)', 'what there is');
}

pushed('refused:1', docker_list(docker_image('linux/riscv64'),
                                docker_image('linux/386')));
error_is(400, 'MANIFEST_INVALID');
like(told(), qr{^linux/riscv64 is taken by no source, }, 'an index too');
is(scalar $amd64->requests(qr/^PUT/), 0, 'nothing is put');
is(scalar $arm->requests, 0, 'nobody else is asked');



=== TEST 6: variants and other names of platforms
--- mlist
mlist_auth nginx;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-v6 platform=linux/arm/v6;
mlist_source http://amd64 tag=*-arm platform=linux/arm;
mlist_source http://amd64 tag=*-arm64 platform=linux/arm64;
--- steps
my %tag = ('linux/x86_64' => 'amd64', 'linux/amd64/v3' => 'amd64',
           'linux/arm/v6' => 'v6', 'linux/arm/v7' => 'arm',
           'linux/arm' => 'arm', 'linux/arm/6' => 'v6',
           'linux/arm64/v8' => 'arm64', 'linux/aarch64' => 'arm64');

for my $platform (sort keys %tag) {
    my $m = oci_image($platform);

    $amd64->clear_requests;
    pushed('variant:1', $m);
    code_is(201, $platform);
    is(held('variant', $m), "1-$tag{$platform}", $platform);
}



=== TEST 7: more than one source without a variant is nobody's choice
--- mlist
mlist_auth nginx;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-hard platform=linux/arm label=hard;
mlist_source http://amd64 tag=*-soft platform=linux/arm label=soft;
--- steps
pushed('twice:1', docker_image('linux/arm/v7'));
error_is(400, 'MANIFEST_INVALID');
is(told(), 'linux/arm/v7 is taken by more than one source: '
             . 'linux/arm (hard), linux/arm (soft)', 'both');
is(scalar $amd64->requests(qr/^PUT/), 0, 'nothing is put');



=== TEST 8: Windows, with and without a version
--- mlist
mlist_auth nginx;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-linux platform=linux/amd64;
mlist_source http://amd64 tag=*-win platform=windows/amd64;
--- steps
my @m = map { docker_image('windows/amd64',
                           config => { 'os.version' => $_ }) }
            '10.0.17763.1', '10.0.20348.1';

for my $m (@m) {
    $amd64->clear_requests;
    pushed('win:1', $m);
    code_is(201);
    is(held('win', $m), '1-win', 'there');
}

get('/v2/win/manifests/1');
platforms_are('windows/amd64+10.0.20348.1');

my $list = docker_list(map { [$_, undef, { os => 'windows',
                                           architecture => 'amd64' }] } @m);
$amd64->clear_requests;
pushed('win:2', $list);
code_is(201);
is(held('win', $list), '2-win', 'both of an index');
get('/v2/win/manifests/2');
is(whole_answer($DL), $list->{digest}, 'the very index');



=== TEST 9: artifacts, and tags that are not synthesized, as they stand
--- mlist
mlist_auth nginx;
mlist_tags !~^raw;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
my $image = oci_image('linux/amd64');
my $empty = '{}';
my %artifacts = (
    helm => oci_image('x/y', config_type
                      => 'application/vnd.cncf.helm.config.v1+json'),
    typed => oci_image('linux/amd64', manifest
                       => { artifactType => 'application/x.sbom' },
                       config_type => 'application/vnd.oci.empty.v1+json'),
    cosign => oci_image('', config_bytes => '{"architecture":"","os":""}',
                        layer_type
                        => 'application/vnd.dev.cosign.simplesigning.v1+json'),
    cache => oci_index(without_platform(raw_manifest($OM, {
        schemaVersion => 2, mediaType => $OM, config => {
            mediaType => 'application/vnd.buildkit.cacheconfig.v0',
            size => 2, digest => sha256($empty) }, layers => [] },
        c => $empty))),
    schema1 => raw_manifest($D1J, { schemaVersion => 1 }),
    artifact => raw_manifest(
        'application/vnd.oci.artifact.manifest.v1+json',
        { mediaType => 'application/vnd.oci.artifact.manifest.v1+json',
          blobs => [] }),
);

for my $tag (sort keys %artifacts) {
    my $m = $artifacts{$tag};

    $amd64->clear_requests;
    pushed("artifact:$tag", $m);
    code_is(201, $tag);
    is(held('artifact', $m), $tag, "$tag: as it stands");
    header_is('Docker-Content-Digest', $m->{digest});

    get("/v2/artifact/manifests/$tag");
    body_is($m->{body}, "$tag: read again");
}

uploaded('artifact', $image);

for my $reference ('raw-1', '1-amd64', $image->{digest},
                   'sha256-' . ('a' x 64) . '.sig')
{
    $amd64->clear_requests;
    put_to("/v2/artifact/manifests/$reference", $image->{body},
           headers => ['Content-Type' => $OM]);
    code_is(201, $reference);
    is(held('artifact', $image), $reference, 'as it stands');
    is(scalar $amd64->requests(qr/^GET/), 0, 'unread');
}



=== TEST 10: what is no manifest, or another one than it says
--- mlist eval: $::TAGS
--- steps
my $m = uploaded('bad', oci_image('linux/amd64'));
my %bad = (
    'Docker type'  => [$D2, $m->{body}],
    'an index'     => [$OI, $m->{body}],
    'no type'      => ['application/json', $m->{body}],
    'not JSON'     => [$OM, 'no'],
    'empty'        => [$OM, ''],
    'cut'          => [$OM, substr $m->{body}, 0, -1],
    'a key twice'  => [$OM, '{"schemaVersion":2,' . substr $m->{body}, 1],
    'an array'     => [$OM, "[$m->{body}]"],
    'nested'       => [$OM, '[' x 100000],
);

for my $what (sort keys %bad) {
    put_to('/v2/bad/manifests/1', $bad{$what}[1],
           headers => ['Content-Type' => $bad{$what}[0]]);
    error_is(400, 'MANIFEST_INVALID', $what);
    like(told(), qr/./, "$what: it is said");
}

put_to('/v2/bad/manifests/1', $m->{body});
error_is(400, 'MANIFEST_INVALID', 'no Content-Type at all');
is(scalar $amd64->requests, 0, 'nobody is asked');

put_to('/v2/bad/manifests/1', $m->{body},
       headers => ['Content-Type' => "$OM; charset=utf-8"]);
code_is(201, 'a parameter of the type');



=== TEST 11: a manifest that lies about its config
--- mlist eval: $::TAGS
--- steps
my $m = oci_image('linux/amd64');

for my $off (-1, 1) {
    my $lie = json_data($m->{body});
    $lie->{config}{size} += $off;
    my $liar = raw_manifest($OM, $lie, %{ $m->{blobs} });

    pushed('lie:1', $liar);
    error_is(400, 'MANIFEST_INVALID', "a size that is off by $off");
    like(told(), qr/bytes|larger/, 'it is said');
}

my $lie = json_data($m->{body});
$lie->{config}{size} = 5 * 1024 * 1024;
pushed('lie:1', raw_manifest($OM, $lie, %{ $m->{blobs} }));
error_is(400, 'MANIFEST_INVALID', 'a huge one');

pushed('lie:1', oci_image('', config_bytes => '[]'));
error_is(400, 'MANIFEST_INVALID', 'a config that is none');

$m = oci_image('linux/amd64', seed => 'absent');
$amd64->clear_requests;
put_to('/v2/lie/manifests/1', $m->{body},
       headers => ['Content-Type' => $m->{type}]);
error_is(400, 'MANIFEST_BLOB_UNKNOWN', 'a config that is not there');
is(detail(), $m->{config}, 'which one');
like(told(), qr/^the manifest names $m->{config}, which "lie" /, 'it is said');

my $index = oci_index(without_platform($m));
put_to('/v2/lie/manifests/1', $index->{body},
       headers => ['Content-Type' => $OI]);
error_is(400, 'MANIFEST_BLOB_UNKNOWN', 'a child that is not there');
is(detail(), $m->{digest}, 'which one');
is(scalar $amd64->requests(qr/^PUT/), 0, 'nothing is put');



=== TEST 12: a registry that fails while the config is read
--- mlist eval: $::TAGS
--- steps
my $m = uploaded('fails', oci_image('linux/amd64'));
my $other = '{"os":"linux","architecture":"arm","variant":"v7"}';
my @how = ([status => 500], [status => 403], [reset => 1], [cut => 3],
           [stall => 'body'], [body => $other], [gzip => 1]);

for my $how (@how) {
    $amd64->on("fails#$m->{config}", @$how);
    put_to('/v2/fails/manifests/1', $m->{body},
           headers => ['Content-Type' => $m->{type}]);
    gateway_error("@$how");
    like(told(), qr/amd64/, 'who');
    uploaded('fails', $m);
}

is(scalar $amd64->requests(qr/^PUT/), 0, 'nothing is put');

$amd64->on("fails#$m->{config}", status => 429, times => 1,
           headers => { 'Retry-After' => 7 });
put_to('/v2/fails/manifests/1', $m->{body},
       headers => ['Content-Type' => $m->{type}]);
error_is(429, 'TOOMANYREQUESTS');
header_is('Retry-After', 7);

put_to('/v2/fails/manifests/1', $m->{body},
       headers => ['Content-Type' => $m->{type}]);
code_is(201, 'and once it works again');



=== TEST 13: a redirect of the config is followed
--- mlist eval: $::TAGS
--- steps
my $m = uploaded('moved', oci_image('linux/arm/v7'));

$amd64->put('/elsewhere', body => $m->{blobs}{$m->{config}});
$amd64->on("moved#$m->{config}",
           method => { GET => { status => 307, body => '', headers => {
                       Location => 'http://' . $amd64->address
                                   . '/elsewhere' } } });
put_to('/v2/moved/manifests/1', $m->{body},
       headers => ['Content-Type' => $m->{type}]);
code_is(201);
is(held('moved', $m), '1-arm', 'there');



=== TEST 14: nothing half done is called a success
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64 label=x;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7 label=y;
mlist_source http://amd64 tag=*-arm64 platform=linux/arm64 label=z;
--- steps
my $index = uploaded('half', oci_index(map { oci_image("linux/$_") }
                                           qw(amd64 arm/v7 arm64)));
my @again = (headers => ['Content-Type' => $OI]);

for my $how ([503, 502, 'UNAVAILABLE'], [400, 400, 'MANIFEST_INVALID'],
             [405, 405, 'UNSUPPORTED'], [413, 413, 'SIZE_INVALID'],
             [307, 502, 'UNAVAILABLE'], [403, 502, 'UNAVAILABLE'],
             [404, 404, 'MANIFEST_UNKNOWN'])
{
    my ($status, $told, $code) = @$how;

    $amd64->clear_requests;
    $amd64->on('half:1-arm64', method => { PUT => { status => $status } });
    put_to('/v2/half/manifests/1', $index->{body}, @again);
    error_is($told, $code, "$status");
    is(told(), qq{source "z" answered with status $status; put already: }
                 . 'half:1-arm; not put: half:1-amd64, half:1-arm64',
       'what is where');
    is(scalar $amd64->requests(qr{^PUT .*1-amd64}), 0, 'the rest is not');
}

is(scalar log_lines(qr/mlist PUT of "half:1-arm": 1 dropped/), 7,
   'what is put is dropped');
is(scalar log_lines(qr/mlist PUT of "half:1-arm64": 1 dropped/), 1,
   'and what may have been');



=== TEST 15: the last one's answer is the client's
--- mlist eval: $::TAGS
--- steps
my $m = uploaded('last', oci_image('linux/arm/v7'));
my @type = (headers => ['Content-Type' => $m->{type}]);
my $error = qq({"errors":[{"code":"MANIFEST_INVALID","detail":"mine"}]}\n);

$amd64->on('last:1-arm', method => { PUT => {
    status => 400, type => 'application/json', body => $error } });
put_to('/v2/last/manifests/1', $m->{body}, @type);
code_is(400);
body_is($error, 'the registry says why');

$amd64->on('last:2-arm', method => { PUT => {
    status => 201, headers => { 'OCI-Subject' => sha256('s'),
                                'Location' => '/v2/last/manifests/2-arm',
                                'Docker-Content-Digest' => $m->{digest} } } });
put_to('/v2/last/manifests/2', $m->{body}, @type);
code_is(201);
header_is('OCI-Subject', sha256('s'));
header_is('Location', '/v2/last/manifests/2');

$amd64->on('last:3-arm', method => { PUT => { reset => 1 } });
put_to('/v2/last/manifests/3', $m->{body}, @type);
code_is(502);
is(scalar log_lines(qr/mlist PUT of "last:3-arm": 1 dropped/), 1, 'dropped');

$amd64->down;
put_to('/v2/last/manifests/4', $m->{body}, @type);
code_is(502);
$amd64->up;



=== TEST 16: a large manifest
--- mlist
mlist_auth nginx;
client_max_body_size 0;
mlist_max_manifest_size 100k;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
my $fit = oci_image('linux/amd64', manifest => { annotations => {
                                       pad => 'x' x 101_500 } });
my $no = oci_image('linux/amd64', manifest => { annotations => {
                                      pad => 'x' x 103_000 } });

pushed('large:1', $fit);
code_is(201, 'what fits');
is(held('large', $fit), '1-amd64', 'there');
is(scalar log_lines(qr/buffered to a temporary file/), 0, 'in memory');

pushed('large:2', $no);
error_is(413, 'SIZE_INVALID');
like(told(), qr/at most 102400 bytes/, 'what is allowed');

sub chunked {
    my ($place, $m, $size) = @_;
    my ($name, $tag) = $place =~ /^(.*):(.*)$/;
    my $fh = send_to(nginx_port(), 'PUT', "/v2/$name/manifests/$tag",
                     headers => ['Content-Type' => $m->{type},
                                 'Transfer-Encoding' => 'chunked']);

    for (my $i = 0; $i < length $m->{body}; $i += $size) {
        my $piece = substr $m->{body}, $i, $size;
        local $SIG{PIPE} = 'IGNORE';
        syswrite $fh, sprintf("%x\r\n%s\r\n", length $piece, $piece) or last;
    }

    syswrite $fh, "0\r\n\r\n";

    return $res = answer_of($fh, 'PUT');
}

$amd64->clear_requests;
chunked('large:3', $fit, 3000);
code_is(201, 'chunked');
is(held('large', $fit), '3-amd64', 'there');
is(scalar log_lines(qr/buffered to a temporary file/), 0, 'in memory');

$SIG{PIPE} = 'IGNORE';
chunked('large:4', $no, 3000);
error_is(413, 'SIZE_INVALID', 'chunked');



=== TEST 17: a slow client, and one that leaves
--- mlist eval: $::TAGS
--- steps
my $m = uploaded('slow', oci_image('linux/amd64'));
my $length = length $m->{body};
my @headers = ('Content-Type' => $m->{type}, 'Content-Length' => $length);
my $fh = send_to(nginx_port(), 'PUT', '/v2/slow/manifests/1',
                 headers => [@headers, Expect => '100-continue']);

sysread $fh, my $go, 100;
like($go, qr{^HTTP/1.1 100 Continue\r\n\r\n}, 'it may send');

for my $piece ($m->{body} =~ /(.{1,99})/gs) {
    syswrite $fh, $piece;
    select undef, undef, undef, 0.005;
}

$res = answer_of($fh, 'PUT');
code_is(201);
is(held('slow', $m), '1-amd64', 'there');

# before all of it has come
$amd64->clear_requests;
$fh = send_to(nginx_port(), 'PUT', '/v2/slow/manifests/2',
              headers => [@headers]);
syswrite $fh, substr $m->{body}, 0, 99;
close $fh;

# while its config is read
$amd64->on("slow#$m->{config}", hold => 'config');
$fh = send_to(nginx_port(), 'PUT', '/v2/slow/manifests/3',
              headers => ['Content-Type' => $OM],
              body => (my $new = oci_image('linux/amd64', seed => 'n'))
                      ->{body});
uploaded('slow', $new);
close $fh;
$amd64->release('config');

get('/v2/slow/manifests/1');
code_is(200, 'others are served');
is(scalar $amd64->requests(qr{^PUT .*/2}), 0, 'half a manifest is none');



=== TEST 18: a client that leaves while it is put: what may be stale, is
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
my $index = uploaded('leave', docker_list(map { docker_image("linux/$_") }
                                              qw(amd64 arm/v7)));

for my $tag ('1-amd64', '1-arm') {
    $amd64->on("leave:$tag", method => { PUT => { status => 201,
                                                  hold => "put$tag" } });
}

my $fh = send_to(nginx_port(), 'PUT', '/v2/leave/manifests/1',
                 headers => ['Content-Type' => $DL],
                 body => $index->{body});
ok($amd64->wait_for(qr{^PUT .*1-arm}), 'the first is put');
close $fh;
$amd64->release('put1-arm');

my $end = time + 10;
select undef, undef, undef, 0.01
    until log_lines(qr/mlist PUT of "leave:1-arm"/) || time > $end;
is(scalar log_lines(qr/mlist PUT of "leave:1-arm": 1 dropped/), 1, 'dropped');

$amd64->release('put1-amd64');



=== TEST 19: with the registry's own authorization
--- mlist
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
my $m = uploaded('auth', oci_image('linux/arm/v7'));
my $index = uploaded('auth', oci_index($m, oci_image('linux/amd64')));
my %locked = (challenge => 'Basic realm="r"', auth => 'Basic eDp5');
my @type = ('Content-Type' => $OM);

$amd64->on("auth#$m->{config}", %locked);
put_to('/v2/auth/manifests/1', $m->{body}, headers => [@type]);
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', 'Basic realm="r"');

put_to('/v2/auth/manifests/1', $m->{body},
       headers => [@type, Authorization => 'Basic eDp5']);
code_is(201);
is(join(',', $amd64->seen_header(qr/^PUT/, 'Authorization')), 'Basic eDp5',
   'passed on');

$amd64->on('auth:2-arm', method => { PUT => { %locked } });
put_to('/v2/auth/manifests/2', $index->{body},
       headers => ['Content-Type' => $OI]);
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', 'Basic realm="r"');

$amd64->clear_requests;
put_to('/v2/auth/manifests/2', $index->{body},
       headers => ['Content-Type' => $OI, Authorization => 'Basic eDp5']);
code_is(201);
is(held('auth', $index), '2-amd64 2-arm', 'both');



=== TEST 20: a source only serves some names
--- mlist
mlist_auth nginx;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7 names=~^arm/;
--- steps
my $m = oci_image('linux/arm/v7');

pushed('arm/app:1', $m);
code_is(201);
is(held('arm/app', $m), '1-arm', 'there');

pushed('other/app:1', $m);
error_is(400, 'MANIFEST_INVALID');
unlike($res->{body}, qr{linux/arm/v7 \(}, 'it is not there for that name');

# a tag whose spelling is too long is none
pushed('arm/app:' . ('a' x 124), $m);
code_is(201, 'the longest');
pushed('arm/app:' . ('a' x 125), $m);
error_is(400, 'MANIFEST_INVALID', 'no room for the suffix');



=== TEST 21: name= patterns: what is named is mounted, then it is put
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 name=amd64/* platform=linux/amd64;
mlist_source http://amd64 name=arm32v7/* platform=linux/arm/v7;
--- steps
my $x = docker_image('linux/amd64', layers => ['one', 'two']);
my $y = docker_image('linux/arm/v7', layers => ['one', 'three']);

pushed('ns:1', $x);
code_is(201);
header_is('Docker-Content-Digest', $x->{digest});
header_is('Location', "/v2/ns/manifests/$x->{digest}");
is(held('amd64/ns', $x), '1', 'in its repository');
is(join(' ', sort $amd64->requests(qr/^POST/)),
   join(' ', map { "POST /v2/amd64/ns/blobs/uploads/?mount=$_&from=ns" }
                 sort keys %{ $x->{blobs} }), 'each blob once');
is(scalar $amd64->requests(qr{^(?:GET|HEAD) /v2/ns/blobs/}), 1,
   'no blob is read but the config');

pushed('ns:1', $y);
code_is(201);

get('/v2/ns/manifests/1');
whole_answer($DL);
platforms_are('linux/amd64', 'linux/arm/v7');
digests_are($x, $y);

for my $m ($x, $y) {
    get("/v2/ns/manifests/$m->{digest}");
    code_is(200, 'by digest');
    get("/v2/ns/blobs/$_"), code_is(200, 'a blob') for keys %{ $m->{blobs} };
}



=== TEST 22: name= patterns and an index: its manifests too
--- mlist
mlist_auth nginx;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 name=amd64/* tag=*-x platform=linux/amd64;
mlist_source http://amd64 name=arm32v7/* platform=linux/arm/v7;
mlist_source http://amd64 tag=*-64 platform=linux/arm64;
--- steps
my @m = map { oci_image($_) } qw(linux/amd64 linux/arm/v7 linux/arm64);
my $inner = oci_index($m[1]);
my $index = oci_index($m[0], attestation($m[0]), [$inner, undef], $m[2]);

uploaded('nsi', $m[1]);
pushed('nsi:1', $index);
code_is(201);
header_is('Docker-Content-Digest', $index->{digest});
is(held('nsi', $index), '1-64', 'as the name stands');

my @put = map { s{.*/}{}r } $amd64->requests(qr{^PUT /v2/arm32v7/});
is(scalar @put, 6, 'all that it names, and itself');
is($put[-2], $inner->{digest}, 'what is nested before what nests it');
is($put[-1], '1', 'the tag last');
is((map { s{.*/}{}r } $amd64->requests(qr{^PUT /v2/amd64/}))[-1], '1-x',
   'and so in the other one');

is(scalar $amd64->requests(qr{^GET /v2/nsi/manifests/\Q$m[0]{digest}\E}), 1,
   'each manifest is read once');

for my $name (qw(amd64/nsi arm32v7/nsi)) {
    get("/v2/nsi/manifests/1");
    code_is(200);
}



=== TEST 23: name= patterns: a registry that does not mount
--- mlist eval: $::NAMES
--- steps
my $m = uploaded('nm', oci_image('linux/amd64'));
my $place = '/v2/amd64/nm/blobs/uploads/';
my @type = (headers => ['Content-Type' => $OM]);

$amd64->on($place, method => { POST => { status => 202, headers => {
    Location => "${place}7?_state=a%2Fb" } } });
put_to('/v2/nm/manifests/1', $m->{body}, @type);
error_is(405, 'UNSUPPORTED');
like(told(), qr{does not mount blobs of "nm" into "amd64/nm"}, 'it is said');
ok(scalar $amd64->requests(qr{^DELETE \Q${place}7?_state=a%2Fb\E$}),
   'the upload that it began is cancelled');
is(scalar $amd64->requests(qr/^PUT/), 0, 'nothing is put');

# an upload elsewhere is left alone
$amd64->clear_requests;
$amd64->on($place, method => { POST => { status => 202, headers => {
    Location => 'http://127.0.0.3/x' } } });
put_to('/v2/nm/manifests/1', $m->{body}, @type);
error_is(405, 'UNSUPPORTED');
is(scalar $amd64->requests(qr/^DELETE/), 0, 'not cancelled');

for my $how ([503, 502, 'UNAVAILABLE'], [403, 502, 'UNAVAILABLE'],
             [404, 502, 'UNAVAILABLE'])
{
    $amd64->on($place, method => { POST => { status => $how->[0] } });
    put_to('/v2/nm/manifests/1', $m->{body}, @type);
    error_is(@$how[1, 2], "$how->[0]");
    like(told(), qr/$how->[0]/, 'it is said');
}

# what the client has not uploaded is its own fault
my $n = oci_image('linux/amd64', seed => 'n', layers => ['nowhere']);
$amd64->blob('na', $n->{blobs}{$n->{config}});
put_to('/v2/na/manifests/1', $n->{body}, @type);
error_is(400, 'MANIFEST_BLOB_UNKNOWN');
is(detail(), $n->{layer}, 'the layer');
is(scalar $amd64->requests(qr/^PUT/), 0, 'nothing is put');



=== TEST 24: name= patterns: an index whose manifests are not there, or differ
--- mlist eval: $::NAMES
--- steps
my $m = oci_image('linux/amd64');
my $index = oci_index($m);
my @type = (headers => ['Content-Type' => $OI]);

$amd64->writable;
put_to('/v2/ni/manifests/1', $index->{body}, @type);
error_is(400, 'MANIFEST_BLOB_UNKNOWN');
is(detail(), $m->{digest}, 'which one');

uploaded('ni', $index);
$amd64->on("ni\@$m->{digest}", body => $m->{body} =~ s/2/3/r);
put_to('/v2/ni/manifests/1', $index->{body}, @type);
gateway_error('other bytes');

uploaded('ni', $index);
$amd64->on("ni\@$m->{digest}", status => 500);
put_to('/v2/ni/manifests/1', $index->{body}, @type);
gateway_error('500');

uploaded('ni', $index);
$amd64->on("amd64/ni\@$m->{digest}", method => { PUT => { status => 507 } });
put_to('/v2/ni/manifests/1', $index->{body}, @type);
gateway_error('a child is not taken');
like(told(), qr/507/, 'it is said');
is(scalar $amd64->requests(qr{^PUT .*/1$}), 0, 'the tag is not put');

my @layers = map { "layer $_" } 1 .. 600;
my $huge = oci_index(oci_image('linux/amd64', layers => \@layers));
my $many = oci_index(map { oci_image('linux/amd64', seed => $_,
                                     layers => [@layers[0 .. 299]]) } 1, 2);
pushed('nj:1', $huge);
error_is(400, 'MANIFEST_INVALID', 'too much to be mounted');

$amd64->clear_requests;
pushed('nj:2', $many);
code_is(201, 'many, and most of them twice');
is(scalar $amd64->requests(qr/^POST/), 302, 'each once');



=== TEST 25: over HTTP/2, with a length and without one
--- config
LISTEN_H2;
location /v2/ {
    client_max_body_size 0;
    mlist_auth nginx;
    mlist_max_manifest_size 200k;
    mlist_push http://amd64 by=platform;
    mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
    mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
PROXY;
}
--- steps
my $m = uploaded('h2', oci_image('linux/arm/v7', manifest => { annotations => {
                                     pad => 'x' x 150_000 } }));
my $file = store_dir() . '/body';

sub h2_put {
    my ($tag, $body, @options) = @_;

    open my $out, '>', $file or die $!;
    print $out $body;
    close $out or die $!;

    return curl_h2("/v2/h2/manifests/$tag", '-X', 'PUT', '-H',
                   "Content-Type: $OM", '-w', ' %{http_version} %{http_code}',
                   '--data-binary', "\@$file", @options);
}

like(h2_put(1, $m->{body}), qr/ 2 201$/, 'with a length');
like(h2_put(2, $m->{body}, '-H', 'Content-Length:'), qr/ 2 201$/, 'without');
is(held('h2', $m), '1-arm 2-arm', 'there');
like(h2_put(3, 'x' x 205_000, '-H', 'Content-Length:'),
     qr/SIZE_INVALID.* 2 413$/s, 'too large, which shows on the way');
like(h2_put(4, 'no'), qr/MANIFEST_INVALID.* 2 400$/s, 'an error');
is(scalar log_lines(qr/buffered to a temporary file/), 0, 'in memory');



=== TEST 26: name= patterns: a manifest that an index says to be huge
--- mlist
mlist_auth nginx;
mlist_max_manifest_size 8k;
mlist_push http://amd64 by=platform;
mlist_source http://amd64 name=amd64/* platform=linux/amd64;
mlist_source http://amd64 name=arm32v7/* platform=linux/arm/v7;
--- steps
my $m = oci_image('linux/amd64', layers => [map { "layer $_" } 1 .. 100]);
my $index = oci_index($m);

ok(length $m->{body} > 8192 && length $index->{body} < 8192,
   'only what stands in the index is');
pushed('nh:1', $index);
gateway_error('too large');
is(scalar $amd64->requests(qr/^P/), 0, 'nothing is put');



=== TEST 27: what was refused as one type is listed as the other one
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_push http://amd64 by=platform;
    mlist_source http://amd64 tag=*-amd64 platform=linux/amd64;
PROXY;
}
location /v2/other/ {
    mlist_auth nginx;
    mlist_source http://amd64 name=read tag=*-amd64;
PROXY;
}
--- steps
my $m = oci_image('linux/amd64');
my $untyped = json_data($m->{body});

delete $untyped->{mediaType};
$untyped = raw_manifest($OM, $untyped, %{ $m->{blobs} });

# its digest says nothing of the type that it is served as
$amd64->on('read:1-amd64', method => { PUT => { status => 400 } });
uploaded('read', $untyped);
put_to('/v2/read/manifests/1', $untyped->{body},
       headers => ['Content-Type' => $D2]);
code_is(400, 'refused as Docker');

$amd64->tag('read:1-amd64', $untyped);
get('/v2/other/name/manifests/1');
is((entries())[0]{mediaType}, $OM, 'listed as it is served');
