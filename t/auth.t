# Without this: bcrypt would stop all other requests, or be paid for every
# layer of a pull; a changed or removed password would go on working; a file
# caught while it is being written would lock everybody out.  (Spec:
# mlist_htpasswd.)

use lib 't/lib';
use Mlist::Test;

use Digest::SHA qw(sha1_base64);
use File::Temp qw(tempdir);
use MIME::Base64 qw(encode_base64);
use Time::HiRes qw(sleep time);

our $files = $ENV{TEST_NGINX_AUTH} = tempdir('mlist-auth-XXXXXX', TMPDIR => 1,
                                          CLEANUP => 1);

# what changes a file would be seen by a worker of any user
chmod 0755, $files;

our %line = (
    alice => 'alice:' . bcrypt('secret'),
    amy   => 'amy:$apr1$8sFt66rZ$A3wvxF9tNgUV2SZO3lx1m.',
    sha   => 'sha:{SHA}' . sha1_base64('secret') . '=',
    plain => 'plain:{PLAIN}secret',
    bob   => 'bob:' . bcrypt('bobs', 4, 'b'),
);

write_file($_, lines(qw(alice amy sha plain bob)))
    for qw(main changed removed torn gone again limits);
write_file('valid', 'vera:' . bcrypt('veras', 4, 'v') . "\n");
write_file('slow', 'alice:' . bcrypt('secret', 12) . "\n");
write_file('ten', 'alice:' . bcrypt('secret', 10) . "\n");
write_file('queue', 'alice:' . bcrypt('secret', 9) . "\n");

# a reload needs a master
master_on();
run_tests();


