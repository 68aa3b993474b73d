# Without this: a client that goes away in the middle could leave a request
# that nobody ends, take other clients' answers with it or crash nginx; and
# so could a registry.  (Spec: "A tag", 10, and the issue's tests of aborts.)

use lib 't/lib';
use Mlist::Http2;
use Mlist::Test;

# HTTP/2 without TLS, on a socket of its own.
our $H2 = do {
    my $listen = listen_h2();

    <<"CONF";
server {
    $listen
    location /v2/ {
        mlist_auth nginx;
        mlist_source http://amd64;
        mlist_source http://arm;
        PROXY;
    }
}
CONF
};

sub tagged {
    my ($name) = @_;

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    $arm->tag("$name:1", docker_image('linux/arm/v7'));
}

# nginx lives and gives the whole list.
sub goes_on {
    my ($name) = @_;

    get("/v2/$name/manifests/1");
    code_is(200, "$name: the next client is served");
    platforms_are('linux/amd64', 'linux/arm/v7');
}

# A worker that crashes is then an alert, and QUIT waits for requests.
Test::Nginx::Util::master_on();

run_tests();

__DATA__

=== TEST 1: HTTP/1: gone while the sources are asked
--- http eval: $::H2
--- steps
tagged('gone1');
$arm->on('gone1:1', hold => 'gone1');
my $fh = send_to(nginx_port(), 'GET', '/v2/gone1/manifests/1');
ok($arm->wait_for('/v2/gone1'), 'a source is asked');
close $fh;
my $next = send_to(nginx_port(), 'GET', '/v2/gone1/manifests/1');
$arm->release('gone1');
$res = answer_of($next, 'GET');
code_is(200, 'one who came meanwhile');
platforms_are('linux/amd64', 'linux/arm/v7');
goes_on('gone1');



=== TEST 2: HTTP/1: gone while manifests and configs are read
--- http eval: $::H2
--- steps
for my $what (qw(manifest config)) {
    my $name = "gone2-$what";
    my $m = docker_image('linux/arm/v7');

    tagged($name);
    $arm->on($_, method => { GET => { hold => $name } })
        for $what eq 'config' ? "$name#$m->{config}"
                              : ("$name:1", "$name\@$m->{digest}");
    my $fh = send_to(nginx_port(), 'GET', "/v2/$name/manifests/1");
    ok($arm->wait_for("GET /v2/$name"), "$what is asked for");
    close $fh;
    $arm->release($name);
    goes_on($name);
}



=== TEST 3: HTTP/2: gone while the sources are asked
--- http eval: $::H2
--- steps
tagged('h2gone');
$_->on('h2gone:1', hold => 'h2gone') for $amd64, $arm;
my $fh = h2_open(h2_socket(), '/v2/h2gone/manifests/1');
ok($arm->wait_for('/v2/h2gone'), 'arm is asked');
ok($amd64->wait_for('/v2/h2gone'), 'amd64 is asked');
close $fh;
my $next = send_to(nginx_port(), 'GET', '/v2/h2gone/manifests/1');
$arm->release('h2gone');
$res = answer_of($next, 'GET');
code_is(200, 'one who came meanwhile');
platforms_are('linux/amd64', 'linux/arm/v7');
goes_on('h2gone');



=== TEST 4: HTTP/2: many streams, the connection goes away
--- http eval: $::H2
--- steps
tagged("h2many$_") for 1 .. 20;

for my $i (1 .. 20) {
    $_->on("h2many$i:1", hold => 'h2many') for $amd64, $arm;
}

my $fh = h2_open(h2_socket(), map { "/v2/h2many$_/manifests/1" } 1 .. 20);
ok($arm->wait_for('/v2/h2many', 20), 'all are asked');
close $fh;
$arm->release('h2many');
goes_on("h2many$_") for 1, 20;



=== TEST 5: HTTP/2: gone while configs are read
--- http eval: $::H2
--- steps
tagged('h2config');
my $m = docker_image('linux/arm/v7');
$arm->on("h2config#$m->{config}", hold => 'h2config');
my $fh = h2_open(h2_socket(), '/v2/h2config/manifests/1');
ok($arm->wait_for("GET .*$m->{config}"), 'a config is asked for');
close $fh;
$arm->release('h2config');
goes_on('h2config');



