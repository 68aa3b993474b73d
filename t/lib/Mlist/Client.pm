# A client that sends exactly what a test says (header lines in their order, a
# raw target) and shows exactly what came back.  HTTP/1.1 with a connection
# of its own for each request; HTTP/2 only as far as it takes to open a
# stream and to go away, unless the suite runs with MLIST_HTTP2 (see
# Mlist::Http2Client).  Used by Mlist::Test.
#
# A response is a hash: code, headers ([name, value], ...), body, raw (the
# header as it came), error (why there is no whole answer).

package Mlist::Client;

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes qw(time);

use Mlist::Http2Client;

our @EXPORT = qw(request_to send_to answer_of h2_open header_of headers_of
                 is_h2 slow);

my $TIMEOUT = slow(20);


# So many seconds, or as many times more as nginx is slower under a tool.
sub slow {
    my ($seconds) = @_;

    return $seconds * ($ENV{MLIST_SLOW} // 1);
}


sub connect_to {
    my ($where) = @_;

    return IO::Socket::UNIX->new(Peer => $where) // die "$where: $!"
        if $where =~ m{^/};

    my ($addr, $port) = $where =~ /^(?:(.*):)?(\d+)$/;

    return IO::Socket::INET->new(PeerAddr => $addr // '127.0.0.1',
                                 PeerPort => $port)
        // die "port $where: $!";
}


# One request and its answer.  Options: headers => [name, value, ...], body,
# host (default localhost; undef for none), http1 (never by HTTP/2).
sub request_to {
    my ($where, $method, $target, %opt) = @_;

    return answer_of(send_to($where, $method, $target, %opt), $method);
}


# Sends a request; the socket, to be read with answer_of or just closed.
sub send_to {
    my ($where, $method, $target, %opt) = @_;
    my $h2 = h2_place($where, $method, $target, \%opt);

    return h2_send(connect_to($h2), $method, $target, %opt) if defined $h2;

    my $fh = connect_to($where);
    my @headers = @{ $opt{headers} // [] };
    my $host = exists $opt{host} ? $opt{host} : 'localhost';
    my $head = "$method $target HTTP/1.1\r\n";

    $head .= "Host: $host\r\n" if defined $host;
    $head .= "Connection: close\r\n";
    $head .= 'Content-Length: ' . length($opt{body}) . "\r\n"
        if defined $opt{body};

    while (my ($name, $value) = splice @headers, 0, 2) {
        $head .= "$name: $value\r\n";
    }

    syswrite $fh, $head . "\r\n" . ($opt{body} // '');

    return $fh;
}


sub answer_of {
    my ($fh, $method) = @_;

    return h2_answer($fh, $method, $TIMEOUT) if is_h2($fh);

    my $select = IO::Select->new($fh);
    my $end = time + $TIMEOUT;
    my $in = '';

    while (1) {
        my $left = $end - time;

        return parsed($in, $method, 'timeout')
            if $left <= 0 || !$select->can_read($left);

        my $n = sysread $fh, $in, 65536, length $in;
        last unless $n;
    }

    return parsed($in, $method);
}


sub parsed {
    my ($in, $method, $error) = @_;
    my ($head, $body) = split /\r\n\r\n/, $in, 2;

    return { code => 0, headers => [], body => '', raw => $in,
             error => $error // 'no answer' } unless defined $body;

    my ($line, @lines) = split /\r\n/, $head;
    my ($code) = $line =~ m{^HTTP/1\.1 (\d+)};
    my $res = { code => $code // 0, raw => $head, body => $body,
                headers => [map { [split /:\s*/, $_, 2] } @lines],
                error => $error };

    $res->{body} = unchunked($res)
        if lc(header_of($res, 'Transfer-Encoding') // '') eq 'chunked';

    my $length = header_of($res, 'Content-Length');

    $res->{error} //= 'body is cut short'
        if defined $length && $method ne 'HEAD' && $res->{code} != 304
           && length $res->{body} != $length;

    return $res;
}


sub unchunked {
    my ($res) = @_;
    my ($in, $out, $pos) = ($res->{body}, '', 0);

    while (substr($in, $pos) =~ /^([0-9a-f]+)\r\n/i) {
        my $size = hex $1;

        return $out if $size == 0;
        $pos += length $&;
        $out .= substr $in, $pos, $size;
        $pos += $size + 2;
    }

    $res->{error} //= 'body is cut short';
    return $out;
}


# All values of a header; its only (or first) one.
sub headers_of {
    my ($res, $name) = @_;

    return map { $_->[1] } grep { lc $_->[0] eq lc $name }
           @{ $res->{headers} };
}


sub header_of {
    my ($res, $name) = @_;

    return (headers_of($res, $name))[0];
}


# An HTTP/2 connection with one GET a path; the socket.  Headers are sent as
# literals without indexing and without Huffman codes.
sub h2_open {
    my ($where, @paths) = @_;
    my $fh = connect_to($where);
    my $stream = 1;

    syswrite $fh, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . h2_frame(4, 0, 0, '');

    for my $path (@paths) {
        my $block = join '', map { h2_literal(@$_) }
                    [':method', 'GET'], [':scheme', 'http'], [':path', $path],
                    [':authority', 'localhost'];

        syswrite $fh, h2_frame(1, 0x05, $stream, $block);
        $stream += 2;
    }

    return $fh;
}


sub h2_frame {
    my ($type, $flags, $stream, $payload) = @_;

    return substr(pack('N', length $payload), 1)
           . pack('CCN', $type, $flags, $stream) . $payload;
}


sub h2_literal {
    my ($name, $value) = @_;

    return "\0" . pack('C/a*', $name) . pack('C/a*', $value);
}


1;
