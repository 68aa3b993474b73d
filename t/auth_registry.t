# Without this: with mlist_auth registry (the default) a list that was built
# for one user would be handed to anybody, clients would never learn where to
# get their token, or credentials would go where they do not belong.
# (Spec: mlist_auth, "A tag", 2.)

use lib 't/lib';
use Mlist::Test;

our $GOOD = 'Basic Z29vZDpvbmU=';
our $BAD = 'Basic YmFkOm9uZQ==';
our $CHALLENGE = 'Bearer realm="https://auth.example/token",'
                 . 'service="registry.example",scope="repository:x:pull"';

# Everything of a repository asks for these credentials.
sub guarded {
    my ($registry, $name, $auth, @tags) = @_;

    $registry->on($_, challenge => $CHALLENGE, auth => $auth)
        for map { ref $_ ? ("$name\@$_->{digest}",
                            map { "$name#$_" } keys %{ $_->{blobs} })
                         : "$name:$_" } @tags;
}

sub with {
    return (headers => [Authorization => $_[0]]);
}

# One repository with two children, read by $GOOD.
sub repository {
    my ($name) = @_;
    my @m = map { docker_image($_, seed => $name) }
            qw(linux/amd64 linux/arm/v7);

    $other->tag("$name:1-amd64", $m[0]);
    $other->tag("$name:1-arm", $m[1]);
    guarded($other, $name, $GOOD, '1-amd64', '1-arm', '1', @m);

    return @m;
}

run_tests();

__DATA__

=== TEST 1: no credentials: the registry's challenge
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
repository('one');
get('/v2/one/manifests/1');
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', $CHALLENGE);
head('/v2/one/manifests/1');
code_is(401);
header_is('WWW-Authenticate', $CHALLENGE);
get('/v2/one/manifests/1', with($BAD));
code_is(401, 'wrong ones');
get('/v2/one/manifests/1', with($GOOD));
whole_answer($DL);
platforms_are('linux/amd64', 'linux/arm/v7');
get('/v2/one/manifests/1', with($BAD));
code_is(401, 'wrong ones after right ones');
get('/v2/one/manifests/1');
error_is(401, 'UNAUTHORIZED');



=== TEST 2: a list by digest only for credentials that were checked
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
repository('two');
my $list = fetched('/v2/two/manifests/1', with($GOOD))->{body};
my $digest = sha256($list);

for my $method (qw(GET HEAD)) {
    ask($method, "/v2/two/manifests/$digest");
    code_is(401, "$method without credentials");
    header_is('WWW-Authenticate', $CHALLENGE);
    ask($method, "/v2/two/manifests/$digest", with($BAD));
    code_is(401, "$method with wrong ones");
    ask($method, "/v2/two/manifests/$digest", with($GOOD));
    code_is(200, "$method with those that have built it");
}

get("/v2/two/manifests/$digest", with($GOOD));
body_is($list);
get("/v2/two/manifests/$digest", headers => ['If-None-Match' => qq{"$digest"}]);
code_is(401, 'not even a 304');



=== TEST 3: other credentials that the registry accepts are checked there
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my @m = repository('three');
my $list = fetched('/v2/three/manifests/1', with($GOOD))->{body};
my $digest = sha256($list);
$other->clear_requests;
guarded($other, 'three', $BAD, '1-amd64', '1-arm', '1', @m);

get("/v2/three/manifests/$digest", with($BAD));
code_is(200, 'they are good now');
body_is($list);
ok(scalar($other->requests('^HEAD /v2/three/manifests/')), 'checked by HEAD');
get("/v2/three/manifests/$digest");
code_is(401, 'none are still none');



=== TEST 4: what one repository accepts, another may not
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
repository('mine');
my @m = map { docker_image($_, seed => 'mine') } qw(linux/amd64 linux/arm/v7);
$other->tag('theirs:1-amd64', $m[0]);
$other->tag('theirs:1-arm', $m[1]);
guarded($other, 'theirs', 'Basic dGhlaXI6cw==', '1-amd64', '1-arm', '1', @m);

my $digest = sha256(fetched('/v2/mine/manifests/1', with($GOOD))->{body});
is(sha256(fetched('/v2/theirs/manifests/1',
                  with('Basic dGhlaXI6cw=='))->{body}), $digest,
   'equal lists');
