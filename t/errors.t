# Without this: clients, which read the registry's JSON, would meet nginx's
# HTML pages and report nonsense; malformed requests would reach registries.
# (Spec: "Everything else of the registry API", "Limits and hostile input".)

use lib 't/lib';
use Mlist::Test;

run_tests();

__DATA__

=== TEST 1: malformed names, tags and digests
--- steps
my $hex = 'a' x 64;
my @rows = (
    ['/v2/Upper/manifests/1'             => 'NAME_INVALID'],
    ['/v2/a..b/manifests/1'              => 'NAME_INVALID'],
    ['/v2/-a/manifests/1'                => 'NAME_INVALID'],
    ['/v2/a-/manifests/1'                => 'NAME_INVALID'],
    ['/v2/a___b/manifests/1'             => 'NAME_INVALID'],
    ['/v2/a._b/manifests/1'              => 'NAME_INVALID'],
    ['/v2/a/_b/manifests/1'              => 'NAME_INVALID'],
    ['/v2/' . ('a' x 256) . '/manifests/1' => 'NAME_INVALID'],
    ['/v2/UPPER/blobs/sha256:' . $hex    => 'NAME_INVALID'],
    ['/v2/UPPER/tags/list'               => 'NAME_INVALID'],
    ['/v2/a/manifests/sha256:xyz'        => 'DIGEST_INVALID'],
    ['/v2/a/manifests/sha256:' . substr($hex, 1) => 'DIGEST_INVALID'],
    ["/v2/a/manifests/sha256:${hex}a"    => 'DIGEST_INVALID'],
    ['/v2/a/manifests/sha256:' . uc $hex => 'DIGEST_INVALID'],
    ['/v2/a/manifests/sha256:'           => 'DIGEST_INVALID'],
    ['/v2/a/manifests/:'                 => 'DIGEST_INVALID'],
    ['/v2/a/blobs/sha256:xyz'            => 'DIGEST_INVALID'],
    ['/v2/a/blobs/latest'                => 'DIGEST_INVALID'],
);

for my $row (@rows) {
    my ($target, $code) = @$row;

    get($target);
    error_is(400, $code, substr $target, 0, 50);
    head($target);
    code_is(400, "HEAD " . substr $target, 0, 50);
}

asked_of($amd64);
asked_of($arm);



=== TEST 2: no manifest has a malformed tag, and none can be given one
--- steps
for my $tag ('.1', '-1', '1' x 129, '1+2', '1~2') {
    get("/v2/a/manifests/$tag");
    error_is(404, 'MANIFEST_UNKNOWN', substr $tag, 0, 50);
    head("/v2/a/manifests/$tag");
    code_is(404, 'HEAD ' . substr $tag, 0, 50);

    for my $method (qw(PUT DELETE)) {
        ask($method, "/v2/a/manifests/$tag");
        error_is(400, 'TAG_INVALID', "$method " . substr $tag, 0, 50);
    }
}

asked_of($amd64);
asked_of($arm);



=== TEST 3: what is valid at the edge is not refused
--- steps
for my $target ('/v2/a/manifests/' . ('1' x 128), '/v2/a.b_c__d--e/manifests/_',
                '/v2/a/b/c/d/e/f/manifests/v1.0-rc_1',
                '/v2/' . ('a' x 200) . '/manifests/1',
                '/v2/manifests/manifests/manifests',
                '/v2/blobs/blobs/manifests/blobs')
{
    get($target);
    error_is(404, 'MANIFEST_UNKNOWN', substr $target, 0, 50);
}



=== TEST 4: a path that is not in canonical form
--- steps
for my $target ('/v2/a%2fb/manifests/1', '/v2/a%2Fb/manifests/1',
                '/v2/x/../a/manifests/1', '/v2/a/./manifests/1',
                '/v2//a/manifests/1', '/v2/a//manifests/1',
                '/v2/%61/manifests/1', '/v2/a/manifests/%31',
                '/v2/a/manifests/1%0d%0aX:%20y', '/v2/a/%2e%2e/manifests/1',
                '/v2/a/blobs/..%2f..%2fsecret', '/v2/a%3Fb/manifests/1',
                '/v2/a/manifests/1%23x', '/v2/a%20b/manifests/1',
                '/v2/./a/manifests/1')
{
    get($target);
    code_is(400, $target);
    ok(ref eval { json_data($res->{body})->{errors} }, "$target: in JSON");
}

asked_of($amd64);
asked_of($arm);



=== TEST 5: the same, where nginx leaves slashes as they came
--- http
merge_slashes off;
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my @rows = (
    [GET => '/v2//manifests/1'],      [GET => '/v2//tags/list'],
    [GET => '/v2//a/manifests/1'],    [GET => '/v2/a//manifests/1'],
    [GET => '/v2/a/manifests//1'],    [PUT => '/v2//manifests/1'],
    [POST => '/v2//blobs/uploads/'],  [POST => '/v2//blobs/uploads'],
    [POST => '/v2/a//blobs/uploads/'], [PATCH => '/v2//blobs/uploads/1'],
    [GET => '/v2//blobs/uploads/1'],
);

