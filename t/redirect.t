# Without this: clients that reach this front only could not pull from a
# registry whose blobs are on S3; or a registry could send the front, with a
# client's credentials, to hosts inside the operator's network.  (Spec:
# "Blobs"; mlist_redirect.)

use lib 't/lib';
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Mlist::Http2;
use Mlist::Test;

our $FOLLOW = <<'EOT';
mlist_auth nginx;
mlist_redirect follow;
mlist_source http://amd64;
mlist_source http://arm;
EOT

# What a name resolves to, by a name server of this test's own: addresses for
# the next so many questions, or until "moved" is there, and then another one.
# "asked" grows with each question that was answered.
my %NAMES = (
    'source.test' => [1e9, '127.0.0.1'],
    'hidden.test' => [1e9, '127.0.0.2'],
    'both.test'   => [1e9, '127.0.0.1', '127.0.0.2'],
    'flips.test'  => [1, '127.0.0.1'],
    'waits.test'  => [1e9, '127.0.0.1'],
);

my $dns_dir = tempdir('mlist-dns-XXXXXX', TMPDIR => 1, CLEANUP => 1);

my $dns = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1')
    or die "bind: $!";
our $DNS = 'resolver 127.0.0.1:' . $dns->sockport
           . " ipv6=off;\nresolver_timeout 1s;\n";
my $owner = $$;
my $dns_pid = fork() // die "fork: $!";

name_server() if $dns_pid == 0;

END { my $code = $?; kill 'TERM', $dns_pid if $$ == $owner; $? = $code }

