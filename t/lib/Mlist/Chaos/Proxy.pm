# Stands between nginx and one registry and does to each request what it is
# told.  It never makes up an absence (a 404 is an answer, not a fault), nor
# a digest.
#
# What is done to a request, [what, argument]:
#
#     pass           delay seconds     status code      close
#     stall          never answers
#     head share     that share of the header, then the connection closes
#     body share     the header, that share of the body, then it closes
#     hang share     the same, but it never goes on
#     short share    a shorter body with a Content-Length that is true
#     flip share     one byte of the body is another

package Mlist::Chaos::Proxy;

use strict;
use warnings;

use Errno qw(EAGAIN EINTR);
use IO::Socket::INET;

use Mlist::Chaos::Caller;
use Mlist::Chaos::Wire qw(request_of with_body);

my %DONE = (
    pass   => sub { ($_[0]{raw}, 0) },
    delay  => sub { ($_[0]{raw}, 0) },
    head   => sub { (part($_[0]{head}, $_[1]), 'close') },
    body   => sub { cut_body(@_, 'close') },
    hang   => sub { cut_body(@_, 'stall') },
    short  => sub { (shortened(@_), 0) },
    flip   => sub { (flipped(@_), 0) },
);


# choose: sub that says for each request what is done to it; seen: sub that
# is called with each request, when it was passed on, and its answer.
sub new {
    my ($class, $loop, $port, $registry) = @_;
    my $self = bless { loop => $loop, port => $port, registry => $registry,
                       choose => sub { ['pass'] }, seen => sub { },
                       peers => {} }, $class;

    $self->listen;

    return $self;
}


# Until then connections are refused.
sub listen {
    my ($self) = @_;

    return if $self->{listen};

    $self->{listen} = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $self->{port},
        ReuseAddr => 1, Listen => 256, Blocking => 0)
        or die "proxy: port $self->{port}: $@";
    $self->{loop}->watch($self->{listen}, 'read', sub { $self->greet });
}


sub refuse {
    my ($self) = @_;
    my $fh = delete $self->{listen} or return;

    $self->{loop}->forget($fh);
    close $fh;
    $self->drop_all;
}


sub drop_all {
    my ($self) = @_;

    $self->drop($_) for values %{ $self->{peers} };
}


# Those that wait for what never comes.
sub drop_stalled {
    my ($self) = @_;

    $self->drop($_) for grep { $_->{stalled} } values %{ $self->{peers} };
}


sub greet {
    my ($self) = @_;
    my $fh = $self->{listen}->accept or return;
    my $peer = { fh => $fh, in => '', out => '', busy => 0, id => "$fh",
                 caller => Mlist::Chaos::Caller->new($self->{loop},
                                                     $self->{registry}) };

    $fh->blocking(0);
    $self->{peers}{ $peer->{id} } = $peer;
    $self->{loop}->watch($fh, 'read', sub { $self->readable($peer) });
}


sub drop {
    my ($self, $peer) = @_;

    return unless delete $self->{peers}{ $peer->{id} };

    $peer->{caller}->leave;
    $self->{loop}->cancel($peer->{timer});
    $self->{loop}->forget($peer->{fh});
    close $peer->{fh};

    # What was passed on may have been heard.
    $self->{seen}->(@{ $peer->{request} }, { error => 'dropped' })
        if $peer->{request};
}


sub readable {
    my ($self, $peer) = @_;
    my $n = sysread $peer->{fh}, $peer->{in}, 65536, length $peer->{in};

    return if !defined $n && ($!{EAGAIN} || $!{EINTR});
    return $self->drop($peer) unless $n;

    $self->next_request($peer);
}


sub next_request {
    my ($self, $peer) = @_;

    return if $peer->{busy};

    my $request = request_of($peer->{in}) or return;

    $peer->{in} = $request->{rest};
    $peer->{busy} = 1;
    $self->{requests}++;
    $self->begin($peer, $request, @{ $self->{choose}->($request) });
}


sub begin {
    my ($self, $peer, $request, $what, $argument) = @_;

    return $self->drop($peer) if $what eq 'close';
    return $peer->{stalled} = 1 if $what eq 'stall';
    return $self->send($peer, refusal($request, $argument), 0)
        if $what eq 'status';

    if ($what eq 'delay') {
        $peer->{timer} = $self->{loop}->after($argument, sub {
            $self->forward($peer, $request, 'pass');
        });
        return;
    }

    $self->forward($peer, $request, $what, $argument);
}


sub forward {
    my ($self, $peer, $request, $what, $argument) = @_;
    my %opt = (headers => $request->{headers}, timeout => 60);
    my $begun = $self->{loop}->now;

    if ($request->{body} ne '') {
        $opt{body} = $request->{body};
        $opt{headers} = [grep { lc $_->[0] ne 'content-length' }
                              @{ $request->{headers} }];
    }

    $peer->{request} = [$request, $begun];
    $peer->{caller}->ask($request->{method}, $request->{target}, \%opt, sub {
        my ($answer) = @_;

        delete $peer->{request};
        $self->{seen}->($request, $begun, $answer);
        return $self->drop($peer) if $answer->{error};
        $self->send($peer, $DONE{$what}->($answer, $argument));
    });
}


# then: 0 for the next request, "close" or "stall".
sub send {
    my ($self, $peer, $bytes, $then) = @_;

    @$peer{qw(out then)} = ($bytes, $then);
    $self->writable($peer);
}


sub writable {
    my ($self, $peer) = @_;
    my $n = syswrite $peer->{fh}, $peer->{out};

    return $self->drop($peer) if !defined $n && !$!{EAGAIN} && !$!{EINTR};

    substr $peer->{out}, 0, $n // 0, '';

    if ($peer->{out} ne '') {
        $self->{loop}->watch($peer->{fh}, 'write',
                             sub { $self->writable($peer) });
        return;
    }

    $self->{loop}->forget($peer->{fh}, 'write');

    return $self->drop($peer) if $peer->{then} eq 'close';
    return $peer->{stalled} = 1 if $peer->{then} eq 'stall';

    $peer->{busy} = 0;
    $self->next_request($peer);
}


sub refusal {
    my ($request, $code) = @_;
    my $body = qq({"errors":[{"code":"UNKNOWN","message":"chaos $code"}]});
    my $head = "HTTP/1.1 $code Chaos\r\nContent-Type: application/json\r\n"
               . 'Content-Length: ' . length($body) . "\r\n"
               . ($code == 429 ? "Retry-After: 1\r\n" : '') . "\r\n";

    return $request->{method} eq 'HEAD' ? $head : $head . $body;
}


# Less than the whole, where there is something.
sub part {
    my ($bytes, $share) = @_;

    return substr $bytes, 0, int(length($bytes) * $share);
}


sub cut_body {
    my ($answer, $share, $then) = @_;

    return ($answer->{raw}, 0) if $answer->{body} eq '';
    return ("$answer->{head}\r\n\r\n" . part($answer->{body}, $share), $then);
}


sub shortened {
    my ($answer, $share) = @_;

    return $answer->{raw} if $answer->{body} eq '';
    return with_body($answer, part($answer->{body}, $share));
}


sub flipped {
    my ($answer, $share) = @_;
    my $body = $answer->{body};

    return $answer->{raw} if $body eq '';

    my $at = int(length($body) * $share);

    substr($body, $at, 1) = chr(ord(substr $body, $at, 1) ^ 1);
    return with_body($answer, $body);
}


1;
