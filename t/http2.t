# Without this: docker, containerd and crane, which speak HTTP/2 wherever a
# server has TLS, could get something else than over HTTP/1, uploads could be
# held back or cut, and a stream that is given up could take the others of
# its connection with it.  (Spec: "A tag", 9 and 10; "Writes".)

use lib 't/lib';
use File::Temp qw(tempdir);
use Mlist::Http2;
use Mlist::Test;
use Mlist::Tls;

our $ca = tls_file('ca.crt');
our $dir = tempdir('mlist-h2-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# HTTP/2 over TLS, as clients have it.
our $READ = front('mlist_auth nginx;', 'amd64', 'arm');
our $WRITE = front('mlist_auth nginx;', map { "other tag=*-$_" }
                                        qw(amd64 arm));
our $ASK = front('', map { "other tag=*-$_" } qw(amd64 arm));

# And without, for streams that tests open themselves.
our $PLAIN = front('mlist_auth nginx;', 'amd64', 'arm')
             =~ s/listen.*?;\s*(http2 on;)?/listen_h2()/er
             =~ s/^ *(?:ssl_|server_name).*\n//gmr;

# A registry of which the test has the sockets.
our $raw = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 8)
    or die "listen: $!";
our $RAW = 'upstream raw { server 127.0.0.1:' . $raw->sockport . "; }\n"
           . front('mlist_auth nginx;', 'raw');

sub front {
    my ($auth, @sources) = @_;
    my ($crt, $key) = map { tls_file("front.$_") } qw(crt key);
    my $sources = join '', map { "mlist_source http://$_;\n" } @sources;

    return <<"CONF";
server {
    ${\ listen_h2('ssl') }
    server_name front;
    ssl_certificate $crt;
    ssl_certificate_key $key;
    client_max_body_size 0;
    location /v2/ {
        $auth
        $sources
        PROXY;
    }
}
CONF
}

sub ask_h2 {
    my ($path, @options) = @_;

    return curl_with('--http2', '--cacert', $ca, @options,
                     "https://front$path");
}

sub tagged {
    my ($place) = @_;

    return ($amd64->tag($place, docker_image('linux/amd64', seed => $place)),
            $arm->tag($place, docker_image('linux/arm/v7', seed => $place)));
}

# The header of a HEAD, without what differs from second to second.
sub header_h2 {
    return join '', grep { !/^(?:date|server):/ }
                    ask_h2($_[0], '-I') =~ /.*\n/g;
}

sub file_of {
    my ($bytes) = @_;

    open my $out, '>', "$dir/file" or die "file: $!";
    print $out $bytes;
    close $out or die "file: $!";

    return "$dir/file";
}

# curl beside the test, which writes to its standard input: what it is.
sub client_h2 {
    my ($path, @options) = @_;

    pipe my $out, my $in or die "pipe: $!";
    my $pid = fork() // die "fork: $!";

    return ($pid, $in) if $pid;

    close $in;
    open STDIN, '<&', $out or die "stdin: $!";
    open STDOUT, '>', "$dir/code" or die "code: $!";
    { exec 'curl', '-s', '--max-time', 20, '-w', '%{http_code}', '-o',
           '/dev/null', '--http2', '--cacert', $ca, '--unix-socket',
           h2_socket(), @options, "https://front$path" }
    require POSIX;
    POSIX::_exit(1);
}

# Kills it, or waits until it has its answer; the status.
sub end_client {
    my ($pid, $signal) = @_;

    kill $signal, $pid if $signal;
    waitpid $pid, 0;
    open my $in, '<', "$dir/code" or die "code: $!";

    return <$in>;
}

# Reads on until what has come matches, or all has; 10 seconds at most.
sub comes {
    my ($fh, $sofar, $pattern) = @_;
    my $end = time + 10;
    my $select = IO::Select->new($fh);

    while ($sofar !~ $pattern && $select->can_read($end - time)) {
        sysread $fh, $sofar, 65536, length $sofar or last;
    }

    return $sofar;
}

# A worker that crashes is then an alert.
Test::Nginx::Util::master_on();

run_tests();

__DATA__

=== TEST 1: lists, pins, children, blobs
--- http eval: $::READ
--- steps
my @m = tagged('read:1');
my $list = fetched('/v2/read/manifests/1')->{body};
my $digest = sha256($list);

