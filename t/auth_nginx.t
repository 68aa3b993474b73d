# Without this: users' passwords for the front would reach registries, and a
# registry's cookies or challenges would reach users, who cannot answer them.
# (Spec: mlist_auth nginx, "Limits and hostile input".)

use lib 't/lib';
use Mlist::Test;

our $USER = 'Basic dXNlcjpwYXNz';

run_tests();

__DATA__

=== TEST 1: Authorization is stripped from what registries see
--- steps
my $a = $amd64->tag('strip:1', docker_image('linux/amd64'));
$arm->tag('strip:1', docker_image('linux/arm/v7'));
my @with = (headers => [Authorization => $USER, 'Proxy-Authorization' => $USER,
                        Cookie => 'a=b']);
my $digest = sha256(fetched('/v2/strip/manifests/1', @with)->{body});
get("/v2/strip/manifests/$digest", @with);
code_is(200);
get("/v2/strip/manifests/$a->{digest}",
    headers => [Authorization => $USER, Accept => $D2]);
code_is(200);
get("/v2/strip/blobs/$a->{layer}", @with);
code_is(200);
head("/v2/strip/blobs/$a->{layer}", @with);
code_is(200);
get('/v2/strip/tags/list', @with);
get('/v2/strip/blobs/' . sha256('unknown'), @with);

for my $r ($amd64, $arm) {
    ok(scalar($r->requests), $r->name . ' is asked');
    is(join(',', $r->seen_header('.', 'Authorization')), '',
       $r->name . ' sees no Authorization');
}



=== TEST 2: GET /v2/ is answered here
--- steps
for my $method (qw(GET HEAD)) {
    ask($method, '/v2/');
    code_is(200);
    header_is('Docker-Distribution-Api-Version', 'registry/2.0');
    like(header_of($res, 'Content-Type') // '', qr{^application/json},
         'Content-Type');
}

