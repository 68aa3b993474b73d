# Without this: a registry that restarts would fail every pull of a tag that
# was whole a moment ago, or a client would be handed an old list without
# being told, one that is shorter, or one that its credentials do not reach.
# (Spec: mlist_use_stale, "A tag" 2, 10 and 11.)

use lib 't/lib';
use Mlist::Http2;
use Mlist::Test;

# A location of these directives whose sources have little time.
sub front {
    my ($directives) = @_;

    return <<"CONF";
location /v2/ {
    $directives
    proxy_pass \$mlist_upstream;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_connect_timeout 2s;
    proxy_read_timeout 300ms;
    proxy_send_timeout 2s;
}
CONF
}

our $TWO = 'mlist_auth nginx; mlist_source http://amd64; '
           . 'mlist_source http://arm;';

# Two images, and the list that was made of them.
sub warm {
    my ($name, %opt) = @_;

    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $name));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $name));
    fetched("/v2/$name/manifests/1", %opt);

    my $list = $res->{body};

    $_->clear_requests for $amd64, $arm, $other;

    return $list;
}

# The arm source's image is another one from now on.
sub push_arm {
    my ($name, $seed) = @_;

    return $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $seed));
}

sub warning_is {
    my (@labels) = @_;
    my $warning = join ' | ', Mlist::Client::headers_of($res, 'Warning');

    like($warning, qr/^299 - "[^"]*"$/, 'one Warning');
    is(join(' ', grep { $warning =~ /(?<![\w.-])\Q$_\E(?![\w.-])/ }
                 qw(amd64 arm other one two three)), join(' ', @labels),
       'it names those to blame');
}

# The answer in $res, of that target, is the list as it was.
sub stale_is {
    my ($target, $list, @labels) = @_;

    code_is(200, "$target is answered") or return;
    body_is($list, "$target: the last complete list");
    header_is('Docker-Content-Digest', sha256($list));
    is(variables($target)->{cache}, 'STALE', "$target: \$mlist_cache_status");
    warning_is(@labels);
}

# The answer in $res is no old one.
sub fresh_is {
    my ($target, $status) = @_;

    code_is(200);
    no_header('Warning');
    is(variables($target)->{cache}, $status, "\$mlist_cache_status $status");
}

# An answer, as soon as it is whole: the connection may stay open.
sub answer_now {
    my ($fh) = @_;
    my $select = IO::Select->new($fh);
    my $end = time + slow(10);
    my $in = '';

    return $res = answer_of($fh, 'GET') if is_h2($fh);

    until ($in =~ /\r\nContent-Length: (\d+)\r\n.*?\r\n\r\n(.*)\z/s
           && length $2 >= $1)
    {
        last if time > $end || !$select->can_read($end - time)
                || !sysread $fh, $in, 65536, length $in;
    }

    $res = Mlist::Client::parsed($in, 'GET');

    return $res;
}

# Waits for the access log to tell that of the last request of a target.
sub logged {
    my ($target, $status) = @_;
    my $end = time + 5;
    my $got = '';

    while (time <= $end) {
        $got = variables($target)->{cache} // '';
        last if $got eq $status;
        select undef, undef, undef, 0.01;
    }

    is($got, $status, "\$mlist_cache_status $status");
}

# Waits until a GET brings this list.
sub comes {
    my ($target, @children) = @_;
    my $end = time + 5;
    my $want = join ' ', map { $_->{digest} } @children;

    while (time <= $end) {
        answer_now(send_to(nginx_port(), 'GET', $target));
        last if $want eq join ' ', map { $_->{digest} } entries();
        select undef, undef, undef, 0.02;
    }

    digests_are(@children);
}

our $GOOD = 'Basic Z29vZDpvbmU=';
our $BAD = 'Basic YmFkOm9uZQ==';

sub with {
    return (headers => [Authorization => $_[0]]);
}

# One guarded repository of the registry "other" with two children.
sub guarded {
    my ($name) = @_;
    my @m = map { docker_image($_, seed => $name) }
            qw(linux/amd64 linux/arm/v7);

    $other->tag("$name:1-amd64", $m[0]);
    $other->tag("$name:1-arm", $m[1]);
    $other->on($_, challenge => 'Basic realm="x"', auth => $GOOD)
        for map { ("$name:1$_") } '', '-amd64', '-arm';
    $other->on($_, challenge => 'Basic realm="x"', auth => $GOOD)
        for map { my $m = $_; ("$name\@$m->{digest}",
                               map { "$name#$_" } keys %{ $m->{blobs} }) } @m;

    my $list = fetched("/v2/$name/manifests/1", with($GOOD))->{body};

    $other->clear_requests;

    return $list;
}