sub name_server {
    while (defined $dns->recv(my $query, 512)) {
        my ($id, @labels) = unpack 'n x10 (C/a*)*', $query;
        my ($end) = index $query, "\0", 12;
        my $name = lc join '.', @labels[0 .. 1];
        my $known = $NAMES{$name};
        my @addresses = @{ $known // [] };
        my $left = shift @addresses;

        @addresses = '127.0.0.2'
            if $known && ($known->[0]-- <= 0 || -e "$dns_dir/moved");
        $dns->send(pack('n6', $id, $known ? 0x8180 : 0x8183, 1,
                        scalar @addresses, 0, 0)
                   . substr($query, 12, $end + 5 - 12)
                   . join '', map {
                         pack 'n3 N n C4', 0xc00c, 1, 1, 0, 4, split /\./
                     } @addresses);
        touch('asked');
    }

    require POSIX;
    POSIX::_exit(0);
}

sub touch {
    open my $out, '>>', "$dns_dir/$_[0]" or die "$_[0]: $!";
    print $out '.';
    close $out or die "$_[0]: $!";
}

# Waits, 10 seconds at most, until there were more questions than so many.
sub asked {
    my ($than) = @_;
    my $end = time + 10;

    select undef, undef, undef, 0.01
        while defined $than && (-s "$dns_dir/asked" // 0) <= $than
              && time < $end;

    return -s "$dns_dir/asked" // 0;
}

# HTTPS, since a source may have it: nginx itself, with two blobs.
our $TLS = do {
    my $dir = tempdir('mlist-tls-XXXXXX', TMPDIR => 1, CLEANUP => 1);

    chmod 0755, $dir;
    system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tls "
           . "-keyout $dir/key -out $dir/crt >/dev/null 2>&1") == 0
        or die 'openssl';

    my $plain = digest_of('plain');
    my $secure = digest_of('secure');

    <<"CONF";
upstream tls { server unix:$dir/socket; }
server {
    listen unix:$dir/socket ssl;
    ssl_certificate $dir/crt;
    ssl_certificate_key $dir/key;
    location /v2/tls/blobs/$plain {
        return 307 http://amd64/plain;
    }
    location /v2/tls/blobs/$secure {
        return 307 https://tls/secure;
    }
    location = /secure {
        return 200 "secure\$http_authorization";
    }
}
CONF
};

our $H2 = do {
    my $listen = listen_h2();

    <<"CONF";
server {
    $listen
    location /v2/ {
        mlist_auth nginx;
        mlist_redirect follow;
        mlist_source http://amd64;
        mlist_source http://arm;
        PROXY;
    }
}
CONF
};

sub digest_of {
    return sha256($_[0]);
}

# A blob that $amd64 redirects to a URL; its path at the front.
sub redirected {
    my ($name, $location, %more) = @_;
    my $digest = sha256($name);

    $amd64->put("$name#$digest", status => 307, body => 'not this', %more,
                headers => { Location => $location });

    return "/v2/$name/blobs/$digest";
}

# It is refused, and says neither where it led nor what was there.
sub refused {
    my ($path, $log, $what) = @_;

    $what //= $path;
    get($path);
    error_is(502, 'UNAVAILABLE', $what);
    no_header('Location');
    like($res->{body}, qr/source \\"amd64\\"/, "$what: names the source");
    ok(scalar(log_lines($log)), "$what: the log says why");
}

run_tests();

__DATA__

=== TEST 1: one hop, by every status
--- mlist eval: $::FOLLOW
--- steps
for my $status (301, 302, 303, 307, 308) {
    my $path = redirected("one-$status",
                          'http://' . $arm->address . "/one/$status?s=a%2Fb",
                          status => $status);

    $arm->put("/one/$status", body => "one-$status",
              headers => { 'Set-Cookie' => 'a=b', Location => '/there' });

    for my $learned (0, 1) {
        get($path, headers => ['Authorization' => 'Basic dTpw',
                               'Cookie' => 'a=b']);
        code_is(200);
        body_is("one-$status");
        header_is('Content-Length', length "one-$status");
        no_header($_) for 'Location', 'Set-Cookie';
    }

    is(join(' ', $arm->requests(' /one')),
       "GET /one/$status?s=a%2Fb GET /one/$status?s=a%2Fb",
       'the target, its query untouched');
    is(variables($path)->{source}, 'amd64', 'the source');

    for my $name ('Authorization', 'Cookie') {
        is(join(',', $arm->seen_header("/one/$status", $name)), '',
           "no $name");
    }

    is(join(',', $arm->seen_header("/one/$status", 'Host')),
       join(',', ($arm->address) x 2), "the target's Host");
    $arm->clear_requests;
}

# what is not redirected is as ever
my $blob = $amd64->blob('plain', 'as it is');
get("/v2/plain/blobs/$blob");
body_is('as it is');
get('/v2/plain/blobs/' . sha256('none'));
error_is(404, 'BLOB_UNKNOWN');



=== TEST 2: HEAD, ranges and conditions
--- mlist eval: $::FOLLOW
--- steps
my $path = redirected('parts', 'http://arm/bucket/blobs/parts');
$arm->put('/bucket/blobs/parts', body => '0123456789',
          headers => { Etag => '"e"' });

head($path);
code_is(200);
header_is('Content-Length', 10);
no_header('Location');
is(join(' ', $arm->requests('bucket')), 'HEAD /bucket/blobs/parts',
   'by HEAD there too');

get($path, headers => ['Range' => 'bytes=3-6']);
code_is(206);
header_is('Content-Range', 'bytes 3-6/10');
body_is('3456');

get($path, headers => ['If-None-Match' => '"e"']);
code_is(304);
body_is('');

$arm->on('/bucket/blobs/parts', status => 416, body => 'no');
get($path, headers => ['Range' => 'bytes=99-']);
code_is(416);

# a body has no business there
$arm->on('/bucket/blobs/parts', status => 200);
ask('GET', $path, body => 'secret');
code_is(200);
body_is('no');
is(join(',', map { $_->{body} } $arm->seen), '' . ',' x ($arm->seen - 1),
   'no body goes there');



=== TEST 3: three hops, four, and a loop
--- mlist eval: $::FOLLOW
--- steps
sub hops {
    my ($name, $hops) = @_;
    my $path = redirected($name, "http://arm/$name/1");

    for my $i (1 .. $hops - 1) {
        $arm->put("/$name/$i", status => 302, body => "hop $i",
                  headers => { Location => "/$name/" . ($i + 1) });
    }

    $arm->put("/$name/$hops", body => $name);

    return $path;
}

get(hops('hops-3', 3));
code_is(200);
body_is('hops-3');
refused(hops('hops-4', 4), qr/hops-4.* refused: more than 3 redirects/);
is(scalar($arm->requests(' /hops-4')), 3, 'the fourth is not asked for');

my $loop = redirected('loop', 'http://arm/loop');
$arm->put('/loop', status => 307, body => '',
          headers => { Location => 'http://arm/loop' });
refused($loop, qr{/loop" refused: more than 3 redirects});
is(scalar($arm->requests('^GET /loop$')), 3, 'a loop ends');



=== TEST 4: a Location of another form
--- mlist eval: $::FOLLOW
--- steps
$amd64->put('/relative/x', body => 'here');
get(redirected('relative', '/relative/x'));
code_is(200);
body_is('here');

$arm->put('/', body => 'root');
get(redirected('rootless', 'http://arm'));
body_is('root', 'a URL without a path');
get(redirected('query', 'http://arm?a=b'));
body_is('root', 'and with a query only');
get(redirected('fragment', 'http://arm/#part'));
body_is('root', 'a fragment stays here');

refused(redirected('nowhere', undef), qr/its Location is no http URL/);
my $n = 0;
refused(redirected('bad-' . $n++, $_), qr/its Location is no http URL/, $_)
    for '', '//', '//arm/x', 'x', 'ftp://arm/x', 'file:///etc/passwd', 'http://',
        'http://u:p@arm/x', 'http://arm/x y', "http://arm/\xe9",
        'http://unix:/tmp/socket:/x', 'http://arm:99999999/x';



=== TEST 5: addresses that no source has
--- mlist eval: $::FOLLOW
--- steps
my ($port) = $outside->address =~ /:(\d+)$/;
my ($other_port) = $other->address =~ /:(\d+)$/;
my $inside = qr/is an address inside that no source has/;
my $n = 0;

for my $location ('http://' . $outside->address . '/x',
                  'http://' . $other->address . '/x', 'http://other/x',
                  "http://[::1]:$other_port/x", "http://0.0.0.0:$port/x",
                  "http://[::ffff:127.0.0.2]:$port/x", 'http://10.0.0.1/x',
                  'http://192.168.0.1/x', 'http://[fd00::1]/x',
                  'https://169.254.169.254/latest/meta-data/')
{
    my $name = 'inside-' . $n++;

    refused(redirected($name, $location), qr/$name.* refused: .* $inside/,
            $location);
}

# nor by a second hop
$arm->put('/second', status => 302, body => '',
          headers => { Location => 'http://' . $outside->address . '/x' });
refused(redirected('second', 'http://arm/second'),
        qr{arm/second" refused: "127\.0\.0\.2" $inside});
asked_of($outside);
asked_of($other);

refused(redirected('named', 'http://named.example/x'),
        qr/to "named\.example" not followed: no resolver defined/);



=== TEST 6: names
--- http eval: $::DNS
--- mlist eval: $::FOLLOW
--- steps
my ($port) = $arm->address =~ /:(\d+)$/;
my ($hidden) = $outside->address =~ /:(\d+)$/;

$arm->put('/named', body => 'by name');
get(redirected('named', "http://source.test:$port/named"));
code_is(200);
body_is('by name');
is(join(',', $arm->seen_header(' /named', 'Host')), "source.test:$port",
   'Host');
head(redirected('headed', "http://source.test:$port/named"));
code_is(200);

my $inside = qr/resolves to an address inside that no source has/;
refused(redirected('hidden', "http://hidden.test:$hidden/x"), $inside);
refused(redirected('ports', "http://source.test:$hidden/x"),
        qr/"source\.test" $inside/);
refused(redirected('both', "http://both.test:$port/named"),
        qr/"both\.test" $inside/);
refused(redirected('none', "http://none.test:$port/x"),
        qr/"none\.test" not followed: it could not be resolved/);

# another address from the second question on: the first answer counts, or
# the second one is refused
get(redirected('flips', "http://flips.test:$port/named"));
like($res->{code}, qr/^(?:200|502)$/, 'a name that changes');
is(scalar($outside->requests), 0, 'what no source has is not asked');



=== TEST 7: https does not lead to http
--- http eval: $::TLS
--- mlist
mlist_auth registry;
mlist_redirect follow;
mlist_source https://tls;
--- steps
$amd64->put('/plain', body => 'plain');
get('/v2/tls/blobs/' . digest_of('plain'));
error_is(502, 'UNAVAILABLE');
ok(scalar(log_lines(qr/its Location is no https URL/)), 'the log says why');
asked_of($amd64);
get('/v2/tls/blobs/' . digest_of('secure'),
    headers => ['Authorization' => 'Basic dTpw']);
code_is(200);
body_is('secure', 'https leads to https, without credentials');



=== TEST 8: credentials that the registry checks do not go along
--- mlist
mlist_redirect follow;
mlist_source http://amd64;
--- steps
my $path = redirected('secret', '/moved/blob', auth => 'Basic dTpw',
                      challenge => 'Basic realm="there"');
$amd64->put('/moved/blob', body => 'secret');

get($path);
code_is(401);
header_is('WWW-Authenticate', 'Basic realm="there"');
is(scalar($amd64->requests('moved')), 0, 'nothing is followed');

get($path, headers => ['Authorization' => 'Basic dTpw']);
code_is(200);
body_is('secret');
is(join(',', $amd64->seen_header('moved', 'Authorization')), '',
   'no Authorization');
is(join(',', $amd64->seen_header('/v2/', 'Authorization')), 'Basic dTpw',
   'which the registry has seen');

# a target's challenge is not for this front
$amd64->put('/moved/blob', challenge => 'Basic realm="bucket"', auth => 'x');
get($path, headers => ['Authorization' => 'Basic dTpw']);
error_is(502, 'UNAVAILABLE');
no_header('WWW-Authenticate');
like($res->{body}, qr/answered with status 401/, 'that says why');



=== TEST 9: a target that fails
--- mlist eval: $::FOLLOW
--- steps
my $path = redirected('fails', 'http://arm/fails');

for my $status (400, 403, 429, 500, 503) {
    $arm->put('/fails', status => $status, body => '<Error/>');
    get($path);
    error_is(502, 'UNAVAILABLE', $status);
    like($res->{body}, qr/answered with status $status/, "tells $status");
    unlike($res->{body}, qr/<Error/, 'not its body');
}

$arm->put('/fails', status => 404, body => '<Error/>');
get($path);
error_is(404, 'BLOB_UNKNOWN');
head($path);
code_is(404);

$arm->put('/fails', reset => 1);
get($path);
error_is(502, 'UNAVAILABLE', 'no answer');
$arm->put('/fails', stall => 'header');
get($path);
error_is(504, 'UNAVAILABLE', 'no answer in time');

$arm->put('/fails', body => 'x' x 1000, cut => 100);
get($path);
ok(defined $res->{error}, 'what is cut short is not whole here either');

$arm->put('/fails', body => 'well');
get($path);
body_is('well', 'the next one');



=== TEST 10: a blob that is large
--- mlist
mlist_auth nginx;
mlist_redirect follow;
mlist_source http://amd64;
mlist_source http://arm;
proxy_max_temp_file_size 0;
--- steps
my $bytes = join '', map { pack 'N', $_ * 2654435761 % 2**32 } 1 .. 3_000_000;
my $digest = sha256($bytes);

$amd64->put("large#$digest", status => 307, body => 'y' x 100_000,
            headers => { Location => 'http://arm/bucket/blobs/large' });
$arm->put('/bucket/blobs/large', body => $bytes);
get("/v2/large/blobs/$digest");
code_is(200);
is(sha256($res->{body}), $digest, 'byte for byte');
get("/v2/large/blobs/$digest", headers => ['Range' => 'bytes=11000000-']);
code_is(206);
ok($res->{body} eq substr($bytes, 11_000_000), 'a part of it');

# chunked, without a length
$arm->on('/bucket/blobs/large', chunked => 1);
get("/v2/large/blobs/$digest");
is(sha256($res->{body}), $digest, 'in chunks');



=== TEST 11: HTTP/2
--- http eval: $::H2
--- steps
my $path = redirected('h2', 'http://arm/h2/1');
my $bytes = 'two' x 100_000;

$arm->put('/h2/1', status => 302, body => 'z' x 50_000,
          headers => { Location => '/h2/2' });
$arm->put('/h2/2', body => $bytes);
ok(curl_h2($path) eq $bytes, 'two hops');
like(curl_h2($path, '-I'), qr/^HTTP\/2 200.*content-length: 300000/s, 'HEAD');
unlike(curl_h2($path, '-I'), qr/location/i, 'no Location');
is(curl_h2($path, '-d', 'body', '-X', 'GET'), $bytes, 'with a body');
like(curl_h2(redirected('h2-bad', 'http://other/x')), qr/UNAVAILABLE/,
     'an error');



=== TEST 12: errors that are intercepted
--- config
location = /page {
    internal;
    return 200 "a page";
}
location /v2/ {
    proxy_intercept_errors on;
    error_page 404 502 = /page;
    mlist_auth nginx;
    mlist_redirect follow;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
my $path = redirected('pages', 'http://arm/pages');

$arm->put('/pages', body => 'bytes');

for (1, 2) {
    get($path);
    code_is(200);
    body_is('bytes');
}

$arm->put('/pages', status => 404, body => 'gone');
get($path);
body_is('a page');
get(redirected('refused', 'http://other/pages'));
body_is('a page');
no_header('Location');



=== TEST 13: a cache keeps what a redirect leads to
--- http eval
"proxy_cache_path $ENV{TEST_NGINX_SERVER_ROOT}/proxy_cache keys_zone=c:1m;\n"
--- mlist
mlist_auth nginx;
mlist_redirect follow;
mlist_source http://amd64;
mlist_source http://arm;
proxy_cache c;
proxy_cache_key "$mlist_kind $mlist_name $mlist_digest";
proxy_cache_valid any 10m;
proxy_cache_bypass $mlist_mutable;
proxy_no_cache $mlist_mutable;
--- steps
my $path = redirected('cached', 'http://arm/bucket/blobs/cached');

$arm->put('/bucket/blobs/cached', body => '0123456789');
get($path);
body_is('0123456789');
$arm->clear_requests;
$arm->down;
get($path);
body_is('0123456789', 'kept');
head($path);
code_is(200);
get($path, headers => ['Range' => 'bytes=2-3']);
body_is('23', 'a part of it');
$arm->up;



=== TEST 14: a name that is another's when a lock of the cache is gone
--- http eval
"proxy_cache_path $ENV{TEST_NGINX_SERVER_ROOT}/proxy_cache keys_zone=c:1m;\n"
. $::DNS
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_redirect follow;
    mlist_source http://amd64;
    mlist_source http://arm;
    proxy_cache c;
    proxy_cache_key "$mlist_kind $mlist_name $mlist_digest";
    proxy_cache_valid 200 10m;
    proxy_cache_lock on;
    proxy_cache_lock_timeout 1200ms;
    proxy_pass $mlist_upstream;
}
--- steps
my ($port) = $arm->address =~ /:(\d+)$/;
my $path = redirected('waits', "http://waits.test:$port/waits");
$arm->put('/waits', body => 'waited', hold => 'waits');
my $first = send_to(nginx_port(), 'GET', $path);
ok($arm->wait_for('GET /waits'), 'the first one is at the target');

# more than a second later it resolves the name, and then waits once more
my $n = asked();
my $second = send_to(nginx_port(), 'GET', $path);
ok(asked($n) > $n, 'the second one has resolved the name');
touch('moved');
ok($arm->wait_for('GET /waits', 2), 'and the second one, at the same place');
$arm->release('waits');
is(answer_of($_, 'GET')->{body}, 'waited', 'both are answered')
    for $first, $second;
is(scalar($outside->requests), 0, 'what no source has is not asked');



=== TEST 15: manifests
--- mlist
mlist_auth nginx;
mlist_redirect follow;
mlist_source http://amd64;
--- steps
my $m = docker_image('linux/amd64', seed => 'redirected');

$amd64->put("moved\@$m->{digest}", status => 307, body => '',
            headers => { Location => 'http://amd64/moved/manifest' });
$amd64->put('/moved/manifest', type => $m->{type}, body => $m->{body});
get("/v2/moved/manifests/$m->{digest}", accept => $D2);
code_is(200);
body_is($m->{body});
header_is('Content-Type', $m->{type});

$amd64->forget('/moved/manifest');
get("/v2/moved/manifests/$m->{digest}", accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 16: mlist_redirect pass, and what is inherited
--- config
mlist_redirect follow;
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
location /v2/passed/ {
    mlist_redirect pass;
    PROXY;
}
location /v2/ {
    PROXY;
}
--- steps
$arm->put('/inherited', body => 'inherited');
get(redirected('followed', 'http://arm/inherited'));
body_is('inherited');
get(redirected('passed/here', 'http://arm/inherited'));
code_is(307);
header_is('Location', 'http://arm/inherited');
head('/v2/passed/here/blobs/' . sha256('passed/here'));
code_is(307);
