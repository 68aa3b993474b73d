# Without this: mlist_valid would cost the registries requests all the same,
# hide a push for longer than it says or from some of the workers, or hand
# what one user's credentials have brought to anybody.
# (Spec: mlist_valid, mlist_auth, "A tag" 10, "Writes".)

use lib 't/lib';
use Mlist::Client qw(slow);
use Mlist::Test;
use Time::HiRes ();

sub now {
    return Time::HiRes::time();
}

sub tagged {
    my ($name, $seed) = @_;

    $seed //= $name;
    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $seed));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $seed));
}

# Two images, and the list that was made of them, asked for just now.
sub warm {
    my ($name, %opt) = @_;

    tagged($name);
    fetched("/v2/$name/manifests/1", %opt);

    my $list = $res->{body};

    $_->clear_requests for $amd64, $arm, $other;

    return $list;
}

sub status_is {
    my ($target, $status) = @_;

    is(variables($target)->{cache}, $status, "\$mlist_cache_status $status");
}

sub nobody_asked {
    is(join("\n", map { $_->requests } $amd64, $arm, $other), '',
       'no source is asked');
}

# Asks until it is no HIT any more; when that was.
sub expired_at {
    my ($target, %opt) = @_;
    my $end = now() + slow(15);

    while (now() < $end) {
        get($target, %opt);
        return now() if variables($target)->{cache} ne 'HIT';
        select undef, undef, undef, 0.02;
    }

    ok(0, 'it expires');
    return $end;
}

# The answers to n requests that are all sent before one is read.
sub at_once {
    my ($n, $target) = @_;
    my @fh = map { send_to(nginx_port(), 'GET', $target) } 1 .. $n;

    return map { answer_of($_, 'GET') } @fh;
}

sub reload {
    my $before = log_lines(qr/worker process \d+ exited/);
    my $end = time + 10;

    kill 'HUP', nginx_pid();
    select undef, undef, undef, 0.02
        until time > $end
              || log_lines(qr/worker process \d+ exited/) >= $before + 2;
}

our $GOOD = 'Basic Z29vZDpvbmU=';
our $ALSO = 'Basic YWxzbzpvbmU=';
our $BAD = 'Basic YmFkOm9uZQ==';

sub with {
    return (headers => [Authorization => $_[0]]);
}

# Everything of a repository at "other" is for these credentials only.
sub guard {
    my ($name, $auth, @m) = @_;

    $other->on($_, challenge => 'Basic realm="x"', auth => $auth)
        for (map { "$name:$_" } qw(1 1-amd64 1-arm)),
            map { my $m = $_; ("$name\@$m->{digest}",
                               map { "$name#$_" } keys %{ $m->{blobs} }) } @m;
}

sub guarded {
    my ($name, $auth) = @_;
    my @m = map { docker_image($_, seed => $name) }
            qw(linux/amd64 linux/arm/v7);

    $other->tag("$name:1-amd64", $m[0]);
    $other->tag("$name:1-arm", $m[1]);
    guard($name, $auth, @m);

    return @m;
}

our $MINUTE = "mlist_auth nginx;\nmlist_valid 1m;\n"
              . "mlist_source http://amd64;\nmlist_source http://arm;\n";
our $second = slow(1);
our $SECOND = $MINUTE =~ s/1m/${second}s/r;
our $ZERO = $MINUTE =~ s/1m/0/r;
our $REGISTRY = "mlist_valid 1m;\nmlist_source http://other tag=*-amd64;\n"
                . "mlist_source http://other tag=*-arm;\n";

# A second location of the same sources that asks each time.
our $THERE = do {
    my $socket = h2_socket();

    "server {\nlisten unix:$socket;\nlocation /v2/ {\n${ZERO}PROXY;\n}\n}\n";
};

Test::Nginx::Util::master_on();
Test::Nginx::Util::workers(2);

run_tests();

__DATA__

=== TEST 1: nobody is asked: GET, HEAD, types, children, 304
--- mlist eval: $::MINUTE
--- steps
my $target = '/v2/hit/manifests/1';
my $list = warm('hit');
my $digest = sha256($list);

get($target);
body_is($list);
whole_answer($DL);
status_is($target, 'HIT');
no_header('Warning');
is(variables($target)->{platforms}, 'linux/amd64,linux/arm/v7',
   '$mlist_platforms');