# HTTP/2 without TLS, on a socket of its own.
our $H2 = do {
    my $listen = listen_h2();

    <<"CONF";
server {
    $listen
    location /v2/ {
        mlist_auth nginx;
        mlist_valid 1s;
        mlist_use_stale updating;
        mlist_source http://amd64;
        mlist_source http://arm;
        PROXY;
    }
}
CONF
};

# The same repository names with one source more, or one less.
our $THERE = do {
    my $socket = h2_socket();

    <<"CONF";
server {
    listen unix:$socket;
    location /v2/ {
        mlist_auth nginx;
        mlist_source http://arm;
        mlist_source http://amd64;
        PROXY;
    }
}
CONF
};

# The same sources, but nothing old.
our $NEVER = do {
    my $socket = h2_socket();

    <<"CONF";
server {
    listen unix:$socket;
    location /v2/ {
        mlist_auth nginx;
        mlist_use_stale off;
        mlist_source http://amd64;
        mlist_source http://arm;
        PROXY;
    }
}
CONF
};

# A worker that crashes is then an alert.
Test::Nginx::Util::master_on();

run_tests();

__DATA__

=== TEST 1: a source that fails: the last complete list
--- steps
my @ways = (
    (map { my $s = $_; ["status $s", sub { $arm->fail($_[0], $s) }] }
         400, 401, 403, 418, 429, 500, 502, 503, 504),
    ['a reset', sub { $arm->on($_[0], reset => 1) }],
    ['a header that breaks off', sub { $arm->on($_[0], torn => 'close') }],
    ['a header with a NUL', sub { $arm->on($_[0], torn => 'nul') }],
    ['a header that is too large', sub { $arm->on($_[0], torn => 'large') }],
    ['a digest that is none', sub { $arm->on($_[0],
        headers => { 'Docker-Content-Digest' => 'sha256:1' }) }],
    ['a redirect', sub { $arm->on($_[0], status => 307,
        headers => { Location => 'http://127.0.0.1:1/' }) }],
);
my $n = 0;

for my $way (@ways) {
    my ($how, $do) = @$way;
    my $name = 'fails-' . $n++;
    my $target = "/v2/$name/manifests/1";
    my $list = warm($name);

    Test::More::note($how);
    $do->("$name:1");
    get($target);
    stale_is($target, $list, 'arm');
    get($target);
    stale_is($target, $list, 'arm');
    same_as_get($target);
    is(scalar $amd64->requests('^GET '), 0, 'no GET at the one that is there');

    my $new = push_arm($name, "$name new");
    get($target);
    fresh_is($target, 'MISS');
    is((entries())[1]{digest}, $new->{digest}, 'the new child, at once');
}



=== TEST 2: a source that lies, or serves what cannot be used
--- mlist
mlist_auth nginx;
mlist_max_manifest_size 4k;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my @ways = (
    ['bytes of another digest', sub {
        my $m = push_arm($_[0], 'lies');
        my $body = $m->{body} =~ s/"schemaVersion"/"schemaversion"/r;
        $arm->on("$_[0]\@$m->{digest}", body => $body);
    }],
    ['a manifest that is gone', sub {
        my $m = push_arm($_[0], 'gone');
        $arm->forget("$_[0]\@$m->{digest}");
    }],
    ['a manifest that breaks off', sub {
        my $m = push_arm($_[0], 'cut');
        $arm->on("$_[0]\@$m->{digest}", cut => 10);
    }],
    ['garbage', sub { $arm->tag("$_[0]:1", raw_manifest($D2, 'garbage')) }],
    ['too large', sub { $arm->tag("$_[0]:1", docker_image('linux/arm/v7',
        manifest => { annotations => { x => 'x' x 5000 } })) }],
    ['a config that is gone', sub {
        my $m = push_arm($_[0], 'config');
        $arm->forget("$_[0]#$m->{config}");
    }],
    ['a config that is another', sub {
        my $m = push_arm($_[0], 'config');
        $arm->on("$_[0]#$m->{config}",
                 body => $m->{blobs}{$m->{config}} =~ s/arm/ARM/r);
    }],
);
my $n = 0;

