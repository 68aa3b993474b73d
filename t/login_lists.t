# Without this: tags and repositories of registries that want credentials
# would be missing from the lists, or a list would end where a token does.
# (Spec: "mlist_login", "Everything else of the registry API".)

use lib 't/lib';
use Mlist::Login;
use Mlist::Test;

our $BASIC = basic('ci', 's3cret');

password('password', "s3cret\n");

sub location_of {
    my ($parameters) = @_;
    my $path = password_file('password');

    return <<"CONF";
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci $path;
    mlist_source http://amd64 $parameters;
    mlist_source http://arm;
    PROXY;
}
CONF
}

sub path_of {
    my ($name) = @_;

    return "/v2/$name/tags/list";
}

# A page of tags that leads to another one, if that is given.
sub page {
    my ($name, $next, @tags) = @_;
    my $path = path_of($name);

    return (type => 'application/json',
            body => qq({"name":"$name","tags":[)
                    . join(',', map { qq("$_") } @tags) . ']}',
            headers => { Link => $next && "<$path?last=$next>; rel=next" });
}

sub tags_are {
    my ($name, @expected) = @_;

    code_is(200);
    body_is(qq({"name":"$name","tags":[)
            . join(',', map { qq("$_") } @expected) . "]}\n");
}

run_tests();

__DATA__

=== TEST 1: a password, for each page, and for that registry only
--- config eval: ::location_of('')
--- steps
my $path = path_of('password');

$amd64->put($path, page('password', undef, 'a'));
$arm->put($path, page('password', undef, 'c'));
wants_basic($amd64, $BASIC, $path);
$amd64->on($path, page('password', 'b', 'b'), times => 1);
get($path, headers => [Authorization => basic('some', 'body')]);
tags_are('password', qw(a b c));
no_header('WWW-Authenticate');
is(($amd64->seen_header('last=b', 'Authorization'))[-1], $BASIC,
   'for the later page');
unlike(authorizations($arm, '.'), qr/./, 'not for the other registry');



=== TEST 2: tokens: of a repository, and of the catalog
--- config eval: ::location_of('')
--- steps
my $path = path_of('token');

$amd64->put($path, page('token', undef, 'a'));
$arm->put($path, page('token', undef, 'c'));
wants_token($amd64, 'http://amd64/token', 'tags-token', $path);
gives($amd64, '/token', $BASIC, 'tags-token');
get($path);
tags_are('token', qw(a c));
like(join(' ', $amd64->requests('token\\?')),
     qr/scope=repository%3Atoken%3Apull$/, 'for the repository');

$amd64->put('/v2/_catalog', type => 'application/json',
            body => '{"repositories":["app"]}');
$arm->put('/v2/_catalog', type => 'application/json',
          body => '{"repositories":["other"]}');
wants_token($amd64, 'http://amd64/token', 'catalog-token', '/v2/_catalog');
gives($amd64, '/token', $BASIC, 'catalog-token');
get('/v2/_catalog');
code_is(200);
body_is(qq({"repositories":["app","other"]}\n));
like(($amd64->requests('token\\?'))[-1], qr/scope=registry%3Acatalog%3A%2A$/,
     'for the catalog');
is(secrets_in_logs('s3cret', $BASIC =~ s/Basic //r, 'tags-token',
                   'catalog-token'), '', 'no secret in any log');



=== TEST 3: a token that ends between two pages
--- config eval: ::location_of('')
--- steps
my $path = path_of('ended');

$amd64->put($path, page('ended', undef, 'a'));
$arm->put($path, page('ended', undef, 'c'));
wants_token($amd64, 'http://amd64/token', 'second', $path);
$amd64->on($path, page('ended', 'b', 'b'), auth => 'Bearer first', times => 1);
gives($amd64, '/token', $BASIC, 'second');
$amd64->on('/token', type => 'application/json', times => 1,
           body => '{"token":"first","expires_in":300}');
get($path);
tags_are('ended', qw(a b c));
is(scalar($amd64->requests('token\\?')), 2, 'another one is fetched');



=== TEST 4: credentials that are no good shorten no list
--- config eval: ::location_of('denied=missing')
--- steps
my $path = path_of('refused');

$amd64->put($path, page('refused', undef, 'a'));
$arm->put($path, page('refused', undef, 'c'));
wants_basic($amd64, basic('ci', 'changed'), $path);
get($path);
error_is(502, 'UNAVAILABLE');
no_header('WWW-Authenticate');

$amd64->forget('/v2/');
wants_token($amd64, 'http://amd64/token', 'token', $path);
$amd64->put('/token', status => 401);
get($path);
error_is(502, 'UNAVAILABLE', 'a token service that refuses them');
$amd64->put('/token', status => 503);
get($path);
error_is(502, 'UNAVAILABLE', 'a token service that fails');

# with good ones a refusal says that there is nothing
wants_basic($amd64, $BASIC, '/v2/');
$amd64->put($path, status => 403);
get($path);
tags_are('refused', 'c');
