# Without this: who speaks HTTP/2 could put into a request what HTTP/1 has no
# room for, have bodies passed on as whole that are not, or leave behind what
# each stream that is given up has taken.  (Spec: "Limits and hostile input".)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use IO::Select;
use Mlist::Hostile;
use Mlist::Http2;
use Mlist::Test;
use Time::HiRes qw(time);

our $SOURCES = <<'CONF';
mlist_auth nginx;
mlist_push http://arm by=platform;
mlist_source http://arm tag=*-amd64 platform=linux/amd64;
mlist_source http://arm tag=*-arm platform=linux/arm/v7;
CONF

# A worker that crashes is then an alert.
Test::Nginx::Util::master_on();

our ($DATA, $HEADERS, $RESET, $SETTINGS, $GOAWAY, $CONTINUATION)
    = (0, 1, 3, 4, 7, 9);
our ($END_STREAM, $END_HEADERS) = (1, 4);


# The server of the tests, and one that speaks HTTP/2.
sub fronts {
    my $location = Mlist::Hostile::hostile_location($SOURCES);

    return "server {\n" . listen_h2() . "\nclient_max_body_size 0;\n"
           . "$location}\n";
}


sub frame {
    return Mlist::Client::h2_frame(@_);
}


# Header fields as they stand, none of them compressed or remembered.
sub fields {
    my (@pairs) = @_;
    my $block = '';

    while (my ($name, $value) = splice @pairs, 0, 2) {
        $block .= "\0" . text($name) . text($value);
    }

    return $block;
}


sub text {
    my ($bytes) = @_;
    my $n = length $bytes;

    return chr($n) . $bytes if $n < 127;

    my $prefix = "\x7f";

    for ($n -= 127; $n > 127; $n >>= 7) {
        $prefix .= chr(128 | $n & 127);
    }

    return $prefix . chr($n) . $bytes;
}


sub request {
    my ($method, $path, @more) = @_;

    return fields(':method', $method, ':scheme', 'http', ':path', $path,
                  ':authority', 'localhost', @more);
}


# A connection with these frames in it.  How nginx takes them is what is asked
# for, so that it may close before all are written.
sub open_with {
    my (@frames) = @_;
    my $fh = Mlist::Client::connect_to(h2_socket());

    write_to($fh, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame($SETTINGS, 0, 0, ''),
             @frames);

    return $fh;
}


sub write_to {
    my ($fh, @frames) = @_;
    my $bytes = join '', @frames;
    my $select = IO::Select->new($fh);

    local $SIG{PIPE} = 'IGNORE';
    $fh->blocking(0);

    while (length $bytes) {
        my $n = syswrite $fh, $bytes;

        return 0 if !defined $n && !$!{EAGAIN};
        substr $bytes, 0, $n // 0, '';
        return 0 if length $bytes && !$select->can_write(slow(5));
    }

    return 1;
}


# What comes of stream 1: its status, "reset", or "closed", in time.
sub outcome {
    my ($fh) = @_;
    my $select = IO::Select->new($fh);
    my $end = time + slow(20);
    my ($in, $status) = ('', '');

    $fh->blocking(1);

    while ($select->can_read($end - time)) {
        sysread $fh, $in, 65536, length $in or return $status || 'closed';

        while (my ($type, $flags, $stream, $payload) = h2_frame_off(\$in)) {
            return $status || 'closed' if $type == $GOAWAY;
            next unless $stream == 1;
            return $status || 'reset' if $type == $RESET;
            $status = status_of($payload) if $type == $HEADERS;
            return $status if $type <= $HEADERS && $flags & $END_STREAM;
        }
    }

    return 'nothing';
}