for my $way (@ways) {
    my ($how, $do) = @$way;
    my $name = 'lies-' . $n++;
    my $target = "/v2/$name/manifests/1";
    my $list = warm($name);

    Test::More::note($how);
    $do->($name);
    get($target);
    stale_is($target, $list, 'arm');
    same_as_get($target);
    push_arm($name, $name);
    get($target);
    fresh_is($target, 'REVALIDATED');
    body_is($list, 'and back it is the same');
}



=== TEST 3: sources that are down: all that fail are named, and only they
--- steps
my $target = '/v2/down/manifests/1';
my $list = warm('down');
my $digest = sha256($list);

$arm->down;
get($target);
stale_is($target, $list, 'arm');
$amd64->down;
get($target);
stale_is($target, $list, 'amd64', 'arm');
same_as_get($target);
get($target, headers => ['If-None-Match' => qq{"$digest"}]);
code_is(304);
header_is('Docker-Content-Digest', $digest);
get("/v2/down/manifests/$digest");
code_is(200, 'by digest');
no_header('Warning');

$arm->up;
get($target);
stale_is($target, $list, 'amd64');
$amd64->up;
get($target);
fresh_is($target, 'REVALIDATED');
body_is($list);



=== TEST 4: a tag that never was complete is no less an error
--- steps
$amd64->tag('never:1', docker_image('linux/amd64'));
$arm->fail('never:1', 503);
get('/v2/never/manifests/1');
error_is(502, 'UNAVAILABLE');
no_header('Warning');

$arm->fail('never:1', 429, headers => { 'Retry-After' => '7' });
get('/v2/never/manifests/1');
error_is(429, 'TOOMANYREQUESTS');
header_is('Retry-After', '7');

$arm->forget('never:1');
$amd64->fail('never:1', 500);
get('/v2/never/manifests/1');
gateway_error('an absence and an error');

# of another tag of that name, or of that tag of another name
warm('never');
$arm->fail('never:2', 500);
get('/v2/never/manifests/2');
gateway_error('another tag');
$arm->fail('never2:1', 500);
get('/v2/never2/manifests/1');
gateway_error('another name');



=== TEST 5: an artifact in place of an image is no failure of rule 2
--- steps
warm('artifact');
$arm->tag('artifact:1', raw_manifest($OM, {
    schemaVersion => 2, mediaType => $OM,
    artifactType => 'application/vnd.example',
    config => { mediaType => 'application/vnd.example.config',
                size => 2, digest => sha256('{}') },
    layers => [] }, config => '{}'));
get('/v2/artifact/manifests/1');
code_is(502);
like($res->{body}, qr/arm.*amd64|amd64.*arm/, 'both are named');



=== TEST 6: what the list lost for good is not brought back
--- steps
my $target = '/v2/lost/manifests/1';
warm('lost');
$arm->forget('lost:1');
get($target);
fresh_is($target, 'MISS');
my $short = $res->{body};
platforms_are('linux/amd64');

$amd64->fail('lost:1', 500);
get($target);
stale_is($target, $short, 'amd64');
is(variables($target)->{missing}, 'arm', '$mlist_missing');
$amd64->forget('lost:1');
get($target);
error_is(404, 'MANIFEST_UNKNOWN', 'absent everywhere');



=== TEST 7: timeouts, by default
--- config eval: ::front($::TWO)
--- steps
my $target = '/v2/slow/manifests/1';
my $list = warm('slow');

$arm->on('slow:1', hold => 'slow');
get($target);
stale_is($target, $list, 'arm');
push_arm('slow', 'slow');
get($target);
fresh_is($target, 'REVALIDATED');

my $m = push_arm('slow', 'slower');
$arm->on("slow\@$m->{digest}", stall => 'body');
get($target);
stale_is($target, $list, 'arm');

$m = push_arm('slow', 'slowest');
$arm->on("slow#$m->{config}", stall => 'header');
get($target);
stale_is($target, $list, 'arm');

# one fails, one is late: the answer waits for both, and both are named
$amd64->fail('slow:1', 500);
$arm->on('slow:1', hold => 'slow');
get($target);
stale_is($target, $list, 'amd64', 'arm');

