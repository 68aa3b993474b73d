# Without this: a registry that wants credentials could not be read through
# this front, or its password would be lost, logged, or sent elsewhere.
# (Spec: "mlist_login"; Basic credentials.)

use lib 't/lib';
use Mlist::Login;
use Mlist::Test;

password('password', "s3cret pass\n");
password('other', "another\r\nnot this");

run_tests();

__DATA__

=== TEST 1: a list, its children and blobs, with Basic
--- http eval: qq{log_format seen '\$http_authorization';}
--- config eval
qq{
access_log logs/seen.log seen;
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 "ci user" @{[ ::password_file('password') ]};
    mlist_login http://arm arm @{[ ::password_file('other') ]};
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
}
--- steps
my $mine = basic('ci user', 's3cret pass');
my $arms = basic('arm', 'another');
my $a = $amd64->tag('basic:1', docker_image('linux/amd64'));
my $b = $arm->tag('basic:1', docker_image('linux/arm/v7'));
my $blob = (keys %{ $a->{blobs} })[0];

wants_basic($amd64, $mine, 'basic:1', "basic\@$a->{digest}",
      map { "basic#$_" } keys %{ $a->{blobs} });
wants_basic($arm, $arms, 'basic:1', "basic\@$b->{digest}",
      map { "basic#$_" } keys %{ $b->{blobs} });

get('/v2/basic/manifests/1');
code_is(200);
platforms_are('linux/amd64', 'linux/arm/v7');

get("/v2/basic/manifests/$a->{digest}");
code_is(200);
body_is($a->{body});
get("/v2/basic/manifests/$b->{digest}");
code_is(200);

for my $digest (keys %{ $a->{blobs} }) {
    get("/v2/basic/blobs/$digest", headers => ['Range' => 'bytes=0-0']);
    code_is(206);
    head("/v2/basic/blobs/$digest");
    code_is(200);
    no_header('WWW-Authenticate');
}

is(authorizations($amd64, ' /v2/$'), '', 'what it wants is asked for once');
is(scalar($amd64->requests(' /v2/$')), 1, 'and once only');
like(authorizations($amd64, 'basic'), qr/^(?:\Q$mine\E,?)+$/, 'its own');
like(authorizations($arm, 'basic'), qr/^(?:\Q$arms\E,?)+$/, 'of each');
unlike(join('', map { $_->[1] } map { @{ $_->{headers} } } $amd64->seen),
       qr/\Q$arms\E/, 'and to no other');