is(variables($target)->{missing}, '', '$mlist_missing');
is(variables($target)->{digest}, $digest, '$mlist_digest');
same_as_get($target);
get($target, headers => ['If-None-Match' => qq{"$digest"}]);
code_is(304);
status_is($target, 'HIT');
nobody_asked();

# the other type is made once
get($target, accept => $OI);
whole_answer($OI);
my $oci = $res->{body};
$_->clear_requests for $amd64, $arm;
get($target, accept => $OI);
body_is($oci);
status_is($target, 'HIT');
get($target, accept => $DL);
body_is($list);
status_is($target, 'HIT');
nobody_asked();

# a child costs its own read, and nothing is asked about the tag
get($target, accept => $D2);
body_is(docker_image('linux/amd64', seed => 'hit')->{body});
status_is($target, 'HIT');
is(scalar $arm->requests, 0, 'the other source is not asked');
is(scalar $amd64->requests('manifests/1$'), 0, 'nor is the tag');



=== TEST 2: what is known is not asked for, so a push is hidden as long
--- mlist eval: $::SECOND
--- steps
my $target = '/v2/expires/manifests/1';
my $before = now();
my $list = warm('expires');
my $after = now();

$arm->tag('expires:1', docker_image('linux/arm/v7', seed => 'new'));

my $at = expired_at($target);

ok($at >= $before + 0.9 * $::second, 'not before its time: ' . ($at - $before));
ok($at <= $after + 2 * $::second, 'nor long after: ' . ($at - $after));
status_is($target, 'MISS');
ok($res->{body} ne $list, 'the new list');
get($target);
status_is($target, 'HIT');

expired_at($target);
status_is($target, 'REVALIDATED');
get($target);
status_is($target, 'HIT');



=== TEST 3: counted from when they were asked, not from when they answered
--- mlist eval: $::SECOND
--- steps
my $target = '/v2/asked/manifests/1';

tagged('asked');
$arm->on('asked:1', hold => 'asked');
my $fh = send_to(nginx_port(), 'GET', $target);
ok($arm->wait_for('/v2/asked/'), 'arm is asked');
select undef, undef, undef, 1.2 * $::second;
$arm->release('asked');
$res = answer_of($fh, 'GET');
code_is(200);
get($target);
status_is($target, 'REVALIDATED');
get($target);
status_is($target, 'HIT');



=== TEST 4: a location of its own time, for the same sources
--- mlist eval: $::MINUTE
--- http eval: $::THERE
--- steps
my $target = '/v2/per/manifests/1';
my $list = warm('per');

get($target, to => h2_socket());
body_is($list);
ok($arm->requests('^HEAD /v2/per/manifests/1$') == 1, 'one asks');
$_->clear_requests for $amd64, $arm;
get($target);
body_is($list);
status_is($target, 'HIT');
nobody_asked();

# and what that one finds is what this one gives
$arm->tag('per:1', docker_image('linux/arm/v7', seed => 'per new'));
get($target);
body_is($list, 'hidden here');
get($target, to => h2_socket());
my $new = $res->{body};
ok($new ne $list, 'not there');
get($target);
body_is($new, 'what is newer is given');



=== TEST 5: over all workers, and after a reload
--- mlist eval: $::MINUTE
--- steps
my $target = '/v2/workers/manifests/1';
my $list = warm('workers');
my %seen;

$seen{"$_->{code} " . sha256($_->{body})}++ for at_once(60, $target);
is(json_text(\%seen), json_text({ '200 ' . sha256($list) => 60 }), 'one list');
nobody_asked();

reload();
%seen = ();
$seen{"$_->{code} " . sha256($_->{body})}++ for at_once(20, $target);
is(json_text(\%seen), json_text({ '200 ' . sha256($list) => 20 }),
   'after a reload');
nobody_asked();
get($target);
status_is($target, 'HIT');



=== TEST 6: absence is never remembered
--- mlist eval: $::MINUTE
--- steps
my $target = '/v2/absent/manifests/1';

for (1 .. 2) {
    get($target);
    error_is(404, 'MANIFEST_UNKNOWN');
    ok(scalar $amd64->requests('/v2/absent/manifests/1'), 'asked');
    $_->clear_requests for $amd64, $arm;
}

