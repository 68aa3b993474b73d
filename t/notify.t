# Without this: with mlist_valid a push at a registry would stay hidden; a
# malformed envelope would change half of what it says; and anybody's events
# could make the front ask its registries, or worse, contact hosts of his.
# (Spec: "Directives", mlist_notify.)

use lib 't/lib';
use Mlist::Test;
use Mlist::Events;

use File::Temp qw(tempfile);

my ($users, $file) = tempfile('mlist-notify-XXXXXX', TMPDIR => 1, UNLINK => 1);

print $users "registry:{PLAIN}secret\n";
close $users or die $!;
chmod 0644, $file or die $!;
$ENV{TEST_NGINX_NOTIFY_USERS} = $file;

run_tests();

__DATA__

=== TEST 1: a push drops the tag that is made of it, and says so
--- config
location /v2/ {
    mlist_auth nginx;
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
notify([pushed('one:1-arm')]);
code_is(200);
is($res->{body}, '', 'no body');
is(drops('one:1-arm'), 1, 'dropped');

notify([pushed('two:1-arm'), pushed('three:1-amd64'), pushed('two:2-arm')]);
code_is(200);
is(drops($_), 1, "dropped: $_") for qw(two:1-arm three:1-amd64 two:2-arm);

notify([event('delete', repository => 'four', tag => '1-arm')]);
code_is(200);
is(drops('four:1-arm'), 1, 'a deleted tag');

notify([event('delete', repository => 'five', digest => sha256('x'))]);
code_is(200);
is(drops('five@' . sha256('x')), 1, 'a deleted manifest');

notify([event('delete', repository => 'six')]);
code_is(200);
is(drops('six'), 1, 'a deleted repository');



=== TEST 2: what changes no tag is taken and ignored
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_names ~^ours;
    mlist_source http://amd64;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my %target = (mediaType => $D2, repository => 'ours', tag => '1',
              digest => sha256('x'));

notify([event('pull', %target), event('mount', %target),
        event('push', %target, mediaType => 'application/octet-stream',
              tag => ''),
        event('push', %target, tag => undef),
        pushed('theirs:1'), pushed('ours:' . 'sha256-' . 'a' x 64)]);
code_is(200);

