# HTTP/2 for tests: how nginx is told to speak it, curl as a client that
# speaks it well, and streams that are read frame by frame.  Used beside
# Mlist::Test, whose h2_socket() is where servers for HTTP/2 listen.

package Mlist::Http2;

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use Time::HiRes qw(time);

use Mlist::Client qw(slow);

our @EXPORT = qw(listen_h2 curl_with curl_h2 h2_bodies
                 h2_frame_off);

my $TIMEOUT = slow(20);


# The directives that make a server listen for HTTP/2 on the socket of tests,
# as this version of nginx has them; OPTIONS as of "listen".
sub listen_h2 {
    my ($options) = @_;

    return Mlist::Test::listen_http2('unix:' . Mlist::Test::h2_socket(),
                                     $options);
}


# What curl prints, with these options, at the socket of tests.
sub curl_with {
    my (@options) = @_;

    open my $out, '-|', 'curl', '-s', '--max-time', $TIMEOUT,
         '--unix-socket', Mlist::Test::h2_socket(), @options
        or die "curl: $!";

    return join '', <$out>;
}


# HTTP/2 without TLS.
sub curl_h2 {
    my ($target, @options) = @_;

    return curl_with('--http2-prior-knowledge', @options,
                     "http://localhost$target");
}


# The bodies of so many streams of a connection (Mlist::Client::h2_open), in
# the order of the streams, once all have ended; "reset" for one that did not
# end well, undef for one that did not end in time.
sub h2_bodies {
    my ($fh, $n) = @_;
    my $select = IO::Select->new($fh);
    my $end = time + $TIMEOUT;
    my ($in, %body, %ended) = ('');

    while (keys %ended < $n && $select->can_read($end - time)) {
        sysread $fh, $in, 65536, length $in or last;

        while (my ($type, $flags, $stream, $payload) = h2_frame_off(\$in)) {
            $body{$stream} .= $payload if $type == 0;
            $body{$stream} = 'reset' if $type == 3;
            $ended{$stream} = 1 if $type == 3 || $type < 2 && $flags & 1;
        }
    }

    return map { $ended{$_} ? $body{$_} // '' : undef }
           map { 2 * $_ + 1 } 0 .. $n - 1;
}


# Takes a whole frame off what came: its type, flags, stream and payload, or
# nothing.
sub h2_frame_off {
    my ($in) = @_;

    return if length $$in < 9;

    my ($high, $low, $type, $flags, $stream) = unpack 'CnCCN', $$in;
    my $len = ($high << 16) + $low;

    return if length $$in < 9 + $len;

    my $payload = substr $$in, 9, $len;

    substr $$in, 0, 9 + $len, '';

    return ($type, $flags, $stream, $payload);
}


1;