warm('absent');
get($target);
platforms_are('linux/amd64', 'linux/arm/v7');

# where one source has it not, that is known for as long
$amd64->tag('half:1', docker_image('linux/amd64'));
get('/v2/half/manifests/1') for 1, 2;
platforms_are('linux/amd64');
status_is('/v2/half/manifests/1', 'HIT');
is(variables('/v2/half/manifests/1')->{missing}, 'arm', '$mlist_missing');
is(variables('/v2/half/manifests/1')->{platforms}, 'linux/amd64',
   '$mlist_platforms');



=== TEST 7: artifacts are never remembered
--- mlist eval: $::MINUTE
--- steps
my $target = '/v2/thing/manifests/1';

for my $n (1 .. 3) {
    my $thing = raw_manifest($OM, {
        schemaVersion => 2, mediaType => $OM, artifactType => 'a/b',
        config => { mediaType => 'application/vnd.example.config',
                    size => 2, digest => sha256('{}') },
        layers => [], annotations => { n => $n } }, config => '{}');

    $amd64->tag('thing:1', $thing);
    get($target);
    body_is($thing->{body}, "number $n");
    status_is($target, 'PASS');
}



=== TEST 8: a failure is not remembered, nor is a stale answer
--- mlist eval: $::SECOND
--- steps
my $target = '/v2/stale/manifests/1';
my $list = warm('stale');

$arm->fail('stale:1', 500);
get($target);
status_is($target, 'HIT');
expired_at($target);

for (1 .. 2) {
    $_->clear_requests for $amd64, $arm;
    get($target);
    body_is($list);
    status_is($target, 'STALE');
    like(header_of($res, 'Warning'), qr/^299 .*\barm\b/, 'Warning');
    ok($arm->requests == 1, 'asked each time');
}

my $new = $arm->tag('stale:1', docker_image('linux/arm/v7', seed => 'new'));
get($target);
is((entries())[1]{digest}, $new->{digest}, 'at once when it is back');
status_is($target, 'MISS');

# nor the failure of a tag that was never complete
$arm->fail('stale:2', 500);
get('/v2/stale/manifests/2');
gateway_error('never complete');
tagged('stale2');
$arm->forget('stale:2');
$amd64->tag('stale:2', docker_image('linux/amd64'));
get('/v2/stale/manifests/2');
platforms_are('linux/amd64');



=== TEST 9: PARTIAL is never a HIT
--- mlist
mlist_auth nginx;
mlist_valid 1m;
mlist_source http://amd64;
mlist_source http://arm optional;
--- steps
my $target = '/v2/partial/manifests/1';

tagged('partial');
$arm->fail('partial:1', 500);

for (1 .. 2) {
    $_->clear_requests for $amd64, $arm;
    get($target);
    platforms_are('linux/amd64');
    status_is($target, 'PARTIAL');
    ok($arm->requests >= 1, 'the source that failed is asked each time');
}

tagged('partial');
get($target);
platforms_are('linux/amd64', 'linux/arm/v7');
get($target);
status_is($target, 'HIT');
$arm->fail('partial:1', 500);
get($target);
platforms_are('linux/amd64', 'linux/arm/v7');
status_is($target, 'HIT');



=== TEST 10: a write through the front makes the next read ask
--- mlist
mlist_auth nginx;
mlist_valid 1m;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $target = '/v2/write/manifests/1';
my @m = map { docker_image($_, seed => 'write') } qw(linux/amd64 linux/arm/v7);

sub answers {
    my ($place, $method, $status) = @_;
    $other->on($place, method => { $method => { status => $status,
                                                body => '' } });
}

$other->tag('write:1-amd64', $m[0]);
$other->tag('write:1-arm', $m[1]);
fetched($target);
get($target);
status_is($target, 'HIT');

my $new = $other->tag('write:1-arm',
                      docker_image('linux/arm/v7', seed => 'new'));
answers('write:1-arm', 'PUT', 201);
get($target);
digests_are(@m);
ask('PUT', '/v2/write/manifests/1-arm', body => $new->{body},
    headers => ['Content-Type' => $D2]);
code_is(201);
get($target);
digests_are($m[0], $new);
get($target);
status_is($target, 'HIT');

# of the tag itself
answers('write:1', 'PUT', 201);
$other->clear_requests;
ask('PUT', $target, body => $new->{body}, headers => ['Content-Type' => $D2]);
get($target);
status_is($target, 'REVALIDATED');