# As nginx writes it, by its number in the static table; or another one.
sub status_of {
    my ($block) = @_;
    my @known = (200, 204, 206, 304, 400, 404, 500);
    my $first = ord($block =~ s/^\x20//r);

    return $first >= 0x88 && $first < 0x8f ? $known[$first - 0x88] : 'another';
}


# What the registry was asked for.
sub asked {
    return $arm->requests;
}


# An honest pull over each protocol, by the same workers as ever.
our @workers;

sub honest {
    my ($what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $arm->tag('honest:1-amd64', docker_image('linux/amd64'));
    $arm->tag('honest:1-arm', docker_image('linux/arm/v7'));
    my $list = fetched('/v2/honest/manifests/1')->{body};
    is(curl_h2('/v2/honest/manifests/1'), $list, "$what: then an honest pull");
    is(join(' ', workers()), "@::workers", "$what: the same workers");
}


sub begin {
    @::workers = workers();
    $arm->writable;
    honest('at first');
    $arm->clear_requests;
}

run_tests();

__DATA__

=== TEST 1: what no request line can hold
--- http eval: ::fronts()
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
::begin();

my $path = '/v2/odd/manifests/1-arm';
my @odd = ("\0", ' ', "\t", "\r\n", "\n", "\x7f", "\x80", "\xff\xfe", '%00',
           '%0d%0aX-Evil:%201', '%2f', '%2e%2e/', '../', '//', '\\', ';', '#',
           ' HTTP/1.1' . "\r\nX-Evil: 1\r\n\r\n");
my %sent = (
    (map { ("path with " . unpack('H*', $_) =>
            request('GET', "/v2/odd$_/manifests/1-arm"),
            "path ends in " . unpack('H*', $_) =>
            request('GET', "$path$_")) } @odd),
    (map { ("method $_" => request($_, $path)) }
         'get', "GET\r\nX-Evil: 1", 'G T', '', 'CONNECT', 'PRI', 'x' x 5000),
    (map { ("scheme " . unpack('H*', $_) =>
            fields(':method', 'GET', ':scheme', $_, ':path', $path)) }
         'file', "http\r\n", '', 'http://evil.test/?'),
    (map { ("authority " . unpack('H*', $_) =>
            fields(':method', 'GET', ':scheme', 'http', ':path', $path,
                   ':authority', $_)) }
         "x\r\nX-Evil: 1", '../x', "a\0b", 'user@host', '', 'x' x 9000),
    (map { ("no $_" => fields(do {
                my %all = (':method' => 'GET', ':scheme' => 'http',
                           ':path' => $path);
                delete $all{$_}; %all })) } qw(:method :scheme :path)),
    'a path that is a URL' => request('GET', "http://evil.test$path"),
    'a path that is an asterisk' => request('OPTIONS', '*'),
    'an empty path' => request('GET', ''),
    '8 KB of tag' => request('GET', '/v2/odd/manifests/' . '1' x 8000),
    '64 KB of query' => request('GET', "$path?" . 'x' x 65_000),
    'two paths' => request('GET', $path, ':path', '/v2/other/manifests/1'),
    'a pseudo-header behind others' =>
        request('GET', $path, 'a', 'b', ':method', 'DELETE'),
    'an unknown pseudo-header' => request('GET', $path, ':evil', 'x'),
    (map { ("header $_->[0]" => request('GET', $path, @$_)) }
         ['Accept', 'x'], ['a b', 'x'], ["x\r\ny", 'x'], ["x", "y\r\nX: z"],
         ["x\0", 'y'], ['x', "a\0b"], ['', 'x'], [':', 'x'],
         ['connection', 'upgrade'], ['upgrade', 'websocket'],
         ['transfer-encoding', 'chunked'], ['te', 'gzip'],
         ['host', "evil.test\r\n"], ['content-length', '-1'],
         ['content-length', '18446744073709551617'], ['range', 'bytes=' x 900],
         ['accept', ',' x 9000], ['authorization', "Basic \xff\r\n"]),
);

$arm->tag('odd:1-arm', docker_image('linux/arm/v7'));

for my $what (sort keys %sent) {
    my $block = $sent{$what};
    my $shown = substr $what =~ s/[^ -~]/?/gr, 0, 40;

    $arm->clear_requests;

    my @frames = frame($::HEADERS, $::END_STREAM
                       | (length $block <= 16384 ? $::END_HEADERS : 0), 1,
                       substr $block, 0, 16384, '');

    push @frames, frame($::CONTINUATION, length $block <= 16384
                        ? $::END_HEADERS : 0, 1, substr $block, 0, 16384, '')
        while length $block;

    my $got = outcome(open_with(@frames));

    like($got, qr/^(?:200|4\d\d|another|reset|closed)$/, "$shown: $got");
    ok(!grep({ !m{^(?:HEAD|GET) /v2/odd/manifests/1-arm$} } asked()),
       "$shown: nothing else is asked") || Test::More::diag(asked());
    is(scalar(grep { lc $_->[0] eq 'x-evil' }
              map { @{ $_->{headers} } } $arm->seen), 0,
       "$shown: nothing is injected");
}

::honest('odd requests');
visible_log(qr{(?<![-/\w])mlist});



=== TEST 2: streams that are given up at once
--- http eval: ::fronts()
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
::begin();
$arm->tag("held:1-$_", docker_image($_ eq 'arm' ? 'linux/arm/v7'
                                                : 'linux/amd64'))
    for qw(amd64 arm);
$arm->on("held:1-$_", hold => 'held') for qw(amd64 arm);

my $block = request('GET', '/v2/held/manifests/1');

# each as soon as it is opened; nginx may take that as reason enough to close
sub storm {
    my ($n) = @_;
    my $fh = open_with(map { (frame($::HEADERS, $::END_STREAM | $::END_HEADERS, $_,
                                    $block),
                              frame($::RESET, 0, $_, pack 'N', 8)) }
                       map { 2 * $_ + 1 } 0 .. $n - 1);
    close $fh;
}

storm(200) for 1 .. 10;

my $before = memory();

storm(1000) for 1 .. 20;
ok(peak() - $before < 16_384,
   "memory of 20,000 streams: $before to " . peak() . ' KB')
    if memory_counts();
ok(scalar(asked()) < 100, scalar(asked()) . ' times asked');

# others wait for the same flight
my $fh = open_with(frame($::HEADERS, $::END_STREAM | $::END_HEADERS, 1, $block));
storm(200);
$arm->release('held');
is(outcome($fh), 200, 'who waits is answered');
::honest('streams given up');



=== TEST 3: headers without an end
--- http eval: ::fronts()
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
::begin();

my $n = memory_counts() ? 2000 : 200;
my $before = memory();
my $start = request('GET', '/v2/flood/manifests/1-arm');
my %sent = (
    'CONTINUATION' => [
        frame($::HEADERS, $::END_STREAM, 1, $start),
        (frame($::CONTINUATION, 0, 1, fields('x', 'y' x 4000)))  x $n],
    'CONTINUATION of nothing' => [
        frame($::HEADERS, $::END_STREAM, 1, $start),
        (frame($::CONTINUATION, 0, 1, '')) x $n,
        frame($::CONTINUATION, $::END_HEADERS, 3, '')],
    'CONTINUATION of another stream' => [
        frame($::HEADERS, $::END_STREAM, 1, $start),
        frame($::CONTINUATION, $::END_HEADERS, 3, fields('x', 'y'))],
    'CONTINUATION of no stream' => [
        frame($::CONTINUATION, $::END_HEADERS, 1, $start)],
    'many small ones' => [
        frame($::HEADERS, $::END_STREAM, 1, $start),
        (frame($::CONTINUATION, 0, 1, fields(('x', 'y') x 1000))) x ($n / 4)],
    'one that is remembered, again and again' => [
        frame($::HEADERS, $::END_STREAM, 1, $start . "\x40" . text('x')
                                        . text('y' x 3000)),
        (frame($::CONTINUATION, 0, 1, "\xbe" x 16384)) x ($n / 100)],
    'an index of nothing' => [
        frame($::HEADERS, $::END_STREAM | $::END_HEADERS, 1, "\xff\xff\xff\x7f")],
    'a table of 4 GB' => [
        frame($::HEADERS, $::END_STREAM | $::END_HEADERS, 1,
              "\x3f\xe0\xff\xff\xff\x0f$start")],
    'a text that is longer than its frame' => [
        frame($::HEADERS, $::END_STREAM | $::END_HEADERS, 1,
              "\0\1x\x7f\x80\x80\x80\x01")],
    'Huffman code that is none' => [
        frame($::HEADERS, $::END_STREAM | $::END_HEADERS, 1,
              "$start\0\x81\xff\x84\xff\xff\xff\xff")],
    'a frame that is longer than may be' => [
        frame($::HEADERS, $::END_STREAM | $::END_HEADERS, 1, 'x' x 60_000)],
    'padding that is longer than the frame' => [
        frame($::HEADERS, $::END_STREAM | $::END_HEADERS | 8, 1, "\xff$start")],
);

for my $what (sort keys %sent) {
    $arm->clear_requests;

    my $got = outcome(open_with(@{ $sent{$what} }));

    like($got, qr/^(?:4\d\d|another|reset|closed)$/, "$what: $got");
    is(scalar(asked()), 0, "$what: nothing is asked");
}

ok(peak() - $before < 16_384, "memory: $before to " . peak() . ' KB')
    if memory_counts();
::honest('headers');



=== TEST 4: bodies that are not what they say
--- http eval: ::fronts()
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
::begin();

my $m = oci_image('linux/arm/v7');
my $body = $m->{body};
my $n = length $body;

$arm->manifest('cut', $m);

my %paths = (
    'an upload' => '/v2/cut/blobs/uploads/1',
    'a manifest' => '/v2/cut/manifests/1',
    'a spelling' => '/v2/cut/manifests/1-arm',
);

sub put_of {
    my ($path, $length, @frames) = @_;

    return (frame($::HEADERS, $::END_HEADERS, 1,
                  request('PUT', $path, 'content-type', $OM,
                          defined $length ? ('content-length', $length)
                                          : ())), @frames);
}

my %sent = (
    'shorter than said' => [$n + 1, frame($::DATA, $::END_STREAM, 1, $body)],
    'much shorter' => [1 << 40, frame($::DATA, $::END_STREAM, 1, $body)],
    'longer than said' => [$n - 1, frame($::DATA, $::END_STREAM, 1, $body)],
    'longer by a frame' => [$n, frame($::DATA, 0, 1, $body),
                            frame($::DATA, $::END_STREAM, 1, 'more')],
    'none at all' => [$n, frame($::DATA, $::END_STREAM, 1, '')],
    'reset before it' => [$n, frame($::RESET, 0, 1, pack 'N', 8)],
    'reset in it' => [$n, frame($::DATA, 0, 1, substr $body, 0, 9),
                      frame($::RESET, 0, 1, pack 'N', 8)],
    'reset in it, without a length' => [
        undef, frame($::DATA, 0, 1, substr $body, 0, 9),
        frame($::RESET, 0, 1, pack 'N', 8)],
    'the connection ends in it' => [
        $n, frame($::DATA, 0, 1, substr $body, 0, 9)],
    'it ends, without a length' => [
        undef, frame($::DATA, 0, 1, substr $body, 0, 9)],
    'GOAWAY in it' => [$n, frame($::DATA, 0, 1, substr $body, 0, 9),
                       frame($::GOAWAY, 0, 0, pack 'NN', 1, 0)],
    'data of another stream' => [$n, frame($::DATA, $::END_STREAM, 3, $body)],
    'padding for data' => [$n, frame($::DATA, $::END_STREAM | 8, 1,
                                     "\xc8" . "\0" x 200)],
    'headers in it' => [$n, frame($::DATA, 0, 1, substr $body, 0, 9),
                        frame($::HEADERS, $::END_HEADERS, 1, fields('x', 'y'))],
);

for my $kind (sort keys %paths) {
    for my $how (sort keys %sent) {
        my ($length, @frames) = @{ $sent{$how} };
        my $fh = open_with(put_of($paths{$kind}, $length, @frames));

        outcome($fh) if $how =~ /shorter|longer|none/;
        close $fh;
        get('/v2/');
        is(scalar(grep { /^PUT/ } asked()), 0,
           "$kind, $how: no whole request came of it")
            || Test::More::diag(asked());
        $arm->clear_requests;
    }

    my $got = outcome(open_with(put_of($paths{$kind}, $n, map {
        frame($::DATA, $_ == $n - 1 ? $::END_STREAM : 0, 1, substr $body, $_, 1)
    } 0 .. $n - 1)));

    is(scalar(grep { /^PUT/ } asked()), 1, "$kind, byte by byte: $got");
    $arm->clear_requests;
}

::honest('bodies');



=== TEST 5: who asks for much and reads nothing
--- http eval: ::fronts()
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
::begin();

my $digest = $arm->blob('much', 'x' x 4_000_000);
my $block = request('GET', "/v2/much/blobs/$digest");
my $before = memory();
my @open = map {
    open_with(frame($::SETTINGS, 0, 0, pack 'nN', 4, 0),
              map { frame($::HEADERS, $::END_STREAM | $::END_HEADERS, 2 * $_ + 1,
                          $block) } 0 .. 19)
} 1 .. 5;

ok($arm->wait_for('/v2/much/', 20), 'they are asked for');
ok(peak() - $before < 65_536, "memory: $before to " . peak() . ' KB')
    if memory_counts();
::honest('beside them');
close $_ for @open;
::honest('after them');