sub bcrypt {
    my ($password, $cost, $salt) = @_;

    return crypt($password, sprintf '$2y$%02d$%s', $cost // 4,
                                    ($salt // 'a') x 21 . 'e');
}


sub lines {
    return join '', map { "$line{$_}\n" } @_;
}


# In place, as htpasswd does it.
sub write_file {
    my ($name, $text) = @_;

    open my $out, '>', "$files/$name" or die "$name: $!";
    print $out $text;
    close $out or die "$name: $!";
}


sub credentials {
    my ($user, $password) = @_;

    return (headers => ['Authorization',
                        'Basic ' . encode_base64("$user:$password", '')]);
}


sub as {
    my ($user, $password, $target, %opt) = @_;

    return get($target // '/v2/', credentials($user, $password), %opt);
}


# How many checks were computed so far, by the debugging log: how long one
# takes says nothing certain on a busy machine.
sub computed {
    my $how = 'task #\d+ added to thread pool|task without a thread for';

    return scalar log_lines(qr/(?:$how) "mlist_auth"/);
}


sub computed_since {
    my ($before, $n, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is(computed() - $before, $n, $what);
}


# Asks until the status is as expected; the seconds that took, or undef.
sub until_code {
    my ($code, $seconds, @as) = @_;
    my $start = time;

    while (time - $start < $seconds) {
        return time - $start if as(@as)->{code} == $code;
        sleep 0.1;
    }

    return undef;
}


sub eventually {
    my ($condition) = @_;
    my $end = time + 10;

    sleep 0.01 until $condition->() || time > $end;

    return $condition->();
}


# A request of a real client.
sub curl_h2 {
    my ($user, $password) = @_;

    open my $out, '-|', 'curl', '-s', '--http2-prior-knowledge',
         '--unix-socket', "$files/h2.sock", '-u', "$user:$password",
         '-w', '%{http_version} %{http_code}', '-o', '/dev/null',
         'http://localhost/v2/'
        or die "curl: $!";

    return join '', <$out>;
}


# Two streams of one connection.
sub two_streams {
    my ($user, $password) = @_;
    my $basic = (credentials($user, $password))[1][1];
    my $fh = Mlist::Client::connect_to("$files/h2.sock");
    my $block = join '', map { Mlist::Client::h2_literal(@$_) }
                [':method', 'GET'], [':scheme', 'http'], [':path', '/v2/'],
                [':authority', 'localhost'], ['authorization', $basic];

    syswrite $fh, join '', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                  Mlist::Client::h2_frame(4, 0, 0, ''),
                  map { Mlist::Client::h2_frame(1, 0x05, $_, $block) } 1, 3;

    return $fh;
}


# The statuses in the next two HEADERS frames: 200 is one byte in HPACK.
sub codes_of {
    my ($fh) = @_;
    my ($in, @codes) = ('');

    while (@codes < 2) {
        if (length $in < 9 || length $in < 9 + unpack 'N', "\0$in") {
            sysread $fh, $in, 65536, length $in or last;
            next;
        }

        my $payload = substr $in, 9, unpack 'N', "\0$in";

        if (ord(substr $in, 3, 1) == 1) {
            push @codes, $payload =~ /^\x88/ ? 200
                         : $payload =~ /^[\x08\x48]\x03(\d+)/ ? $1 : '?';
        }

        substr $in, 0, 9 + length $payload, '';
    }

    return "@codes";
}


# What nginx -t says of these directives in location /v2/.
sub tested {
    my ($directives) = @_;
    my @modules = split ' ', $ENV{TEST_NGINX_LOAD_MODULES} // '';
    my $load = join '', map { "load_module $_;\n" } @modules;
    my $nginx = $ENV{TEST_NGINX_BINARY} // 'nginx';

    write_file('test.conf', <<"EOT");
${load}pid $files/test.pid;
events {}
http {
    access_log off;
    server {
        listen 127.0.0.1:1;
        location /v2/ {
            mlist_source http://127.0.0.1:1;
            $directives
            proxy_pass \$mlist_upstream;
        }
    }
}
EOT
    return `$nginx -t -e $files/test.log -p $files/ -c $files/test.conf 2>&1`;
}

__DATA__

=== TEST 1: each scheme lets in who has the password
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/main;
--- steps
for my $user (qw(alice sha plain)) {
    as($user, 'secret');
    code_is(200, "$user gets in");
    as($user, 'Secret');
    code_is(401, "$user with a wrong password does not");
}

as('amy', 'myPassword');
code_is(200, 'apr1');
as('amy', 'secret');
code_is(401, 'apr1, wrong');



=== TEST 2: who is refused is told as registries do it
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/main;
--- steps
get('/v2/');
error_is(401, 'UNAUTHORIZED', 'no credentials');
header_is('WWW-Authenticate', 'Basic realm="Registry Realm"');
header_is('Docker-Distribution-Api-Version', 'registry/2.0');

as('alice', 'wrong', '/v2/app/manifests/1');
error_is(401, 'UNAUTHORIZED', 'wrong');
header_is('WWW-Authenticate', 'Basic realm="Registry Realm"');

get('/v2/', headers => [Authorization => 'Bearer abc']);
code_is(401, 'another scheme');

get('/v2/', headers => [Authorization => 'Basic %%%']);
code_is(401, 'no base64');

as('alice', '');
code_is(401, 'empty password');
asked_of($amd64);



=== TEST 3: the realm is quoted
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/main "realm=a \"b\" \\ c";
--- steps
get('/v2/');
header_is('WWW-Authenticate', q{Basic realm="a \"b\" \\\\ c"});



=== TEST 4: $remote_user, and what is remembered
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/again;
--- steps
$before = computed();

for (1 .. 5) {
    as('bob', 'bobs', '/v2/?again');
    code_is(200);
}

is(variables('/v2/?again')->{user}, 'bob', 'user in the access log');
computed_since($before, 1, 'checked once');

as('bob', 'other');
code_is(401, 'what is remembered is not the name alone');
as('alice', 'bobs');
code_is(401, 'nor the password alone');
as('bobb', 'obs');
code_is(401, 'nor both in a row');



=== TEST 5: unknown users are checked, too
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/again;
--- steps
$before = computed();
as('nobody', 'secret');
code_is(401);
computed_since($before, 1, 'it costs what it costs for a known one');
like((log_lines(qr/user "nobody" was not found in/))[-1], qr/nobody/, 'log');

as("x\x01\"y", 'secret');
ok(scalar log_lines(qr/user "x\?\?y" was not found/), 'escaped in the log');
ok(!log_lines(qr/secret/), 'no password in the log');



=== TEST 6: a NUL or a flood of bytes is no password
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/again;
--- steps
$before = computed();
as('alice', "secret\0more");
code_is(401, 'NUL in the password');
as("alice\0", 'secret');
code_is(401, 'NUL in the user');
as('alice', 'x' x 1100);
code_is(401, 'long password');
as('y' x 1100, 'secret');
code_is(401, 'long user');
computed_since($before, 0, 'none of them is checked');



=== TEST 7: a changed line forgets that user alone, at once
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/changed;
--- steps
as('alice', 'secret');
as('bob', 'bobs');
$before = computed();
write_file('changed', lines(qw(bob amy)) . 'alice:' . bcrypt('new') . "\n");

as('alice', 'secret');
code_is(401, 'the old password');
as('alice', 'new');
code_is(200, 'the new password');
computed_since($before, 2, 'both were checked');

$before = computed();
as('bob', 'bobs');
code_is(200, 'another user');
computed_since($before, 0, 'who is remembered still');



=== TEST 8: a removed user is out at once, an added one in
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/removed;
--- steps
as('alice', 'secret');
code_is(200);
as('carol', 'secret');
code_is(401);

write_file('removed', lines(qw(amy bob)) . 'carol:' . bcrypt('secret') . "\n");
as('alice', 'secret');
code_is(401, 'removed');
as('carol', 'secret');
code_is(200, 'added');

write_file('removed.new', lines(qw(alice)));
rename "$files/removed.new", "$files/removed";
as('alice', 'secret');
code_is(200, 'back, by a file renamed into place');
as('carol', 'secret');
code_is(401, 'removed');



=== TEST 9: a half-written file locks nobody out
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/torn;
--- steps
as('bob', 'bobs');
code_is(200);

for my $text ('', substr(lines('alice'), 0, 20), "alice\n",
              lines('alice') . 'bob:$2y$04$b')
{
    write_file('torn', $text);
    as('bob', 'bobs');
    code_is(200, 'who is remembered');
    as('alice', 'secret');
    code_is(200, 'who is not, or was before');
    write_file('torn', lines(qw(alice bob)));
}

as('bob', 'bobs');
code_is(200, 'whole again');

write_file('torn', lines('alice') . $line{bob});
as('bob', 'bobs');
code_is(200, 'a line without an end that is plainly whole');

write_file('torn', '');
$took = until_code(401, 15, 'bob', 'bobs');
ok(defined $took, 'an empty file counts in the end');



=== TEST 10: a file that is gone
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/gone;
--- steps
as('bob', 'bobs');
code_is(200);

rename "$files/gone", "$files/gone.away";
as('bob', 'bobs');
code_is(200, 'at first it is as before');
ok(defined until_code(500, 15, 'bob', 'bobs'), 'then it is not known');
ok(scalar log_lines(qr/\[error\].*gone" cannot be looked at.*nobody/), 'log');

rename "$files/gone.away", "$files/gone";
as('bob', 'bobs');
code_is(200, 'it is back');



=== TEST 11: equal credentials in flight are computed once
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/slow;
--- one_worker: one does not see what another one is at
--- steps
$before = computed();
@fhs = map { send_to(nginx_port(), 'GET', '/v2/',
                     credentials('alice', 'secret')) } 1 .. 20;
is(join(' ', map { answer_of($_, 'GET')->{code} } @fhs),
   join(' ', (200) x 20), 'all get in');
computed_since($before, 1, 'one check');



=== TEST 12: a client that leaves ends nobody's check
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/slow;
--- one_worker: one does not see what another one is at
--- steps
$before = computed();
my $gone = send_to(nginx_port(), 'GET', '/v2/', credentials('alice', 'gone'));
my $end = time + slow(10);
sleep 0.01 until computed() > $before || time > $end;
close $gone;

@fhs = map { send_to(nginx_port(), 'GET', '/v2/',
                     credentials('alice', 'wait')) } 1 .. 3;
close shift @fhs;
is(join(' ', map { answer_of($_, 'GET')->{code} } @fhs), '401 401',
   'the others are answered');
computed_since($before, 2, 'one check each');

as('alice', 'gone');
code_is(401);
computed_since($before, 2, 'what nobody waited for is remembered, too');



=== TEST 13: too many at once
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/queue;
--- needs: threads
--- steps
as('alice', 'secret');
code_is(200);

$before = computed();
@fhs = map { send_to(nginx_port(), 'GET', '/v2/',
                     credentials('alice', "wrong $_")) } 1 .. 80;
as('alice', 'secret');
code_is(200, 'who is remembered need not wait');

my %got;

for my $fh (@fhs) {
    $res = answer_of($fh, 'GET');
    push @{ $got{ $res->{code} } }, $res;
}

is(join(' ', sort keys %got), '401 503', 'refused, or told to come again');
ok(@{ $got{401} } >= 33, 'the queue is used');
is(computed() - $before, scalar @{ $got{401} }, 'the rest is not checked');

$res = $got{503}[0];
header_is('Retry-After', '1');
error_is(503, 'UNAVAILABLE');
ok(!log_lines(qr/queue overflow/), 'it is no error');

as('alice', 'wrong again');
code_is(401, 'afterwards all is well');



=== TEST 14: satisfy any
--- config
location /v2/ {
    satisfy any;
    allow 127.0.0.1;
    deny all;
    mlist_source http://amd64;
    mlist_htpasswd $TEST_NGINX_AUTH/main;
    PROXY;
}
--- http
server {
    listen unix:$TEST_NGINX_AUTH/any.sock;
    location /v2/ {
        satisfy any;
        deny all;
        mlist_source http://amd64;
        mlist_htpasswd $TEST_NGINX_AUTH/main;
        PROXY;
    }
}
server {
    listen unix:$TEST_NGINX_AUTH/all.sock;
    location /v2/ {
        deny all;
        mlist_source http://amd64;
        mlist_htpasswd $TEST_NGINX_AUTH/main;
        PROXY;
    }
}
--- steps
$before = computed();
get('/v2/');
code_is(200, 'by address');
no_header('WWW-Authenticate');
as('alice', 'nonsense');
code_is(200, 'by address, though the password is wrong');
computed_since($before, 0, 'nothing to check');

get('/v2/', to => "$files/any.sock");
code_is(401, 'neither');
header_is('WWW-Authenticate', 'Basic realm="Registry Realm"');
as('alice', 'secret', '/v2/', to => "$files/any.sock");
code_is(200, 'by password');
no_header('WWW-Authenticate');

$before = computed();
as('alice', 'never tried', '/v2/', to => "$files/all.sock");
code_is(403, 'an address that is kept out');
computed_since($before, 0, 'costs no check');



=== TEST 15: limit_req in front
--- http
limit_req_zone $binary_remote_addr zone=tries:1m rate=1r/m;
--- mlist
limit_req zone=tries burst=1 nodelay;
limit_req_status 429;
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/limits;
--- steps
$before = computed();
as('alice', "try $_") for 1 .. 4;
code_is(429);
computed_since($before, 2, 'what is over the limit is not checked');



=== TEST 16: HTTP/2
--- http
server {
    listen unix:$TEST_NGINX_AUTH/h2.sock http2;
    location /v2/ {
        mlist_source http://amd64;
        mlist_htpasswd $TEST_NGINX_AUTH/slow;
        PROXY;
    }
}
--- config
location / { return 404; }
--- steps
is(curl_h2('alice', 'secret'), '2 200', 'right');
is(curl_h2('alice', 'no'), '2 401', 'wrong');

$before = computed();
is(codes_of(two_streams('alice', 'neither')), '401 401', 'wrong, two streams');
is(codes_of(two_streams('alice', 'secret')), '200 200', 'right');
computed_since($before, 1, 'one check for both streams');

$before = computed();
my $fh = two_streams('alice', 'gone');
ok(eventually(sub { computed() > $before }), 'a check begins');
close $fh;
is(curl_h2('alice', 'gone'), '2 401', 'after the client has left');
computed_since($before, 1, 'two streams and another client: one check');



=== TEST 17: what is remembered survives a reload
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/main;
--- steps
as('alice', 'secret');
code_is(200);
$before = computed();
$starts = () = log_lines(qr/start worker process \d/);

kill HUP => nginx_pid();

ok(eventually(sub {
    (() = log_lines(qr/start worker process \d/)) > $starts
}), 'a new worker');
as('alice', 'secret');
code_is(200);
computed_since($before, 0, 'no check after the reload');



=== TEST 18: valid
--- config
location /v2/ {
    mlist_source http://amd64;
    mlist_htpasswd $TEST_NGINX_AUTH/valid valid=0;
    PROXY;
}
--- http
server {
    listen unix:$TEST_NGINX_AUTH/second.sock;
    location /v2/ {
        mlist_source http://amd64;
        mlist_htpasswd $TEST_NGINX_AUTH/valid valid=1s realm=other;
        PROXY;
    }
}
--- steps
$before = computed();

for (1 .. 3) {
    as('vera', 'veras');
    code_is(200);
}

computed_since($before, 3, 'valid=0 remembers nothing');

$before = computed();
my $end = time + 10;
my @second = ('vera', 'veras', '/v2/', to => "$files/second.sock");
as(@second);
code_is(200);

while (computed() < $before + 2 && time < $end) {
    sleep 0.2;
    as(@second);
}

computed_since($before, 2, 'valid=1s is soon over');



=== TEST 19: a failure is remembered for a moment
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/main valid=1h;
--- steps
$before = computed();
my $start = time;
as('alice', 'mistyped');
as('alice', 'mistyped');
code_is(401);
computed_since($before, 1, 'checked once');

while (computed() == $before + 1 && time - $start < slow(20)) {
    sleep 0.2;
    as('alice', 'mistyped');
    code_is(401) if $res->{code} != 401;
}

ok(time - $start < 10 + slow(1), 'and not for more than 10 s');
computed_since($before, 2, 'then again');



=== TEST 20: 100 requests with a bcrypt cost 10 password do not pay for each
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/ten;
--- steps
my $start = time;
my $right = grep { as('alice', 'secret')->{code} == 200 } 1 .. 100;
my $took = time - $start;

is($right, 100, 'all get in');

# 2 s on a machine that has nothing else to do
$start = time;
my @paid = map { crypt $_, '$2y$10$' . 'a' x 22 } 1 .. 4;
my $each = (time - $start) / @paid;
ok($took < slow(40) * $each, "100 took $took s, a check takes $each s");



=== TEST 21: what cannot work is refused at start
--- mlist
mlist_source http://amd64;
mlist_htpasswd $TEST_NGINX_AUTH/main;
--- steps
my $file = "$files/main";

write_file('large', 'x' x (1024 * 1024 + 1));

for my $case (
    ["mlist_htpasswd $files/none;",
     qr/file "\S+none" cannot be opened \(2: No such file.* in \S+:\d+/],
    ["mlist_htpasswd $files;", qr/is not a regular file in/],
    ["mlist_htpasswd $files/large;", qr/is larger than 1 megabyte in/],
    ["mlist_htpasswd $file realm=a realm=b;", qr/"realm" twice in/],
    ["mlist_htpasswd $file realm=;", qr/realm that is empty or longer/],
    ["mlist_htpasswd $file valid=1m valid=1m;", qr/"valid" twice in/],
    ["mlist_htpasswd $file valid=soon;", qr/parameter "valid=soon" in/],
    ["mlist_htpasswd $file relm=a;", qr/invalid parameter "relm=a" in/],
    ["mlist_htpasswd off realm=a;", qr/parameters beside "off" in/],
    ["mlist_htpasswd $file; mlist_htpasswd off;", qr/is duplicate in/],
    ["mlist_auth registry; mlist_htpasswd $file;", qr/mlist_auth reg.* in/],
    ["mlist_htpasswd $file; mlist_auth registry;", qr/ in \S+:\d+/],
) {
    like(tested($case->[0]), qr/\[emerg\] [^\n]*$case->[1]/, $case->[0]);
}

like(tested("mlist_htpasswd $file;"), qr/successful/, 'what is right passes');

write_file('junk', lines('alice') . "junk\n:empty\nlong:" . 'x' x 1100 . "\n");
like(tested("mlist_htpasswd $files/junk;"), qr/3 malformed lines/, 'warning');
