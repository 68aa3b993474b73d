# Without this: a client could have a registry asked for what it may not ask,
# in the name of this front; hide a second request in a first one; or hold up
# everybody else by being slow, absurd or gone.
# (Spec: "Limits and hostile input".)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use IO::Select;
use Mlist::Hostile;
use Mlist::Test;
use Time::HiRes qw(time);

Test::Nginx::Util::worker_connections(16_384);

our $SOURCES = <<'CONF';
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_push http://arm;
CONF

our $DIGEST = sha256('x');


# All that comes back for these bytes, until nginx closes or is silent.
sub raw {
    my ($bytes, %opt) = @_;
    my $fh = Mlist::Client::connect_to(nginx_port());
    my ($in, $select) = ('', IO::Select->new($fh));

    local $SIG{PIPE} = 'IGNORE';
    syswrite $fh, $bytes;
    shutdown $fh, 1 if $opt{half};

    while ($select->can_read($opt{wait} // 1)) {
        sysread $fh, $in, 65536, length $in or last;
    }

    return $in;
}


sub codes {
    my ($in) = @_;

    return join ' ', $in =~ m{HTTP/1\.1 (\d+) }g;
}


sub asked {
    return map { $_->requests } $amd64, $arm, $other;
}


sub clear {
    $_->clear_requests for $amd64, $arm, $other;
}


sub honest {
    my ($name) = @_;

    honest_pair($name);
    get("/v2/$name/manifests/1");
    platforms_are('linux/amd64', 'linux/arm/v7');
}


# A request of these header lines and that body.
sub post {
    my ($lines, $body) = @_;

    return "POST /v2/up/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n$lines\r\n$body";
}

our $HIDDEN = "GET /v2/hidden/manifests/1 HTTP/1.1\r\nHost: x\r\n\r\n";

# Each path with each of these in place of, or beside, each of its slashes.
our @TRICKS = ('%2f', '%2F', '%5c', '\\', '//', '/./', '/../', '/%2e/',
               '/%2e%2e/', '/%2e./', '/..%2f', '%00/', '/%00', '/;x/',
               '%252f', '/%252e%252e/', '/%c0%ae%c0%ae/', '%0d%0a/', '/%20',
               '/%ff/', '/...//', '/..;/');
our @PATHS = ('/v2/a/b/manifests/1', "/v2/a/b/manifests/$DIGEST",
              "/v2/a/b/blobs/$DIGEST", '/v2/a/b/tags/list', '/v2/_catalog',
              "/v2/a/b/referrers/$DIGEST", '/v2/a/b/blobs/uploads/',
              '/v2/a/b/blobs/uploads/1');


sub tricky_paths {
    my %paths;

    for my $path (@PATHS) {
        my @parts = split m{/}, $path, -1;

        for my $i (2 .. $#parts) {
            for my $trick (@TRICKS) {
                my $left = join '/', @parts[0 .. $i - 1];
                my $right = join '/', @parts[$i .. $#parts];
                $paths{"$left$trick$right"} = 1;
            }
        }

        $paths{"$path$_"} = 1 for qw(%2f %2e%2e /.. /%2e%2e %00 %5c.. // /./);
    }

    return sort keys %paths;
}

run_tests();

__DATA__

=== TEST 1: a slash or dots, in every position, in every spelling
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
my %wrong;
my @paths = ::tricky_paths();

for my $path (@paths) {
    for my $method ('GET', $path =~ /uploads/ ? 'POST' : 'HEAD') {
        clear();
        ask($method, $path, $method eq 'POST' ? (body => '') : ());

        my @sent = asked();
        my $bad = $res->{code} == 0 || $res->{code} >= 500
                  || $res->{body} =~ /\Q$SECRET\E/
                  || grep { m{%|\\|//|\.\.|\s\S*\s|[^!-~ ]|;} } @sent;

        # what is canonical after all, "a/...", is a path of its own
        $bad ||= @sent && $res->{code} < 400;
        $wrong{"$method $path"} = "$res->{code} @sent" if $bad;
    }
}

ok(@paths > 600, scalar(@paths) . ' paths');
is(json_text(\%wrong), '{}', 'none is passed on, or answered');
visible_log(qr{(?<![-/\w])mlist});



=== TEST 2: a request within a request
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
my $n = length $::HIDDEN;
my $hidden = $::HIDDEN;
my $chunk = sprintf "%x\r\n%s\r\n0\r\n\r\n", $n, $hidden;
my %sent = (
    'a length and chunks' =>
        post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
             "0\r\n\r\n$hidden"),
    'chunks and a length' =>
        post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
             "0\r\n\r\n$hidden"),
    'two lengths' => post("Content-Length: 0\r\nContent-Length: $n\r\n",
                          $hidden),
    'two equal lengths' => post("Content-Length: 0\r\nContent-Length: 0\r\n",
                                $hidden),
    'two lengths in one' => post("Content-Length: 0, $n\r\n", $hidden),
    'a length with a sign' => post("Content-Length: +0\r\n", $hidden),
    'a length below zero' => post("Content-Length: -1\r\n", $hidden),
    'a length of 2^64' =>
        post("Content-Length: 18446744073709551616\r\n", $hidden),
    'a length in hexadecimal' => post("Content-Length: 0x0\r\n", $hidden),
    'chunks twice' => post("Transfer-Encoding: chunked, chunked\r\n",
                           "0\r\n\r\n$hidden"),
    'chunks in two lines' =>
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
             "0\r\n\r\n$hidden"),
    'identity' => post("Transfer-Encoding: identity\r\n", $hidden),
    'xchunked' => post("Transfer-Encoding: xchunked\r\n",
                       "0\r\n\r\n$hidden"),
    'chunked after a tab' => post("Transfer-Encoding: \x0bchunked\r\n",
                                  "0\r\n\r\n$hidden"),
    'gzip, chunked' => post("Transfer-Encoding: gzip, chunked\r\n",
                            "0\r\n\r\n$hidden"),
    'a name before a space' => post("Transfer-Encoding : chunked\r\n",
                                    "0\r\n\r\n$hidden"),
    'a folded line' => post("X-Y: z\r\n Transfer-Encoding: chunked\r\n"
                            . "Content-Length: $n\r\n", $hidden),
    'a NUL in a line' => post("X-Y: a\0b\r\nContent-Length: $n\r\n", $hidden),
    'a chunk of 2^64' => post("Transfer-Encoding: chunked\r\n",
                              "10000000000000000\r\n$hidden"),
    'a chunk below zero' => post("Transfer-Encoding: chunked\r\n",
                                 "-1\r\n$hidden"),
    'more in a chunk than it says' => post("Transfer-Encoding: chunked\r\n",
                                           "1\r\nxx$hidden"),
    'a body that is a request' => post("Content-Length: $n\r\n", $hidden),
    'a chunk that is a request' => post("Transfer-Encoding: chunked\r\n",
                                        $chunk),
    'in HTTP/1.0' => post("Transfer-Encoding: chunked\r\n",
                          "0\r\n\r\n$hidden") =~ s{HTTP/1.1}{HTTP/1.0}r,
);

$arm->put('/v2/up/blobs/uploads/', status => 202, body => '',
          headers => { Location => '/v2/up/blobs/uploads/1' });

for my $how (sort keys %sent) {
    clear();
    my $in = raw($sent{$how}, wait => 0.3);
    my @requests = $arm->seen;
    my @framed = map { scalar grep { $_->[0] =~ /^(?:content-length|
                                     transfer-encoding)$/xi }
                       @{ $_->{headers} } } @requests;

    ok(!grep({ /hidden/ } asked()), "$how: no second request") ||
        Test::More::diag(join "\n", codes($in), asked());
    ok(@requests <= 1, "$how: one at most");
    ok(!grep({ $_ > 1 } @framed), "$how: of one length");
    like(codes($in), qr/^(?:[1245]\d\d)?(?: \d+)?$/, "$how: " . codes($in));
}

# and what is honestly behind one another is answered so
clear();
my $in = raw("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n" x 99
             . "GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             wait => 5);
is(codes($in), join(' ', (200) x 100), 'a hundred, one after the other');
honest('pipe');



=== TEST 3: methods, versions and names of hosts
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
honest('odd');

my $path = '/v2/odd/manifests/1';
my $end = "Host: x\r\nConnection: close\r\n\r\n";
my %sent = (
    (map { $_ => "$_ $path HTTP/1.1\r\n$end" }
         qw(TRACE CONNECT PROPFIND get Get OPTIONS LOCK PRI), 'G' x 9000),
    'no method' => " $path HTTP/1.1\r\n$end",
    'a whole URL' => "GET http://evil.test$path HTTP/1.1\r\n$end",
    'a URL of a file' => "GET file:///etc/passwd HTTP/1.1\r\n$end",
    'an authority' => "CONNECT evil.test:443 HTTP/1.1\r\n$end",
    'an asterisk' => "OPTIONS * HTTP/1.1\r\n$end",
    'HTTP/0.9' => "GET $path\r\n",
    'HTTP/1.0' => "GET $path HTTP/1.0\r\n\r\n",
    'HTTP/1.1 without a host' => "GET $path HTTP/1.1\r\n\r\n",
    'HTTP/9.9' => "GET $path HTTP/9.9\r\n$end",
    'two hosts' => "GET $path HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    'a host that is a path' => "GET $path HTTP/1.1\r\nHost: ../x\r\n\r\n",
    'a host with a NUL' => "GET $path HTTP/1.1\r\nHost: a\0b\r\n\r\n",
    'a host with a user' => "GET $path HTTP/1.1\r\nHost: a\@b\r\n$end",
    'Upgrade' => "GET $path HTTP/1.1\r\nUpgrade: websocket\r\n"
                 . "Sec-WebSocket-Key: x\r\n$end",
    'Upgrade to h2c' => "GET $path HTTP/1.1\r\nUpgrade: h2c\r\n"
                        . "HTTP2-Settings: AAMAAABkAAQAAP__\r\n$end",
    'Expect' => "GET $path HTTP/1.1\r\nExpect: 100-continue\r\n$end",
    'Expect what is not' => "GET $path HTTP/1.1\r\nExpect: x\r\n$end",
    '64 KB of query' => "GET $path?" . 'x' x 65536 . " HTTP/1.1\r\n$end",
    'a tag of 8 KB' => "GET ${path}1" . '1' x 8000 . " HTTP/1.1\r\n$end",
    'a name of 8 KB' => 'GET /v2/' . 'a' x 8000
                        . "/manifests/1 HTTP/1.1\r\n$end",
    '8 KB of digest' => 'GET /v2/a/blobs/sha256:' . 'a' x 8000
                        . " HTTP/1.1\r\n$end",
    'a hundred KB of headers' => "GET $path HTTP/1.1\r\n"
                                 . ('X-Y: ' . 'z' x 1000 . "\r\n") x 100
                                 . $end,
    'only line breaks' => "\r\n" x 10_000,
    'TLS' => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    'HTTP/2' => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
);

for my $how (sort keys %sent) {
    my $what = substr $how, 0, 30;

    clear();
    my $in = raw($sent{$how}, half => 1);
    like(codes($in), qr/^(?:(?:100|200|400|404|405|414|417|421|431|501|505)\b ?)*$/,
         "$what: " . codes($in));
    unlike($in, qr/\Q$SECRET\E|\r\nUpgrade:/, "$what: nothing of others");
    ok(!grep({ !m{^(?:HEAD|GET) /v2/odd/manifests/1$} } asked()),
       "$what: nothing else is asked") || Test::More::diag(asked());
}

honest('odd2');
visible_log(qr{(?<![-/\w])mlist});



=== TEST 4: Accept
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
honest('accept');

my %lines = (
    '100 lines' => [("$D2, $OM") x 99, $DL],
    '10,000 items' => [(join ',', ('a/b') x 1500) x 4, $DL],
    '30 KB of one type' => [('a' x 7000 . '/b') x 4, $DL],
    'commas' => [',' x 8000, $DL],
    '4,000 parameters' => ["$DL" . ';a=b' x 1800],
    'an open quote' => [$DL, "$D2;a=\"" . 'x' x 4000],
    (map { ("q=$_" => [$DL, "$OI;q=$_"]) }
         qw(-1 2 1e9 NaN 0.0000000001 00 .5 1.), '', '0x1', '9' x 2000),
);

for my $how (sort keys %lines) {
    my $begin = time;

    get('/v2/accept/manifests/1', accept => $lines{$how});
    ok($res->{code} == 200 || $res->{code} == 404 || $res->{code} == 400,
       "$how: $res->{code}");
    sane($how);
    ok(time - $begin < 5, "$how: at once");
}

get('/v2/accept/manifests/1', accept => $lines{'100 lines'});
platforms_are('linux/amd64', 'linux/arm/v7');



=== TEST 5: ranges
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
honest('range');

my $list = $res->{body};
my $bytes = join '', map { chr(65 + $_ % 26) } 1 .. 5000;
my $digest = $arm->blob('range', $bytes);

for my $range ('bytes=0-0', 'bytes=0-', 'bytes=-1', 'bytes=-99999999',
               'bytes=5-2', 'bytes=0-0,1-1,2-2', 'bytes=4999-5001',
               'bytes=99999999-', 'bytes=0-18446744073709551616',
               'bytes=-0', 'bytes=--1', 'bytes=', 'x=0-1', 'bytes=0-0,' x 700,
               join(',', 'bytes=0-', ('0-') x 1500))
{
    my $what = substr $range, 0, 30;

    get('/v2/range/manifests/1', headers => [Range => $range]);
    code_is(200, "$what of a list");
    body_is($list, "$what: all of it");
    get("/v2/range/blobs/$digest", headers => [Range => $range]);
    ok($res->{code} =~ /^(?:200|206|416)$/, "$what of a blob: $res->{code}");
    ok(length $res->{body} <= 5000 && index($bytes, $res->{body}) >= 0,
       "$what: no more than there is");
}



=== TEST 6: uploads that end too early
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
my $path = '/v2/cut/blobs/uploads/1';
my %sent = (
    'in the request line' => "PATCH $path",
    'in a header' => "PATCH $path HTTP/1.1\r\nHost: x\r\nContent-Le",
    'before the body' => "PATCH $path HTTP/1.1\r\nHost: x\r\n"
                         . "Content-Length: 1000\r\n\r\n",
    'in the body' => "PATCH $path HTTP/1.1\r\nHost: x\r\n"
                     . "Content-Length: 1000\r\n\r\n" . 'x' x 500,
    'before its last byte' => "PUT $path?digest=$::DIGEST HTTP/1.1\r\n"
                              . "Host: x\r\nContent-Length: 2\r\n\r\nx",
    'in the size of a chunk' => "PATCH $path HTTP/1.1\r\nHost: x\r\n"
                                . "Transfer-Encoding: chunked\r\n\r\n10",
    'in a chunk' => "PATCH $path HTTP/1.1\r\nHost: x\r\n"
                    . "Transfer-Encoding: chunked\r\n\r\n100\r\nabc",
    'before the last chunk' => "PATCH $path HTTP/1.1\r\nHost: x\r\n"
                               . "Transfer-Encoding: chunked\r\n\r\n"
                               . "3\r\nabc\r\n",
    'in a manifest' => "PUT /v2/cut/manifests/sha256-" . 'a' x 64
                       . " HTTP/1.1\r\nHost: x\r\nContent-Type: $OM\r\n"
                       . "Content-Length: 100\r\n\r\n{",
    'while it waits to go on' => "PATCH $path HTTP/1.1\r\nHost: x\r\n"
                                 . "Expect: 100-continue\r\n"
                                 . "Content-Length: 10\r\n\r\n",
);

for my $how (sort keys %sent) {
    clear();
    my $fh = Mlist::Client::connect_to(nginx_port());
    syswrite $fh, $sent{$how};
    close $fh;
    honest('cut-' . $how =~ tr/ /-/r);
    is(scalar(grep { /^(?:PATCH|PUT)/ } asked()), 0,
       "$how: no whole request came of it");
}



=== TEST 7: ten thousand slow clients
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
my ($limit) = `sh -c 'ulimit -n'` =~ /(\d+)/;
my $n = memory_counts() ? 10_000 : 500;
my ($before, @slow) = (memory());

$n = $limit - 500 if $limit - 500 < $n;
honest('slow');

for my $i (1 .. $n) {
    my $fh = Mlist::Client::connect_to(nginx_port());
    syswrite $fh, "GET /v2/slow/manifests/1 HTTP/1.1\r\nHost: x\r\nX: ";
    push @slow, $fh;
}

my $begin = time;
get('/v2/slow/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7');
ok(time - $begin < 10, sprintf 'an honest one beside %d: %.2f s', $n,
                               time - $begin);
syswrite $_, 'x' for @slow;
get('/v2/slow/manifests/1');
code_is(200, 'and again');

my $each = (memory() - $before) / $n;
ok($each < 12, sprintf 'memory: %.1f KB each', $each) if memory_counts();

# they all go on at last, and some of them are answered
syswrite $_, "\r\nConnection: close\r\n\r\n" for @slow[0 .. 99];
is(scalar(grep { Mlist::Client::answer_of($_, 'GET')->{code} == 200 }
          @slow[0 .. 99]), 100, 'who goes on is answered');
close $_ for @slow;
honest('slow2');
