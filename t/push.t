# Without this: a push would go to another registry than the operator says, or
# under a name that no pull reads; a client would be sent to an address that it
# cannot reach, go on with an upload elsewhere than it began, or take a layer
# for there that its image's registry lacks; and nobody would be told that what
# is pushed is not what is pulled.
# (Spec: "Writes", "Blobs".)

use strict;
use warnings;

use lib 't/lib';
use Mlist::Test;

# The Location that the front gives for what the registry answers to a POST.
sub location_for {
    my ($path, $location, %opt) = @_;

    $other->put($opt{at} // $path, status => 202, body => '',
                headers => { Location => $location });
    ask('POST', $path, body => '');
    code_is(202);

    return header_of($res, 'Location');
}

# The map of that file, with the names of the registries here.
sub example {
    open my $in, '<', 'examples/push-by-architecture.conf' or die $!;
    my $text = join '', <$in>;
    my ($map) = $text =~ /(map \$http_user_agent \$push \{.*?\n    \})/s;

    return $map =~ s/\.registry;/;/gr;
}

run_tests();

__DATA__

=== TEST 1: HEAD of a blob is the push registry's alone
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_push http://arm;
--- steps
my $digest = $amd64->blob('base', 'a layer of both');

head("/v2/base/blobs/$digest");
code_is(404);
get("/v2/base/blobs/$digest");
code_is(200);
$arm->blob('base', 'a layer of both');
$amd64->forget("base#$digest");
head("/v2/base/blobs/$digest");
code_is(200);
asked_of($amd64, "GET /v2/base/blobs/$digest", "HEAD /v2/base/blobs/$digest");



=== TEST 2: the name as all sources there spell it
--- mlist
mlist_auth nginx;
mlist_source http://other name=lib/* tag=*-a;
mlist_source http://other name=lib/* tag=*-b;
mlist_source http://arm;
mlist_push http://other;
mlist_valid 1h;
--- steps
is(location_for('/v2/spell/blobs/uploads/', '/v2/lib/spell/blobs/uploads/u1?x',
                at => '/v2/lib/spell/blobs/uploads/'),
   '/v2/spell/blobs/uploads/u1?x', 'an upload begins');

$other->put('/v2/lib/spell/blobs/uploads/u1', status => 202, body => '',
            headers => { Location => '/v2/lib/spell/blobs/uploads/u2?y' });
ask('PATCH', '/v2/spell/blobs/uploads/u1?x', body => 'bytes');
code_is(202);
header_is('Location', '/v2/spell/blobs/uploads/u2?y');
ok($other->requests('^PATCH /v2/lib/spell/blobs/uploads/u1\?x$'), 'goes on');

$other->put('/v2/lib/spell/blobs/uploads/u2', status => 204, body => '',
            headers => { Location => '/v2/lib/spell/blobs/uploads/u2',
                         Range => '0-4', 'Docker-Upload-UUID' => 'u2',
                         'OCI-Chunk-Min-Length' => '5' });
get('/v2/spell/blobs/uploads/u2');
code_is(204);
header_is('Location', '/v2/spell/blobs/uploads/u2');
header_is('Range', '0-4');
header_is('Docker-Upload-UUID', 'u2');
header_is('OCI-Chunk-Min-Length', '5');

my $digest = $other->blob('lib/spell', 'a layer');
head("/v2/spell/blobs/$digest");
code_is(200);
$other->forget("lib/spell#$digest");
$other->blob('spell', 'a layer');
head("/v2/spell/blobs/$digest");
code_is(404);

my $m = docker_image('linux/amd64');
$other->put('lib/spell:1-a', status => 201, body => '', headers => {
    Location => "/v2/lib/spell/manifests/$m->{digest}",
    'OCI-Subject' => $m->{digest} });
ask('PUT', '/v2/spell/manifests/1-a', body => $m->{body},
    headers => ['Content-Type' => $D2]);
code_is(201);
header_is('Location', "/v2/spell/manifests/$m->{digest}");
header_is('OCI-Subject', $m->{digest});
is(scalar log_lines(qr/mlist PUT of "lib\/spell:1-a": 1 dropped/), 1,
   'what it is part of is dropped');



=== TEST 3: the name as it stands where they do not agree
--- mlist
mlist_auth nginx;
mlist_source http://other name=arm32v7/*;
mlist_source http://other name=amd64/*;
mlist_push http://other;
--- steps
is(location_for('/v2/both/blobs/uploads/', '/v2/both/blobs/uploads/u1'),
   '/v2/both/blobs/uploads/u1', 'an upload');

my $digest = $other->blob('both', 'a layer');
head("/v2/both/blobs/$digest");
code_is(200);
get("/v2/both/blobs/$digest");
code_is(200);

