# Without this: images whose platform nobody declared could not be listed where
# the registry keeps its blobs elsewhere (S3 answers with a redirect), or a
# registry could make the front ask hosts inside the operator's network, with
# a client's credentials.  (Spec: "A tag", 6 and 8; "Blobs".)

use lib 't/lib';
use Mlist::Test;

# An image at amd64 whose config is found under a redirect.
sub redirected {
    my ($name, $location, %more) = @_;
    my $m = $amd64->tag("$name:1", docker_image('linux/arm64', seed => $name));

    $amd64->put("$name#$m->{config}", status => 307, body => '', %more,
                headers => { Location => $location });

    return $m;
}

run_tests();

__DATA__

=== TEST 1: read from the config
--- steps
for my $p (qw(linux/amd64 linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm64
              linux/386 linux/s390x linux/ppc64le linux/riscv64
              linux/mips64le freebsd/amd64 linux/amd64/v3))
{
    my $name = lc $p =~ s{/}{-}gr;

    $amd64->tag("$name:1", docker_image($p));
    get("/v2/$name/manifests/1");
    platforms_are($p);
    $arm->tag("oci-$name:1", oci_image($p));
    get("/v2/oci-$name/manifests/1");
    platforms_are($p);
}



=== TEST 2: written the way clients match it
--- steps
my %mended = (
    'x86_64' => 'linux/amd64', 'aarch64' => 'linux/arm64',
    'armhf' => 'linux/arm/v7', 'armel' => 'linux/arm/v6',
    'i386' => 'linux/386', 'arm64/v8' => 'linux/arm64',
    'amd64/v1' => 'linux/amd64', 'amd64/v2' => 'linux/amd64/v2',
    'arm64/v9' => 'linux/arm64/v9', 'arm' => 'linux/arm',
);

for my $p (sort keys %mended) {
    my $name = 'mended-' . ($p =~ s{[/_]}{-}gr);

    $amd64->tag("$name:1", docker_image("linux/$p"));
    get("/v2/$name/manifests/1");
    platforms_are($mended{$p});
}



=== TEST 3: a redirect to a host that a source has
--- steps
my $target = '/elsewhere/config';
my $m = redirected('to-source',
                   'http://' . $arm->address . "$target?sig=a%2Fb");
$arm->put($target, body => $m->{blobs}{$m->{config}});
get('/v2/to-source/manifests/1');
code_is(200);
platforms_are('linux/arm64');
is(join(' ', $arm->requests('elsewhere')), "GET $target?sig=a%2Fb",
   'the target, its query untouched');

# relative, that is at the same host
$m = redirected('relative', '/relative/config');
$amd64->put('/relative/config', body => $m->{blobs}{$m->{config}});
get('/v2/relative/manifests/1');
code_is(200, 'a relative Location');

for my $status (301, 302, 303, 307, 308) {
    $m = redirected("status-$status", 'http://' . $arm->address . "/s/$status",
                    status => $status);
    $arm->put("/s/$status", body => $m->{blobs}{$m->{config}});
    get("/v2/status-$status/manifests/1");
    code_is(200, "a $status is followed");
}



=== TEST 4: a redirect to a loopback address that no source has
--- steps
my $m = redirected('inside', 'http://' . $outside->address . '/config');
$outside->put('/config', body => $m->{blobs}{$m->{config}});
get('/v2/inside/manifests/1');
gateway_error('127.0.0.2');
asked_of($outside);



=== TEST 5: other places where a registry must not send the front
--- steps
my $port = (split /:/, $outside->address)[1];
my @bad = (
    "http://127.0.0.2:$port\@" . $arm->address . '/x',
    "http://localhost:$port/x",
    "http://127.2:$port/x",
    "http://0x7f.0.0.2:$port/x",
    "http://0:$port/x",
    "http://0.0.0.0:$port/x",
    "http://2130706434:$port/x",
    "http://[::1]:$port/x",
    "http://[::ffff:127.0.0.2]:$port/x",
    'http://10.0.0.1/x',
    'http://172.16.0.1/x',
    'http://192.168.0.1/x',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.64.0.1/x',
    'http://[fe80::1]/x',
    'http://[fd00::1]/x',
    'http://other/x',
    'http://unknown.example/x',
    'unix:/tmp/socket',
    'http://unix:/tmp/socket:/x',
    'ftp://127.0.0.1/x',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://',
    'http:///x',
    '//',
    '',
    'http://' . $arm->address . '/x y',
    'http://' . $arm->address . "/x\tHTTP/1.0",
    'http://' . $arm->address . ':99999999/x',
);
my $n = 0;