is(ask_h2('/v2/read/manifests/1', '-w', '%{http_version}'), $list . '2',
   'a list');
is(ask_h2("/v2/read/manifests/$digest"), $list, 'by its digest');

for my $m (@m) {
    is(ask_h2("/v2/read/manifests/$m->{digest}", '-H', "Accept: $D2"),
       $m->{body}, 'a child');
    is(ask_h2("/v2/read/blobs/$m->{layer}"), $m->{blobs}{$m->{layer}},
       'a layer');
    is(ask_h2("/v2/read/blobs/$m->{layer}", '-r', '1-2'),
       substr($m->{blobs}{$m->{layer}}, 1, 2), 'a part of it');
}

my $header = header_h2('/v2/read/manifests/1');
like($header, qr{^HTTP/2 200}, 'HEAD');
like($header, qr/^$_\r$/m, $_)
    for "content-type: \Q$DL\E", 'content-length: ' . length $list,
        "docker-content-digest: $digest", qq{etag: "$digest"},
        'docker-distribution-api-version: registry/2.0';
is(ask_h2('/v2/read/manifests/1', '-o', '/dev/null', '-w', '%{http_code}',
          '-H', qq{If-None-Match: "$digest"}), 304, '304');
is(ask_h2('/v2/read/manifests/1', '-H', 'Accept:', '-H', "Accept: $D2", '-H',
          "Accept: $OI", '-o', '/dev/null', '-w', '%{content_type}'), $OI,
   'Accept in two lines');
is(json_data(ask_h2('/v2/read/manifests/none'))->{errors}[0]{code},
   'MANIFEST_UNKNOWN', 'an error');



=== TEST 2: referrers and ping
--- http eval: $::READ
--- steps
my ($m) = tagged('meta:1');

$_->put("/v2/meta/referrers/$m->{digest}", type => $OI, body => json_text({
    schemaVersion => 2, mediaType => $OI, manifests => [
        { mediaType => $OM, size => 2, digest => sha256($_->name) }] }))
    for $amd64, $arm;

my $found = json_data(ask_h2("/v2/meta/referrers/$m->{digest}"));
is(scalar @{ $found->{manifests} }, 2, 'of both');
is(ask_h2('/v2/', '-w', '%{http_code}'), '{}200', 'ping');



=== TEST 3: many streams of one connection, for one tag
--- http eval: $::PLAIN
--- steps
tagged('streams:1');
my $list = fetched('/v2/streams/manifests/1')->{body};
$_->on('streams:1', hold => 'streams') for $amd64, $arm;
$_->clear_requests for $amd64, $arm;