for my $row (@rows) {
    my ($method, $target) = @$row;

    ask($method, $target, body => $method eq 'GET' ? undef : '');
    code_is(400, "$method $target");
    ok(ref eval { json_data($res->{body})->{errors} }, "$target: in JSON");
}

asked_of($other);



=== TEST 6: what is no part of the API
--- steps
for my $target ('/v2/a', '/v2/a/', '/v2/a/manifests', '/v2/a/manifests/',
                '/v2/a/blobs/', '/v2/a/unknown/1', '/v2/manifests/1',
                '/v2/a/tags', '/v2/a/manifests/1/')
{
    get($target);
    ok($res->{code} == 404 || $res->{code} == 400, "$target: $res->{code}");
    ok(ref eval { json_data($res->{body})->{errors} }, "$target: in JSON");
}

asked_of($amd64);
asked_of($arm);



=== TEST 7: queries of reads are ignored
--- steps
my $m = $amd64->tag('query:1', docker_image('linux/amd64'));

for my $q ('?', '?ns=docker.io', '?a=%2f..%00', '?' . ('x' x 3000)) {
    get("/v2/query/manifests/1$q");
    code_is(200, 'a tag with ' . substr $q, 0, 20);
    get("/v2/query/manifests/$m->{digest}$q", accept => $D2);
    code_is(200, 'a child with ' . substr $q, 0, 20);
    get("/v2/query/blobs/$m->{layer}$q");
    code_is(200, 'a blob with ' . substr $q, 0, 20);
}

is(scalar(grep { /\?/ } $amd64->requests, $arm->requests), 0,
   'and are not sent on');



=== TEST 8: no registry to write to
--- steps
my @rows = (
    ['PUT', '/v2/w/manifests/1'], ['PUT', '/v2/w/manifests/' . sha256('x')],
    ['DELETE', '/v2/w/manifests/' . sha256('x')],
    ['DELETE', '/v2/w/blobs/' . sha256('x')],
    ['POST', '/v2/w/blobs/uploads/'],
    ['PATCH', '/v2/w/blobs/uploads/1234'], ['PUT', '/v2/w/blobs/uploads/1234'],
    ['GET', '/v2/w/blobs/uploads/1234'], ['DELETE', '/v2/w/blobs/uploads/1'],
);

for my $row (@rows) {
    my ($method, $target) = @$row;

    ask($method, $target, body => $method eq 'GET' ? undef : 'x' x 100);
    error_is(405, 'UNSUPPORTED', "$method $target");
}

asked_of($amd64);
asked_of($arm);



=== TEST 9: methods that nothing knows
--- steps
for my $method (qw(POST PATCH OPTIONS PROPFIND MKCOL)) {
    ask($method, '/v2/m/manifests/1');
    ok($res->{code} == 405 || $res->{code} == 400,
       "$method of a tag: $res->{code}");
    ok(ref eval { json_data($res->{body})->{errors} }, "$method: in JSON");
}

for my $method (qw(PUT POST DELETE)) {
    for my $target ('/v2/', '/v2/_catalog', '/v2/m/tags/list',
                    '/v2/m/referrers/' . sha256('x'))
    {
        ask($method, $target);
        error_is(405, 'UNSUPPORTED', "$method $target");
        header_is('Allow', 'GET, HEAD');
    }
}

for (['manifests/1', 'GET, HEAD, PUT, DELETE'],
     ['blobs/' . sha256('x'), 'GET, HEAD, DELETE'],
     ['blobs/uploads/', 'POST'],
     ['blobs/uploads/1', 'GET, HEAD, PUT, PATCH, DELETE'])
{
    my ($path, $allow) = @$_;

    ask($path eq 'blobs/uploads/' ? 'PATCH' : 'POST', "/v2/m/$path");
    error_is(405, 'UNSUPPORTED', $path);
    header_is('Allow', $allow);
}

asked_of($amd64);



=== TEST 10: one registry: uploads go there
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $bytes = join '', map { chr($_ % 256) } 1 .. 100_000;
$other->put('/v2/up/blobs/uploads/', status => 202, body => '',
            headers => { Location => '/v2/up/blobs/uploads/u1?_state=a%2Fb',
                         'Docker-Upload-UUID' => 'u1', Range => '0-0' });
$other->put('/v2/up/blobs/uploads/u1', status => 202, body => '',
            headers => { Location => '/v2/up/blobs/uploads/u1?_state=c',
                         Range => '0-99999' },
            method => { PUT => { status => 201, headers => {
                Location => '/v2/up/blobs/' . sha256($bytes) } } });

