# Without this: what mlist_publish writes could replace an image that somebody
# pushed, come late and hide a newer list, or make a pull wait or fail.
# (Spec: "Writes", mlist_publish.)

use lib 't/lib';
use Mlist::Test;
use Mlist::Events;

our $CONF = 'mlist_auth nginx; mlist_publish on;
             mlist_source http://amd64 tag=*-amd64;
             mlist_source http://amd64 tag=*-arm;';

our $BOTH = "location /v2/ { $CONF mlist_valid 1h;\nPROXY;\n}
             location = /events { allow all; mlist_notify; }";

sub tagged {
    my ($place, $seed) = @_;

    return ($amd64->tag("$place-amd64", docker_image('linux/amd64',
                                                     seed => $seed)),
            $amd64->tag("$place-arm", docker_image('linux/arm/v7',
                                                   seed => $seed)));
}

# What a registry itself gives for a place ("name:tag").
sub held {
    my ($place) = @_;
    my ($name, $tag) = split /:/, $place;

    return request_to($amd64->{port}, 'GET', "/v2/$name/manifests/$tag",
                      headers => [Accept => "$DL, $OI, $D2"]);
}

# The PUTs of a tag so far.
sub puts {
    my ($place) = @_;
    my ($name, $tag) = split /:/, $place;

    return scalar $amd64->requests(qr{^PUT /v2/$name/manifests/$tag$});
}

sub is_published {
    my ($place, $what) = @_;
    my ($name, $tag) = split /:/, $place;

    ok($amd64->wait_for(qr{^PUT /v2/$name/manifests/$tag$}), "$what: is PUT");
}

# A refusal or an error in the log, which is not before the answer.
sub is_logged {
    my ($pattern, $what) = @_;
    my $end = time + 10;

    select undef, undef, undef, 0.01
        until time > $end || log_lines($pattern);
    ok(scalar log_lines($pattern), $what) or Test::More::diag(join "", log_lines(qr{mlist}));
}

run_tests();

__DATA__

=== TEST 1: over an absent tag, and over a list of its own
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- steps
$amd64->writable;
tagged('own:1', 1);
my $first = fetched('/v2/own/manifests/1')->{body};
is_published('own:1', 'the first list');
is(held('own:1')->{body}, $first, 'the same bytes');
get('/v2/own/manifests/1');
body_is($first, 'it is no source of its own');

$amd64->clear_requests;
tagged('own:1', 2);
my $second = fetched('/v2/own/manifests/1')->{body};
ok($first ne $second, 'another list');
is_published('own:1', 'the next list');
is(held('own:1')->{body}, $second, 'over its own');

$amd64->clear_requests;
get('/v2/own/manifests/1');
get('/v2/own/manifests/1');
is(puts('own:1'), 0, 'once is enough');


=== TEST 2: never over what somebody pushed
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- steps
$amd64->writable;
tagged('theirs:1');
my $image = $amd64->tag('theirs:1', docker_image('linux/s390x'));
get('/v2/theirs/manifests/1');
code_is(200, 'the pull has its list');
platforms_are('linux/amd64', 'linux/arm/v7');
is_logged(qr/mlist_publish: .*theirs.*$image->{digest}.*no list of this/,
          'the refusal is logged');
is(puts('theirs:1'), 0, 'no PUT');
is(held('theirs:1')->{body}, $image->{body}, 'it stays');



=== TEST 3: not over what comes while it looks
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- steps
$amd64->writable;
tagged('race:1');
$amd64->fail('race:1', 404, hold => 'race');
get('/v2/race/manifests/1');
code_is(200, 'the pull does not wait');
ok($amd64->wait_for(qr{^HEAD /v2/race/manifests/1$}), 'it looks');
my $image = $amd64->tag('race:1', docker_image('linux/s390x'));
$amd64->release('race');
is_logged(qr/mlist_publish: .*race.*now holds "$image->{digest}"/,
          'and finds it');
is(puts('race:1'), 0, 'no PUT');
is(held('race:1')->{body}, $image->{body}, 'it stays');



=== TEST 4: a registry that fails does not fail the pull, and is tried again
--- config eval: "location /v2/ { $::CONF\nPROXY;\n}"
--- steps
$amd64->writable;
tagged('fail:1');
$amd64->fail('fail:1', 404, method => { PUT => { status => 500 } });
get('/v2/fail/manifests/1');
code_is(200);
is_logged(qr/mlist_publish: .*fail.*could not be written, status 500/,
          'logged');
$amd64->forget('fail:1');
$amd64->clear_requests;
get('/v2/fail/manifests/1');
code_is(200);
is_published('fail:1', 'tried again');



=== TEST 5: its own notification changes nothing
--- config eval: $::BOTH
--- steps
$amd64->writable;
tagged('noted:1', 1);
my $list = fetched('/v2/noted/manifests/1')->{body};
is_published('noted:1', 'the list');
$amd64->clear_requests;
notify([pushed('noted:1', sha256($list))]);
code_is(200);
get('/v2/noted/manifests/1');
body_is($list);
is(scalar $amd64->requests, 0, 'nobody is asked');



=== TEST 6: an event is enough to have it built and published
--- config eval: $::BOTH
--- steps
$amd64->writable;
my ($a, $b) = tagged('event:1', 1);
notify([pushed('event:1-arm', $b->{digest})]);
code_is(200);
is_published('event:1', 'nobody has pulled');
my $held = held('event:1');
get('/v2/event/manifests/1');
body_is($held->{body}, 'what a pull is given');
digests_are($a, $b);

$amd64->clear_requests;
my ($new) = tagged('event:1', 2);
notify([pushed('event:1-amd64', $new->{digest})]);
is_published('event:1', 'the next one');
$amd64->clear_requests;
get('/v2/event/manifests/1');
is((entries())[0]{digest}, $new->{digest}, 'fresh');
is(scalar $amd64->requests, 0, 'without asking');



=== TEST 7: a partial list is not published
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_publish on;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm optional;
    PROXY;
}
--- steps
$amd64->writable;
tagged('part:1');
$amd64->fail('part:1-arm', 500);
get('/v2/part/manifests/1');
code_is(200);
platforms_are('linux/amd64');
$amd64->tag('part:1-arm', docker_image('linux/arm/v7'));
get('/v2/part/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7');
is_published('part:1', 'the whole list');
is(held('part:1')->{body}, $res->{body}, 'and only that');
is(puts('part:1'), 1, 'once');