# never complete
$amd64->tag('slow:2', docker_image('linux/amd64'));
$arm->on('slow:2', hold => 'slow');
get('/v2/slow/manifests/2');
error_is(504, 'UNAVAILABLE');



=== TEST 8: error only
--- config eval: ::front($::TWO . ' mlist_use_stale error;')
--- steps
my $target = '/v2/error/manifests/1';
my $list = warm('error');

$arm->fail('error:1', 503);
get($target);
stale_is($target, $list, 'arm');
$arm->on('error:1', hold => 'error');
get($target);
error_is(504, 'UNAVAILABLE', 'a timeout');
no_header('Warning');

for my $order ([$amd64, $arm], [$arm, $amd64]) {
    my ($slow, $bad) = @$order;

    warm('error');
    $slow->on('error:1', hold => 'error');
    $bad->fail('error:1', 500);
    get($target);
    gateway_error('a timeout and an error');
}



=== TEST 9: timeout only
--- config eval: ::front($::TWO . ' mlist_use_stale timeout;')
--- steps
my $target = '/v2/timeout/manifests/1';
my $list = warm('timeout');

for my $status (500, 504, 429, 401, 403) {
    $arm->fail('timeout:1', $status);
    get($target);
    ok($res->{code} == ($status == 429 ? 429 : $status == 504 ? 504 : 502),
       "status $status gives $res->{code}");
}

$arm->on('timeout:1', reset => 1);
get($target);
gateway_error('a reset');
push_arm('timeout', 'timeout');
$arm->on('timeout:1', hold => 'timeout');
get($target);
stale_is($target, $list, 'arm');

for my $order ([$amd64, $arm], [$arm, $amd64]) {
    my ($slow, $bad) = @$order;

    warm('timeout');
    $slow->on('timeout:1', hold => 'timeout');
    $bad->fail('timeout:1', 500);
    get($target);
    gateway_error('a timeout and an error');
}



=== TEST 10: off
--- config eval: ::front($::TWO . ' mlist_use_stale off;')
--- steps
my $target = '/v2/off/manifests/1';
my $list = warm('off');

$arm->fail('off:1', 503);
get($target);
error_is(502, 'UNAVAILABLE');
$arm->fail('off:1', 429, headers => { 'Retry-After' => '11' });
get($target);
error_is(429, 'TOOMANYREQUESTS');
header_is('Retry-After', '11');
$arm->on('off:1', hold => 'off', status => 200);
get($target);
error_is(504, 'UNAVAILABLE');
push_arm('off', 'off');
get($target);
body_is($list, 'and back');



=== TEST 11: updating: what is known to be outdated is not given out
--- mlist
mlist_auth nginx;
mlist_use_stale updating;
mlist_valid 1m;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $target = '/v2/outdated/manifests/1';
my @m = map { docker_image($_, seed => 'outdated') }
        qw(linux/amd64 linux/arm/v7);

$other->tag('outdated:1-amd64', $m[0]);
$other->tag('outdated:1-arm', $m[1]);
fetched($target);

my $new = $other->tag('outdated:1-arm',
                      docker_image('linux/arm/v7', seed => 'outdated new'));

$other->on('outdated:1-arm', method => { PUT => { status => 201 } });
ask('PUT', '/v2/outdated/manifests/1-arm', body => $new->{body},
    headers => ['Content-Type' => $D2]);
code_is(201);
get($target);
fresh_is($target, 'MISS');
digests_are($m[0], $new);

# and a failure is one: nothing but updating is allowed here
ask('PUT', '/v2/outdated/manifests/1-arm', body => $new->{body},
    headers => ['Content-Type' => $D2]);
$other->fail('outdated:1-arm', 500);
get($target);
gateway_error('a failure');



=== TEST 12: each list type, and a client that takes no list
--- steps
my $target = '/v2/types/manifests/1';
my $docker = warm('types');
my $oci = fetched($target, accept => $OI)->{body};
my $amd = docker_image('linux/amd64', seed => 'types');

$arm->down;
get($target, accept => $OI);
whole_answer($OI);
stale_is($target, $oci, 'arm');
same_as_get($target, accept => $OI);
get($target, accept => $DL);
whole_answer($DL);
stale_is($target, $docker, 'arm');
get($target, accept => "$OI, $DL");
stale_is($target, $docker, 'arm');

