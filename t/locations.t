# Without this: what operators put around a proxy (rewrite, if, try_files,
# error_page, mirror, limits, caches) would make nginx answer for a registry,
# and the list would lose a platform by it.  (Spec: "A tag", 2: only a status
# that the registry itself sent in this very fetch counts.)

use lib 't/lib';
use Mlist::Test;

# Both platforms by tag; the list, a child and a layer by digest.
sub works {
    my ($prefix, $name) = @_;
    my $a = $amd64->tag("$name:1", docker_image('linux/amd64'));
    my $b = $arm->tag("$name:1", docker_image('linux/arm/v7'));

    get("$prefix/$name/manifests/1");
    my $digest = whole_answer($DL);
    digests_are($a, $b);
    same_as_get("$prefix/$name/manifests/1");
    get("$prefix/$name/manifests/$digest");
    whole_answer($DL);
    get("$prefix/$name/manifests/$b->{digest}", accept => $D2);
    body_is($b->{body}, 'a child');
    get("$prefix/$name/blobs/$b->{layer}");
    is(sha256($res->{body}), $b->{layer}, 'a layer');
    get("$prefix/$name/blobs/" . sha256('none'));
    code_is(404, 'an unknown blob');
}

# A dead source, and one that has nothing: never the same.
sub keeps_apart {
    my ($prefix, $name) = @_;
    my $a = $amd64->tag("$name:1", docker_image('linux/amd64'));

    get("$prefix/$name/manifests/1");
    code_is(200, 'one source has nothing');
    digests_are($a);
    $arm->down;
    get("$prefix/$name/manifests/1");
    never_fresh('one source is down');
    $amd64->tag("$name:2", docker_image('linux/amd64'));
    get("$prefix/$name/manifests/2");
    ok($res->{code} != 200, "for another tag too: $res->{code}");
    $arm->up;
}