my $signature = 'sha256-' . 'b' x 64 . '.sig';
$other->tag("both:$signature", oci_image('linux/amd64'));
get("/v2/both/manifests/$signature");
code_is(200, 'a signature');



=== TEST 4: by default that is written to but not read
--- mlist
mlist_auth nginx;
mlist_source http://other name=arm32v7/*;
mlist_source http://other name=amd64/*;
--- steps
is(location_for('/v2/closed/blobs/uploads/', '/v2/closed/blobs/uploads/u1'),
   '/v2/closed/blobs/uploads/u1', 'an upload');

my $digest = $other->blob('closed', 'a layer');
head("/v2/closed/blobs/$digest");
code_is(200, 'what is there need not be pushed');
get("/v2/closed/blobs/$digest");
code_is(404);
$other->tag('closed:1', docker_image('linux/amd64'));
get('/v2/closed/manifests/1');
code_is(404);



=== TEST 5: Locations that are not this registry's stay as they are
--- mlist
mlist_auth nginx;
mlist_source http://other name=lib/*;
--- steps
my $at = '/v2/where/blobs/uploads/';
my @at = (at => '/v2/lib/where/blobs/uploads/');
my $there = '/v2/lib/where/blobs/uploads/u?_state=a%2Fb%3D&x=lib/where';
my $here = $there =~ s{/lib}{}r;

is(location_for($at, "http://other$there", @at), $here, "the registry's host");
is(location_for($at, "https://OTHER$there", @at), $here, 'in any case');
is(location_for($at, "http://127.0.0.1$there", @at), "http://127.0.0.1$there",
   'another port of a host');
is(location_for($at, "https://s3.example.com$there", @at),
   "https://s3.example.com$there", 'another host');
is(location_for($at, "//other$there", @at), "//other$there", 'no scheme');
is(location_for($at, 'http://other//evil.example/u', @at),
   'http://other//evil.example/u', 'a path that would name another host');
is(location_for($at, '/v2/lib/where2/u', @at), '/v2/lib/where2/u',
   'another name');
is(location_for($at, '/elsewhere/u', @at), '/elsewhere/u', 'no path of ours');



=== TEST 6: a Location that names the Host which the client was sent to
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://other;
    PROXY;
    proxy_set_header Host $http_host;
}
--- steps
is(location_for('/v2/host/blobs/uploads/',
                'https://localhost/v2/host/blobs/uploads/u1?x'),
   '/v2/host/blobs/uploads/u1?x', 'is this front');



=== TEST 7: a variable
--- http
map $http_user_agent $push {
    ~arch/amd64  http://amd64;
    ~arch/arm    HTTP://ARM/;
    ~port        http://other:80;
    ~unknown     http://unknown.test;
    ~off         off;
    default      "";
}
server {
    listen unix:$TEST_NGINX_SERVER_ROOT/logs/push;
    location / {
        mlist_source http://other;
        PROXY;
    }
}
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_push $push;
--- steps
sub push_as {
    ask('POST', '/v2/var/blobs/uploads/', body => '',
        headers => ['User-Agent' => $_[0]]);
}

for ([$amd64, 'docker/20.10 os/linux arch/amd64'],
     [$arm, 'docker/20.10 os/linux arch/arm'], [$other, 'port'])
{
    my ($to, $agent) = @$_;

    $to->put('/v2/var/blobs/uploads/', status => 202, body => '',
             headers => { Location => '/v2/var/blobs/uploads/u1' });
    push_as($agent);
    code_is(202, $agent);
    asked_of($to, 'POST /v2/var/blobs/uploads/');
    $to->clear_requests;
}

push_as($_), error_is(405, 'UNSUPPORTED', $_) for 'curl', 'off';
is(scalar log_lines(qr/mlist_push/), 0, 'empty and off are no errors');

push_as('unknown');
error_is(405, 'UNSUPPORTED', 'a registry that nobody names');
like($res->{body}, qr/named by no/, 'the message says so');
is(scalar log_lines(qr/"mlist_push" has yielded "http:\/\/unknown\.test", ex/),
   1, 'the log too');

my $digest = $amd64->blob('var', 'x');
for (['arch/amd64', 200], ['arch/arm', 404], ['curl', 200], ['unknown', 200]) {
    head("/v2/var/blobs/$digest", headers => ['User-Agent' => $_->[0]]);
    code_is($_->[1], $_->[0]);
}



