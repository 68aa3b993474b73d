# Without this: a layer that is pushed could arrive cut short, in two halves at
# two registries, or by way of a disk that is smaller than it; and an upload
# that broke off could not be gone on with.  Here real docker-registries take
# uploads in all the ways that the distribution specification has, and what
# they cannot be made to do is done by a registry of plain sockets.
# (Spec: "Writes".)

use strict;
use warnings;

use lib 't/lib';
use Mlist::DockerRegistry;
use Mlist::Test;

use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;

our $DIR = tempdir('mlist-uploads-XXXXXX', TMPDIR => 1, CLEANUP => 1);
our %REAL = map { $_ => Mlist::DockerRegistry->start(dir => "$DIR/$_") }
                qw(one two);
our $RAW = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
           // die "listen: $!";

$ENV{TEST_NGINX_ONE} = 'http://' . $REAL{one}->address;
$ENV{TEST_NGINX_TWO} = 'http://' . $REAL{two}->address;
$ENV{TEST_NGINX_RAW} = 'http://127.0.0.1:' . $RAW->sockport;

our @OCTETS = ('Content-Type' => 'application/octet-stream');

# Bytes that are no other's, so that no blob is there before it is pushed.
sub bytes_of {
    my ($seed, $size) = @_;

    return substr("$seed " x ($size / length($seed)) . ' ' x $size, 0, $size);
}

sub begun {
    my ($name, %opt) = @_;

    ask('POST', "/v2/$name/blobs/uploads/", body => '', %opt);
    code_is(202, 'begun');
    like(header_of($res, 'Location') // '', qr{^/v2/$name/blobs/uploads/[^/]+$},
         'a Location of this front');
    ok(header_of($res, 'Docker-Upload-UUID'), 'the session has a name');

    return header_of($res, 'Location');
}

sub ended {
    my ($where, $bytes, %opt) = @_;

    put_to("$where&digest=" . sha256($bytes), delete $opt{body} // '',
           headers => [@OCTETS], %opt);
    code_is(201, 'ended');
    is(header_of($res, 'Location') =~ s{^/v2/.*/blobs/}{}r, sha256($bytes),
       'the blob has a place here');
}

# That the front and the registry itself have those very bytes.
sub is_at {
    my ($registry, $name, $bytes, $there) = @_;
    my $digest = sha256($bytes);

    head("/v2/$name/blobs/$digest");
    code_is(200, 'HEAD finds it');
    header_is('Content-Length', length $bytes);
    get("/v2/$name/blobs/$digest");
    is(sha256($res->{body}), $digest, 'GET brings it');
    $there //= $name;
    is(at($registry, "/v2/$there/blobs/$digest"), 200, 'it is at ' . $registry);
}

# What the registry itself says of a path.
sub at {
    my ($registry, $path) = @_;

    return request_to($REAL{$registry}->address =~ s/.*://r, 'HEAD',
                      $path)->{code};
}

# A request whose body comes in chunks of the transfer coding, as of docker.
sub streamed {
    my ($method, $where, @parts) = @_;
    my $fh = send_to(nginx_port(), $method, $where,
                     headers => [@OCTETS, 'Transfer-Encoding' => 'chunked']);

    syswrite $fh, sprintf("%x\r\n%s\r\n", length, $_) for @parts;
    syswrite $fh, "0\r\n\r\n";

    return $Mlist::Test::res = answer_of($fh, $method);
}

# The other end of a request to $RAW, read up to a pattern.
sub taken {
    my ($pattern) = @_;
    my ($in, $end) = ('', time + 10);

    IO::Select->new($RAW)->can_read(10) or return;

    my $fh = $RAW->accept or return;
    my $select = IO::Select->new($fh);

    while ($in !~ $pattern) {
        last if time > $end || !$select->can_read(10)
                || !sysread $fh, $in, 65536, length $in;
    }

    return ($fh, $in);
}

sub logged {
    my ($pattern) = @_;

    return scalar log_lines($pattern);
}

run_tests();

__DATA__

=== TEST 1: all ways to upload a blob
--- config
location /v2/ {
    client_max_body_size 0;
    mlist_auth nginx;
    mlist_source $TEST_NGINX_ONE;
    PROXY;
}
--- steps
my $bytes = bytes_of('POST, PUT', 100_000);

ended(begun('ways'), $bytes, body => $bytes);
is_at('one', 'ways', $bytes);

$bytes = bytes_of('POST alone', 1000);
ask('POST', '/v2/ways/blobs/uploads/?digest=' . sha256($bytes),
    body => $bytes, headers => [@OCTETS]);
ok($res->{code} == 201 || $res->{code} == 202,
   'all at once, or the registry wants it in two');

$bytes = bytes_of('PATCH', 2_000_000);
my $where = begun('ways');
ask('PATCH', $where, body => $bytes, headers => [@OCTETS]);
code_is(202, 'one PATCH');
header_is('Range', '0-1999999');
ended(header_of($res, 'Location'), $bytes);
is_at('one', 'ways', $bytes);