get("/v2/theirs/manifests/$digest", with($GOOD));
code_is(401, 'by digest');
get('/v2/theirs/manifests/1', with($GOOD));
code_is(401, 'by tag');



=== TEST 5: Authorization reaches the registry for all that is read there
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my @m = repository('sent');
fetched('/v2/sent/manifests/1', with($GOOD));
ask('GET', "/v2/sent/manifests/$m[1]{digest}",
    headers => [Authorization => $GOOD, Accept => $D2]);
body_is($m[1]{body});
get("/v2/sent/blobs/$m[1]{layer}", with($GOOD));
code_is(200);
get("/v2/sent/blobs/$m[1]{layer}");
code_is(401);
header_is('WWW-Authenticate', $CHALLENGE);
get("/v2/sent/manifests/$m[1]{digest}", accept => $D2);
code_is(401);
header_is('WWW-Authenticate', $CHALLENGE);



=== TEST 6: GET /v2/ is the registry's
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
$other->put('/v2/', type => 'application/json', body => '{}',
            challenge => $CHALLENGE, auth => $GOOD);
get('/v2/');
code_is(401);
header_is('WWW-Authenticate', $CHALLENGE);
header_is('Docker-Distribution-Api-Version', 'registry/2.0');
get('/v2/', with($GOOD));
code_is(200);
get('/v2/', with($BAD));
code_is(401);
$other->down;
get('/v2/');
gateway_error('a registry that is down');
$other->up;
$other->forget('/v2/');



=== TEST 7: the challenge is that of the source that asks for credentials
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
$other->tag('half:1-amd64', docker_image('linux/amd64'));
$other->tag('half:1-arm', docker_image('linux/arm/v7'));
$other->on('half:1-arm', challenge => 'Basic realm="arm"', auth => $GOOD);
get('/v2/half/manifests/1');
code_is(401, 'never a shorter list');
header_is('WWW-Authenticate', 'Basic realm="arm"');
get('/v2/half/manifests/1', with($GOOD));
platforms_are('linux/amd64', 'linux/arm/v7');

# a 403 is not "no such image" either
$other->fail('half:1-arm', 403);
get('/v2/half/manifests/1', with($GOOD));
ok($res->{code} == 403 || $res->{code} >= 502, "a 403 gives $res->{code}");



=== TEST 8: two flights, two users
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
repository('flight');
$other->on($_, hold => 'flight') for 'flight:1-amd64', 'flight:1-arm';
my @fh = map {
    send_to(nginx_port(), 'GET', '/v2/flight/manifests/1', with($_))
} $GOOD, $BAD, $GOOD;
ok($other->wait_for('/v2/flight/', 2), 'they are asked');
$other->release('flight');
is(answer_of($fh[0], 'GET')->{code}, 200, 'the first one');
is(answer_of($fh[1], 'GET')->{code}, 401, 'the second one');
is(answer_of($fh[2], 'GET')->{code}, 200, 'the third one');



=== TEST 9: a registry without credentials
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
$other->tag('open:1-amd64', docker_image('linux/amd64'));
my $digest = sha256(fetched('/v2/open/manifests/1')->{body});
get("/v2/open/manifests/$digest");
code_is(200);
get("/v2/open/manifests/$digest", with($GOOD));
code_is(200, 'with credentials that it does not look at');



=== TEST 10: a list by digest while the registry cannot check
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my @m = repository('unchecked');
my $digest = sha256(fetched('/v2/unchecked/manifests/1', with($GOOD))->{body});
$other->down;
get("/v2/unchecked/manifests/$digest", with($BAD));
gateway_error('nobody to ask');
$other->up;



=== TEST 11: a second registry that is trusted
--- mlist
mlist_source http://amd64;
mlist_source http://arm trusted;
--- steps
$amd64->tag('trusted:1', docker_image('linux/amd64'));
$arm->tag('trusted:1', docker_image('linux/arm/v7'));
$_->on('trusted:1', challenge => 'Basic realm="x"', auth => $GOOD)
    for $amd64, $arm;
get('/v2/trusted/manifests/1');
code_is(401);
get('/v2/trusted/manifests/1', with($GOOD));
platforms_are('linux/amd64', 'linux/arm/v7');



