# HTTP/2 for the requests of Mlist::Client, which sends by it what it would
# send by HTTP/1 when the whole suite is to run so (MLIST_HTTP2).  A request
# has a connection of its own, as there.  What HTTP/2 does not have (header
# lines about the connection, a body that comes later, a target that is no
# path) stays HTTP/1.  Mlist::Test says which servers speak both.

package Mlist::Http2Client;

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use Time::HiRes qw(time);

our @EXPORT = qw(h2_place h2_send h2_answer is_h2);

# Where a server that is known as another place listens for HTTP/2.
our %place;

my %count = (1 => 0, 2 => 0);


# Where to send that request by HTTP/2; undef where it has to be HTTP/1.
sub h2_place {
    my ($where, $method, $target, $opt) = @_;
    my $place = $place{$where} // return;
    my $fits = fits($method, $target, $opt);

    $count{$fits ? 2 : 1}++;

    return $fits ? $place : undef;
}


sub fits {
    my ($method, $target, $opt) = @_;
    my %header = @{ $opt->{headers} // [] };
    my $own = qr/^(?:Connection|Transfer-Encoding|Upgrade|Expect|TE
                   |Keep-Alive|Host|Content-Length)$/xi;

    return !$opt->{http1} && $method =~ /^[A-Z]+\z/ && $target =~ m{^/}
           && (!exists $opt->{host} || defined $opt->{host})
           && !grep { /$own/ } keys %header;
}


# What Mlist::Client::send_to does.
sub h2_send {
    my ($fh, $method, $target, %opt) = @_;
    my $res = { code => 0, headers => [], body => '' };
    my @headers = @{ $opt{headers} // [] };

    require Protocol::HTTP2::Client;

    push @headers, 'content-length', length $opt{body} if defined $opt{body};
    $headers[2 * $_] = lc $headers[2 * $_] for 0 .. @headers / 2 - 1;

    my $client = Protocol::HTTP2::Client->new(
        on_error => sub { $res->{error} //= "HTTP/2 error $_[0]" });

    $client->request(
        ':scheme' => 'http', ':authority' => $opt{host} // 'localhost',
        ':path' => $target, ':method' => $method, headers => \@headers,
        defined $opt{body} ? (data => $opt{body}) : (),
        on_headers => sub { set_headers($res, @{ $_[0] }); 1 },
        on_data => sub { $res->{body} .= $_[0]; 1 },
        on_error => sub { $res->{error} //= "stream error $_[0]" },
        on_done => sub { set_headers($res, @{ $_[0] }); $res->{done} = 1 });

    ${*$fh}{mlist_h2} = [$client, $res];
    write_frames($fh, $client);

    return $fh;
}


sub set_headers {
    my ($res, @pairs) = @_;

    return if $res->{code};

    while (my ($name, $value) = splice @pairs, 0, 2) {
        if ($name eq ':status') {
            $res->{code} = $value;
            next;
        }

        push @{ $res->{headers} }, [$name, $value];
    }

    $res->{raw} = join "\r\n", "HTTP/2 $res->{code}",
                  map { "$_->[0]: $_->[1]" } @{ $res->{headers} };
}


sub write_frames {
    my ($fh, $client) = @_;
    local $SIG{PIPE} = 'IGNORE';

    while (my $frame = $client->next_frame) {
        syswrite $fh, $frame;
    }
}


# Whether that is a connection of h2_send.
sub is_h2 {
    my ($fh) = @_;

    return defined ${*$fh}{mlist_h2};
}


# What Mlist::Client::answer_of does.
sub h2_answer {
    my ($fh, $method, $timeout) = @_;
    my ($client, $res) = @{ ${*$fh}{mlist_h2} };
    my $select = IO::Select->new($fh);
    my $end = time + $timeout;

    until ($res->{done} || defined $res->{error}) {
        my $left = $end - time;

        $res->{error} = 'timeout', last
            if $left <= 0 || !$select->can_read($left);

        sysread $fh, my $in, 65536 or last;
        $client->feed($in);
        write_frames($fh, $client);
    }

    $res->{error} //= $res->{code} ? 'body is cut short' : 'no answer'
        unless $res->{done};
    check_length($res, $method);
    wait_until_logged($fh, $end) if $res->{done};

    return $res;
}


# nginx has ended, and logged, a request before it sees what comes after the
# end of its answer.  (By HTTP/1 it closes the connection then.)
sub wait_until_logged {
    my ($fh, $end) = @_;
    my $select = IO::Select->new($fh);
    my ($in, $payload) = ('', "\1mlist\2\3");

    syswrite $fh, "\0\0\10\6\0\0\0\0\0$payload";

    while (index($in, $payload) < 0 && $select->can_read($end - time)) {
        sysread $fh, $in, 65536, length $in or last;
    }
}


sub check_length {
    my ($res, $method) = @_;
    my ($length) = map { $_->[1] } grep { $_->[0] eq 'content-length' }
                   @{ $res->{headers} };

    $res->{error} //= 'body is cut short'
        if defined $length && $method ne 'HEAD' && $res->{code} != 304
           && length $res->{body} != $length;
}


END {
    print "# $count{2} requests by HTTP/2, $count{1} by HTTP/1\n" if %place;
}


1;
