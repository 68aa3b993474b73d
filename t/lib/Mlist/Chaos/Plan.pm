# When what is broken: storms, in which each registry and nginx meet one
# fault after the other, and calms, in which nothing is broken, everything
# must soon be well, and nginx is reloaded.  Children are pushed in both.

package Mlist::Chaos::Plan;

use strict;
use warnings;

my $STORM = 5;
my $CALM = 5;

# In one storm in four nginx is left alone, in one only nginx is broken; never
# twice running the same, so that registries break in any two.
my @STORMS = ([1, 1], [1, 1], [1, 0], [0, 1]);


# Options: loop, seed (sub that makes an actor's Random), sources ([Source,
# ...]; those with "late" break only in the second half, those with "early"
# before the others), front (Front), pusher, trace.
sub new {
    my ($class, %opt) = @_;
    my $self = bless { %opt, weather => 'calm' }, $class;

    $self->{random} = $opt{seed}->('plan');
    $self->{chances} = { map { $_->{name} => $opt{seed}->("fate $_->{name}") }
                             @{ $opt{sources} } };
    $self->{fate} = $opt{seed}->('fate nginx');
    $self->{push_chance} = $opt{seed}->('pushes');

    return $self;
}


# Runs for that long; all faults have been told to end then.
sub run {
    my ($self, $seconds) = @_;
    my $loop = $self->{loop};
    my $end = $loop->now + $seconds;

    $self->{half} = $loop->now + $seconds / 2;
    $self->{pushing} = 1;
    $self->push_next;

    while ((my $left = $end - $loop->now) > 0.1) {
        $self->storm($left < $STORM ? $left : $STORM);
        $left = $end - $loop->now;
        last if $left <= 0;
        $self->calm($left < $CALM ? $left : $CALM);
    }

    $self->{pushing} = 0;
}


sub storm {
    my ($self, $seconds) = @_;
    my @others = grep { $_ != ($self->{storm} // 0) } @STORMS;
    my ($sources, $nginx) =
        @{ $self->{storm} = $self->{random}->one_of(@others) };

    $self->{trace}->('storm' . ($sources ? ', registries' : '')
                     . ($nginx ? ', nginx' : ''));
    $self->{weather} = 'storm';

    if ($sources) {
        my $is_late = $self->{loop}->now >= $self->{half};

        $self->source_next($_, $_->{early} ? 0 : 1)
            for grep { !$_->{late} || $is_late } @{ $self->{sources} };
    }

    $self->nginx_next if $nginx;
    $self->{loop}->run_for($seconds);
}


# Begins when all is well again.
sub calm {
    my ($self, $seconds) = @_;

    $self->heal;
    $self->{trace}->('calm');

    my $reload = $self->{random}->between(0, $seconds);

    if ($self->{random}->chance(0.7)) {
        $self->{loop}->after($reload, sub {
            $self->{front}->act('reload')
                if $self->{weather} eq 'calm' && !$self->{front}->is_busy;
        });
    }

    $self->{loop}->run_for($seconds);
}


# Ends all faults and waits until everything is up.
sub heal {
    my ($self) = @_;

    $self->{weather} = 'calm';
    $_->mend for @{ $self->{sources} };

    $self->{loop}->run_until(40, sub {
        return !$self->{front}->is_busy
               && !grep { !$_->is_well } @{ $self->{sources} };
    }) or die "not all is well after 40 seconds\n";
}


# One source's next fault, and its end.
sub source_next {
    my ($self, $source, $wait) = @_;
    my $chance = $self->{chances}{ $source->{name} };

    $self->{loop}->after(($wait // 0) + $chance->between(0, 1.2), sub {
        return if $self->{weather} ne 'storm';
        return $self->source_next($source) unless $source->is_well;

        $source->break($chance->one_of($source->faults));
        $self->{loop}->after($chance->between(0.2, 2.5), sub {
            $source->mend;
            $self->source_next($source) if $self->{weather} eq 'storm';
        });
    });
}


sub nginx_next {
    my ($self) = @_;

    $self->{loop}->after($self->{fate}->between(0.3, 2), sub {
        return if $self->{weather} ne 'storm';

        $self->{front}->act($self->{fate}->one_of($self->{front}->acts))
            unless $self->{front}->is_busy;
        $self->nginx_next;
    });
}


sub push_next {
    my ($self) = @_;

    return unless $self->{pushing};

    $self->{pusher}->push_any;
    $self->{loop}->after($self->{push_chance}->between(0.02, 0.3),
                         sub { $self->push_next });
}


1;
