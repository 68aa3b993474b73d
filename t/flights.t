# Without this: a node that rolls out everywhere at once would ask the
# registries a thousand times, or hand out what was there before a push; a
# client that leaves would take the others' answer with it; and a registry
# that is down would be asked again by everyone who waits.  (Spec: "A tag",
# 10, mlist_flights.)

use lib 't/lib';
use Mlist::Http2;
use Mlist::Test;

our $CONF = 'mlist_auth nginx; mlist_source http://amd64;
             mlist_source http://arm;';

our $PUBLISH = 'mlist_auth nginx; mlist_publish on;
                mlist_source http://amd64 tag=*-amd64;
                mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;';

our $H2 = h2_server($CONF);

# HTTP/2 without TLS, on a socket of its own.
sub h2_server {
    my ($conf) = @_;
    my $listen = listen_h2();

    return "server { $listen location /v2/ { $conf\nPROXY;\n} }";
}

sub tagged {
    my ($place, $seed) = @_;

    return ($amd64->tag($place, docker_image('linux/amd64', seed => $seed)),
            $arm->tag($place, docker_image('linux/arm/v7', seed => $seed)));
}

sub clients {
    my ($n, $target, @more) = @_;

    return map { send_to(nginx_port(), 'GET', $target, @more) } 1 .. $n;
}

# How often a tag was asked for at a registry, however.
sub asks {
    my ($registry, $place) = @_;
    my ($name, $tag) = split /:/, $place;

    return scalar $registry->requests(qr{ /v2/$name/manifests/$tag$});
}

# Requests are read in the order in which they came to nginx, as soon as it
# is idle; a whole answer says that those before it have been read.
sub all_have_come {
    request_to(nginx_port(), 'GET', '/v2/');
}

Test::Nginx::Util::master_on();

run_tests();

__DATA__

=== TEST 1: a crowd costs two flights
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
tagged('crowd:1');
$arm->on('crowd:1', hold => 'crowd');
my @fh = clients(200, '/v2/crowd/manifests/1');
ok($arm->wait_for('/v2/crowd/'), 'the first one asks');
all_have_come();
is(asks($arm, 'crowd:1'), 1, 'the others wait');
$arm->release('crowd');
my %seen;
$seen{"$_->{code} " . sha256($_->{body})}++
    for map { answer_of($_, 'GET') } @fh;
get('/v2/crowd/manifests/1');
is(json_text(\%seen), json_text({ '200 ' . sha256($res->{body}) => 200 }),
   'all have the list');
is(asks($_, 'crowd:1'), 3, 'asked for twice, and once more: ' . $_->name)
    for $amd64, $arm;



=== TEST 2: what was pushed before a pull began is in its answer
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
tagged('fresh:1', 1);
get('/v2/fresh/manifests/1');
$arm->on('fresh:1', hold => 'fresh', times => 1);
$_->clear_requests for $amd64, $arm;
my ($first) = clients(1, '/v2/fresh/manifests/1');
ok($_->wait_for('/v2/fresh/'), $_->name . ' is asked') for $amd64, $arm;
my $new = $amd64->tag('fresh:1', docker_image('linux/amd64', seed => 2));
my @later = clients(5, '/v2/fresh/manifests/1');
all_have_come();
$arm->release('fresh');
$res = answer_of($first, 'GET');
code_is(200, 'who came before');

for my $fh (@later) {
    $res = answer_of($fh, 'GET');
    code_is(200);
    is((entries())[0]{digest}, $new->{digest}, 'who came after the push');
}

is(asks($amd64, 'fresh:1'), 2, 'two flights');



=== TEST 3: a failure is everyone's answer
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
tagged('broken:1');
$arm->fail('broken:1', 500, hold => 'broken');
my @fh = clients(50, '/v2/broken/manifests/1');
ok($arm->wait_for('/v2/broken/'), 'one asks');
all_have_come();
$arm->release('broken');
my %seen;
$seen{"$_->{code} $_->{body}"}++ for map { answer_of($_, 'GET') } @fh;
is(scalar(keys %seen), 1, 'one answer') or Test::More::diag(json_text(\%seen));
like((keys %seen)[0], qr/^502 .*UNAVAILABLE.*source \\"arm\\"/, 'the right one');
is(asks($arm, 'broken:1'), 2, 'no storm');



=== TEST 4: HTTP/1: the one that carries it leaves
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
tagged('left:1');
$arm->on('left:1', hold => 'left');
my ($first) = clients(1, '/v2/left/manifests/1');
ok($arm->wait_for('/v2/left/'), 'it asks');
my @fh = clients(5, '/v2/left/manifests/1');
all_have_come();
close $first;
$arm->release('left');

for my $fh (@fh) {
    $res = answer_of($fh, 'GET');
    code_is(200);
    platforms_are('linux/amd64', 'linux/arm/v7');
}

is(asks($arm, 'left:1'), 2, 'two flights');



=== TEST 5: HTTP/2: the one that carries it leaves, or its connection
--- http eval: $::H2
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
for my $how (qw(reset close)) {
    my $name = "h2$how";

    tagged("$name:1");
    $arm->on("$name:1", hold => $name);
    my $first = h2_open(h2_socket(), "/v2/$name/manifests/1");
    ok($arm->wait_for("/v2/$name/"), "$how: it asks");
    my @fh = clients(5, "/v2/$name/manifests/1");
    all_have_come();

    if ($how eq 'reset') {
        syswrite $first, Mlist::Client::h2_frame(3, 0, 1, pack('N', 8));

    } else {
        close $first;
    }

    all_have_come();
    $arm->release($name);

    for my $fh (@fh) {
        $res = answer_of($fh, 'GET');
        code_is(200, "$how: who waited");
        platforms_are('linux/amd64', 'linux/arm/v7');
    }

    is(asks($arm, "$name:1"), 2, "$how: two flights");
    get("/v2/$name/manifests/1");
    code_is(200, "$how: the next one");
}