my $digest = sha256($docker);
get($target, accept => $D2, headers => ['If-None-Match' => qq{"$digest"}]);
code_is(304, 'If-None-Match is looked at before Accept');

get($target, accept => $D2);
whole_answer($D2);
body_is($amd->{body}, 'the child of the default platform');
warning_is('arm');
is(variables($target)->{cache}, 'STALE', 'and STALE');

# the child's own source
$amd64->down;
get($target, accept => $D2);
gateway_error('a child that nobody has now is no absence');
$_->up for $amd64, $arm;



=== TEST 13: a list type that nobody asked for while the tag was whole
--- steps
my $target = '/v2/untyped/manifests/1';
warm('untyped');
$arm->down;
get($target, accept => $OI);
complete_or_error('OCI', 'linux/amd64', 'linux/arm/v7');
unlike($res->{code}, qr/^4/, 'nor is it a 404');
$arm->up;



=== TEST 14: an index as it is, whose entries say no platform
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm optional;
--- steps
my $target = '/v2/bare/manifests/1';
my $image = oci_image('linux/amd64', seed => 'bare');
my $index = $amd64->tag('bare:1', oci_index(without_platform($image)));

get($target, accept => $OM);
code_is(200);
body_is($image->{body});
get($target);
body_is($index->{body});
$amd64->fail('bare:1', 500);
get($target);
stale_is($target, $index->{body}, 'amd64');
get($target, accept => $OM);
ok($res->{code} == 200 || $res->{code} >= 502,
   "an absence is not made of an error: $res->{code}");



=== TEST 15: other sources, other lists
--- http eval: $::THERE
--- steps
my $target = '/v2/there/manifests/1';
my $list = warm('there');

$arm->down;
get($target, to => h2_socket());
gateway_error('where it was never asked for');
get($target);
stale_is($target, $list, 'arm');
$arm->up;

get($target, to => h2_socket());
platforms_are('linux/arm/v7', 'linux/amd64');
my $there = $res->{body};
$arm->down;
get($target, to => h2_socket());
body_is($there, 'its own');
get($target);
body_is($list, 'and its own');
$arm->up;



=== TEST 16: who waits together is answered as each one's location says
--- http eval: $::NEVER
--- steps
my $target = '/v2/together/manifests/1';
my $list = warm('together');

$amd64->on('together:1', hold => 'together');

my @first = map { send_to($_, 'GET', $target) } nginx_port(), h2_socket();
ok($arm->wait_for('^HEAD /v2/together', 2), 'two locations, two flights');
$arm->fail('together:1', 500);

my @next = map { send_to($_, 'GET', $target) }
               nginx_port(), h2_socket(), nginx_port(), h2_socket();
$amd64->release('together');
is(answer_of($_, 'GET')->{body}, $list, 'what began before') for @first;
my @codes = map { answer_of($_, 'GET')->{code} } @next;
is("@codes", '200 502 200 502', 'old here, an error there');



=== TEST 17: after a restart, the zone is gone
--- mlist eval
$::TWO . 'mlist_store ' . Mlist::Test::store_dir() . ";\n"
--- steps
my $target = '/v2/restart/manifests/1';
my $list = warm('restart');
my $oci = fetched($target, accept => $OI)->{body};

restart_nginx("TERM");
$arm->down;
get($target);
stale_is($target, $list, 'arm');
same_as_get($target);
get($target, accept => $OI);
stale_is($target, $oci, 'arm');
$amd64->down;
restart_nginx("TERM");
get($target);
stale_is($target, $list, 'amd64', 'arm');
get("/v2/restart/manifests/" . sha256($list));
body_is($list, 'by digest');
$_->up for $amd64, $arm;
get($target);
fresh_is($target, 'MISS');
body_is($list, 'the same list');



=== TEST 18: a new replica with the store of the others
--- mlist eval
$::TWO . 'mlist_store ' . Mlist::Test::store_dir() . ";\n"
--- steps
my $target = '/v2/replica/manifests/1';
my $list = warm('replica');
my $second = second_nginx();

$arm->down;
get($target, to => $second);
code_is(200);
body_is($list);
warning_is('arm');
stop_second();