# by digest, and by a tag that is no source's spelling of it
for my $what ($new->{digest}, '1-arm') {
    get($target);
    status_is($target, 'HIT');
    answers($what =~ /:/ ? "write\@$what" : "write:$what", 'DELETE', 202);
    ask('DELETE', "/v2/write/manifests/$what");
    code_is(202, "DELETE $what");
    $other->clear_requests;
    get($target);
    ok(scalar $other->requests('^HEAD .*/1-arm$'), 'asked after that');
}

# another tag, another repository
get($target);
status_is($target, 'HIT');
answers('write:2-arm', 'PUT', 201);
answers('write2:1-arm', 'PUT', 201);
ask('PUT', $_, body => '{}', headers => ['Content-Type' => $D2])
    for '/v2/write/manifests/2-arm', '/v2/write2/manifests/1-arm';
get($target);
status_is($target, 'HIT');

# one that is refused changes nothing
answers('write:1-arm', 'PUT', 403);
ask('PUT', '/v2/write/manifests/1-arm', body => '{}',
    headers => ['Content-Type' => $D2]);
get($target);
status_is($target, 'HIT');



=== TEST 11: a flight that asked before a write is no HIT after it
--- mlist
mlist_auth nginx;
mlist_valid 1m;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $target = '/v2/order/manifests/1';
my @m = map { docker_image($_, seed => 'order') } qw(linux/amd64 linux/arm/v7);

$other->tag('order:1-amd64', $m[0]);
$other->tag('order:1-arm', $m[1]);
$other->on('order:1-amd64', hold => 'order');

my $fh = send_to(nginx_port(), 'GET', $target);
ok($other->wait_for('/v2/order/', 2), 'a flight has asked');

# arm's answer is the old one by now
select undef, undef, undef, 0.2;
my $new = $other->tag('order:1-arm',
                      docker_image('linux/arm/v7', seed => 'order new'));
$other->on('order:1-arm', method => { PUT => { status => 201, body => '' } });
ask('PUT', '/v2/order/manifests/1-arm', body => $new->{body},
    headers => ['Content-Type' => $D2]);
code_is(201);
my $late = send_to(nginx_port(), 'GET', $target);
$other->release('order');
answer_of($fh, 'GET');
$res = answer_of($late, 'GET');
digests_are($m[0], $new);
get($target);
digests_are($m[0], $new);



=== TEST 12: mlist_auth registry: a HIT only for credentials that were checked
--- mlist eval: $::REGISTRY
--- steps
my $target = '/v2/known/manifests/1';
my @m = guarded('known', $GOOD);
my $list = fetched($target, with($GOOD))->{body};

$other->clear_requests;
get($target, with($GOOD));
body_is($list);
status_is($target, 'HIT');
same_as_get($target, with($GOOD));
nobody_asked();

for my $method (qw(GET HEAD)) {
    for my $who ([with($BAD)], []) {
        ask($method, $target, @$who);
        code_is(401, "$method by tag");
        header_is('WWW-Authenticate', 'Basic realm="x"');
        ask($method, '/v2/known/manifests/' . sha256($list), @$who);
        code_is(401, "$method by digest");
        header_is('WWW-Authenticate', 'Basic realm="x"');
    }
}

my $digest = sha256($list);
get($target, headers => ['If-None-Match' => qq{"$digest"}]);
code_is(401, 'not even a 304');
get($target, headers => [Authorization => $BAD, Accept => $D2]);
code_is(401, 'nor a child');

# others that are good are asked for once
guard('known', $ALSO, @m);
$other->clear_requests;
get($target, with($ALSO));
body_is($list);
status_is($target, 'REVALIDATED');
ok(scalar $other->requests('^HEAD'), 'checked by HEAD');
is(scalar $other->requests('^GET'), 0, 'and by nothing else');
$other->clear_requests;
get($target, with($ALSO));
status_is($target, 'HIT');
nobody_asked();



=== TEST 13: mlist_auth registry: a check by digest counts for the tag
--- mlist eval: $::REGISTRY
--- steps
my $target = '/v2/digest/manifests/1';
my @m = guarded('digest', $GOOD);
my $list = fetched($target, with($GOOD))->{body};
my $by = '/v2/digest/manifests/' . sha256($list);