$bytes = bytes_of('streamed', 3_000_000);
$where = begun('ways');
streamed('PATCH', $where, $bytes =~ /(.{1,65000})/gs);
code_is(202, 'a PATCH without a length');
header_is('Range', '0-2999999');
ended(header_of($res, 'Location'), $bytes);
is_at('one', 'ways', $bytes);

$bytes = bytes_of('chunks', 30_000);
$where = begun('ways');

for my $from (0, 10_000, 20_000) {
    ask('PATCH', $where, body => substr($bytes, $from, 10_000),
        headers => [@OCTETS, 'Content-Range' => $from . '-' . ($from + 9999)]);
    code_is(202, "the chunk at $from");
    header_is('Range', '0-' . ($from + 9999));
    $where = header_of($res, 'Location');
}

ended($where, $bytes);
is_at('one', 'ways', $bytes);

is(logged(qr/request body is buffered to a temporary file/), 0,
   'nothing went by way of a disk');



=== TEST 2: an upload goes on where it was, with whoever comes
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source $TEST_NGINX_ONE;
    PROXY;
}
--- steps
my $bytes = bytes_of('resumed', 50_000);
my $where = begun('resume');

ask('PATCH', $where, body => substr($bytes, 0, 20_000), headers => [@OCTETS]);
code_is(202, 'then the client is gone');
get(header_of($res, 'Location'));
code_is(204, 'the registry tells how far it came');
header_is('Range', '0-19999');
like($where = header_of($res, 'Location'), qr{^/v2/resume/blobs/uploads/},
     'and where to go on');
ok(header_of($res, 'Docker-Upload-UUID'), 'with its name');

ask('PATCH', $where, body => substr($bytes, 20_000), headers => [@OCTETS,
    'Content-Range' => '20000-49999']);
code_is(202, 'the rest');
header_is('Range', '0-49999');
ended(header_of($res, 'Location'), $bytes);
is_at('one', 'resume', $bytes);



=== TEST 3: an upload that is cancelled
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source $TEST_NGINX_ONE;
    PROXY;
}
--- steps
my $where = begun('cancel');

ask('PATCH', $where, body => 'half', headers => [@OCTETS]);
code_is(202);
$where = header_of($res, 'Location');
ask('DELETE', $where);
code_is(204, 'it is cancelled');
get($where);
error_is(404, 'BLOB_UPLOAD_UNKNOWN', 'and gone');
ask('PATCH', $where, body => 'more', headers => [@OCTETS]);
error_is(404, 'BLOB_UPLOAD_UNKNOWN', 'for good');

$where = begun('cancel');
put_to("$where&digest=" . sha256('else'), 'this', headers => [@OCTETS]);
error_is(400, 'DIGEST_INVALID', 'what is not what it says');



