# Without this: what a registry behind TLS holds could be missing from a list
# because its certificate is not right, fetches could be sent to whoever
# stands in between, or a registry that asks for a certificate would never
# see one.  (Spec: "All traffic to registries goes through nginx's own proxy
# module"; "A tag", 2.)

use lib 't/lib';
use Mlist::Test;
use Mlist::Http2;
use Mlist::Tls;

my $ca = tls_file('ca.crt');

our $VERIFY = <<"CONF";
proxy_ssl_verify on;
proxy_ssl_trusted_certificate $ca;
proxy_ssl_server_name on;
CONF

# The certificate that is shown to the one registry which asks for it.
our $PRESENT = <<'CONF';
proxy_ssl_certificate     $front_crt;
proxy_ssl_certificate_key $front_key;
CONF

our $HTTP = tls_strangers()
            . tls_registry('amd64.tls', 'amd64')
            . tls_registry('arm.tls', 'arm')
            . tls_registry('wrong.tls', 'other', certificate => 'else.tls')
            . tls_registry('alone.tls', 'other', certificate => 'stranger')
            . tls_registry('strict.tls', 'other', client => 1)
            . maps();

# The same sources at a second server, which expects another name.
our $COLD = tls_registry('cold.tls', 'arm', keepalive => 0) . <<"CONF";
server {
    listen unix:${\ h2_socket()};
    location /v2/ {
        proxy_ssl_name nobody.tls;
        mlist_auth nginx;
        mlist_source https://amd64.tls;
        mlist_source https://cold.tls;
        PROXY;
    }
}
CONF

# Servers that clients show a certificate to: they have to, or a location
# looks whether they have.
our $FRONT = join '', map {
    my ($name, $verify, $rule) = @$_;
    my ($crt, $key) = map { tls_file("$name.$_") } qw(crt key);

    <<"CONF";
server {
    ${\ listen_h2('ssl') }
    server_name $name;
    ssl_certificate $crt;
    ssl_certificate_key $key;
    ssl_client_certificate $ca;
    ssl_verify_client $verify;
    location /v2/ {
        $rule
        mlist_auth nginx;
        mlist_source http://amd64;
        mlist_source http://arm;
        PROXY;
    }
}
CONF
} ['strict.front', 'on', ''],
  ['asking.front', 'optional',
   'if ($ssl_client_verify != SUCCESS) { return 403; }'];

sub front {
    return curl_with('--cacert', $ca, @_);
}

sub front_code {
    return front(@_, '-o', '/dev/null', '-w', '%{http_version} %{http_code}');
}

sub maps {
    my ($crt, $key) = map { tls_file("front.$_") } qw(crt key);

    return <<"CONF";
map \$proxy_host \$front_crt {
    volatile;
    strict.tls $crt;
    default "";
}
map \$proxy_host \$front_key {
    volatile;
    strict.tls $key;
    default "";
}
CONF
}

sub tagged {
    my ($place) = @_;

    return ($amd64->tag($place, docker_image('linux/amd64', seed => $place)),
            $arm->tag($place, docker_image('linux/arm/v7', seed => $place)));
}

# The names that connections to a registry gave, each once.
sub names_of {
    my ($registry) = @_;
    my %names = map { $_ => 1 } $registry->seen_header('.', 'X-Tls-Name');

    return join ' ', sort keys %names;
}

run_tests();

__DATA__

=== TEST 1: two registries of two names: lists, pins, children, blobs
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
mlist_source https://amd64.tls;
mlist_source https://arm.tls;
'
--- steps
my @m = tagged('two:1');

get('/v2/two/manifests/1');
my $digest = whole_answer($DL);
platforms_are('linux/amd64', 'linux/arm/v7');
same_as_get("/v2/two/manifests/$digest");

for my $m (@m) {
    get("/v2/two/manifests/$m->{digest}", accept => $D2);
    body_is($m->{body}, 'a child');
    get("/v2/two/blobs/$m->{layer}");
    body_is($m->{blobs}{$m->{layer}}, 'a layer');
    head("/v2/two/blobs/$m->{layer}");
    code_is(200);
    get("/v2/two/blobs/$m->{layer}", headers => [Range => 'bytes=1-2']);
    body_is(substr($m->{blobs}{$m->{layer}}, 1, 2), 'a part of it');
}

is(names_of($amd64), 'amd64.tls', 'each fetch asks for the right name');
is(names_of($arm), 'arm.tls', 'and the other for the other');
is(join(' ', sort { $a cmp $b } keys %{{ map { $_ => 1 }
        $amd64->seen_header('.', 'Host') }}), 'amd64.tls', 'in Host, too');



=== TEST 2: tags, referrers, signatures
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
mlist_source https://amd64.tls;
mlist_source https://arm.tls;
'
--- steps
my ($m) = tagged('meta:1');
my $hex = $m->{digest} =~ s/:/-/r;