=== TEST 8: off
--- mlist
mlist_auth nginx;
mlist_source http://other;
mlist_push off;
--- steps
ask('POST', '/v2/off/blobs/uploads/', body => '');
error_is(405, 'UNSUPPORTED');
no_header('Allow');
like($res->{body}, qr/no registry to push to/, 'the message');
ask('PUT', '/v2/off/manifests/1', body => '{}');
error_is(405, 'UNSUPPORTED');
header_is('Allow', 'GET, HEAD');
ask('DELETE', '/v2/off/manifests/1');
error_is(405, 'UNSUPPORTED');
get('/v2/off/blobs/uploads/u1');
error_is(405, 'UNSUPPORTED');
asked_of($other);



=== TEST 9: with mlist_auth registry the credentials go there too
--- mlist
mlist_source http://amd64;
mlist_push http://other;
--- steps
my @credentials = (headers => [Authorization => 'Basic dTpw']);

$_->put('/v2/', body => '{}') for $amd64, $other;
get('/v2/', @credentials);
code_is(200);
is(join(',', $other->seen_header('GET /v2/$', 'Authorization')), 'Basic dTpw',
   'the root is asked with them');

$other->put('/v2/', challenge => 'Basic realm="other"', auth => 'Basic dTpw');
get('/v2/');
code_is(401);
header_is('WWW-Authenticate', 'Basic realm="other"');

$other->put('/v2/cred/blobs/uploads/', status => 202, body => '');
ask('POST', '/v2/cred/blobs/uploads/', body => '', @credentials);
code_is(202);
is(join(',', $other->seen_header('POST', 'Authorization')), 'Basic dTpw',
   'a write');



=== TEST 10: an upload stays where it began, whatever the variable says
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_push $http_x_push;
--- steps
my $at = '/v2/stay/blobs/uploads/';

for my $registry ($amd64, $arm) {
    $registry->put($at, status => 202, body => '',
                   headers => { Location => $at . $registry->name . '?s=0' });

    # each chunk has a place of its own, as with some registries
    for my $place (map { $at . $registry->name . $_ } '', '-2') {
        $registry->put($place, status => 202, body => '', headers => {
            Location => $at . $registry->name . '-2?s=1' }, method => {
            PUT => { status => 201, headers => { Location => '/v2/x' } },
            GET => { status => 204, headers => { Location => $place } },
            DELETE => { status => 204, headers => {} } });
    }
}

for my $registry ($amd64, $arm) {
    my @other = (headers => ['X-Push' => 'http://'
                                . ($registry == $arm ? 'amd64' : 'arm')]);
    my $name = $registry->name;

    $_->clear_requests for $amd64, $arm;
    ask('POST', $at, body => '', headers => ['X-Push' => "http://$name"]);
    code_is(202);

    ask('PATCH', header_of($res, 'Location'), body => 'abc', @other);
    code_is(202);
    header_is('Location', "$at$name-2?s=1");

    get("$at$name-2");
    code_is(204, 'without any registry');

    ask('PUT', "$at$name-2?s=1&digest=" . sha256('abc'), body => '', @other);
    code_is(201);

    asked_of($registry, "POST $at", "PATCH $at$name?s=0", "GET $at$name-2",
             "PUT $at$name-2?s=1&digest=" . sha256('abc'));

    ask('DELETE', "$at$name-2", @other);
    code_is(404, 'a session that has ended is the variable\'s again');
}

ask('POST', $at, body => '', headers => ['X-Push' => 'http://arm']);
ask('DELETE', "${at}arm");
code_is(204, 'cancelled where it began');
ask('DELETE', "${at}arm");
code_is(405, 'and forgotten');



=== TEST 11: a tag that is pushed but serves something else
--- mlist
mlist_auth nginx;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm platform=linux/arm/v7;
mlist_tags !~^v;
--- steps
for my $tag (qw(1.0 1.0-arm v1.0)) {
    $other->put("warn:$tag", status => 201, body => '');
    ask('PUT', "/v2/warn/manifests/$tag", body => '{}');
    code_is(201);

    $tag eq '1.0' ? header_is('Warning', '299 - "this is not what the tag '
                              . 'serves, which is made of 1.0-amd64, 1.0-arm"')
                  : no_header('Warning');
}

$other->fail('warn:1.0', 400);
ask('PUT', '/v2/warn/manifests/1.0', body => '{}');
code_is(400);
no_header('Warning');

$other->clear_requests;
ask('DELETE', '/v2/warn/manifests/1.0');
error_is(405, 'UNSUPPORTED');
header_is('Allow', 'GET, HEAD, PUT');
like($res->{body}, qr/"detail":"1\.0-amd64, 1\.0-arm"/, 'it names the tags');
asked_of($other);

for my $tag (qw(1.0-arm v1.0)) {
    $other->put("warn:$tag", status => 202, body => '');
    ask('DELETE', "/v2/warn/manifests/$tag");
    code_is(202);
}



