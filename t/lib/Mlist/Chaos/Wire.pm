# HTTP/1.1 messages as bytes: pure functions on what has come so far.  Used
# by both ends: Mlist::Chaos::Caller and Mlist::Chaos::Proxy.

package Mlist::Chaos::Wire;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(response_of request_of request_text with_body);


# The response that the bytes hold, or undef if it is not whole yet: code,
# headers (lower case => value), body, head and raw (as they came), rest,
# close.  At the end of the connection there is always one, maybe with error.
sub response_of {
    my ($in, $method, $ended) = @_;
    my ($head, $body) = split /\r\n\r\n/, $in, 2;

    return $ended ? broken($in, 'closed in the header') : undef
        unless defined $body;

    my ($line, @lines) = split /\r\n/, $head;
    my ($version, $code) = $line =~ m{^HTTP/1\.([01]) (\d{3})};

    return broken($in, 'no status line') unless defined $code;

    my %headers = map { m/^([^:]+):\s*(.*)$/ ? (lc $1 => $2) : () } @lines;
    my $r = { code => $code, headers => \%headers, head => $head,
              close => $version == 0
                       || lc($headers{connection} // '') eq 'close' };
    my $is_empty = $method eq 'HEAD' || $code == 304 || $code == 204;

    return body_is($r, '', $body) if $is_empty;
    return of_length($r, $body, $ended) if defined $headers{'content-length'};
    return of_chunks($r, $body, $ended)
        if lc($headers{'transfer-encoding'} // '') eq 'chunked';
    return undef unless $ended;

    $r->{close} = 1;
    return body_is($r, $body, '');
}


sub broken {
    my ($in, $error) = @_;

    return { code => 0, headers => {}, head => '', body => '', raw => $in,
             rest => '', close => 1, error => $error };
}


sub body_is {
    my ($r, $body, $rest, $wire) = @_;

    $r->{body} = $body;
    $r->{rest} = $rest;
    $r->{raw} = "$r->{head}\r\n\r\n" . ($wire // $body);

    return $r;
}


sub of_length {
    my ($r, $in, $ended) = @_;
    my $length = $r->{headers}{'content-length'};

    if (length $in < $length) {
        return undef unless $ended;
        $r->{error} = 'body is cut short';
        $r->{close} = 1;
        $length = length $in;
    }

    return body_is($r, substr($in, 0, $length), substr($in, $length));
}


sub of_chunks {
    my ($r, $in, $ended) = @_;
    my ($body, $pos) = ('', 0);

    while (substr($in, $pos) =~ /^([0-9a-f]+)[^\r\n]*\r\n/i) {
        my ($size, $begin) = (hex $1, $pos + length $&);

        last if length $in < $begin + $size + 2;

        $pos = $begin + $size + 2;

        return body_is($r, $body, substr($in, $pos), substr($in, 0, $pos))
            if $size == 0;

        $body .= substr $in, $begin, $size;
    }

    return undef unless $ended;

    $r->{error} = 'body is cut short';
    $r->{close} = 1;
    return body_is($r, $body, '', $in);
}


# The request that the bytes begin with, or undef if it is not whole yet:
# method, target, headers ([name, value], ...), body, rest.
sub request_of {
    my ($in) = @_;
    my ($head, $body) = split /\r\n\r\n/, $in, 2;

    return undef unless defined $body;

    my ($line, @lines) = split /\r\n/, $head;
    my ($method, $target) = split / /, $line;
    my @headers = map { [split /:\s*/, $_, 2] } @lines;
    my ($length) = map { $_->[1] } grep { lc $_->[0] eq 'content-length' }
                   @headers;

    $length //= 0;
    return undef if length $body < $length;

    return { method => $method, target => $target, headers => \@headers,
             body => substr($body, 0, $length),
             rest => substr($body, $length) };
}


# Headers: [name, value], ...
sub request_text {
    my ($method, $target, $headers, $body) = @_;
    my $text = "$method $target HTTP/1.1\r\n";

    $text .= "$_->[0]: $_->[1]\r\n" for @$headers;
    $text .= 'Content-Length: ' . length($body) . "\r\n" if defined $body;

    return "$text\r\n" . ($body // '');
}


# A response's bytes with another body, of which its length is true.
sub with_body {
    my ($response, $body) = @_;
    my $length = length $body;

    return $response->{head} =~ s/^(content-length:) *\d+/$1 $length/mir
           . "\r\n\r\n$body";
}


1;