# what one makes the other one gives, even if it knew an older one
$arm->up;
$second = second_nginx();
fetched($target, to => $second);
body_is($list);
push_arm('replica', 'new');
my $new = fetched($target)->{body};
ok($new ne $list, 'another list');
$arm->down;
get($target, to => $second);
body_is($new, 'the newest complete list');

# and what it knows to be newer it gives, too
$arm->up;
push_arm('replica', 'replica');
fetched($target, to => $second);
body_is($list, 'the first one again');
$arm->down;
get($target, to => $second);
body_is($list);
stop_second();
$arm->up;



=== TEST 19: a list that is too large: the last one, and no source is blamed
--- mlist
mlist_auth nginx;
mlist_max_manifest_size 1k;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $target = '/v2/large/manifests/1';
my @arch = qw(amd64 386 arm64 ppc64le s390x riscv64);
my @m = map { oci_image("linux/$_", seed => 'large') } @arch;

$amd64->tag('large:1', oci_index($m[0]));
$arm->tag('large:1', oci_index($m[1]));

my $list = fetched($target)->{body};

$amd64->tag('large:1', oci_index(@m[0, 2, 3]));
$arm->tag('large:1', oci_index(@m[1, 4, 5]));
get($target);
code_is(200);
body_is($list);
is(variables($target)->{cache}, 'STALE', 'STALE');
warning_is();
$arm->tag('large:1', oci_index($m[1]));
get($target);
platforms_are(map { "linux/$_" } qw(amd64 arm64 ppc64le 386));



=== TEST 20: mlist_auth registry: who is not known gets nothing old
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $target = '/v2/auth/manifests/1';
my $list = guarded('auth');

# a source that answers 200 in this flight vouches
$other->fail('auth:1-arm', 500);
get($target, with($GOOD));
code_is(200);
body_is($list);
is(variables($target)->{cache}, 'STALE', 'STALE');

for my $who ([with($BAD)], []) {
    get($target, @$who);
    code_is(401, 'wrong or no credentials');
    header_is('WWW-Authenticate', 'Basic realm="x"');
    no_header('Warning');
}

# everything fails: nobody to ask
$other->fail('auth:1-amd64', 500);
get($target, with($_)) && gateway_error('everything fails') for $GOOD, $BAD;
$other->down;
get($target, with($_)) && gateway_error('everything is down') for $GOOD, $BAD;
get($target);
gateway_error('everything is down');
$other->up;



=== TEST 21: mlist_auth registry: 401 and 403 are never answered stale
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $target = '/v2/denied/manifests/1';
guarded('denied');

$other->fail('denied:1-arm', 401,
             headers => { 'WWW-Authenticate' => 'Basic realm="arm"' });
get($target, with($GOOD));
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', 'Basic realm="arm"');
$other->fail('denied:1-arm', 403);
get($target, with($GOOD));
error_is(403, 'DENIED');

# beside another failure
$other->fail('denied:1-amd64', 500);
get($target, with($GOOD));
ok($res->{code} == 403 || $res->{code} >= 502, "403 and 500: $res->{code}");
no_header('Warning');
$other->fail('denied:1-arm', 401,
             headers => { 'WWW-Authenticate' => 'Basic realm="arm"' });
get($target, with($GOOD));
error_is(401, 'UNAUTHORIZED', '401 and 500');



=== TEST 22: mlist_auth registry: an optional source's 401 lets nothing old out
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
mlist_source http://other name=private/* platform=linux/s390x optional;
--- steps
my $target = '/v2/leak/manifests/1';
my $secret = docker_image('linux/s390x', seed => 'secret');

$other->tag('leak:1-amd64', docker_image('linux/amd64', seed => 'leak'));
$other->tag('leak:1-arm', docker_image('linux/arm/v7', seed => 'leak'));
$other->tag('private/leak:1', $secret);
$other->on($_, challenge => 'Basic realm="x"', auth => $GOOD)
    for 'private/leak:1', "private/leak\@$secret->{digest}";
fetched($target, with($GOOD));
like($res->{body}, qr/\Q$secret->{digest}\E/, 'the whole list');

get($target, with($BAD));
code_is(200);
unlike($res->{body}, qr/\Q$secret->{digest}\E/, 'the list without it');
is(variables($target)->{cache}, 'PARTIAL', 'PARTIAL');
$other->fail('leak:1-arm', 500);
get($target, with($BAD));
unlike($res->{body}, qr/\Q$secret->{digest}\E/, 'nothing old');
ok($res->{code} >= 400, "status $res->{code}");
get($target, with($GOOD));
like($res->{body}, qr/\Q$secret->{digest}\E/, 'old for whom it is granted');