=== TEST 12: an index by digest whose entries say no platform
--- mlist
mlist_source http://other;
--- steps
my $image = oci_image('linux/amd64');
my $index = $other->tag('bare:1', oci_index(without_platform($image)));
head('/v2/bare/manifests/1');
code_is(200);
get("/v2/bare/manifests/$index->{digest}");
code_is(200);
body_is($index->{body});

my $nested = $other->tag('bare:2', oci_index(oci_index(
                             oci_image('linux/arm64', seed => 'nested'))));
head('/v2/bare/manifests/2');
code_is(200);
get("/v2/bare/manifests/$nested->{digest}");
code_is(200);
body_is($nested->{body});



=== TEST 13: who was refused at an optional source gets no HIT of its child
--- mlist
mlist_valid 1h;
mlist_source http://other name=open/*;
mlist_source http://other name=secret/* optional;
--- steps
my @m = ($other->tag('open/hit:1', docker_image('linux/amd64')),
         $other->tag('secret/hit:1', docker_image('linux/arm/v7')));
guarded($other, 'secret/hit', $GOOD, '1', $m[1]);

get('/v2/hit/manifests/1', with($BAD));
digests_are($m[0]);
get('/v2/hit/manifests/1', with($GOOD));
digests_are(@m);
get('/v2/hit/manifests/1', with($BAD));
digests_are($m[0]);
get('/v2/hit/manifests/1', with($GOOD));
digests_are(@m);
is(variables('/v2/hit/manifests/1')->{cache}, 'HIT', 'which the other gets');



=== TEST 14: nor the last complete list, where a required one has no image
--- mlist
mlist_source http://other name=open/*;
mlist_source http://other name=needed/* required;
mlist_source http://other name=secret/* optional;
--- steps
my @m = map { $other->tag("$_->[0]/stale:1",
                          docker_image($_->[1], seed => 'stale')) }
        ['open', 'linux/amd64'], ['needed', 'linux/arm64'],
        ['secret', 'linux/arm/v7'];
guarded($other, 'secret/stale', $GOOD, '1', $m[2]);

get('/v2/stale/manifests/1', with($GOOD));
digests_are(@m);
$other->forget('needed/stale:1');
get('/v2/stale/manifests/1', with($BAD));
error_is(404, 'MANIFEST_UNKNOWN');
get('/v2/stale/manifests/1', with($GOOD));
digests_are(@m);



=== TEST 15: a repository that answers 404 to who may not see it
--- mlist
mlist_valid 1m;
mlist_source http://amd64;
mlist_source http://amd64 name=arm/*;
--- steps
my $a = $amd64->tag('hidden:1', docker_image('linux/amd64'));
my $b = $amd64->tag('arm/hidden:1', docker_image('linux/arm/v7'));
my @may = (headers => [Authorization => 'may']);
my @may_not = (headers => [Authorization => 'may not']);

get('/v2/hidden/manifests/1', @may);
digests_are($a, $b);

for my $round (1 .. 2) {
    $amd64->on('arm/hidden:1', status => 404, times => 1);
    get('/v2/hidden/manifests/1', @may_not);
    digests_are($a);

    $amd64->clear_requests;
    get('/v2/hidden/manifests/1', @may);
    digests_are($a, $b);
    asked_of($amd64);
}

# what only he lacks is not what others are given
get('/v2/hidden/manifests/1', headers => [Authorization => 'may, too']);
digests_are($a, $b);



=== TEST 16: several challenges all come back, whatever is asked for
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my @m = repository('several');
my $list = sha256(fetched('/v2/several/manifests/1', with($GOOD))->{body});
my $both = "$CHALLENGE\r\nWWW-Authenticate: Basic realm=\"Registry\"";

$other->on($_, challenge => $both, auth => $GOOD)
    for 'several:1-amd64', 'several:1-arm', "several\@$m[0]{digest}",
        "several\@$m[1]{digest}", "several#$m[0]{layer}";
$other->put($_, body => '{}', challenge => $both, auth => $GOOD)
    for '/v2/', '/v2/several/tags/list', '/v2/several/blobs/uploads/',
        "/v2/several/referrers/$list", '/v2/several/manifests/sha256-' . $list
        =~ s/^sha256://r;