notify([]);
code_is(200);
is(scalar log_lines(qr/mlist \w+ of "(?:ours|theirs)/), 0,
   'nothing is dropped');

is(scalar $amd64->requests, 0, 'nobody is asked');

notify([pushed('ours:1')]);
code_is(200);
is(drops('ours:1'), 1, 'but this is');



=== TEST 3: a malformed envelope is refused and changes nothing
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my $good = json_text(pushed('half:1'));

for my $bad ('', '{', '[]', 'null', '{}', '{"events":null}', '{"events":{}}',
             qq({"events":[$good]} x), qq({"events":[$good,1]}),
             qq({"events":[$good],"events":[]}),
             qq({"events":[$good,{}]}), qq({"events":[$good,{"action":5}]}),
             qq({"events":[$good,{"action":"push"}]}),
             qq({"events":[$good,{"action":"push","target":"x"}]}),
             qq({"events":[$good,)
             . json_text(event('push', mediaType => $D2, tag => '1',
                               repository => '../half')) . ']}',
             qq({"events":[$good,)
             . json_text(event('push', mediaType => $D2, tag => "1\nx",
                               repository => 'half')) . ']}',
             qq({"events":[$good,)
             . json_text(event('delete', repository => 'half',
                               digest => 'sha256:0')) . ']}',
             '{"events":' . '[' x 1000 . ']' x 1000 . '}',
             "{\"events\":[],\"\xff\":1}")
{
    notify($bad);
    code_is(400, substr($bad, 0, 60) =~ s/[^ -~]/?/gr);
}

is(drops('half:1'), 0, 'nothing is dropped');
ok(scalar log_lines(qr/mlist_notify refused an envelope of/), 'it is logged');

notify([pushed('half:1')]);
code_is(200);
is(drops('half:1'), 1, 'the good one by itself');



=== TEST 4: POST only, of any type, with or without a length
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
for my $method (qw(GET HEAD PUT DELETE PATCH)) {
    ask($method, '/events', $method eq 'PUT' ? (body => '{"events":[]}') : ());
    code_is(405, $method);
    header_is('Allow', 'POST');
}

for my $type ('application/json', 'text/plain; x=y', 'nonsense') {
    my $place = 'typed:' . ($type =~ s/\W/_/gr);

    notify([pushed($place)], headers => ['Content-Type' => $type]);
    code_is(200, $type);
    is(drops($place), 1, 'dropped');
}

my $text = json_text({ events => [pushed('chunked:1')] });
my $chunks = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
             unpack '(a100)*', $text;

my $fh = send_to(nginx_port(), 'POST', '/events',
                 headers => ['Transfer-Encoding' => 'chunked']);
syswrite $fh, $chunks . "0\r\n\r\n";
$res = answer_of($fh, 'POST');
code_is(200, 'chunked');
is(drops('chunked:1'), 1, 'dropped');



=== TEST 5: up to 1 MB, whatever client_max_body_size says
--- config
client_body_buffer_size 4k;
lingering_timeout 50ms;
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    client_max_body_size 0;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    client_max_body_size 8m;
    mlist_notify;
}
location = /small {
    allow 127.0.0.1;
    deny all;
    client_max_body_size 1k;
    mlist_notify;
}
location = /limited {
    mlist_notify;
    limit_except GET { deny 192.0.2.1; allow all; }
}
location = /file {
    allow 127.0.0.1;
    deny all;
    client_body_in_file_only clean;
    mlist_notify;
}
--- steps
my $limit = 1024 * 1024;

sub padded {
    my ($place, $size) = @_;
    my $text = json_text({ events => [pushed($place)] });

    return $text . ' ' x ($size - length $text);
}

for my $where (qw(events small limited file)) {
    ask('POST', "/$where", body => padded("$where:full", $limit));
    code_is(200, "$where: 1 MB");
    is(drops("$where:full"), 1, 'dropped');

    my $fh = send_to(nginx_port(), 'POST', "/$where",
                     headers => ['Content-Length' => $limit + 1]);
    $res = answer_of($fh, 'POST');
    code_is(413, "$where: a byte more");
}

my $bytes = padded('chunked:over', $limit + 1);
my $fh = send_to(nginx_port(), 'POST', '/events',
                 headers => ['Transfer-Encoding' => 'chunked']);

$SIG{PIPE} = 'IGNORE';
syswrite $fh, sprintf("%x\r\n", length $_) . "$_\r\n"
    for unpack('(a65536)*', $bytes);
syswrite $fh, "0\r\n\r\n";
$res = answer_of($fh, 'POST');
code_is(413, 'chunked: a byte more');
is(drops('chunked:over'), 0, 'not dropped');

ask('POST', '/file', body => json_text({ events => [pushed('file:1')] }));
code_is(200, 'a file');
is(drops('file:1'), 1, 'dropped');



=== TEST 6: many events, and a slow sender
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
notify([map { pushed("many:$_") } 1 .. 2000]);
code_is(200);
is(drops("many:$_"), 1, "dropped: $_") for 1, 1000, 2000;

my $text = json_text({ events => [pushed('slow:1')] });
my $fh = send_to(nginx_port(), 'POST', '/events',
                 headers => ['Content-Length' => length $text]);

for my $part (unpack '(a64)*', $text) {
    syswrite $fh, $part;
    select undef, undef, undef, 0.01;
}

$res = answer_of($fh, 'POST');
code_is(200, 'slow');
is(drops('slow:1'), 1, 'dropped');

# gone in the middle
$fh = send_to(nginx_port(), 'POST', '/events',
              headers => ['Content-Length' => 1000]);
syswrite $fh, '{"events":[';
close $fh;
notify([pushed('after:1')]);
code_is(200, 'the next one');



=== TEST 7: access control of nginx holds, mlist_htpasswd too
--- http
map $http_x_token $token_ok { default 0; right 1; }
--- config
mlist_htpasswd $TEST_NGINX_NOTIFY_USERS realm="Events";
location /v2/ {
    mlist_source http://amd64;
    PROXY;
}
location = /events {
    mlist_notify;
}
location = /denied {
    mlist_htpasswd off;
    deny all;
    mlist_notify;
}
location = /asked {
    mlist_htpasswd off;
    auth_request /ask;
    mlist_notify;
}
location = /ask {
    mlist_htpasswd off;
    if ($token_ok) { return 204; }
    return 401;
}
--- steps
use MIME::Base64 qw(encode_base64);

my $body = json_text({ events => [pushed('guarded:1')] });
my $right = 'Basic ' . encode_base64('registry:secret', '');
my $wrong = 'Basic ' . encode_base64('registry:guess', '');

ask('POST', '/events', body => $body);
code_is(401, 'no password');
header_is('WWW-Authenticate', 'Basic realm="Events"');
ask('POST', '/events', body => $body, headers => [Authorization => $wrong]);
code_is(401, 'wrong password');
ask('POST', '/denied', body => $body);
code_is(403, 'deny');
ask('POST', '/asked', body => $body);
code_is(401, 'auth_request');
is(drops('guarded:1'), 0, 'nothing is dropped');

ask('POST', '/events', body => $body, headers => [Authorization => $right]);
code_is(200, 'right password');
is(drops('guarded:1'), 1, 'dropped');
ask('POST', '/asked', body => $body, headers => ['X-Token' => 'right']);
code_is(200, 'auth_request says yes');
is(drops('guarded:1'), 2, 'dropped');



=== TEST 8: not by a subrequest, where nobody asks who it is
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
location = /events {
    deny all;
    mlist_notify;
}
location = /mirrored {
    mirror /events;
    return 204;
}
location = /page {
    auth_request /events;
    root html;
}
--- steps
my $body = json_text({ events => [pushed('sub:1')] });

ask('POST', '/page', body => $body);
code_is(403);
ask('POST', '/mirrored', body => $body);
is(drops('sub:1'), 0, 'nothing is dropped');



=== TEST 9: no host of an event is contacted
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
my $event = pushed('hosts:1');
my $where = 'http://' . $arm->address;

$event->{target}{url} = "$where/v2/hosts/manifests/1";
$event->{target}{urls} = [$event->{target}{url}];
$event->{request}{host} = $arm->address;
$event->{source}{addr} = $arm->address;
notify([$event]);
code_is(200);
is(drops('hosts:1'), 1, 'dropped');
is(scalar $arm->requests, 0, 'nobody is asked');



=== TEST 10: without any source
--- config
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
notify([pushed('nobody:1')]);
code_is(200);
is(drops('nobody:1'), 0, 'nothing is dropped');



=== TEST 11: an event with a condition is taken as one without
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm;
    mlist_publish on;
    PROXY;
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
--- steps
$amd64->tag('cond:1-amd64', docker_image('linux/amd64'));

for my $header (qw(If-Match If-Unmodified-Since)) {
    ask('POST', '/events', headers => [$header => '"x"'],
        body => json_text({ events => [pushed('cond:1-amd64')] }));
    code_is(200, $header);
}

is(drops('cond:1-amd64'), 2, 'dropped');
ok(!log_lines(qr/exited on signal/), 'no worker is lost');
