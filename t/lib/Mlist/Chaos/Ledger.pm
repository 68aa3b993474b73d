# What was wrong when: spans of time in which something was broken on
# purpose, and what that excuses.  Pure.

package Mlist::Chaos::Ledger;

use strict;
use warnings;

my $FOREVER = 9 ** 9 ** 9;


# grace: seconds after the end of a fault in which it still excuses: what
# nginx had begun to wait for then must have ended.
sub new {
    my ($class, %opt) = @_;

    return bless { grace => $opt{grace}, spans => [], count => 0 }, $class;
}


# kind: "source" or "nginx"; the span, to be given to end().
sub begin {
    my ($self, $kind, $what, $now) = @_;
    my $span = { kind => $kind, what => $what, from => $now,
                 until => $FOREVER };

    push @{ $self->{spans} }, $span;
    $self->{count}++;

    return $span;
}


sub end {
    my ($self, $span, $now) = @_;

    $span->{until} = $now if $span->{until} == $FOREVER;
}


# What broke nothing, but counts.
sub note {
    my ($self) = @_;

    $self->{count}++;
}


sub count {
    return $_[0]{count};
}


# The machine itself stood still for that time, and sources may have been
# given up as if they did.
sub stood_still {
    my ($self, $from, $until) = @_;

    push @{ $self->{spans} }, { kind => 'source', what => 'a slow machine',
                                from => $from, until => $until };
}


# What of these kinds was broken between the two times, or shortly before.
sub broken {
    my ($self, $begin, $end, @kinds) = @_;
    my %wanted = map { $_ => 1 } @kinds;
    my @found;

    # The newest stand last; one that is long past excuses nothing any more.
    for my $span (reverse @{ $self->{spans} }) {
        push @found, $span->{what}
            if $wanted{ $span->{kind} } && $span->{from} <= $end
               && $span->{until} + $self->{grace} >= $begin;
    }

    return @found;
}


# Forgets what ended before.
sub forget {
    my ($self, $before) = @_;

    @{ $self->{spans} } = grep { $_->{until} + $self->{grace} >= $before }
                               @{ $self->{spans} };
}


1;