for my $way (['GET', '/v2/'], ['HEAD', '/v2/'],
             (map { ['GET', "/v2/several/$_"], ['HEAD', "/v2/several/$_"] }
                  'manifests/1', 'manifests/1-arm', "manifests/$list",
                  "manifests/$m[1]{digest}", "blobs/$m[0]{layer}",
                  'tags/list', "referrers/$list"),
             ['POST', '/v2/several/blobs/uploads/'])
{
    my ($method, $path) = @$way;

    ask($method, $path, $method eq 'POST' ? (body => '') : ());
    code_is(401, "$method $path");
    is(join(' | ', headers_of($res, 'WWW-Authenticate')),
       qq{$CHALLENGE | Basic realm="Registry"}, "$method $path: both");
    header_is('Docker-Distribution-Api-Version', 'registry/2.0');
}

$other->forget('/v2/');



=== TEST 17: 401, 403 and 404 are three answers, whatever is asked for
--- mlist
mlist_source http://amd64;
mlist_source http://arm trusted;
--- steps
my $m = docker_image('linux/amd64', seed => 'three');
my %codes = (401 => 'UNAUTHORIZED', 403 => 'DENIED');
my $hex = $m->{digest} =~ s/^sha256://r;

# what asks both registries, where the second one denies what may be there
for my $path ('manifests/1', "manifests/$m->{digest}", "blobs/$m->{layer}",
              "manifests/sha256-$hex.sig", "referrers/$m->{digest}",
              'tags/list')
{
    for my $code (sort keys %codes) {
        my @more = $code == 401
            ? (headers => { 'WWW-Authenticate' => $CHALLENGE }) : ();

        for my $first ($amd64, $arm) {
            my $second = $first == $amd64 ? $arm : $amd64;

            $first->fail("/v2/three/$path", $code, @more);
            $first->fail("/v2/three/manifests/sha256-$hex", $code, @more)
                if $path =~ /^referrers/;
            $second->forget("/v2/three/$path");

            get("/v2/three/$path");
            error_is($code, $codes{$code}, "$path: $code of "
                     . $first->name);
            header_is('WWW-Authenticate', $code == 401 ? $CHALLENGE : '');
            head("/v2/three/$path");
            code_is($code, "HEAD $path: $code of " . $first->name);
            $first->forget($_)
                for "/v2/three/$path", "/v2/three/manifests/sha256-$hex";
        }
    }

    next if $path =~ /^referrers/;
    get("/v2/three/$path");
    code_is(404, "$path: nowhere");
    no_header('WWW-Authenticate');
}



=== TEST 18: so they are for what is written
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my %at = (POST => '/v2/write/blobs/uploads/', PATCH =>
          '/v2/write/blobs/uploads/1', PUT => '/v2/write/manifests/1-arm',
          DELETE => '/v2/write/manifests/' . sha256('x'));

for my $method (sort keys %at) {
    for my $code (401, 403, 404) {
        $other->fail($at{$method}, $code, $code == 401
            ? (headers => { 'WWW-Authenticate' => $CHALLENGE }) : ());
        ask($method, $at{$method}, with($GOOD), body => 'x');
        code_is($code, "$method: $code");
        header_is('WWW-Authenticate', $code == 401 ? $CHALLENGE : '');
        is(join(' ', $other->seen_header("^$method", 'Authorization')), $GOOD,
           'whose it is');
        $other->clear_requests;
    }
}



=== TEST 19: GET /v2/ asks all sources
--- mlist
mlist_source http://amd64;
mlist_source http://arm trusted;
mlist_source http://other trusted;
--- steps
my @all = ($amd64, $arm, $other);

get('/v2/');
code_is(200);
asked_of($_, 'GET /v2/') for @all;

for my $which (@all) {
    $which->put('/v2/', body => '{}', challenge => $CHALLENGE, auth => $GOOD);
    get('/v2/');
    error_is(401, 'UNAUTHORIZED', $which->name);
    header_is('WWW-Authenticate', $CHALLENGE);
    get('/v2/', with($GOOD));
    code_is(200, 'with credentials: ' . $which->name);
    is(join(' ', map { $_->seen_header('.', 'Authorization') } @all),
       join(' ', ($GOOD) x 3), 'which all see');
    $_->clear_requests for @all;

    for my $code (403, 404, 500) {
        $which->fail('/v2/', $code);
        get('/v2/', with($GOOD));
        code_is($code == 403 ? 403 : 502, "$code of " . $which->name);
        $_->clear_requests for @all;
    }

    $which->forget('/v2/');
}
