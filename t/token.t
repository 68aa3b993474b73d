# Without this: a registry with token authentication could not be read through
# this front; an expired token would fail a pull, a token service that fails
# would make images vanish, or a registry could have the password sent to a
# host of its choice.  (Spec: "mlist_login", the Bearer flow.)

use lib 't/lib';
use Mlist::Login;
use Mlist::Test;

our $BASIC = basic('ci', 's3cret');

password('password', "s3cret\n");

# A location of sources amd64 and arm, with a login for the first.
sub location_of {
    my ($realm, $file) = @_;
    my $path = password_file($file // 'password');

    return <<"CONF";
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci $path $realm;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
CONF
}

run_tests();

__DATA__

=== TEST 1: a token of the registry's own host
--- config eval: ::location_of("")
--- steps
my ($image, @places) = image_at($amd64, 'own');
my $blob = (keys %{ $image->{blobs} })[0];

wants_token($amd64, 'http://amd64/token', 'own-token', @places);
gives($amd64, '/token', $BASIC, 'own-token');

get('/v2/own/manifests/1');
code_is(200);
platforms_are('linux/amd64');
get("/v2/own/manifests/$image->{digest}");
body_is($image->{body});
get("/v2/own/blobs/$blob");
code_is(200);
head("/v2/own/blobs/$blob");
code_is(200);
no_header('WWW-Authenticate');

is(join(' ', $amd64->requests('token|/v2/$')),
   'GET /v2/ GET /token?service=reg%20istry&'
   . 'scope=repository%3Aown%3Apull', 'one token, and how it is asked for');
is(authorizations($amd64, '/token'), $BASIC, 'with the password');
unlike(authorizations($amd64, '/v2/'), qr/Basic/, 'which goes nowhere else');
unlike(authorizations($arm, '.'), qr/./, 'no credentials for the other one');
is(secrets_in_logs('s3cret', $BASIC =~ s/Basic //r, 'own-token'), '',
   'no secret in any log');



=== TEST 2: a token of a realm that is declared
--- config eval: ::location_of("realm=http://other/auth/token")
--- steps
my ($image, @places) = image_at($amd64, 'declared');

wants_token($amd64, 'http://other/auth/token?x=y', 'declared-token', @places);
gives($other, '/auth/token', $BASIC, 'declared-token');

get('/v2/declared/manifests/1');
code_is(200);
is(join(' ', $other->requests),
   'GET /auth/token?x=y&service=reg%20istry&scope=repository%3Adeclared%3Apull',
   'its query is kept');



=== TEST 3: a realm that is not declared is an error that says what to declare
--- config eval: ::location_of("realm=http://other/auth/token")
--- steps
my $n = 0;

for my $realm ('http://outside.test/token', 'http://other/auth/token2',
               'http://other/auth', 'https://amd64/token',
               'http://amd64.evil/token', 'http://amd64:81/token') {
    my $name = 'realm' . $n++;
    my ($image, @places) = image_at($amd64, $name);

    wants_token($amd64, "$realm?secret=x", 'any', @places);
    $amd64->put('/v2/', status => 200, body => '{}');
    get("/v2/$name/manifests/1");
    error_is(502, 'UNAVAILABLE', $realm);
    no_header('WWW-Authenticate');
    ok(scalar(log_lines(qr/add realm="\Q$realm\E" to the "mlist_login"/)),
       "$realm: the log says what to declare");
}

unlike(authorizations($_, '^(?!GET /auth/token\?)'), qr/Basic/,
       'the password goes nowhere')
    for $amd64, $other, $outside;

for my $realm ('token', '//other/token', 'ftp://other/token',
               'http://u:p@amd64/token', 'javascript:x') {
    my $name = 'noreal' . $n++;
    my ($image, @places) = image_at($amd64, $name);

    wants_token($amd64, $realm, 'any', @places);
    get("/v2/$name/manifests/1");
    error_is(502, 'UNAVAILABLE', $realm);
}

unlike(authorizations($_, '^(?!GET /auth/token\?)'), qr/Basic/, 'nor then')
    for $amd64, $other, $outside;



=== TEST 4: a wrong password, and the right one written while nginx runs
--- config eval: ::location_of('realm=http://other/wrong', 'wrong')
--- main_config eval
::password('wrong', "not the one\n"); ''
--- steps
my ($image, @places) = image_at($amd64, 'wrong');

wants_token($amd64, 'http://other/wrong', 'right', @places);
gives($other, '/wrong', $BASIC, 'right');

my $path = password_file('wrong');

get('/v2/wrong/manifests/1');
error_is(502, 'UNAVAILABLE');
like($res->{body}, qr/source \\"amd64\\" has a token service that refuses/,
     'whose');
no_header('WWW-Authenticate');
get("/v2/wrong/manifests/$image->{digest}");
code_is(502);
ok(scalar(log_lines(qr{password in "\Q$path\E", expected 200})),
   'the log names the file');
is(secrets_in_logs('not the one'), '', 'not what is in it');

password('wrong', "s3cret\n");
get('/v2/wrong/manifests/1');
code_is(200);



=== TEST 5: a token that is refused is forgotten, and had anew once
--- config eval: ::location_of("realm=http://other/expired")
--- steps
my ($image, @places) = image_at($amd64, 'expired');
my $blob = (keys %{ $image->{blobs} })[0];

wants_token($amd64, 'http://other/expired', 'one', @places);
gives($other, '/expired', $BASIC, 'one');
fetched('/v2/expired/manifests/1');

for my $token ('two', 'three', 'four') {
    my $path = $token eq 'two'   ? '/v2/expired/manifests/1'
             : $token eq 'three' ? "/v2/expired/blobs/$blob"
             :                     "/v2/expired/manifests/$image->{digest}";

    wants_token($amd64, 'http://other/expired', $token, @places);
    gives($other, '/expired', $BASIC, $token);
    $other->clear_requests;
    get($path);
    code_is(200);
    is(scalar($other->requests), 1, "$token is had once");
}

# a token that is fresh and refused all the same is a failure
wants_token($amd64, 'http://other/expired', 'never', @places);
$other->clear_requests;
get("/v2/expired/blobs/$blob");
error_is(502, 'UNAVAILABLE');
no_header('WWW-Authenticate');
is(scalar($other->requests), 1, 'and is had once then');
get('/v2/expired/manifests/1', headers => ['Cache-Control' => 'no-cache']);
header_is('Warning', '299 - "the last complete list, without an answer of '
                     . 'amd64"');



=== TEST 6: a token service that fails is never an absence
--- config eval: ::location_of("realm=http://other/fails")
--- steps
my %answers = (
    'missing'  => { status => 404 },
    'broken'   => { status => 503 },
    'denied'   => { status => 403 },
    'reset'    => { reset => 1 },
    'cut'      => { cut => 5 },
    'garbage'  => { body => '<html>' },
    'none'     => { body => '{"expires_in":300}' },
    'header'   => { body => '{"token":"a\\r\\nX-Evil: 1"}' },
    'number'   => { body => '{"token":1}' },
    'twice'    => { body => '{"token":"a","token":"b"}' },
    'large'    => { body => '{"token":"' . 'a' x 70000 . '"}' },
    'endless'  => { endless => 1, body => '{' },
    'redirect' => { status => 307, body => '',
                    headers => { Location => 'http://arm/stolen' } },
);

for my $how (sort keys %answers) {
    my ($image, @places) = image_at($amd64, "fails-$how");
    my $blob = (keys %{ $image->{blobs} })[0];

    wants_token($amd64, 'http://other/fails', 'good', @places);
    gives($other, '/fails', $BASIC, 'good', %{ $answers{$how} });

    for my $path ('manifests/1', "manifests/$image->{digest}", "blobs/$blob")
    {
        get("/v2/fails-$how/$path");
        error_is(502, 'UNAVAILABLE', "$how: $path");
        unlike($res->{raw}, qr/X-Evil|stolen/, "$how: nothing of it is told");
    }

    gives($other, '/fails', $BASIC, 'good');
    get("/v2/fails-$how/manifests/1");
    code_is(200, "$how: over at once when it is well");
}

is(authorizations($arm, 'stolen'), '', 'no redirect is followed');

my ($image, @places) = image_at($amd64, 'fails-busy');
wants_token($amd64, 'http://other/fails', 'good', @places);
gives($other, '/fails', $BASIC, 'good', status => 429,
      headers => { 'Retry-After' => 7 });
get('/v2/fails-busy/manifests/1');
error_is(429, 'TOOMANYREQUESTS');
header_is('Retry-After', 7);

($image, @places) = image_at($amd64, 'fails-slow');
wants_token($amd64, 'http://other/fails', 'good', @places);
gives($other, '/fails', $BASIC, 'good', stall => 'header');
get('/v2/fails-slow/manifests/1');
code_is(504);