=== TEST 12: a tag that several registries share, one of which is pushed to
--- mlist
mlist_auth nginx;
mlist_source http://other;
mlist_source http://arm "label=the ARM one";
mlist_push http://other;
--- steps
$other->put('share:1', status => 201, body => '');
ask('PUT', '/v2/share/manifests/1', body => '{}');
code_is(201);
header_is('Warning', '299 - "this is not what the tag serves, which is made '
          . 'of 1 at other, 1 at the ARM one"');
ask('DELETE', '/v2/share/manifests/1');
error_is(405, 'UNSUPPORTED');



=== TEST 13: one source, whose tag is the tag
--- mlist
mlist_auth nginx;
mlist_source http://other;
--- steps
$other->put('alone:1', status => 201, body => '');
ask('PUT', '/v2/alone/manifests/1', body => '{}');
code_is(201);
no_header('Warning');
ask('DELETE', '/v2/alone/manifests/1');
code_is(201);
is(scalar $other->requests('^DELETE /v2/alone/manifests/1$'), 1, 'passed on');



=== TEST 14: by the architecture of the docker that pushes, as an example says
--- http eval: ::example()
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_push $push;
--- steps
my $kernel = 'go/go1.19.8 git-commit/5d6db84 kernel/6.1.0-18-';
my $client = 'UpstreamClient(Docker-Client/20.10.24 \(linux\))';
my %agents = (
    amd64 => ["docker/20.10.24+dfsg1 ${kernel}amd64 os/linux arch/amd64 $client",
              'docker/28.5.2 go/go1.25 kernel/6.12 os/linux arch/386 ' . $client,
              'docker/24.0 os/linux arch/amd64'],
    arm   => ["docker/20.10.24+dfsg1 ${kernel}armmp os/linux arch/arm $client",
              "docker/28.5.2 go/go1.25 kernel/6.12 os/linux arch/arm64 $client"],
    ''    => ['containers/5.23.1 (github.com/containers/image)',
              'skopeo/1.9.3', 'containerd/1.6.20~ds1',
              'crane/devel (linux; amd64) go-containerregistry',
              'docker/24.0 os/linux arch/s390x', 'docker/24 arch/armor', ''],
);

for my $registry ($amd64, $arm) {
    $registry->put('/v2/arch/blobs/uploads/', status => 202, body => '',
        headers => { Location => '/v2/arch/blobs/uploads/u1' });
}

for my $arch (sort keys %agents) {
    for my $agent (@{ $agents{$arch} }) {
        $_->clear_requests for $amd64, $arm;
        ask('POST', '/v2/arch/blobs/uploads/', body => '',
            headers => ['User-Agent' => $agent]);
        code_is($arch ? 202 : 405, $agent);
        is(join(',', map { $_->name } grep { $_->requests } $amd64, $arm),
           $arch, "where '$agent' goes");
    }
}



=== TEST 15: a push registry that is no source (which now takes writes)
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_push http://other;
--- steps
$other->writable;
my $m = docker_image('linux/s390x');

ask('POST', '/v2/third/blobs/uploads/', body => '');
code_is(202);
like(my $at = header_of($res, 'Location'),
     qr{^/v2/third/blobs/uploads/\d+\?_state=a%2Fb$}, 'the Location');

for my $bytes (values %{ $m->{blobs} }) {
    ask('PUT', "$at&digest=" . sha256($bytes), body => $bytes);
    code_is(201);
}

ask('PUT', '/v2/third/manifests/sha256-' . 'a' x 64, body => $m->{body},
    headers => ['Content-Type' => $D2]);
code_is(201);
asked_of($_) for $amd64, $arm;

get('/v2/third/manifests/sha256-' . 'a' x 64);
code_is(200);
body_is($m->{body});
is(variables('/v2/third/manifests/sha256-' . 'a' x 64)->{source}, 'other',
   'the log says from where');

for my $round (1, 2) {
    get("/v2/third/manifests/$m->{digest}");
    code_is(200);
    body_is($m->{body});
    get("/v2/third/blobs/$m->{layer}");
    code_is(200);
}

is(scalar $amd64->requests("HEAD /v2/third/manifests/$m->{digest}"), 1,
   'the owner of a manifest is learned');
is(scalar $amd64->requests("HEAD /v2/third/blobs/$m->{layer}"), 1,
   'and that of a blob');

get('/v2/third/manifests/1');
error_is(404, 'MANIFEST_UNKNOWN');
$other->tag('third:1', $m);
get('/v2/third/manifests/1');
code_is(200);
is(variables('/v2/third/manifests/1')->{cache}, 'PASS',
   'a tag that no source has');



=== TEST 16: a registry is pinged once, whatever it spells names like
--- mlist
mlist_source http://arm name=lib/app;
--- steps
get('/v2/');
code_is(200);
is(join(',', $arm->requests), 'GET /v2/', 'no second time for pushes');