=== TEST 4: mounts
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source $TEST_NGINX_ONE name=lib/*;
    mlist_names !~^hidden;
    PROXY;
}
location /v2/hidden/ {
    mlist_auth nginx;
    mlist_source $TEST_NGINX_ONE name=lib/*;
    PROXY;
}
--- steps
my $bytes = bytes_of('mounted', 5000);
my $digest = sha256($bytes);

ended(begun('from'), $bytes, body => $bytes);
ended(begun('hidden/from'), "$bytes!", body => "$bytes!");
is_at('one', 'from', $bytes, 'lib/from');

ask('POST', "/v2/to/blobs/uploads/?mount=$digest&from=from", body => '');
code_is(201, 'both names are served');
header_is('Location', "/v2/to/blobs/$digest");
is_at('one', 'to', $bytes, 'lib/to');

ask('POST', "/v2/to/blobs/uploads/?mount=$digest&from=nowhere", body => '');
code_is(202, 'from where it is not: an upload');
ended(header_of($res, 'Location'), 'plain', body => 'plain');

ask('POST', '/v2/to/blobs/uploads/?mount=' . sha256("$bytes!")
    . '&from=hidden/from', body => '');
code_is(202, 'from what is not served: an upload');
is(at('one', '/v2/lib/to/blobs/' . sha256("$bytes!")), 404, 'no mount');

ask('POST', "/v2/to/blobs/uploads/?mount=$digest&from=lib/from", body => '');
code_is(202, "by the registry's name: an upload");



=== TEST 5: one upload stays at one registry, whatever $push is
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source $TEST_NGINX_ONE;
    mlist_source $TEST_NGINX_TWO;
    mlist_push $http_x_push;
    PROXY;
}
--- steps
for my $to (qw(one two)) {
    my ($other) = grep { $_ ne $to } qw(one two);
    my @to = (headers => ['X-Push' => 'http://' . $REAL{$to}->address,
                          @OCTETS]);
    my @other = (headers => ['X-Push' => 'http://' . $REAL{$other}->address,
                             @OCTETS]);
    my $bytes = bytes_of("at $to", 40_000);
    my $where = begun('stays', @to);

    ask('PATCH', $where, body => substr($bytes, 0, 15_000), @other);
    code_is(202);
    get(header_of($res, 'Location'), @other);
    code_is(204);
    ask('PATCH', header_of($res, 'Location'),
        body => substr($bytes, 15_000), headers => [@OCTETS]);
    code_is(202);
    ended(header_of($res, 'Location'), $bytes, @other);

    is(at($to, '/v2/stays/blobs/' . sha256($bytes)), 200, "it is at $to");
    is(at($other, '/v2/stays/blobs/' . sha256($bytes)), 404,
       "it is not at $other");

    $where = begun('stays', @to);
    ask('DELETE', $where, @other);
    code_is(204, 'cancelled there');
}



=== TEST 6: what both registries have is pushed to the one that lacks it
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source $TEST_NGINX_ONE;
    mlist_source $TEST_NGINX_TWO;
    mlist_push $TEST_NGINX_TWO;
    PROXY;
}
--- steps
my $m = docker_image('linux/arm/v7', seed => 'same base');

for my $bytes (values %{ $m->{blobs} }) {
    my $port = $REAL{one}->address =~ s/.*://r;
    my $answer = request_to($port, 'POST', '/v2/base/blobs/uploads/',
                            body => '');
    my $where = header_of($answer, 'Location') =~ s{^https?://[^/]*}{}r;

    is(request_to($port, 'PUT', "$where&digest=" . sha256($bytes),
                  body => $bytes, headers => [@OCTETS])->{code}, 201,
       'a layer at the other registry');
}

for my $bytes (values %{ $m->{blobs} }) {
    head('/v2/base/blobs/' . sha256($bytes));
    code_is(404, 'HEAD says that it has to be pushed');
    ended(begun('base'), $bytes, body => $bytes);
}

put_to('/v2/base/manifests/1', $m->{body}, headers => ['Content-Type' => $D2]);
code_is(201, 'so that its manifest is taken');
header_is('Location', "/v2/base/manifests/$m->{digest}");
header_is('Docker-Content-Digest', $m->{digest});
get("/v2/base/manifests/$m->{digest}", accept => $D2);
body_is($m->{body});
ask('DELETE', "/v2/base/manifests/$m->{digest}");
code_is(202, 'and deleted');
get("/v2/base/manifests/$m->{digest}", accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 7: bytes are passed on as they come
--- config
location /v2/ {
    client_max_body_size 0;
    mlist_auth nginx;
    mlist_source $TEST_NGINX_RAW;
    PROXY;
}
--- steps
my $fh = send_to(nginx_port(), 'PATCH', '/v2/raw/blobs/uploads/u1?s=1',
                 headers => [@OCTETS, 'Content-Length' => 1_000_000]);

syswrite $fh, 'the first half ';
my ($there, $in) = taken(qr/the first half /);
like($in, qr{^PATCH /v2/raw/blobs/uploads/u1\?s=1 HTTP/1\.1\r\n},
     'half of it is there before the rest is sent');
like($in, qr/^Content-Length: 1000000\r$/m, 'with its length');

# the registry dies: the client hears of it
close $there;
$res = answer_of($fh, 'PATCH');
gateway_error('a registry that dies');
error_is(502, 'UNAVAILABLE', 'says so as registries do');

# the client dies: so does what it has begun
$fh = send_to(nginx_port(), 'PATCH', '/v2/raw/blobs/uploads/u1?s=1',
              headers => [@OCTETS, 'Content-Length' => 1_000_000]);
syswrite $fh, 'the first half ';
($there) = taken(qr/the first half /);
close $fh;
ok(IO::Select->new($there)->can_read(10), 'the registry hears of it');
is(sysread($there, my $more, 1), 0, 'by an end');



=== TEST 8: what is too large
--- config
location /v2/ {
    client_max_body_size 10k;
    mlist_auth nginx;
    mlist_source $TEST_NGINX_ONE;
    PROXY;
}
--- steps
my $bytes = bytes_of('large', 20_000);

my $where = begun('large');
ask('PATCH', $where, body => $bytes, headers => [@OCTETS]);
error_is(413, 'SIZE_INVALID', 'a PATCH');
put_to("$where&digest=" . sha256($bytes), $bytes, headers => [@OCTETS]);
error_is(413, 'SIZE_INVALID', 'a PUT');
put_to('/v2/large/manifests/1', $bytes, headers => ['Content-Type' => $D2]);
error_is(413, 'SIZE_INVALID', 'a manifest');
ask('POST', '/v2/large/blobs/uploads/?digest=' . sha256($bytes),
    body => $bytes, headers => [@OCTETS]);
error_is(413, 'SIZE_INVALID', 'a POST');
