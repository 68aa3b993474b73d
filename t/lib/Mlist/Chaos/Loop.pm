# One process, one loop: handles that can be read or written, and timers.
# Everything of a chaos run happens in it, so that all its times are of one
# clock, the monotonic one, and no two things happen at once.

package Mlist::Chaos::Loop;

use strict;
use warnings;

use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);


sub new {
    my ($class) = @_;

    return bless { read => {}, write => {}, timers => [], late => 0 }, $class;
}


sub now {
    return clock_gettime(CLOCK_MONOTONIC);
}


# watch(fh, "read" | "write", sub): until it is forgotten.
sub watch {
    my ($self, $fh, $what, $call) = @_;

    $self->{$what}{ fileno $fh } = $call;
}


# forget(fh [, "read" | "write"]): before the handle is closed.
sub forget {
    my ($self, $fh, $what) = @_;
    my $fd = fileno $fh;

    return unless defined $fd;
    delete $self->{$_}{$fd} for defined $what ? $what : qw(read write);
}


# Calls once after that many seconds; what it returns can be cancelled.
sub after {
    my ($self, $seconds, $call) = @_;
    my $timers = $self->{timers};
    my $timer = { at => now() + $seconds, call => $call };
    my ($low, $high) = (0, scalar @$timers);

    while ($low < $high) {
        my $middle = ($low + $high) >> 1;

        if ($timers->[$middle]{at} <= $timer->{at}) {
            $low = $middle + 1;
        } else {
            $high = $middle;
        }
    }

    splice @$timers, $low, 0, $timer;

    return $timer;
}


sub cancel {
    my ($self, $timer) = @_;

    $timer->{call} = undef if $timer;
}


# Polls until the condition holds, then calls; gives up after that many
# seconds and calls with the word "timeout".
sub until_true {
    my ($self, $seconds, $condition, $call) = @_;
    my $end = now() + $seconds;
    my $poll;

    $poll = sub {
        return $call->() if $condition->();
        return $call->('timeout') if now() > $end;
        $self->after(0.02, $poll);
    };

    $poll->();
}


# Runs until the condition holds; false if it does not within that time.
sub run_until {
    my ($self, $seconds, $condition) = @_;
    my $end = now() + $seconds;

    until ($condition->()) {
        return 0 if now() > $end;
        $self->once;
    }

    return 1;
}


sub run_for {
    my ($self, $seconds) = @_;
    my $end = now() + $seconds;

    $self->run_until($seconds + 1, sub { now() >= $end });
}


sub once {
    my ($self) = @_;
    my $timers = $self->{timers};
    my $wait = @$timers ? $timers->[0]{at} - now() : 0.1;
    my ($read, $write) = map { bits($self->{$_}) } qw(read write);

    $wait = 0 if $wait < 0;
    $wait = 0.1 if $wait > 0.1;

    my $begun = now();
    my $n = select my $can_read = $read, my $can_write = $write, undef, $wait;

    # How late this comes to what was due tells how loaded the machine is.
    $self->{late} = now() - $begun - $wait;

    if ($n > 0) {
        $self->call_all('read', $can_read);
        $self->call_all('write', $can_write);
    }

    while (@$timers && $timers->[0]{at} <= now()) {
        my $timer = shift @$timers;

        $timer->{call}->() if $timer->{call};
    }
}


sub bits {
    my ($watched) = @_;
    my $bits = '';

    vec($bits, $_, 1) = 1 for keys %$watched;

    return $bits;
}


# A call may forget others whose bits are set.
sub call_all {
    my ($self, $what, $bits) = @_;

    for my $fd (keys %{ $self->{$what} }) {
        next unless vec $bits, $fd, 1;

        my $call = $self->{$what}{$fd};

        $call->() if $call;
    }
}


1;