ask('POST', '/v2/up/blobs/uploads/', body => '');
code_is(202);
header_is('Location', '/v2/up/blobs/uploads/u1?_state=a%2Fb');
header_is('Docker-Upload-UUID', 'u1');

ask('PATCH', '/v2/up/blobs/uploads/u1?_state=a%2Fb', body => $bytes);
code_is(202);
header_is('Range', '0-99999');
my ($patch) = grep { $_->{method} eq 'PATCH' } $other->seen;
is($patch->{target}, '/v2/up/blobs/uploads/u1?_state=a%2Fb',
   'the query is untouched');
ok($patch->{body} eq $bytes, 'the body');

ask('PUT', '/v2/up/blobs/uploads/u1?digest=' . sha256($bytes), body => '');
code_is(201);

my $m = docker_image('linux/amd64');
$other->put('/v2/up/manifests/1-amd64', status => 201, body => '');
ask('PUT', '/v2/up/manifests/1-amd64', body => $m->{body},
    headers => ['Content-Type' => $D2]);
code_is(201);
my ($put) = grep { $_->{method} eq 'PUT' && $_->{target} =~ /manifests/ }
            $other->seen;
ok($put->{body} eq $m->{body}, "a manifest's bytes");
is(join(',', $other->seen_header('^PUT .*manifests', 'Content-Type')), $D2,
   'and type');



=== TEST 11: what nginx itself refuses
--- http
limit_req_zone $binary_remote_addr zone=errors:1m rate=1r/m;
--- config
location /v2/ {
    client_max_body_size 10;
    mlist_source http://other;
    PROXY;
    if ($arg_status = 429) { return 429; }
    if ($arg_status = 403) { return 403; }
    if ($arg_status = 503) { return 503; }
    if ($arg_status = 500) { return 500; }
    if ($arg_status = 404) { return 404; }
    if ($arg_status = 418) { return 418; }
}
location /v2/limited/ {
    limit_req zone=errors;
    limit_req_status 429;
    mlist_source http://other;
    PROXY;
}
location /v2/denied/ {
    deny all;
    mlist_source http://other;
    PROXY;
}
location /v2/dead/ {
    mlist_source http://dead;
    PROXY;
}
--- steps
my %code = (429 => 'TOOMANYREQUESTS', 403 => 'DENIED', 503 => 'UNAVAILABLE',
            500 => 'UNKNOWN');

for my $status (sort keys %code) {
    get("/v2/x/manifests/1?status=$status");
    error_is($status, $code{$status});
    head("/v2/x/manifests/1?status=$status");
    code_is($status, "HEAD: $status");
    is($res->{body}, '', 'without a body');
}

get('/v2/x/manifests/1?status=404');
code_is(404);
ok(ref eval { json_data($res->{body})->{errors} }, '404 in JSON');

ask('PUT', '/v2/x/manifests/1', body => 'x' x 100);
code_is(413);
ok(ref eval { json_data($res->{body})->{errors} }, '413 in JSON');

get('/v2/limited/manifests/1') for 1 .. 2;
error_is(429, 'TOOMANYREQUESTS', 'limit_req');
get('/v2/denied/manifests/1');
error_is(403, 'DENIED', 'deny all');

get('/v2/dead/blobs/' . sha256('x'));
gateway_error('a blob of a dead registry');
ok(ref eval { json_data($res->{body})->{errors} }, '502 in JSON');
header_is('Content-Length', length $res->{body});



=== TEST 12: the operator's error_page wins
--- config
location = /sorry.html {
    internal;
    return 200 "sorry";
}
location /v2/ {
    error_page 404 502 403 /sorry.html;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
    if ($arg_deny) { return 403; }
}
location /v2/dead/ {
    error_page 502 = @down;
    mlist_source http://dead;
    PROXY;
}
location @down {
    return 503 "closed for today";
}
--- steps
get('/v2/none/manifests/1');
is($res->{body}, 'sorry', '404');
get('/v2/none/manifests/1?deny=1');
is($res->{body}, 'sorry', '403');
$amd64->fail('bad:1', 500);
get('/v2/bad/manifests/1');
is($res->{body}, 'sorry', '502');
get('/v2/dead/manifests/1');
code_is(503);
is($res->{body}, 'closed for today', 'a named location');
$amd64->tag('good:1', docker_image('linux/amd64'));
get('/v2/good/manifests/1');
whole_answer($DL);



=== TEST 13: a registry's own errors pass as they are
--- steps
my $digest = sha256('x');
$amd64->put("own#$digest", status => 404, type => 'application/json',
            body => '{"errors":[{"code":"BLOB_UNKNOWN","message":"own"}]}');
get("/v2/own/blobs/$digest");
error_is(404, 'BLOB_UNKNOWN');