=== TEST 23: updating: at once, while one flight refreshes
--- mlist
mlist_auth nginx;
mlist_use_stale updating error timeout;
mlist_source http://amd64;
mlist_source http://arm;
--- one_worker: flights are a worker's
--- steps
my $target = '/v2/update/manifests/1';
my $list = warm('update');
my $amd = docker_image('linux/amd64', seed => 'update');
my $new = push_arm('update', 'update new');

$arm->on('update:1', hold => 'update');

for (1 .. 5) {
    answer_now(send_to(nginx_port(), 'GET', $target));
    code_is(200, 'answered while a source is held');
    body_is($list, 'the last complete list');
    like(header_of($res, 'Warning'), qr/^299 - /, 'Warning');
    header_is('Docker-Content-Digest', sha256($list));
}

ok($arm->wait_for('HEAD /v2/update/'), 'a flight is under way');
is(scalar $arm->requests, 1, 'one');
is(scalar $amd64->requests, 1, 'one');
$arm->release('update');
logged($target, 'UPDATING');
comes($target, $amd, $new);



=== TEST 24: updating: one flight for whatever the clients take
--- mlist
mlist_auth nginx;
mlist_use_stale updating;
mlist_source http://amd64;
mlist_source http://arm;
--- one_worker: flights are a worker's
--- steps
my $target = '/v2/kinds/manifests/1';
my $list = warm('kinds');

$arm->on('kinds:1', hold => 'kinds');
answer_now(send_to(nginx_port(), 'GET', $target, headers => [Accept => $D2]));
body_is(docker_image('linux/amd64', seed => 'kinds')->{body}, 'a child');
warning_is('amd64', 'arm');
answer_now(send_to(nginx_port(), 'GET', $target));
body_is($list, 'the list');
ok($arm->wait_for('HEAD /v2/kinds/'), 'a flight is under way');
is(scalar $arm->requests, 1, 'one');
$arm->release('kinds');



=== TEST 25: updating: where no flight can begin
--- mlist
mlist_auth nginx;
mlist_use_stale updating;
mlist_flights 1;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $target = '/v2/full/manifests/1';
my $list = warm('full');
my $new = push_arm('full', 'full new');
my $amd = docker_image('linux/amd64', seed => 'full');

$arm->on('full:2', hold => 'full');
my $fh = send_to(nginx_port(), 'GET', '/v2/full/manifests/2');
ok($arm->wait_for('/v2/full/manifests/2'), 'the one flight there may be');
answer_now(send_to(nginx_port(), 'GET', $target));
code_is(200);
body_is($list, 'the old one, all the same');
get('/v2/full/manifests/3');
code_is(503, 'what is not known has to wait');
$arm->release('full');
answer_of($fh, 'GET');
comes($target, $amd, $new);



=== TEST 26: updating: a connection is not held for it
--- mlist
mlist_auth nginx;
mlist_use_stale updating;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $target = '/v2/close/manifests/1';
my $list = warm('close');

$arm->on('close:1', hold => 'close');

my $fh = Mlist::Client::connect_to(nginx_port());
syswrite $fh, "GET $target HTTP/1.1\r\nHost: localhost\r\n\r\n";
answer_now($fh);
body_is($list);
header_is('Connection', 'close');

my $head = Mlist::Client::connect_to(nginx_port());
syswrite $head, "HEAD $target HTTP/1.1\r\nHost: localhost\r\n\r\n";
sysread $head, my $in, 65536;
like($in, qr{^HTTP/1.1 200 .*^Content-Length: ${\ length $list}\r$}ms, 'HEAD');

my $digest = sha256($list);
$fh = send_to(nginx_port(), 'GET', $target, http1 => 1,
              headers => ['If-None-Match' => qq{"$digest"}]);
sysread $fh, $in, 65536;
like($in, qr{^HTTP/1.1 304 }, '304');
$arm->release('close');



=== TEST 27: updating: the client that began the refresh is gone
--- mlist
mlist_auth nginx;
mlist_use_stale updating;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $target = '/v2/leaves/manifests/1';
warm('leaves');
my $amd = docker_image('linux/amd64', seed => 'leaves');
my $new = push_arm('leaves', 'leaves new');