for my $location (@bad) {
    my $name = 'bad-' . $n++;

    redirected($name, $location);
    get("/v2/$name/manifests/1");
    ok($res->{code} >= 502 && $res->{code} <= 504,
       "Location: $location: $res->{code}");
}

asked_of($outside);
asked_of($other);



=== TEST 6: at most three hops, and no loops
--- steps
sub hops {
    my ($name, $hops) = @_;
    my $at = 'http://' . $arm->address;
    my $m = redirected($name, "$at/$name/1");

    for my $i (1 .. $hops - 1) {
        $arm->put("/$name/$i", status => 302, body => '',
                  headers => { Location => "$at/$name/" . ($i + 1) });
    }

    $arm->put("/$name/$hops", body => $m->{blobs}{$m->{config}});
    get("/v2/$name/manifests/1");
}

hops('hops-3', 3);
code_is(200, 'three hops');
hops('hops-4', 4);
gateway_error('four hops');

redirected('loop', 'http://' . $arm->address . '/loop');
$arm->put('/loop', status => 307, body => '',
          headers => { Location => 'http://' . $arm->address . '/loop' });
get('/v2/loop/manifests/1');
gateway_error('a loop');
ok($arm->requests('^GET /loop$') <= 3, 'that ends');

redirected('nowhere', undef);
get('/v2/nowhere/manifests/1');
gateway_error('a redirect without a Location');



=== TEST 7: a relative Location is of the host that gives it
--- steps
my $m = redirected('there', 'http://' . $arm->address . '/there/1');
$arm->put('/there/1', status => 302, body => '',
          headers => { Location => '/there/2' });
$arm->put('/there/2', body => $m->{blobs}{$m->{config}});
get('/v2/there/manifests/1');
code_is(200);
platforms_are('linux/arm64');



=== TEST 8: what is found there is checked as well
--- steps
my $m = redirected('checked', '/checked/config');
$amd64->put('/checked/config',
            body => $m->{blobs}{$m->{config}} =~ s/arm/ARM/r);
get('/v2/checked/manifests/1');
gateway_error('other bytes');

redirected('gone', '/gone/config');
get('/v2/gone/manifests/1');
gateway_error('a target that is gone');



=== TEST 9: credentials do not go along
--- mlist
mlist_source http://other tag=*-a;
mlist_source http://arm tag=*-b trusted;
--- steps
my $m = docker_image('linux/arm64');
$other->tag('secret:1-a', $m);
$other->put("secret#$m->{config}", status => 307, body => '',
            headers => { Location => 'http://' . $arm->address . '/blob' });
$arm->put('/blob', body => $m->{blobs}{$m->{config}});
get('/v2/secret/manifests/1', headers => ['Authorization' => 'Basic dTpw',
                                          'Cookie' => 'a=b']);
code_is(200);
is(scalar($arm->requests('/blob')), 1, 'the redirect is followed');
is(join(',', $arm->seen_header('/blob', 'Authorization')), '',
   'without Authorization');
is(join(',', $other->seen_header('manifests/1-a', 'Authorization')),
   join(',', ('Basic dTpw') x $other->requests('manifests/1-a')),
   'which the source itself has seen');



=== TEST 10: a config that is too large, or no JSON
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_max_manifest_size 64k;
--- steps
my $big = '{"os":"linux","architecture":"amd64","x":"' . ('x' x 6_000_000)
          . '"}';
$amd64->tag('big:1', docker_image('linux/amd64', config_bytes => $big));
$arm->tag('big:1', docker_image('linux/arm64'));
get('/v2/big/manifests/1');
gateway_error('six megabytes');

$amd64->tag('nojson:1', docker_image('linux/amd64', config_bytes => 'hello'));
$arm->tag('nojson:1', docker_image('linux/arm64'));
get('/v2/nojson/manifests/1');
gateway_error('no JSON');

my $deep = '{"os":"linux","architecture":"amd64","x":' . '[' x 20000
           . ']' x 20000 . '}';
$amd64->tag('deep:1', docker_image('linux/amd64', config_bytes => $deep));
$arm->tag('deep:1', docker_image('linux/arm64'));
get('/v2/deep/manifests/1');
gateway_error('too deep');