# a client's own Authorization does not come in between
get("/v2/basic/blobs/$blob", headers => ['Authorization' => 'Basic dTpw']);
code_is(200);
unlike(authorizations($amd64, $blob), qr/dTpw/, "not the client's");
is(secrets_in_logs('s3cret', 'another', $mine =~ s/Basic //r,
                   $arms =~ s/Basic //r), '', 'no secret in any log');



=== TEST 2: a password that changes while nginx runs
--- config eval
qq{
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci @{[ ::password('changes', "one\n") ]};
    mlist_source http://amd64;
    PROXY;
}
}
--- steps
my ($image, @places) = image_at($amd64, 'changes');

wants_basic($amd64, basic('ci', 'one'), @places);
fetched('/v2/changes/manifests/1');

wants_basic($amd64, basic('ci', 'two'), @places);
get("/v2/changes/manifests/$image->{digest}");
error_is(502, 'UNAVAILABLE');
no_header('WWW-Authenticate');
my $file = password_file('changes');
ok(scalar(log_lines(qr/status 401 .* with the password in "\Q$file\E"/)),
   'the log says whose password');

password('changes', "two\n");
get("/v2/changes/manifests/$image->{digest}");
code_is(200, 'the new one counts at once');

# no password is none, and what was read before counts still
for my $bad ("\n", '', "\0\n") {
    password('changes', $bad);
    get("/v2/changes/manifests/$image->{digest}");
    code_is(200, 'the old one counts');
}

unlink $file;
get("/v2/changes/manifests/$image->{digest}");
code_is(200, 'it counts still');
ok(scalar(log_lines(qr/\Q$file\E" .*what was read before counts still/)),
   'the log says so');
password('changes', "three\n");
wants_basic($amd64, basic('ci', 'three'), @places);
get('/v2/changes/manifests/1');
code_is(200, 'and is there again');



=== TEST 3: what is asked for, in how many ways
--- config eval
qq{
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci @{[ ::password('ways', "secret\n") ]};
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
}
--- steps
my $right = basic('ci', 'secret');
my ($image, @places) = image_at($amd64, 'ways');

# a registry that lets anybody in at /v2/
$amd64->on($_, challenge => 'Basic realm="x"', auth => $right) for @places;
$amd64->put('/v2/', status => 200, body => '{}');
fetched('/v2/ways/manifests/1');

# one that wants nothing
image_at($amd64, 'open');
fetched('/v2/open/manifests/1');

# Bearer rather than Basic, in one header and in two
gives($amd64, '/token', $right, 'tok');

my $n = 0;

for my $challenge (
    'Basic realm="x", Bearer realm="http://amd64/token",service="s"',
    ['Basic realm="x"', 'Negotiate', 'Bearer realm="http://amd64/token"'],
    ['Bearer realm="http://amd64/token"', 'Basic realm="x"'],
) {
    my $name = 'both' . $n++;
    my ($image, @places) = image_at($amd64, $name);

    $amd64->on($_, challenge => $challenge, auth => 'Bearer tok')
        for @places, '/v2/';
    fetched("/v2/$name/manifests/1");
}

# nothing that is known here
for my $challenge ('Negotiate', 'Digest realm="x",nonce="y"', 'Bearer',
                   'Bearer realm="http://amd64/token",realm="http://arm/t"',
                   '"') {
    my $name = 'unknown' . $n++;
    my ($image, @places) = image_at($amd64, $name);

    $amd64->on($_, challenge => $challenge, auth => 'none')
        for @places, '/v2/';
    get("/v2/$name/manifests/1");
    error_is(502, 'UNAVAILABLE', $challenge);
}

is(authorizations($arm, '.'), '', 'nothing of it goes to the other one');



=== TEST 4: what a redirect leads to gets no credentials
--- config eval
qq{
location /v2/ {
    mlist_auth nginx;
    mlist_redirect follow;
    mlist_login http://amd64 ci @{[ ::password('redirects', "secret\n") ]};
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
}
--- steps
my $right = basic('ci', 'secret');
my $image = docker_image('linux/amd64', seed => 'redirects');
my ($config) = map { $_->{digest} } json_data($image->{body})->{config};

$amd64->tag('redirects:1', $image);
wants_basic($amd64, $right, 'redirects:1', "redirects\@$image->{digest}");

for my $digest (keys %{ $image->{blobs} }) {
    $arm->put("/there/$digest", body => $image->{blobs}{$digest});
    $amd64->put("redirects#$digest", status => 307, body => '',
                headers => { Location => "http://arm/there/$digest" });
    wants_basic($amd64, $right, "redirects#$digest");
}

fetched('/v2/redirects/manifests/1');
platforms_are('linux/amd64');

for my $digest (keys %{ $image->{blobs} }) {
    get("/v2/redirects/blobs/$digest");
    code_is(200);
    body_is($image->{blobs}{$digest});
}

ok($arm->requests('/there/') >= 3, 'it was asked for there');
is(authorizations($arm, '.'), '', 'without credentials');



=== TEST 5: a blob that has moved to a registry without a login
--- config eval
qq{
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci @{[ ::password('moves', "secret\n") ]};
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
}
--- steps
my $blob = $amd64->blob('moves', 'the same bytes');

wants_basic($amd64, basic('ci', 'secret'), "moves#$blob");
get("/v2/moves/blobs/$blob");
code_is(200);

$amd64->forget("moves#$blob");
$arm->blob('moves', 'the same bytes');
get("/v2/moves/blobs/$blob");
code_is(200);
body_is('the same bytes');
is(authorizations($arm, '.'), '', 'it is not asked with those of the first');



=== TEST 6: denied=missing, where user and password were found good
--- config eval
qq{
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci @{[ ::password('denied', "secret\n") ]};
    mlist_source http://amd64 denied=missing;
    mlist_source http://arm;
    PROXY;
}
}
--- steps
my $right = basic('ci', 'secret');

image_at($arm, $_, 'linux/arm/v7') for 'denied', 'wrong', 'token', 'refused';

# Basic: 403 is an absence, 401 is not
wants_basic($amd64, $right, '/v2/');
$amd64->fail('denied:1', 403);
get('/v2/denied/manifests/1');
code_is(200);
platforms_are('linux/arm/v7');
$amd64->fail('wrong:1', 401, headers => { 'WWW-Authenticate' => 'Basic' });
get('/v2/wrong/manifests/1');
error_is(502, 'UNAVAILABLE', 'Basic, 401');

# a token that was given for it: both are
my $bearer = 'Bearer realm="http://amd64/token"';

gives($amd64, '/token', $right, 'tok');
wants_token($amd64, 'http://amd64/token', 'tok', '/v2/');
$amd64->fail('token:1', 401, headers => { 'WWW-Authenticate' => $bearer });
get('/v2/token/manifests/1');
code_is(200);
platforms_are('linux/arm/v7');

# a token that was not given
gives($amd64, '/token', 'none', 'tok');
$amd64->fail('refused:1', 401, headers => { 'WWW-Authenticate' => $bearer });
get('/v2/refused/manifests/1');
error_is(502, 'UNAVAILABLE', 'no token');



=== TEST 7: clients with credentials of their own, and a store with a login
--- config eval
qq{
location /v2/ {
    mlist_store http://other/store;
    mlist_login http://other ci @{[ ::password('store', "secret\n") ]};
    mlist_source http://amd64;
    PROXY;
}
}
--- steps
my $right = basic('ci', 'secret');
my ($image, @places) = image_at($amd64, 'own');

$amd64->on($_, challenge => 'Basic realm="x"', auth => 'Basic b3duOg==')
    for @places;
$other->writable;
wants_basic($other, $right, '/v2/');

get('/v2/own/manifests/1');
error_is(401, 'UNAUTHORIZED');
get('/v2/own/manifests/1', headers => ['Authorization' => 'Basic b3duOg==']);
code_is(200);
is(authorizations($amd64, 'own') =~ s/Basic b3duOg==,?//gr, '',
   'the source has but those of the client');
unlike(authorizations($other, '.'), qr/b3duOg/, 'and the store none of them');
like(authorizations($other, 'store'), qr/\Q$right\E/, 'but its own');



=== TEST 8: what proxy_cache keeps has no credentials in its key
--- http eval
"proxy_cache_path $ENV{TEST_NGINX_SERVER_ROOT}/cache keys_zone=c:1m;
log_format keyed '\$http_authorization';"
--- config eval
qq{
access_log logs/keyed.log keyed;
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci @{[ ::password('cached', "secret\n") ]};
    mlist_source http://amd64;
    proxy_cache c;
    proxy_cache_key "\$mlist_digest\$http_authorization";
    proxy_cache_valid 200 1h;
    proxy_cache_bypass \$mlist_mutable;
    proxy_no_cache \$mlist_mutable;
    PROXY;
}
}
--- steps
my $right = basic('ci', 'secret');
my $blob = $amd64->blob('cached', 'kept');

wants_basic($amd64, $right, "cached#$blob");

for (1 .. 3) {
    get("/v2/cached/blobs/$blob");
    code_is(200);
    body_is('kept');
}

is(scalar($amd64->requests('blobs')), 1, 'it is kept');
is(authorizations($amd64, 'blobs'), $right, 'and was had with the password');

my $kept = '';

for my $file (glob "$ENV{TEST_NGINX_SERVER_ROOT}/cache/*") {
    open my $in, '<', $file or die "$file: $!";
    local $/;
    $kept .= <$in>;
}

like($kept, qr/^KEY: \Q$blob\E$/m, 'its key');
unlike($kept, qr/Basic/, 'no credentials in it');
is(secrets_in_logs('secret', $right =~ s/Basic //r), '', 'nor in a log');



=== TEST 9: what one login may read is not another's
--- config eval
my $both = 'mlist_auth nginx; mlist_valid 1h; mlist_source http://amd64;
            mlist_source http://arm;';
my $file = ::password_file('password');
my $logins = "mlist_login http://amd64 ci $file;
              mlist_login http://arm ci $file;";

qq{
location /may/ {
    rewrite ^/may(/.*)\$ \$1 break;
    $both
    $logins
    PROXY;
}
location /no/ {
    rewrite ^/no(/.*)\$ \$1 break;
    $both
    PROXY;
}
location /other/ {
    rewrite ^/other(/.*)\$ \$1 break;
    $both
    @{[ $logins =~ s/ ci / guest /gr ]}
    PROXY;
}
}
--- steps
my $a = $amd64->tag('mine:1', docker_image('linux/amd64'));
my $b = $arm->tag('mine:1', docker_image('linux/arm/v7'));

wants_basic($amd64, basic('ci', 's3cret pass'), 'mine:1',
            "mine\@$a->{digest}");
wants_basic($arm, basic('ci', 's3cret pass'), 'mine:1',
            "mine\@$b->{digest}");

get('/may/v2/mine/manifests/1');
my $digest = whole_answer($DL);
digests_are($a, $b);

for my $location ('no', 'other') {
    get("/$location/v2/mine/manifests/1");
    code_is(502, "$location: the tag");
    get("/$location/v2/mine/manifests/$digest");
    code_is(404, "$location: the list by its digest");
}

get('/may/v2/mine/manifests/1');
code_is(200);
