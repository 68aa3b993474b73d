# The last complete list of each tag at each front, as far as its answers
# have shown it: what an old answer may not be older than, and what a front
# can give when its sources fail.  A list that was answered is what the front
# keeps unless it was told, while it was asking, that the tag had changed.
# Pure.

package Mlist::Chaos::Last;

use strict;
use warnings;

# After an event that may have been heard, how long it may come into force.
my $LATE = 10;

# How long is remembered when what came.
my $MEMORY = 120;


sub new {
    my ($class) = @_;

    return bless { shown => {}, events => {} }, $class;
}


# A fresh and complete answer, and the number of each slot's version in it.
sub shown {
    my ($self, $key, $begin, $end, @numbers) = @_;
    my $shown = $self->{shown}{$key} //= [];

    push @$shown, { begin => $begin, end => $end, numbers => \@numbers };
    shift @$shown while $shown->[0]{end} < $end - $MEMORY && @$shown > 1;
}


# nginx was told of that tag between the two times; until is undef where
# nobody knows.
sub told {
    my ($self, $name, $tag, $from, $until) = @_;
    my $events = $self->{events}{"$name:$tag"} //= [];

    push @$events, [$from, $until // $from + $LATE];
    shift @$events while $events->[0][1] < $from - $MEMORY - $LATE;
}


# The least that each slot's version must be in an old answer that was asked
# for at that time; nothing if no list need be there.
sub least {
    my ($self, $key, $place, $begin) = @_;
    my @least;

    for my $shown (@{ $self->{shown}{$key} // [] }) {
        next if $shown->{end} >= $begin
                || $self->is_told($place, @$shown{qw(begin end)});

        for my $i (0 .. $#{ $shown->{numbers} }) {
            $least[$i] = $shown->{numbers}[$i]
                if !defined $least[$i] || $least[$i] < $shown->{numbers}[$i];
        }
    }

    return @least;
}


sub is_told {
    my ($self, $place, $begin, $end) = @_;

    return scalar grep { $_->[0] <= $end && $_->[1] >= $begin }
                       @{ $self->{events}{$place} // [] };
}


1;