=== TEST 6: those who wait may leave
--- http eval: $::H2
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
tagged('waiter:1');
$arm->on('waiter:1', hold => 'waiter');
my ($first) = clients(1, '/v2/waiter/manifests/1');
ok($arm->wait_for('/v2/waiter/'), 'one asks');
my @gone = clients(5, '/v2/waiter/manifests/1');
push @gone, h2_open(h2_socket(), map { '/v2/waiter/manifests/1' } 1 .. 5);
all_have_come();
close $_ for @gone;
all_have_come();
my ($last) = clients(1, '/v2/waiter/manifests/1');
all_have_come();
$arm->release('waiter');

for my $fh ($first, $last) {
    $res = answer_of($fh, 'GET');
    code_is(200);
    platforms_are('linux/amd64', 'linux/arm/v7');
}

is(asks($arm, 'waiter:1'), 2, 'two flights');



=== TEST 7: only some tags at once
--- config eval: "location /v2/ { $::CONF mlist_flights 2;\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
for my $i (1 .. 3) {
    tagged("full$i:1");
    $arm->on("full$i:1", hold => 'full');
}

my @fh = map { clients(2, "/v2/full$_/manifests/1") } 1, 2;
ok($arm->wait_for('/v2/full', 2), 'two are asked for');
get('/v2/full3/manifests/1');
error_is(503, 'UNAVAILABLE');
like(header_of($res, 'Retry-After'), qr/^[1-9]/, 'Retry-After');
is(asks($arm, 'full3:1'), 0, 'the third one is not asked for');
$arm->release('full');
is(answer_of($_, 'GET')->{code}, 200, 'those under way') for @fh;
get('/v2/full3/manifests/1');
code_is(200, 'there is room again');



=== TEST 8: mlist_auth registry: nobody shares another one's credentials
--- mlist
mlist_auth registry;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm;
--- steps
$amd64->tag('own:1-amd64', docker_image('linux/amd64'));
$amd64->tag('own:1-arm', docker_image('linux/arm/v7'));
$amd64->on('own:1-arm', hold => 'own');
my ($one) = clients(1, '/v2/own/manifests/1', headers => [Authorization => 'A']);
ok($amd64->wait_for('1-arm'), 'one asks');
my ($other) = clients(1, '/v2/own/manifests/1', headers => [Authorization => 'B']);
ok($amd64->wait_for('1-arm', 2), 'the other asks for himself');
my ($same) = clients(1, '/v2/own/manifests/1',
                     headers => [Authorization => 'A']);
all_have_come();
is(asks($amd64, 'own:1-arm'), 2, 'one with the same credentials waits');
$amd64->release('own');
is(answer_of($_, 'GET')->{code}, 200, 'answered') for $one, $other, $same;
is(json_text([sort $amd64->seen_header('1-arm', 'Authorization')]),
   json_text(['A', 'A', 'B']), 'each with his own');



=== TEST 9: clients of either list type, at once
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
tagged('types:1');
$arm->on('types:1', hold => 'types');
my %fh = map {
    $_ => [clients(10, '/v2/types/manifests/1', headers => [Accept => $_])]
} $DL, $OI, $D2;
ok($arm->wait_for('/v2/types/'), 'asked');
all_have_come();
$arm->release('types');

for my $type (sort keys %fh) {
    my %seen;

    $seen{"$_->{code} " . header_of($_, 'Content-Type')}++
        for map { answer_of($_, 'GET') } @{ $fh{$type} };
    is(json_text(\%seen), json_text({ "200 $type" => 10 }), $type);
}

cmp_ok(asks($arm, 'types:1'), '<=', 6, 'two flights each');



=== TEST 10: mlist_valid: a flight under way is young enough for all
--- config eval: "location /v2/ { $::CONF mlist_valid 1m;\nPROXY;\n}"
--- one_worker: flights are a worker's
--- steps
tagged('young:1');
$arm->on('young:1', hold => 'young');
my @fh = clients(50, '/v2/young/manifests/1');
ok($arm->wait_for('/v2/young/'), 'one asks');
all_have_come();
$arm->release('young');
is(answer_of($_, 'GET')->{code}, 200, 'answered') for @fh;
is(asks($arm, 'young:1'), 1, 'one flight');



=== TEST 11: HTTP/2: the one that carries it leaves, and there is to publish
--- http eval: ::h2_server($::PUBLISH)
--- config eval
"location /v2/ { $::PUBLISH\nPROXY;\n} location = /connections { stub_status; }"
--- steps
for my $how (qw(reset close)) {
    my $name = "publish$how";

    $amd64->tag("$name:1-amd64", docker_image('linux/amd64'));
    $amd64->tag("$name:1-arm", docker_image('linux/arm/v7'));
    $amd64->on("$name:1-arm", hold => $name);
    my $fh = h2_open(h2_socket(), "/v2/$name/manifests/1");
    ok($amd64->wait_for("/v2/$name/manifests/1-arm"), "$how: it asks");

    if ($how eq 'reset') {
        syswrite $fh, Mlist::Client::h2_frame(3, 0, 1, pack('N', 8));

    } else {
        close $fh;
    }

    all_have_come();
    $amd64->release($name);
    ok($amd64->wait_for("PUT /v2/$name/manifests/1"), "$how: it is published");
    close $fh if $how eq 'reset';

    # what is sent to who has left would be kept for ever
    my $end = time + 5;

    do {
        get('/connections');
    } until $res->{body} =~ /^Active connections: 1 / || time > $end;

    like($res->{body}, qr/^Active connections: 1 /, "$how: nothing is left");
}
