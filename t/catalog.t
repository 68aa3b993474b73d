# Without this: the catalog would be the first registry's only, name what is
# not served, or fall silently short.  (Spec: "Everything else of the registry
# API", mlist_names.)

use lib 't/lib';
use Mlist::Test;

sub page {
    my ($names, %more) = @_;

    return (type => 'application/json',
            body => '{"repositories":['
                    . join(',', map { qq("$_") } @$names) . ']}', %more);
}

sub lists {
    my ($registry, $names, %more) = @_;

    $registry->put('/v2/_catalog', page($names, %more));
}

sub names_are {
    code_is(200);
    body_is('{"repositories":[' . join(',', map { qq("$_") } @_) . "]}\n");
}

run_tests();

__DATA__

=== TEST 1: the union, sorted, each once; pages
--- steps
lists($amd64, [qw(b/c z a)]);
lists($arm, [qw(a m b/c)]);
get('/v2/_catalog');
names_are(qw(a b/c m z));
header_is('Content-Type', 'application/json; charset=utf-8');
asked_of($_, 'GET /v2/_catalog?n=1000') for $amd64, $arm;
same_as_get('/v2/_catalog');
is(variables('/v2/_catalog')->{kind}, 'catalog', '$mlist_kind');
get('/v2/_catalog?n=2');
names_are(qw(a b/c));
header_is('Link', '</v2/_catalog?last=b/c&n=2>; rel="next"');
get('/v2/_catalog?last=b/c&n=2');
names_are(qw(m z));
no_header('Link');
get('/v2/_catalog?last=b%2Fc');
names_are(qw(m z));

get('/v2/_catalog?n=0');
names_are();
no_header('Link');
get('/v2/_catalog?n=x');
error_is(400, 'PAGINATION_NUMBER_INVALID');

ask('POST', '/v2/_catalog', body => '');
error_is(405, 'UNSUPPORTED');



=== TEST 2: a registry is asked once, and its pages are followed
--- mlist
mlist_auth nginx;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
lists($other, ['b']);
$other->on('/v2/_catalog', page(['c/d']), times => 1,
           headers => { Link => '</v2/_catalog?last=c%2Fd&n=1>; rel="next"' });
get('/v2/_catalog');
names_are(qw(b c/d));
is(join(',', $other->requests),
   'GET /v2/_catalog?n=1000,GET /v2/_catalog?last=c%2Fd&n=1', 'asked');

lists($other, ['b'],
      headers => { Link => '</v2/b/tags/list?n=1>; rel="next"' });
get('/v2/_catalog');
error_is(502, 'UNAVAILABLE', 'a Link to another list');



=== TEST 3: a catalog that cannot be had is no shorter one
--- steps
lists($amd64, ['a']);

for my $status (401, 403, 404, 405, 500, 501) {
    lists($arm, [], status => $status);
    get('/v2/_catalog');
    error_is(502, 'UNAVAILABLE', "a $status");
}

lists($arm, [], body => '{"tags":[]}');
get('/v2/_catalog');
error_is(502, 'UNAVAILABLE', 'malformed');



=== TEST 4: name= is taken back, names= and mlist_names hold
--- mlist
mlist_auth nginx;
mlist_source http://amd64 name=amd64/*;
mlist_source http://arm name=arm32v7/* names=~^debian;
mlist_source http://arm name=the/one;
mlist_source http://other;
mlist_names !~^secret/;
--- steps
lists($amd64, [qw(amd64/debian amd64/alpine amd64/secret/x debian-only)]);
lists($arm, [qw(arm32v7/debian arm32v7/fedora the/one plain)]);
lists($other, [qw(own secret/y amd64/x UPPER a//b), 'n' x 256]);
get('/v2/_catalog');
names_are(qw(alpine amd64/x debian own));
asked_of($arm, 'GET /v2/_catalog?n=1000');



=== TEST 5: a store is not listed
--- http
server {
    listen 127.0.0.1:$TEST_NGINX_STREAM_PORT;

    location /v2/ {
        mlist_auth nginx;
        mlist_store http://other/lists/here;
        mlist_source http://other;
        PROXY;
    }
}
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://other name=lists/*;
    mlist_source http://other;
    PROXY;
}
--- steps
lists($other, [qw(app lists/here lists/there)]);
get('/v2/_catalog', to => $ENV{TEST_NGINX_STREAM_PORT});
names_are(qw(app lists/there));
get('/v2/_catalog');
names_are(qw(app lists/there there));



=== TEST 6: mlist_auth registry
--- mlist
mlist_source http://amd64;
--- steps
my $auth = 'Basic Z29vZDpvbmU=';
my $challenge = 'Bearer realm="https://auth.example/token",'
                . 'scope="registry:catalog:*"';

lists($amd64, ['a'], challenge => $challenge, auth => $auth);
get('/v2/_catalog');
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', $challenge);
get('/v2/_catalog', headers => [Authorization => $auth]);
names_are('a');
