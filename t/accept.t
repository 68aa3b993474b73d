# Without this: some client (docker with its six lines, podman, crane, curl, an
# old one that knows no lists) would get a type that it cannot read, a 404 for
# an image that is there, or a HEAD that says something else than GET.
# (Spec: "A tag", 9.)

use lib 't/lib';
use Mlist::Test;

# What real clients send.
our %CLIENT = (
    docker     => [$D2, $DL, $OI, $D1J, 'application/json', $OM],
    containerd => ["$D2, $DL, $OM, $OI, */*"],
    podman     => [$OM, $D2, $D1J, $D1, $DL, $OI],
    crane      => [join ',', $D1, $D1J, $D2, $OM, $DL, $OI],
    oras       => [join ', ', $D2, $DL, $OM, $OI,
                   'application/vnd.oci.artifact.manifest.v1+json'],
    curl       => ['*/*'],
    nothing    => [],
);

run_tests();

__DATA__

=== TEST 1: real clients get the list
--- steps
$amd64->tag('real:1', docker_image('linux/amd64'));
$arm->tag('real:1', docker_image('linux/arm/v7'));
$amd64->tag('realoci:1', oci_image('linux/amd64'));
$arm->tag('realoci:1', oci_image('linux/arm64'));

for my $client (sort keys %CLIENT) {
    get('/v2/real/manifests/1', accept => $CLIENT{$client});
    is(header_of($res, 'Content-Type'), $DL, "$client: Docker's list");
    get('/v2/realoci/manifests/1', accept => $CLIENT{$client});
    is(header_of($res, 'Content-Type'), $OI, "$client: an OCI index");
}

# docker shuffles its lines
my @lines = @{ $CLIENT{docker} };

for (1 .. 6) {
    push @lines, shift @lines;
    get('/v2/realoci/manifests/1', accept => [@lines]);
    is(header_of($res, 'Content-Type'), $OI, "docker's lines, $lines[0] first");
    get('/v2/real/manifests/1', accept => [reverse @lines]);
    is(header_of($res, 'Content-Type'), $DL, "docker's lines, $lines[0] last");
}



=== TEST 2: HEAD equals GET, header by header
--- steps
$amd64->tag('heads:1', docker_image('linux/amd64'));
$arm->tag('heads:1', docker_image('linux/arm/v7'));

for my $client (sort keys %CLIENT) {
    same_as_get('/v2/heads/manifests/1', accept => $CLIENT{$client});
    whole_answer($DL);
}

same_as_get('/v2/heads/manifests/1', accept => $D2);
whole_answer($D2);
same_as_get('/v2/heads/manifests/1', accept => $OI);
my $digest = whole_answer($OI);
same_as_get("/v2/heads/manifests/$digest", accept => '*/*');
whole_answer($OI);



=== TEST 3: only one kind of list
--- steps
$a = $amd64->tag('one-kind:1', docker_image('linux/amd64'));
$b = $arm->tag('one-kind:1', docker_image('linux/arm/v7'));
get('/v2/one-kind/manifests/1', accept => [$OM, $OI]);
whole_answer($OI);
digests_are($a, $b);
get('/v2/one-kind/manifests/1', accept => [$D2, $DL]);
whole_answer($DL);
digests_are($a, $b);
get('/v2/one-kind/manifests/1', accept => $OI);
whole_answer($OI);
get('/v2/one-kind/manifests/1', accept => $DL);
whole_answer($DL);

$amd64->tag('oci-kind:1', oci_image('linux/amd64'));
get('/v2/oci-kind/manifests/1', accept => $DL);
whole_answer($DL);



=== TEST 4: manifests but no list: the default platform's child
--- steps
$a = $amd64->tag('child:1', docker_image('linux/amd64'));
$arm->tag('child:1', docker_image('linux/arm/v7'));
get('/v2/child/manifests/1', accept => $D2);
whole_answer($D2);
body_is($a->{body});
get('/v2/child/manifests/1', accept => [$D1, $D1J, $D2]);
whole_answer($D2);

# a client that takes manifests, but not that type
get('/v2/child/manifests/1', accept => $OM);
error_is(404, 'MANIFEST_UNKNOWN');
like($res->{body}, qr/\Qdistribution.manifest.v2+json\E/, 'naming the type');
head('/v2/child/manifests/1', accept => $OM);
code_is(404);

$b = $amd64->tag('oci-child:1', oci_image('linux/amd64'));
get('/v2/oci-child/manifests/1', accept => $OM);
whole_answer($OM);
body_is($b->{body});