get('/v2/');
is($res->{body} =~ s/\s//gr, '{}', 'an empty object');
$_->down for $amd64, $arm;
get('/v2/', headers => [Authorization => $USER]);
code_is(200, 'with every registry down');
$_->up for $amd64, $arm;
asked_of($amd64);
asked_of($arm);
is(variables('/v2/')->{kind}, 'ping', '$mlist_kind');



=== TEST 3: a source's challenge stays here
--- steps
my $m = $amd64->tag('challenge:1', docker_image('linux/amd64'));
$arm->fail('challenge:1', 401,
           headers => { 'WWW-Authenticate' => 'Basic realm="arm"' });
get('/v2/challenge/manifests/1');
gateway_error('a source that asks for credentials');
no_header('WWW-Authenticate');

$arm->fail('challenge:1', 403);
get('/v2/challenge/manifests/1');
gateway_error('a source that denies');

$arm->fail('challenge#' . sha256('x'), 401,
           headers => { 'WWW-Authenticate' => 'Basic realm="arm"' });
get('/v2/challenge/blobs/' . sha256('x'));
ok($res->{code} >= 400 && $res->{code} != 404, "a blob: $res->{code}");
no_header('WWW-Authenticate');

$arm->fail('challenge@' . sha256('x'), 401,
           headers => { 'WWW-Authenticate' => 'Basic realm="arm"' });
get('/v2/challenge/manifests/' . sha256('x'));
ok($res->{code} >= 400 && $res->{code} != 404, "a manifest: $res->{code}");
no_header('WWW-Authenticate');



=== TEST 4: cookies are dropped
--- steps
my $m = $arm->tag('cookie:1', docker_image('linux/arm/v7'));
$arm->on($_, headers => { 'Set-Cookie' => ['a=b', 'c=d'] })
    for 'cookie:1', "cookie\@$m->{digest}", "cookie#$m->{layer}";
get('/v2/cookie/manifests/1');
code_is(200);
no_header('Set-Cookie');
get("/v2/cookie/manifests/$m->{digest}", accept => $D2);
code_is(200);
no_header('Set-Cookie');
get("/v2/cookie/blobs/$m->{layer}");
code_is(200);
no_header('Set-Cookie');



=== TEST 5: one cache for all
--- steps
$amd64->tag('cache:1', docker_image('linux/amd64'));
my $list = fetched('/v2/cache/manifests/1',
                   headers => [Authorization => $USER])->{body};
$_->clear_requests for $amd64, $arm;
get('/v2/cache/manifests/1', headers => [Authorization => 'Basic eDp5']);
body_is($list);
asked_of($amd64, 'HEAD /v2/cache/manifests/1');
get('/v2/cache/manifests/' . sha256($list));
body_is($list);
asked_of($amd64);



=== TEST 6: auth_basic, with $remote_user kept
--- mlist
auth_basic "The front";
auth_basic_user_file $TEST_NGINX_SERVER_ROOT/html/users;
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
--- user_files
>>> users
user:{PLAIN}pass
--- steps
my $a = $amd64->tag('basic:1', docker_image('linux/amd64'));
get('/v2/basic/manifests/1');
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', 'Basic realm="The front"');
get('/v2/');
error_is(401, 'UNAUTHORIZED');
get('/v2/basic/manifests/1', headers => [Authorization => 'Basic eDp5']);
error_is(401, 'UNAUTHORIZED');
asked_of($amd64);

my @with = (headers => [Authorization => $USER]);
get('/v2/', @with);
code_is(200);
get('/v2/basic/manifests/1', @with);
whole_answer($DL);
is(variables('/v2/basic/manifests/1')->{user}, 'user',
   '$remote_user of a list');
get("/v2/basic/blobs/$a->{layer}", @with);
code_is(200);
is(variables("/v2/basic/blobs/$a->{layer}")->{user}, 'user',
   '$remote_user of a blob');
get("/v2/basic/manifests/$a->{digest}",
    headers => [Authorization => $USER, Accept => $D2]);
is(variables("/v2/basic/manifests/$a->{digest}")->{user}, 'user',
   '$remote_user of a child');
is(join(',', $amd64->seen_header('.', 'Authorization')), '',
   'the registry sees nothing of it');



=== TEST 7: auth_request
--- config
location = /check {
    internal;
    if ($http_authorization != "Basic dXNlcjpwYXNz") { return 401; }
    return 204;
}
location /v2/ {
    auth_request /check;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
my $a = $amd64->tag('request:1', docker_image('linux/amd64'));
$arm->tag('request:1', docker_image('linux/arm/v7'));
get('/v2/request/manifests/1');
error_is(401, 'UNAUTHORIZED');
asked_of($amd64);
get('/v2/request/manifests/1', headers => [Authorization => $USER]);
platforms_are('linux/amd64', 'linux/arm/v7');
get("/v2/request/blobs/$a->{layer}", headers => [Authorization => $USER]);
code_is(200);
is(join(',', $amd64->seen_header('.', 'Authorization')), '',
   'the registry sees nothing of it');



=== TEST 8: allow and deny, satisfy any
--- config
location /v2/ {
    satisfy any;
    deny all;
    auth_basic "The front";
    auth_basic_user_file $TEST_NGINX_SERVER_ROOT/html/users;
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
--- user_files
>>> users
user:{PLAIN}pass
--- steps
$amd64->tag('satisfy:1', docker_image('linux/amd64'));
get('/v2/satisfy/manifests/1');
error_is(401, 'UNAUTHORIZED');
get('/v2/satisfy/manifests/1', headers => [Authorization => $USER]);
code_is(200);



=== TEST 9: a source's challenge stays here where errors are intercepted
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    proxy_pass $mlist_upstream;
    proxy_intercept_errors on;
    error_page 401 /refused.json;
}

location = /refused.json {
    default_type application/json;
    return 200 '{"refused":true}';
}

location /inside/ {
    rewrite ^/inside(/v2/.*)$ $1 break;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    proxy_pass $mlist_upstream;
    proxy_intercept_errors on;
    error_page 402 /refused.json;
}
--- steps
$_->fail('page#' . sha256('x'), 401, headers => { 'WWW-Authenticate' =>
         'Bearer realm="https://evil.example/token",service="x"' })
    for $amd64, $arm;
my $blob = $arm->blob('late', 'late');
get("/v2/late/blobs/$blob");
code_is(200);
$arm->on("late#$blob", method => { GET => { status => 401, headers => {
         'WWW-Authenticate' => 'Bearer realm="https://evil.example/token"'
} } });

for my $path ("/v2/late/blobs/$blob", '/v2/page/blobs/' . sha256('x')) {
    get($path);
    ok($res->{code} >= 400 || $res->{body} =~ /refused/, "$path: refused");
    no_header('WWW-Authenticate');
}