# Where a source fails an old list may be given, and says so.
sub never_fresh {
    my ($name) = @_;

    ok($res->{code} != 200
       || (header_of($res, 'warning') // '') =~ /^299 - "the last complete/,
       "$name: no list as if nothing were wrong");
}

run_tests();

__DATA__

=== TEST 1: behind rewrite ... break
--- config
location /registry/ {
    rewrite ^/registry(/.*)$ $1 break;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
works('/registry/v2', 'rewritten');
keeps_apart('/registry/v2', 'rewritten-apart');



=== TEST 2: rewrite ... last into it, and a regex location
--- config
location /images/ {
    rewrite ^/images(/.*)$ /v2$1 last;
}
location ~ ^/v2/(?<rest>.*)$ {
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
works('/v2', 'regex');
works('/images', 'last');
keeps_apart('/v2', 'regex-apart');



=== TEST 3: nested locations
--- config
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
location / {
    return 404;

    location /v2/ {
        PROXY;

        location ~ /blobs/ {
            PROXY;
        }
    }
}
--- steps
works('/v2', 'nested');
keeps_apart('/v2', 'nested-apart');
get('/elsewhere');
code_is(404, 'inherited sources are inert elsewhere');



=== TEST 4: named locations, by try_files and by error_page
--- config
location /v2/ {
    try_files /nothing @registry;
}
location /teapot/ {
    rewrite ^/teapot(/.*)$ $1 break;
    error_page 418 = @registry;
    return 418;
}
location /pot/ {
    error_page 418 = @registry;
    return 418;
}
location @registry {
    rewrite ^/pot(/.*)$ $1 break;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
works('/v2', 'try-files');
works('/pot/v2', 'by-error-page');
keeps_apart('/v2', 'named-apart');
keeps_apart('/pot/v2', 'pot-apart');



=== TEST 5: beside if, set and return
--- config
location /v2/ {
    set $color red;
    if ($http_user_agent ~ robot) {
        return 404;
    }
    if ($http_x_color) {
        set $color $http_x_color;
    }
    if ($request_method = HEAD) {
        set $unused blue;
    }
    if ($arg_x = "") {
        add_header X-Color $color;
    }
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
works('/v2', 'if');
keeps_apart('/v2', 'if-apart');
get('/v2/if/manifests/1', headers => ['User-Agent' => 'robot']);
code_is(404, 'its return');
get('/v2/if/manifests/1', headers => ['X-Color' => 'green']);
code_is(200);
platforms_are('linux/amd64', 'linux/arm/v7');



=== TEST 6: an if that would answer children, by their method or headers
--- config
location /v2/ {
    if ($request_method = POST) { return 404; }
    if ($uri ~ "-hidden") { return 404; }
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm tag=*-hidden;
    PROXY;
}
--- steps
my $a = $amd64->tag('rename:1', docker_image('linux/amd64'));
my $b = $arm->tag('rename:1-hidden', docker_image('linux/arm/v7'));
get('/v2/rename/manifests/1');
digests_are($a, $b);



=== TEST 7: limit_except
--- config
location /v2/ {
    limit_except GET {
        deny all;
    }
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
works('/v2', 'except');
keeps_apart('/v2', 'except-apart');
ask('PUT', '/v2/except/manifests/1', body => 'x');
code_is(403);



=== TEST 8: mirror
--- config
location = /mirror {
    internal;
    proxy_pass http://other/mirrored;
    proxy_read_timeout 1s;
}
location /v2/ {
    mirror /mirror;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
works('/v2', 'mirror');
keeps_apart('/v2', 'mirror-apart');



=== TEST 9: try_files in the location itself
--- config
location /v2/ {
    try_files /nothing =404;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
my $a = $amd64->tag('tryfiles:1', docker_image('linux/amd64'));
my $b = $arm->tag('tryfiles:1', docker_image('linux/arm/v7'));
get('/v2/tryfiles/manifests/1');
ok($res->{code} == 404 || entries() == 2,
   'the list, or what the operator says');
keeps_apart('/v2', 'tryfiles-apart') if $res->{code} == 200;



=== TEST 10: auth_request, for children too
--- config
location = /auth {
    internal;
    if ($http_x_token != "good") { return 403; }
    return 200;
}
location /v2/ {
    auth_request /auth;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
my @with = (headers => ['X-Token' => 'good']);
my $a = $amd64->tag('token:1', docker_image('linux/amd64'));
my $b = $arm->tag('token:1', docker_image('linux/arm/v7'));
get('/v2/token/manifests/1');
error_is(403, 'DENIED');
get('/v2/token/manifests/1', @with);
digests_are($a, $b);
get("/v2/token/blobs/$b->{layer}", @with);
code_is(200);



=== TEST 11: proxy_intercept_errors and error_page
--- config
location = /none {
    internal;
    return 404 "no page";
}
location = /fine {
    internal;
    return 200 "all is fine";
}
location /v2/ {
    proxy_intercept_errors on;
    error_page 404 /none;
    error_page 500 502 503 504 =404 /none;
    error_page 401 403 =200 /fine;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
my $a = $amd64->tag('intercept:1', docker_image('linux/amd64'));
my $b = $arm->tag('intercept:1', docker_image('linux/arm/v7'));
get('/v2/intercept/manifests/1');
digests_are($a, $b);
keeps_apart('/v2', 'intercept-apart');

for my $status (500, 502, 503, 504, 401, 403) {
    $arm->fail("intercept:1", $status);
    get('/v2/intercept/manifests/1');
    never_fresh("a $status of a source");
}

# a child that only the second source has: the first one's 404 is no page
$arm->manifest('intercept', $b);
get("/v2/intercept/manifests/$b->{digest}", accept => $D2);
body_is($b->{body}, 'a child');
get("/v2/intercept/blobs/$b->{layer}");
is(sha256($res->{body}), $b->{layer}, 'a layer');



=== TEST 12: error_page with recursive_error_pages into another location
--- config
recursive_error_pages on;
location /v2/ {
    proxy_intercept_errors on;
    error_page 404 502 = @second;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location @second {
    mlist_auth nginx;
    mlist_source http://other;
    PROXY;
}
--- steps
my $a = $amd64->tag('second:1', docker_image('linux/amd64'));
my $c = $other->tag('second:2', docker_image('linux/s390x'));
get('/v2/second/manifests/1');
digests_are($a);
get('/v2/second/manifests/2');
digests_are($c);



=== TEST 13: proxy_cache never answers for a source
--- http eval
"proxy_cache_path $ENV{TEST_NGINX_SERVER_ROOT}/proxy_cache keys_zone=c:1m;\n"
--- config
location /v2/ {
    proxy_cache c;
    proxy_cache_valid any 10m;
    proxy_ignore_headers Cache-Control Expires Vary Set-Cookie;
    proxy_cache_methods GET HEAD;
    proxy_cache_bypass $mlist_mutable;
    proxy_no_cache $mlist_mutable;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location /all/ {
    rewrite ^/all(/.*)$ $1 break;
    proxy_cache c;
    proxy_cache_key $mlist_upstream;
    proxy_cache_valid any 10m;
    proxy_cache_use_stale error timeout http_404 http_500;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
works('/v2', 'cached');
works('/all/v2', 'all-cached');

for my $prefix ('/v2', '/all/v2') {
    my $name = 'moves' . ($prefix =~ s{/}{-}gr);
    my $a = $amd64->tag("$name:1", docker_image('linux/amd64'));

    get("$prefix/$name/manifests/1");
    digests_are($a);
    my $b = $arm->tag("$name:1", docker_image('linux/arm/v7'));
    get("$prefix/$name/manifests/1");
    digests_are($a, $b);
    $b = $arm->tag("$name:1", docker_image('linux/arm/v7', seed => 'two'));
    get("$prefix/$name/manifests/1");
    digests_are($a, $b);
    $arm->down;
    get("$prefix/$name/manifests/1");
    ok($res->{code} != 200 || entries() == 2, "never shorter: $res->{code}");
    $arm->up;
}

# blobs may be cached
my $m = $arm->tag('cached-blob:1', docker_image('linux/arm/v7'));
get("/v2/cached-blob/blobs/$m->{layer}");
$arm->clear_requests;
get("/v2/cached-blob/blobs/$m->{layer}");
is(sha256($res->{body}), $m->{layer}, 'a layer, twice');
is(scalar($arm->requests('^GET .*blobs')), 0, 'read once');



=== TEST 14: limits count a client's requests, not the front's
--- http
limit_req_zone $server_name zone=req:1m rate=1r/m;
limit_conn_zone $server_name zone=conn:1m;
--- config
location /v2/ {
    limit_req zone=req burst=1 nodelay;
    limit_conn conn 1;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
my $a = $amd64->tag('limited:1', docker_image('linux/amd64'));
my $b = $arm->tag('limited:1', docker_image('linux/arm/v7'));
get('/v2/limited/manifests/1');
code_is(200);
digests_are($a, $b);
get('/v2/limited/manifests/1');
code_is(200, 'and the second one');
get('/v2/limited/manifests/1');
error_is(503, 'UNAVAILABLE', 'the third one');



=== TEST 15: filters and buffers of the location
--- http
limit_req_zone $server_name zone=unused:1m rate=1r/m;
--- config
location /v2/ {
    subrequest_output_buffer_size 64;
    proxy_buffering off;
    proxy_buffer_size 1k;
    proxy_max_temp_file_size 0;
    gzip on;
    gzip_types *;
    gzip_min_length 1;
    add_header X-Served here always;
    expires 1h;
    etag on;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
works('/v2', 'filters');
get('/v2/filters/manifests/1', headers => ['Accept-Encoding' => 'gzip']);
whole_answer($DL);
header_is('X-Served', 'here');

# a list larger than any buffer
my $a = $amd64->tag('filters:2', docker_list(map {
    docker_image("linux/a$_") } 1 .. 100));
my $b = $arm->tag('filters:2', docker_image('linux/arm/v7'));
get('/v2/filters/manifests/2');
whole_answer($DL);
is(scalar(entries()), 101, 'all of it');



=== TEST 16: mlist off
--- config
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
location /v2/ {
    PROXY;
}
location /v2/off/ {
    mlist off;
    proxy_pass http://other;
}
location /plain/ {
    return 200 "plain";
}
--- steps
works('/v2', 'server-level');
$other->put('/v2/off/manifests/1', type => 'text/plain', body => 'as it is');
get('/v2/off/manifests/1');
is($res->{body}, 'as it is', 'mlist off');
get('/plain/');
is($res->{body}, 'plain', 'inert beside return');



=== TEST 17: two locations with sources of their own
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
location /other/ {
    rewrite ^/other(/.*)$ $1 break;
    mlist_auth nginx;
    mlist_source http://arm;
    PROXY;
}
--- steps
my $a = $amd64->tag('apart:1', docker_image('linux/amd64'));
my $b = $arm->tag('apart:1', docker_image('linux/arm/v7'));
get('/v2/apart/manifests/1');
digests_are($a);
get('/other/v2/apart/manifests/1');
digests_are($b);
get('/v2/apart/manifests/1');
digests_are($a);
get("/other/v2/apart/manifests/$a->{digest}", accept => $D2);
code_is(404, 'a child that is not there');
get("/other/v2/apart/blobs/$a->{layer}");
code_is(404, 'nor its layer');



=== TEST 18: locations that differ only in what a failure means
--- config
mlist_auth nginx;
add_header X-Cache $mlist_cache_status always;
location /v2/ {
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location /required/ {
    rewrite ^/required(/.*)$ $1 break;
    mlist_source http://amd64;
    mlist_source http://arm required;
    PROXY;
}
location /optional/ {
    rewrite ^/optional(/.*)$ $1 break;
    mlist_source http://amd64;
    mlist_source http://arm optional;
    PROXY;
}
location /denied/ {
    rewrite ^/denied(/.*)$ $1 break;
    mlist_source http://amd64;
    mlist_source http://arm denied=missing;
    PROXY;
}
location /both/ {
    rewrite ^/both(/.*)$ $1 break;
    mlist_source http://amd64;
    mlist_source http://arm denied=missing required;
    PROXY;
}
location /other/ {
    rewrite ^/other(/.*)$ $1 break;
    mlist_source http://amd64 required;
    mlist_source http://arm;
    PROXY;
}
--- steps
my $a = $amd64->tag('failure:1', docker_image('linux/amd64'));
my $b = $arm->tag('failure:1', docker_image('linux/arm/v7'));
for my $prefix ('', qw(/required /optional /denied /both /other)) {
    get("$prefix/v2/failure/manifests/1");
    digests_are($a, $b);
    header_is('X-Cache', 'MISS');
    get("$prefix/v2/failure/manifests/1");
    digests_are($a, $b);
    header_is('X-Cache', 'REVALIDATED');
}
