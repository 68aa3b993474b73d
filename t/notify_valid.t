# Without this: with a long mlist_valid an old image would be pulled after a
# push that the registry has told of, a flight that began before the push
# would bring it back, or the front's own published lists would make it build
# and publish for ever.  (Spec: "Directives", mlist_notify; "Writes".)

use lib 't/lib';
use Mlist::Test;
use Mlist::Events;

run_tests();

__DATA__

=== TEST 1: with mlist_valid 1h, whatever was pushed is pulled
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://arm tag=*-arm platform=linux/arm/v7;
    PROXY;
}
location /other/v2/ {
    rewrite ^/other(/v2/.*)$ $1 break;
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_source http://amd64 tag=*-amd64 name=team/*;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my @path = ('/v2/fresh/manifests/1', '/v2/team/fresh/manifests/1');
my $a = $amd64->tag('fresh:1-amd64', docker_image('linux/amd64'));
my $b = $arm->tag('fresh:1-arm', docker_image('linux/arm/v7'));

fetched($path[0]);
digests_are($a, $b);
$_->clear_requests for $amd64, $arm;

fetched($path[0]);
is(scalar $amd64->requests, 0, 'nobody is asked without an event');
notify([event('pull', mediaType => $D2, repository => 'fresh',
              tag => '1-amd64', digest => $a->{digest}),
        pushed('fresh:2-amd64'), pushed('freshest:1-amd64')]);
code_is(200);
fetched($path[0]);
is(scalar $amd64->requests, 0, 'a pull and other tags change nothing');

for my $round (1 .. 5) {
    my $new = $amd64->tag('fresh:1-amd64',
                          docker_image('linux/amd64', seed => "r$round"));

    notify([pushed('fresh:1-amd64', $new->{digest})]);
    code_is(200);
    fetched($path[0]);
    digests_are($new, $b);
    ok(scalar $amd64->requests, 'asked after an event');

    $a = $new;
    $amd64->clear_requests;
}



=== TEST 2: with mlist_valid 1h, a delete takes all tags of the repository
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my $a = docker_image('linux/amd64');
my $b = docker_image('linux/arm/v7');

for my $tag (1, 2) {
    $amd64->tag("gone:$tag", $a);
    $arm->tag("gone:$tag", $b);
    fetched("/v2/gone/manifests/$tag");
    digests_are($a, $b);
}

$amd64->tag('stays:1', $a);
$arm->tag('stays:1', $b);
fetched('/v2/stays/manifests/1');

$arm->forget("gone:$_") for 1, 2;
notify([event('delete', repository => 'gone', digest => $b->{digest})]);
code_is(200);
$_->clear_requests for $amd64, $arm;

for my $tag (1, 2) {
    fetched("/v2/gone/manifests/$tag");
    digests_are($a);
}

$amd64->clear_requests;
fetched('/v2/stays/manifests/1');
is(scalar $amd64->requests, 0, 'not other repositories');



=== TEST 3: a flight that asked before an event establishes nothing
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my $a = $amd64->tag('late:1', docker_image('linux/amd64'));
my $b = $arm->tag('late:1', docker_image('linux/arm/v7'));

# the flight has amd64's old answer and waits for arm's
$arm->on('late:1', hold => 'late');
my $fh = send_to(nginx_port(), 'GET', '/v2/late/manifests/1');
ok($arm->wait_for('late/manifests/1'), 'under way');

my $new = $amd64->tag('late:1', docker_image('linux/amd64', seed => 'new'));
notify([pushed('late:1', $new->{digest})]);
code_is(200);
$arm->release('late');
$res = answer_of($fh, 'GET');
code_is(200);

fetched('/v2/late/manifests/1');
digests_are($new, $b);



=== TEST 4: with mlist_publish a tag is built before it is pulled
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_publish on;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my $a = $amd64->tag('built:1-amd64', docker_image('linux/amd64'));
my $b = $amd64->tag('built:1-arm', docker_image('linux/arm/v7'));

$amd64->on('built:1-arm', hold => 'built');

# the answer comes at once, the connection ends with what is asked
my $fh = send_to(nginx_port(), 'POST', '/events', http1 => 1,
                 body => json_text({ events => [pushed('built:1-arm')] }));
my ($in, $end) = ('', time + 10);

1 while $in !~ /\r\n\r\n/ && sysread $fh, $in, 4096, length $in;
like($in, qr{^HTTP/1.1 200 }, 'the answer does not wait');
ok($amd64->wait_for('/v2/built/manifests/1-arm'), 'it is asked for');
$amd64->release('built');

select undef, undef, undef, 0.01
    until $amd64->requests('GET /v2/built/blobs/') || time > $end;

# and what it brought is used
my $status = '';

until ($status eq 'HIT' || time > $end) {
    get('/v2/built/manifests/1');
    $status = variables('/v2/built/manifests/1')->{cache};
}

code_is(200);
digests_are($a, $b);
is($status, 'HIT', 'nobody is asked when it is pulled');



=== TEST 5: not where mlist_publish is off
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my $b = $amd64->tag('unbuilt:1-arm', docker_image('linux/arm/v7'));

notify([pushed('unbuilt:1-arm', $b->{digest})]);
code_is(200);
notify([pushed('unbuilt:1-arm', $b->{digest})]);
code_is(200);
is(scalar $amd64->requests, 0, 'nobody is asked');



=== TEST 6: a list of our own, published, changes nothing
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my $a = $amd64->tag('own:1-amd64', docker_image('linux/amd64'));
my $b = $amd64->tag('own:1-arm', docker_image('linux/arm/v7'));
my $list = sha256(fetched('/v2/own/manifests/1')->{body});
my $oci = sha256(fetched('/v2/own/manifests/1', accept => $OI)->{body});

$amd64->clear_requests;
notify([event('push', mediaType => $DL, repository => 'own', tag => '1',
              digest => $list),
        event('push', mediaType => $OI, repository => 'own', tag => '1',
              digest => $oci)]);
code_is(200);
is(drops('own:1'), 0, 'nothing is dropped');
fetched('/v2/own/manifests/1');
is(scalar $amd64->requests, 0, 'nobody is asked');

# under another tag it is news, and so is another list under this one
notify([event('push', mediaType => $DL, repository => 'own', tag => 'latest',
              digest => $list)]);
is(drops('own:latest'), 1, 'another tag');
notify([event('push', mediaType => $DL, repository => 'own', tag => '1',
              digest => sha256('other'))]);
is(drops('own:1'), 1, 'another list');
notify([event('push', mediaType => $DL, repository => 'own', tag => '1-arm',
              digest => $list)]);
is(drops('own:1-arm'), 1, "a source's spelling");



=== TEST 7: a registry may tell of a push before its tag says so
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my $a = $amd64->tag('early:1', docker_image('linux/amd64'));
my $b = $arm->tag('early:1', docker_image('linux/arm/v7'));
my $new = docker_image('linux/amd64', seed => 'new');

fetched('/v2/early/manifests/1');
notify([pushed('early:1', $new->{digest})]);
fetched('/v2/early/manifests/1');
digests_are($a, $b);

$amd64->tag('early:1', $new);
fetched('/v2/early/manifests/1');
digests_are($new, $b);

# nor may a flight be joined that asked in between
$new = docker_image('linux/amd64', seed => 'newer');
$arm->on('early:1', hold => 'early', times => 1);
notify([pushed('early:1', $new->{digest})]);
$_->clear_requests for $amd64, $arm;
my $fh = send_to(nginx_port(), 'GET', '/v2/early/manifests/1');
ok($_->wait_for('early/manifests/1'), 'asked: ' . $_->name) for $amd64, $arm;
$amd64->tag('early:1', $new);
my $later = send_to(nginx_port(), 'GET', '/v2/early/manifests/1');
request_to(nginx_port(), 'GET', '/v2/');
$arm->release('early');
answer_of($fh, 'GET');
$res = answer_of($later, 'GET');
code_is(200);
digests_are($new, $b);



=== TEST 8: an event that comes before what it tells of is to be seen
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_publish on;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
$amd64->writable;
my $a = $amd64->tag('early:1-amd64', docker_image('linux/amd64'));
my $b = $amd64->tag('early:1-arm', docker_image('linux/arm/v7'));
fetched('/v2/early/manifests/1');
digests_are($a, $b);

my $new = docker_image('linux/arm/v7', seed => 'new');
notify([pushed('early:1-arm', $new->{digest})]);
code_is(200);
fetched('/v2/early/manifests/1');
digests_are($a, $b);

$amd64->clear_requests;
$amd64->tag('early:1-arm', $new);
fetched('/v2/early/manifests/1');
digests_are($a, $new);

# the log is written after the answer
my ($status, $end) = ('', time + 10);

until ($status eq 'HIT' || time > $end) {
    get('/v2/early/manifests/1');
    $status = variables('/v2/early/manifests/1')->{cache} // '';
}

is($status, 'HIT', 'from then on');
digests_are($a, $new);



=== TEST 8: what a registry says that a tag holds is no text for a log
--- mlist
mlist_auth nginx;
mlist_publish on;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm;
--- steps
$amd64->tag('odd:1-amd64', docker_image('linux/amd64'));
$amd64->tag('odd:1-arm', docker_image('linux/arm/v7'));
$amd64->put('odd:1', type => $D2, body => 'x',
            headers => { 'Docker-Content-Digest' => "\x1b[31mred\xff" });
fetched('/v2/odd/manifests/1');

my $end = time + 10;
my @lines;

until (@lines || time > $end) {
    @lines = log_lines(qr{"/v2/odd/manifests/1" is not published});
}

ok(scalar @lines, 'it is no list of this front');
is(scalar(grep { /[^ -~\n]/ } @lines), 0, 'and printable');
is(scalar $amd64->requests('^PUT'), 0, 'it stays');



=== TEST 10: what is to be built after a flight that is under way is built
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_valid 1h;
    mlist_publish on;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
$amd64->tag('queued:1-amd64', docker_image('linux/amd64'));
$amd64->tag('queued:1-arm', docker_image('linux/arm/v7'));
$amd64->on('queued:1-arm', hold => 'queued');
my $fh = send_to(nginx_port(), 'GET', '/v2/queued/manifests/1');
ok($amd64->wait_for('/v2/queued/manifests/1-arm'), 'under way');

# the event is answered, and has left our phase, before its flight begins
my $event = send_to(nginx_port(), 'POST', '/events', http1 => 1,
                    body => json_text({ events => [pushed('queued:1-arm')] }));
my $in = '';

1 while $in !~ /\r\n\r\n/ && sysread $event, $in, 4096, length $in;
like($in, qr{^HTTP/1.1 200 }, 'the answer does not wait');
$amd64->release('queued');
$res = answer_of($fh, 'GET');
code_is(200);
ok($amd64->wait_for('/v2/queued/manifests/1-arm', 2), 'asked for again');