=== TEST 5: no child of the default platform
--- steps
$arm->tag('arm-only:1', docker_image('linux/arm/v7'));
get('/v2/arm-only/manifests/1', accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');

# linux/amd64 is not amd64/v3
$amd64->tag('v3-only:1', docker_image('linux/amd64/v3'));
get('/v2/v3-only/manifests/1', accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 6: neither lists nor manifests
--- steps
$amd64->tag('nothing:1', docker_image('linux/amd64'));

for my $accept ('text/html', 'application/vnd.oci.artifact.manifest.v1+json',
                'image/png, text/plain;q=0.5')
{
    get('/v2/nothing/manifests/1', accept => $accept);
    error_is(404, 'MANIFEST_UNKNOWN', $accept);
}



=== TEST 7: wildcards and q values
--- steps
$amd64->tag('q:1', docker_image('linux/amd64'));
$arm->tag('q:1', docker_image('linux/arm/v7'));

my @table = (
    ['*/*;q=0.1'                        => $DL],
    ['application/*'                    => $DL],
    ['text/html, */*;q=0.1'             => $DL],
    ["$D2, */*"                         => $DL],
    ["$D2, */*;q=0"                     => $D2],
    ["$D2;q=0.5,$DL;q=0.1"              => $DL],
    ["$DL;q=0, $OI"                     => $OI],
    ["$DL;q=0.0,$OI;q=0.000,$D2"        => $D2],
    ["$DL;q=0,*/*"                      => $OI],
    ["$DL;q=1.000 , $D2"                => $DL],
    ["$D2,$DL; q=0.2"                   => $DL],
    ["  $DL  "                          => $DL],
    [",,, $DL ,,"                       => $DL],
    [uc $DL                             => $DL],
    [$DL =~ s/vnd/VND/r                 => $DL],
    ["$OI;charset=utf-8"                => $OI],
    ["$OI; foo=\"a,b;q=0\";q=0.9"       => $OI],
);

for my $row (@table) {
    my ($accept, $type) = @$row;

    get('/v2/q/manifests/1', accept => $accept);
    is($res->{code} . ' ' . (header_of($res, 'Content-Type') // ''),
       "200 $type", "Accept: $accept");
}

get('/v2/q/manifests/1', accept => '*/*;q=0');
code_is(404, 'nothing is acceptable');



=== TEST 8: malformed and enormous Accept
--- steps
$amd64->tag('odd:1', docker_image('linux/amd64'));

for my $accept ('', ';', ';q=1', ',', '/', '*', '"', "$DL;q=\"", "$DL;q=2x",
                "\xff\xfe", 'a/b;c="' . ('x' x 3000), ('a/b,' x 1500) . $DL)
{
    get('/v2/odd/manifests/1', accept => $accept);
    ok($res->{code} == 200 || $res->{code} == 404 || $res->{code} == 400,
       'Accept: ' . substr(sprintf('%vd', $accept), 0, 30)
       . " is answered ($res->{code})");
}

get('/v2/odd/manifests/1', accept => [map { "a/b$_" } 1 .. 60]);
ok($res->{code} == 404 || $res->{code} == 200, 'sixty lines');



=== TEST 9: If-None-Match, before Accept is looked at
--- steps
$amd64->tag('match:1', docker_image('linux/amd64'));
$arm->tag('match:1', docker_image('linux/arm/v7'));
my $digest = header_of(fetched('/v2/match/manifests/1'),
                       'Docker-Content-Digest');

for my $etag (qq{"$digest"}, $digest, qq{"nonsense", "$digest"},
              qq{W/"$digest"}, '*')
{
    for my $method (qw(GET HEAD)) {
        ask($method, '/v2/match/manifests/1', accept => $OM,
            headers => ['If-None-Match' => $etag]);
        code_is(304, "$method, If-None-Match: $etag");
        is($res->{body}, '', 'no body');
    }

    get("/v2/match/manifests/$digest", headers => ['If-None-Match' => $etag]);
    code_is(304, "by digest, If-None-Match: $etag");
}

header_is('Docker-Content-Digest', $digest);
header_is('ETag', qq{"$digest"});

get('/v2/match/manifests/1', headers => ['If-None-Match' => '"sha256:0"']);
whole_answer($DL);

# what is pushed since then is seen
$arm->tag('match:1', docker_image('linux/arm/v7', seed => 'new'));
get('/v2/match/manifests/1', headers => ['If-None-Match' => qq{"$digest"}]);
code_is(200, 'the tag has changed');



=== TEST 10: never compressed
--- http
gzip on;
gzip_types *;
gzip_min_length 1;
gzip_proxied any;
--- steps
$amd64->tag('plain:1', docker_image('linux/amd64'));
$arm->tag('plain:1', docker_image('linux/arm/v7'));
get('/v2/plain/manifests/1', headers => ['Accept-Encoding' => 'gzip']);
my $digest = whole_answer($DL);
get("/v2/plain/manifests/$digest", headers => ['Accept-Encoding' => 'gzip']);
whole_answer($DL);
get('/v2/plain/manifests/1', accept => $D2,
    headers => ['Accept-Encoding' => 'gzip']);
whole_answer($D2);



=== TEST 11: Range does not cut a list
--- steps
$amd64->tag('ranged:1', docker_image('linux/amd64'));
get('/v2/ranged/manifests/1', headers => ['Range' => 'bytes=0-9']);
whole_answer($DL);



=== TEST 12: HTTP/1.0 and keepalive
--- steps
$amd64->tag('wire:1', docker_image('linux/amd64'));
fetched('/v2/wire/manifests/1');
my $length = length $res->{body};
my $fh = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                               PeerPort => nginx_port());
syswrite $fh, "GET /v2/wire/manifests/1 HTTP/1.1\r\nHost: x\r\n\r\n"
              . "HEAD /v2/wire/manifests/1 HTTP/1.1\r\nHost: x\r\n\r\n"
              . "GET /v2/wire/manifests/1 HTTP/1.0\r\n\r\n";
my $in = '';
1 while sysread $fh, $in, 65536, length $in;
my @status = $in =~ m{HTTP/1\.1 (\d+)}g;
is("@status", '200 200 200', 'three requests on one connection');
my $lengths = () = $in =~ /^Content-Length: $length\r$/gm;
is($lengths, 3, 'of equal Content-Length');
