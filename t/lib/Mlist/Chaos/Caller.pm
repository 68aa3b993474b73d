# A client's connection: one request at a time, kept alive if the server
# does.  As real clients do, it asks again, once and on a new connection,
# if the server has closed a kept one without a word.

package Mlist::Chaos::Caller;

use strict;
use warnings;

use Errno qw(EINPROGRESS EAGAIN EINTR);
use Socket qw(AF_INET SOCK_STREAM SOL_SOCKET SO_ERROR IPPROTO_TCP TCP_NODELAY
              pack_sockaddr_in inet_aton);

use Mlist::Chaos::Wire qw(response_of request_text);

my $ADDRESS = inet_aton('127.0.0.1');


sub new {
    my ($class, $loop, $port) = @_;

    return bless { loop => $loop, port => $port }, $class;
}


# Asks, and calls with the answer (see Wire): also begin (when it was asked),
# first (when the first byte came) and end; error if there is no whole
# answer.  Options: headers ([name, value], ...), body, timeout (seconds),
# fresh (no kept connection).
sub ask {
    my ($self, $method, $target, $opt, $call) = @_;
    my @headers = @{ $opt->{headers} // [] };

    die "two requests on one connection" if $self->{call};

    unshift @headers, [Host => "127.0.0.1:$self->{port}"]
        unless grep { lc $_->[0] eq 'host' } @headers;
    $self->hang_up if $opt->{fresh};

    @$self{qw(method text call)} =
        ($method, request_text($method, $target, \@headers, $opt->{body}),
         $call);
    $self->{timer} = $self->{loop}->after($opt->{timeout} // 20, sub {
        $self->fail('no answer in time');
    });

    $self->send_it;
}


sub send_it {
    my ($self) = @_;

    @$self{qw(in out)} = ('', $self->{text});
    delete $self->{first};
    $self->{reused} = defined $self->{fh};
    $self->{begin} = $self->{loop}->now;

    if (!$self->{fh}) {
        $self->dial or return $self->fail("connect: $!");
    }

    $self->{loop}->watch($self->{fh}, 'write', sub { $self->writable });
    $self->{loop}->watch($self->{fh}, 'read', sub { $self->readable });
}


sub dial {
    my ($self) = @_;

    socket my $fh, AF_INET, SOCK_STREAM, 0 or return 0;
    $fh->blocking(0);
    setsockopt $fh, IPPROTO_TCP, TCP_NODELAY, 1;
    connect($fh, pack_sockaddr_in($self->{port}, $ADDRESS))
        or $!{EINPROGRESS} or return 0;
    $self->{fh} = $fh;

    return 1;
}


sub writable {
    my ($self) = @_;
    my $error = unpack 'i', getsockopt $self->{fh}, SOL_SOCKET, SO_ERROR;

    if ($error) {
        local $! = $error;
        return $self->fail("connect: $!");
    }

    my $n = syswrite $self->{fh}, $self->{out};

    if (!defined $n) {
        return if $!{EAGAIN} || $!{EINTR};
        return $self->lost("write: $!");
    }

    substr $self->{out}, 0, $n, '';
    $self->{loop}->forget($self->{fh}, 'write') if $self->{out} eq '';
}


sub readable {
    my ($self) = @_;
    my $n = sysread $self->{fh}, $self->{in}, 65536, length $self->{in};

    if (!defined $n) {
        return if $!{EAGAIN} || $!{EINTR};
        return $self->lost("read: $!");
    }

    return $self->lost('closed') if $n == 0;

    $self->{first} //= $self->{loop}->now;

    my $answer = response_of($self->{in}, $self->{method}, 0);

    $self->finish($answer) if $answer;
}


# The connection has ended, whether that is the end of an answer or not.
sub lost {
    my ($self, $why) = @_;

    if ($self->{in} ne '') {
        my $answer = response_of($self->{in}, $self->{method}, 1);

        $answer->{close} = 1;
        return $self->finish($answer);
    }

    my $reused = $self->{reused};

    $self->hang_up;

    return $self->send_it if $reused;
    $self->fail("$why without a word");
}


sub fail {
    my ($self, $error) = @_;

    $self->finish({ code => 0, headers => {}, body => '', head => '',
                    raw => '', close => 1, error => $error });
}


sub finish {
    my ($self, $answer) = @_;
    my $call = delete $self->{call};
    my $now = $self->{loop}->now;

    $self->{loop}->cancel(delete $self->{timer});
    $answer->{begin} = $self->{begin};
    $answer->{first} = $self->{first} // $now;
    $answer->{end} = $now;

    if ($answer->{close}) {
        $self->hang_up;
    } else {
        $self->{loop}->forget($self->{fh});
    }

    $call->($answer);
}


# Leaves, whatever is under way; nobody is called.
sub leave {
    my ($self) = @_;

    $self->{loop}->cancel(delete $self->{timer});
    delete $self->{call};
    $self->hang_up;
}


sub hang_up {
    my ($self) = @_;
    my $fh = delete $self->{fh} or return;

    $self->{loop}->forget($fh);
    close $fh;
}


1;
