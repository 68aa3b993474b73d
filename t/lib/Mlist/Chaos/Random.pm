# Chance that can be repeated: each actor of a run draws from a stream of its
# own, made of the run's seed and its name, so that what one decides does not
# depend on when another does.

package Mlist::Chaos::Random;

use strict;
use warnings;

use Digest::SHA qw(sha256);


sub new {
    my ($class, $seed, $name) = @_;

    return bless { seed => "$seed $name", drawn => 0 }, $class;
}


# At least 0, less than 1.
sub draw {
    my ($self) = @_;

    return unpack('N', sha256("$self->{seed} " . $self->{drawn}++)) / 2 ** 32;
}


sub between {
    my ($self, $from, $to) = @_;

    return $from + ($to - $from) * $self->draw;
}


# 0 .. n - 1
sub below {
    my ($self, $n) = @_;

    return int($self->draw * $n);
}


sub one_of {
    my ($self, @what) = @_;

    return $what[$self->below(scalar @what)];
}


# True that often.
sub chance {
    my ($self, $p) = @_;

    return $self->draw < $p;
}


# weighted(what => weight, ...)
sub weighted {
    my ($self, @pairs) = @_;
    my $sum = 0;

    for (my $i = 1; $i < @pairs; $i += 2) {
        $sum += $pairs[$i];
    }

    my $at = $self->draw * $sum;

    while (my ($what, $weight) = splice @pairs, 0, 2) {
        return $what if $at < $weight || !@pairs;
        $at -= $weight;
    }
}


1;