my $n = 40;
my $fh = h2_open(h2_socket(), map { '/v2/streams/manifests/1' } 1 .. $n);
ok($_->wait_for('/v2/streams/'), 'asked: ' . $_->name) for $amd64, $arm;
$amd64->release('streams');
is(scalar(grep { ($_ // '') eq $list } h2_bodies($fh, $n)), $n,
   'each has the list');
ok(scalar($_->requests) <= 2, 'two flights at most: ' . $_->name)
    for $amd64, $arm;



=== TEST 4: a stream that is given up, and the others of its connection
--- http eval: $::PLAIN
--- steps
my $list = do {
    tagged('cancel:1');
    fetched('/v2/cancel/manifests/1')->{body};
};
$_->on('cancel:1', hold => 'cancel') for $amd64, $arm;

my $n = 6;
my $fh = h2_open(h2_socket(), map { '/v2/cancel/manifests/1' } 1 .. $n);
ok($arm->wait_for('HEAD /v2/cancel/', 2), 'it is asked');

# the stream whose request began the flight
syswrite $fh, Mlist::Client::h2_frame(3, 0, 1, pack('N', 8));
$arm->release('cancel');

my @bodies = h2_bodies($fh, $n);
is(scalar(grep { ($_ // '') eq $list } @bodies[1 .. $n - 1]), $n - 1,
   'all others have the list');
get('/v2/cancel/manifests/1');
body_is($list, 'and so has the next client');



=== TEST 5: a client that leaves while the sources are asked
--- http eval: $::READ
--- steps
my @m = tagged('leaves:1');
$arm->on('leaves:1', hold => 'leaves');

my ($pid) = client_h2('/v2/leaves/manifests/1');
ok($arm->wait_for('/v2/leaves/'), 'a source is asked');
my $fh = send_to(nginx_port(), 'GET', '/v2/leaves/manifests/1');
end_client($pid, 'KILL');
$arm->release('leaves');
$res = answer_of($fh, 'GET');
digests_are(@m);
is(sha256(ask_h2('/v2/leaves/manifests/1')), sha256($res->{body}),
   'the next one');



=== TEST 6: uploads, of known and of unknown length
--- http eval: $::WRITE
--- steps
my $bytes = join '', map { sha256($_) } 1 .. 3_000;
my $digest = sha256($bytes);

$other->writable;

for my $known (1, 0) {
    my $where = ask_h2('/v2/up/blobs/uploads/', '-X', 'POST', '-d', '', '-o',
                       '/dev/null', '-w', '%header{location}');
    like($where, qr{^/v2/up/blobs/uploads/}, 'a session');
    is(ask_h2("$where&digest=$digest", '-T', file_of($bytes), '-w',
              '%{http_code}', $known ? () : ('-H', 'Content-Length:')), 201,
       $known ? 'with a length' : 'without');
}

my @seen = grep { $_->{method} eq 'PUT' } $other->seen;
is(join(' ', map { sha256($_->{body}) } @seen), "$digest $digest",
   'byte for byte');
is(sha256(ask_h2("/v2/up/blobs/$digest")), $digest, 'and back');

my $m = docker_image('linux/amd64', seed => 'h2');
$other->blob('up', $_) for values %{ $m->{blobs} };
is(ask_h2('/v2/up/manifests/1-amd64', '-X', 'PUT', '--data-binary',
          '@' . file_of($m->{body}), '-H', "Content-Type: $m->{type}", '-w',
          '%{http_code}'), 201, 'a manifest');
like(ask_h2('/v2/up/manifests/1'), qr/"digest":"$m->{digest}"/, 'pulled');



=== TEST 7: an upload goes on as it comes, and ends where it is given up
--- http eval: $::RAW
--- steps
for my $gives_up (0, 1) {
    my ($pid, $in) = client_h2('/v2/slow/blobs/uploads/1', '-X', 'PATCH',
                               '-T', '-');

    syswrite $in, 'first part';

    my $fh = $raw->accept;
    my $seen = comes($fh, '', qr/first part/);

    like($seen, qr/first part/, 'what came first is there already');
    like($seen, qr/^Transfer-Encoding: chunked\r$/mi, 'without a length');

    if ($gives_up) {
        end_client($pid, 'KILL');
        close $in;
        $seen = comes($fh, $seen, qr/\r\n0\r\n/);
        unlike($seen, qr/\r\n0\r\n/, 'it does not look whole');

    } else {
        syswrite $in, 'last part';
        close $in;
        $seen = comes($fh, $seen, qr/\r\n0\r\n/);
        like($seen, qr/last part\r\n0\r\n/, 'and then the rest');
        syswrite $fh, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
        is(end_client($pid), 202, 'its answer');
    }

    close $fh;
}

is(ask_h2('/v2/', '-w', '%{http_code}'), '{}200', 'nginx goes on');



=== TEST 8: the registry's challenges
--- http eval: $::ASK
--- steps
my $challenge = 'Bearer realm="https://auth.example/token",service="x"';
my $good = 'Basic Z29vZDpvbmU=';

$other->put('/v2/', body => '{}', challenge => $challenge, auth => $good);
$other->tag('ask:1-amd64', docker_image('linux/amd64'));
$other->on('ask:1-amd64', challenge => $challenge, auth => $good);

for my $path ('/v2/', '/v2/ask/manifests/1') {
    is(ask_h2($path, '-I', '-w', '%{http_code} %header{www-authenticate}',
              '-o', '/dev/null'), "401 $challenge", "$path: HEAD");
    is(ask_h2($path, '-w', '%{http_code} %header{www-authenticate}', '-o',
              '/dev/null'), "401 $challenge", $path);
    is(ask_h2($path, '-w', '%{http_code}', '-o', '/dev/null', '-H',
              "Authorization: $good"), 200, "$path: with credentials");
}

$other->forget('/v2/');