# and the other way round
$other->clear_requests;
get($by, with($GOOD));
body_is($list);
status_is($by, 'HIT');
nobody_asked();

guard('digest', $ALSO, @m);
get($by, with($ALSO));
body_is($list);
ok(scalar $other->requests('^HEAD'), 'checked by HEAD of a child');
$other->clear_requests;
get($by, with($ALSO));
body_is($list);
get($target, with($ALSO));
body_is($list);
status_is($target, 'HIT');
nobody_asked();
get($by, with($BAD));
code_is(401);
get($target, with($BAD));
code_is(401);

# of another repository nothing is known
guarded('digest2', $BAD);
get('/v2/digest2/manifests/1', with($ALSO));
code_is(401, 'another repository');

# a check that fails is none
get($by, with('Basic eDp4')) for 1, 2;
code_is(401);



=== TEST 14: mlist_auth registry: while the registry is down
--- mlist eval: $::REGISTRY
--- steps
my $target = '/v2/closed/manifests/1';
guarded('closed', $GOOD);
my $list = fetched($target, with($GOOD))->{body};

$other->down;
get($target, with($GOOD));
body_is($list);
status_is($target, 'HIT');
get('/v2/closed/manifests/' . sha256($list), with($GOOD));
body_is($list, 'by digest');

for my $who ([with($BAD)], [with($ALSO)], []) {
    get($target, @$who);
    gateway_error('by tag, nobody to ask');
    get('/v2/closed/manifests/' . sha256($list), @$who);
    gateway_error('by digest, nobody to ask');
}

$other->up;



=== TEST 15: mlist_auth registry: a check lasts as long as mlist_valid
--- mlist eval: $::REGISTRY =~ s/1m/1s/r
--- steps
my $target = '/v2/lasts/manifests/1';
my @m = guarded('lasts', $GOOD);
my $list = fetched($target, with($GOOD))->{body};
my $by = '/v2/lasts/manifests/' . sha256($list);

guard('lasts', $ALSO, @m);

my $end = now() + 10;
get($by, with($GOOD));
select undef, undef, undef, 0.05
    while now() < $end && get($by, with($GOOD))->{code} == 200;
code_is(401, 'by digest');
get($target, with($GOOD));
code_is(401, 'by tag');
get($target, with($ALSO));
body_is($list);



=== TEST 16: mlist_auth registry: an optional source's 401 grants nothing
--- mlist
mlist_valid 1m;
mlist_source http://other tag=*-amd64;
mlist_source http://other name=private/* platform=linux/s390x optional;
--- steps
my $target = '/v2/leak/manifests/1';
my $secret = docker_image('linux/s390x', seed => 'secret');

$other->tag('leak:1-amd64', docker_image('linux/amd64', seed => 'leak'));
$other->tag('private/leak:1', $secret);
$other->on($_, challenge => 'Basic realm="x"', auth => $GOOD)
    for 'private/leak:1', "private/leak\@$secret->{digest}",
        # a registry asks for credentials before it says what it has not
        'private/leak@' . docker_image('linux/amd64', seed => 'leak')->{digest};
fetched($target, with($GOOD));
like($res->{body}, qr/\Q$secret->{digest}\E/, 'the whole list');
my $by = '/v2/leak/manifests/' . sha256($res->{body});

for (1 .. 2) {
    get($target, with($BAD));
    code_is(200);
    unlike($res->{body}, qr/\Q$secret->{digest}\E/, 'the list without it');
    status_is($target, 'PARTIAL');
}

# the list's digest is no secret of the one who knows it, but a HIT needs more
get($by, with($BAD));
get($target, with($BAD));
unlike($res->{body}, qr/\Q$secret->{digest}\E/, 'still without it');
get($target, with($GOOD));
like($res->{body}, qr/\Q$secret->{digest}\E/, 'whole');
status_is($target, 'HIT');



=== TEST 17: 0 asks each time
--- mlist eval: $::ZERO
--- steps
my $target = '/v2/zero/manifests/1';
warm('zero');

for (1 .. 3) {
    get($target);
    status_is($target, 'REVALIDATED');
    asked_of($amd64, 'HEAD /v2/zero/manifests/1');
    asked_of($arm, 'HEAD /v2/zero/manifests/1');
}