$arm->on('leaves:1', hold => 'leaves');

my $fh = send_to(nginx_port(), 'GET', $target);
answer_now($fh);
ok($arm->wait_for('HEAD /v2/leaves/'), 'a flight is under way');
close $fh;
$arm->release('leaves');
ok($arm->wait_for('GET /v2/leaves/manifests/'), 'what is new is fetched');
ok($arm->wait_for('GET /v2/leaves/blobs/'), 'its config too');
comes($target, $amd, $new);



=== TEST 28: updating over HTTP/2, the client leaves with its answer
--- mlist
mlist_auth nginx;
mlist_valid 1s;
mlist_use_stale updating;
mlist_source http://amd64;
mlist_source http://arm;
--- http eval: $::H2
--- steps
my $target = '/v2/h2update/manifests/1';
my $list = warm('h2update');
my $amd = docker_image('linux/amd64', seed => 'h2update');
my $new = push_arm('h2update', 'h2update new');
my $end = time + 10;

$arm->on('h2update:1', hold => 'h2update');

my $socket = h2_socket();
my $out = '';

until ($out =~ /^warning: 299/mi || time > $end) {
    $out = curl_h2($target, '-i');
    select undef, undef, undef, 0.05;
}

like($out, qr{^HTTP/2 200.*^warning: 299.*\Q$list\E}ims, 'at once');
ok($arm->wait_for('HEAD /v2/h2update/'), 'a flight is under way');
is(scalar $arm->requests, 1, 'one');
$arm->release('h2update');
ok($arm->wait_for('GET /v2/h2update/blobs/'), 'it is finished');
comes($target, $amd, $new);

# several streams, and a connection that is cut right after the answer
my $fh;
my $next = push_arm('h2update', 'h2update next');
$arm->on('h2update:1', hold => 'h2again');
select undef, undef, undef, 1.1;
$arm->clear_requests;
$fh = h2_open($socket, ($target) x 4);
ok($arm->wait_for('HEAD /v2/h2update/'), 'a flight is under way');
my $in = '';
sysread $fh, $in, 65536, length $in
    until $in =~ /\Q$list\E|arm/ || time > $end + 10;
close $fh;
is(scalar $arm->requests, 1, 'one for all streams');
$arm->release('h2again');
ok($arm->wait_for('GET /v2/h2update/blobs/'), 'it is finished');
comes($target, $amd, $next);



=== TEST 29: updating: a refresh that fails changes nothing
--- mlist
mlist_auth nginx;
mlist_use_stale updating;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $target = '/v2/unable/manifests/1';
my $list = warm('unable');

$arm->fail('unable:1', 500);

for (1 .. 3) {
    answer_now(send_to(nginx_port(), 'GET', $target));
    code_is(200);
    body_is($list, 'never shorter');
}

$arm->wait_for('HEAD /v2/unable/');
my $amd = docker_image('linux/amd64', seed => 'unable');
comes($target, $amd, push_arm('unable', 'unable new'));



=== TEST 30: updating: nothing is known, or an artifact
--- mlist
mlist_auth nginx;
mlist_use_stale updating;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
get('/v2/unknown/manifests/1');
error_is(404, 'MANIFEST_UNKNOWN');
my $target = '/v2/thing/manifests/1';
my @thing = map { raw_manifest($OM, {
    schemaVersion => 2, mediaType => $OM, artifactType => 'application/x.y',
    config => { mediaType => 'application/vnd.example.config',
                size => 2, digest => sha256('{}') },
    layers => [], annotations => { n => $_ } }, config => '{}') } 1, 2;

$amd64->tag('thing:1', $thing[0]);
get($target) && body_is($thing[0]{body}) for 1, 2;
$amd64->tag('thing:1', $thing[1]);
get($target);
body_is($thing[1]{body}, 'an artifact is passed on as it is now');
is(variables($target)->{cache}, 'PASS', 'PASS');



=== TEST 31: a tag that is deleted everywhere does not come back
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
warm('deleted');
$_->forget('deleted:1') for $amd64, $arm;
get('/v2/deleted/manifests/1');
code_is(404);
$amd64->fail('deleted:1', 500);
get('/v2/deleted/manifests/1');
ok($res->{code} >= 500, "when a source fails, $res->{code}");