for my $registry ($amd64, $arm) {
    $registry->put("/v2/meta/referrers/$m->{digest}", type => $OI,
                   body => json_text({
        schemaVersion => 2, mediaType => $OI,
        manifests => [{ mediaType => $OM, size => 2, digest =>
                        sha256('to ' . $registry->name) }] }));
}

get("/v2/meta/referrers/$m->{digest}");
digests_are(sha256('to amd64'), sha256('to arm'));

my $signature = $arm->tag("meta:$hex.sig", docker_image('linux/arm/v7'));
get("/v2/meta/manifests/$hex.sig", accept => $D2);
body_is($signature->{body});



=== TEST 3: uploads
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
mlist_source https://amd64.tls tag=*-amd64;
mlist_source https://amd64.tls tag=*-arm;
'
--- steps
my $m = docker_image('linux/amd64', seed => 'uploaded');

$amd64->writable;

for my $digest (sort keys %{ $m->{blobs} }) {
    ask('POST', '/v2/up/blobs/uploads/', body => '');
    code_is(202);
    my $where = header_of($res, 'Location');
    like($where, qr{^/v2/up/blobs/uploads/}, 'relative');
    put_to("$where&digest=$digest", $m->{blobs}{$digest});
    code_is(201);
    unlike(header_of($res, 'Location') // '', qr/tls/, 'not at the registry');
}

put_to('/v2/up/manifests/1-amd64', $m->{body},
       headers => ['Content-Type' => $m->{type}]);
code_is(201);
get('/v2/up/manifests/1');
platforms_are('linux/amd64');
is(names_of($amd64), 'amd64.tls', 'what was asked for');



=== TEST 4: a certificate of nobody's is an error, never a shorter list
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
mlist_source https://amd64.tls;
mlist_source https://alone.tls;
'
--- steps
my ($m) = tagged('alone:1');
$other->tag('alone:1', docker_image('linux/arm/v7'));
my $only = $other->blob('alone', 'only there');

for (1, 2) {
    get('/v2/alone/manifests/1');
    error_is(502, 'UNAVAILABLE');
    like($res->{body}, qr/alone\.tls/, 'names the source');
}

head('/v2/alone/manifests/1');
code_is(502);
get('/v2/alone/manifests/none');
error_is(502, 'UNAVAILABLE', 'nor is it absence');
get("/v2/alone/blobs/$only");
error_is(502, 'UNAVAILABLE', 'a blob that may be there');
get("/v2/alone/manifests/" . sha256('none'));
error_is(502, 'UNAVAILABLE', 'a manifest that may be there');
get("/v2/alone/referrers/$m->{digest}");
error_is(502, 'UNAVAILABLE', 'referrers');
asked_of($other);
ok(scalar(log_lines(qr/upstream SSL certificate verify error/)),
   'the log says why');



=== TEST 5: so is one of another name
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
mlist_source https://amd64.tls;
mlist_source https://wrong.tls;
'
--- steps
tagged('wrong:1');
$other->tag('wrong:1', docker_image('linux/arm/v7'));
get('/v2/wrong/manifests/1');
error_is(502, 'UNAVAILABLE');
like($res->{body}, qr/wrong\.tls/, 'names the source');
asked_of($other);
ok(scalar(log_lines(qr/does not match "wrong\.tls"/)), 'the log says why');



=== TEST 6: without the name in the handshake, who answers is a stranger
--- http eval: $::HTTP
--- mlist eval
$::VERIFY =~ s/server_name on/server_name off/r . 'mlist_auth nginx;
mlist_source https://amd64.tls;
mlist_source https://arm.tls;
'
--- steps
tagged('nameless:1');
get('/v2/nameless/manifests/1');
error_is(502, 'UNAVAILABLE');
asked_of($amd64);



=== TEST 7: the name that the certificate has, where it is another one
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
proxy_ssl_name else.tls;
mlist_source https://wrong.tls;
'
--- steps
$other->tag('named:1', docker_image('linux/arm/v7'));
get('/v2/named/manifests/1');
platforms_are('linux/arm/v7');
is(names_of($other), 'else.tls', 'the name in the handshake, too');



=== TEST 8: what was complete before is served while a certificate is wrong
--- http eval: $::HTTP . $::VERIFY . $::COLD
--- mlist
mlist_auth nginx;
mlist_source https://amd64.tls;
mlist_source https://cold.tls;
--- steps
my @m = tagged('stale:1');
my $list = fetched('/v2/stale/manifests/1')->{body};
digests_are(@m);
tagged('never:1');

get('/v2/stale/manifests/1', to => h2_socket());
body_is($list);
like(header_of($res, 'Warning'), qr/^299 .*cold\.tls/, 'and says so');
get('/v2/never/manifests/1', to => h2_socket());
error_is(502, 'UNAVAILABLE', 'one that was never complete');



=== TEST 9: https beside http
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
mlist_source http://amd64;
mlist_source https://arm.tls;
'
--- steps
my @m = tagged('beside:1');
get('/v2/beside/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7');
digests_are(@m);

for my $m (@m) {
    get("/v2/beside/blobs/$m->{layer}");
    body_is($m->{blobs}{$m->{layer}}, 'a layer');
}

is(names_of($amd64), '', 'plain');
is(names_of($arm), 'arm.tls', 'over TLS');



=== TEST 10: redirects that are followed are verified as well
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
mlist_redirect follow;
mlist_source https://amd64.tls;
mlist_source https://arm.tls;
mlist_source https://alone.tls names=~^never$;
'
--- steps
my $m = docker_image('linux/amd64', seed => 'bucket');
my @blobs = ($m->{config}, $m->{layer});

$amd64->tag('bucket:1', $m);

for my $digest (@blobs) {
    $amd64->put("bucket#$digest", status => 307, body => '',
                headers => { Location => "https://arm.tls/b/$digest" });
    $arm->put("/b/$digest", body => $m->{blobs}{$digest});
    $other->put("/b/$digest", body => $m->{blobs}{$digest});
}

get('/v2/bucket/manifests/1');
platforms_are('linux/amd64');
get("/v2/bucket/blobs/$m->{layer}");
body_is($m->{blobs}{$m->{layer}}, 'a layer');
is(names_of($arm), 'arm.tls', 'by its own name');

my $n = docker_image('linux/amd64', seed => 'bad bucket');

$amd64->tag('bucket:2', $n);
$amd64->put("bucket#$_", status => 307, body => '',
            headers => { Location => "https://alone.tls/b/$_" })
    for $n->{config}, $n->{layer};
get('/v2/bucket/manifests/2');
error_is(502, 'UNAVAILABLE', 'a config at a stranger');
get("/v2/bucket/blobs/$n->{layer}");
error_is(502, 'UNAVAILABLE', 'a layer at a stranger');
asked_of($other);



=== TEST 11: a certificate for the registry that asks for one
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . $::PRESENT . 'mlist_auth nginx;
mlist_source https://amd64.tls;
mlist_source https://strict.tls;
'
--- steps
my ($m) = tagged('strict:1');
my $n = $other->tag('strict:1', docker_image('linux/arm/v7'));

get('/v2/strict/manifests/1');
digests_are($m, $n);
get("/v2/strict/blobs/$n->{layer}");
body_is($n->{blobs}{$n->{layer}}, 'a layer');
is(join(' ', sort { $a cmp $b } keys %{{ map { $_ => 1 }
        $other->seen_header('.', 'X-Tls-Client') }}), 'CN=front', 'whose');
is(join('', $amd64->seen_header('.', 'X-Tls-Client')), '', 'no other sees it');



=== TEST 12: without one it is an error
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . 'mlist_auth nginx;
mlist_source https://amd64.tls;
mlist_source https://strict.tls;
'
--- steps
tagged('none:1');
$other->tag('none:1', docker_image('linux/arm/v7'));
get('/v2/none/manifests/1');
error_is(502, 'UNAVAILABLE');
like($res->{body}, qr/strict\.tls\\" answered with status 400/, 'which');
asked_of($other);



=== TEST 13: a store in a registry behind TLS
--- http eval: $::HTTP
--- mlist eval
$::VERIFY . $::PRESENT . 'mlist_auth nginx;
mlist_store https://strict.tls/lists;
mlist_source https://amd64.tls;
mlist_source https://arm.tls;
'
--- steps
tagged('kept:1');
$other->writable;
my $list = fetched('/v2/kept/manifests/1')->{body};
ok(scalar($other->requests('^PUT /v2/lists/')), 'it is put there');
$amd64->down;
restart_nginx('TERM');
get('/v2/kept/manifests/' . sha256($list));
body_is($list, 'an nginx that knows nothing has it from there');
is(names_of($other), 'strict.tls', 'asked for by its name');
$amd64->up;



=== TEST 14: clients that show a certificate, and those that do not
--- http eval
$::HTTP . $::FRONT
--- steps
tagged('shown:1');
my $list = fetched('/v2/shown/manifests/1')->{body};
my @client = ('--cert', tls_file('client.crt'), '--key',
              tls_file('client.key'));
my @stranger = ('--cert', tls_file('stranger.crt'), '--key',
                tls_file('stranger.key'));

for my $version ('--http1.1', '--http2') {
    my $v = $version =~ s/^--http//r;
    my $url = 'https://strict.front/v2/shown/manifests/1';

    is(front($version, @client, $url), $list, "$v: with one");
    is(front_code($version, $url), "$v 400", "$v: without one");
    is(front_code($version, @stranger, $url), "$v 400", "$v: nobody's");

    $url =~ s/strict/asking/;
    is(front($version, @client, $url), $list, "$v: with one that is asked for");
    is(front_code($version, $url), "$v 403", "$v: without");
    is(json_data(front($version, $url))->{errors}[0]{code}, 'DENIED',
       "$v: as registries say it");
    is(front_code($version, @stranger, $url), "$v 400", "$v: and nobody's");
}