=== TEST 6: HTTP/2: a stream that is reset, the others go on
--- http eval: $::H2
--- steps
tagged('h2reset');
$arm->on('h2reset:1', hold => 'h2reset');
my $fh = h2_open(h2_socket(), '/v2/h2reset/manifests/1');
ok($arm->wait_for('/v2/h2reset'), 'a source is asked');
syswrite $fh, Mlist::Client::h2_frame(3, 0, 1, pack('N', 8));
$arm->release('h2reset');
goes_on('h2reset');
close $fh;



=== TEST 7: HTTP/2 works at all: lists, digests, blobs
--- http eval: $::H2
--- steps
tagged('h2');
my $m = docker_image('linux/arm/v7');
my $list = fetched('/v2/h2/manifests/1')->{body};
is(curl_h2('/v2/h2/manifests/1'), $list, 'a list');
is(curl_h2('/v2/h2/manifests/' . sha256($list)), $list, 'by its digest');
is(curl_h2("/v2/h2/blobs/$m->{layer}"), $m->{blobs}{$m->{layer}}, 'a layer');
is(curl_h2("/v2/h2/manifests/$m->{digest}", '-H', "Accept: $D2"), $m->{body},
   'a child');
like(curl_h2('/v2/h2/manifests/1', '-I'),
     qr/^HTTP\/2 200.*docker-content-digest: \Q${\ sha256($list)}\E/s, 'HEAD');
like(curl_h2('/v2/h2/manifests/none'), qr/MANIFEST_UNKNOWN/, 'an error');



=== TEST 8: a client that goes away in the middle of a blob
--- http eval: $::H2
--- steps
my $bytes = 'x' x 3_000_000;
my $digest = $arm->blob('bigblob', $bytes);

for my $where (nginx_port(), h2_socket()) {
    my $fh = $where =~ /^\d+$/
             ? send_to($where, 'GET', "/v2/bigblob/blobs/$digest")
             : h2_open($where, "/v2/bigblob/blobs/$digest");

    sysread $fh, my $some, 1000;
    close $fh;
}

get("/v2/bigblob/blobs/$digest");
ok($res->{body} eq $bytes, 'the next client gets it');



=== TEST 9: a source that goes away in the middle of a blob
--- http eval: $::H2
--- steps
my $bytes = 'y' x 3_000_000;
my $digest = $arm->blob('cutblob', $bytes);
$arm->on("cutblob#$digest", method => { GET => { cut => 1_000_000 } });
get("/v2/cutblob/blobs/$digest");
ok($res->{code} != 200 || length $res->{body} < 3_000_000,
   'what is cut short is seen to be cut short');
ok(defined $res->{error}, 'the connection ends early') if $res->{code} == 200;



=== TEST 10: a source that goes away while a child is passed on
--- http eval: $::H2
--- steps
tagged('cutchild');
fetched('/v2/cutchild/manifests/1');
my $m = docker_image('linux/arm/v7');
$arm->on("cutchild\@$m->{digest}", method => { GET => { cut => 50 } });
get("/v2/cutchild/manifests/$m->{digest}", accept => $D2);
ok($res->{code} >= 500 || defined $res->{error}, 'not taken for the whole');
head("/v2/cutchild/manifests/$m->{digest}", accept => $D2);
code_is(200);



=== TEST 11: all registries go away in mid-flight
--- http eval: $::H2
--- steps
tagged('mid');
$_->on('mid:1', hold => 'mid') for $amd64, $arm;
my $fh = send_to(nginx_port(), 'GET', '/v2/mid/manifests/1');
ok($arm->wait_for('/v2/mid'), 'arm is asked');
ok($amd64->wait_for('/v2/mid'), 'amd64 is asked');
$_->down for $amd64, $arm;
$res = answer_of($fh, 'GET');
gateway_error('both are gone');
$_->up for $amd64, $arm;
$arm->release('mid');
goes_on('mid');



=== TEST 12: nginx is told to go while a flight is on
--- http eval: $::H2
--- steps
tagged('quit');
$arm->on('quit:1', hold => 'quit');
my $fh = send_to(nginx_port(), 'GET', '/v2/quit/manifests/1');
ok($arm->wait_for('/v2/quit'), 'a source is asked');
my $pid = nginx_pid();
kill 'QUIT', $pid;
select undef, undef, undef, 0.1;
$arm->release('quit');
$res = answer_of($fh, 'GET');
code_is(200, 'it is answered');
platforms_are('linux/amd64', 'linux/arm/v7');
my $end = time + 10;
select undef, undef, undef, 0.02 while kill(0, $pid) && time < $end;
ok(!kill(0, $pid), 'and nginx has gone');
