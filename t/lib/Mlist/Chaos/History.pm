# What was pushed when.  A slot is one tag at one registry ("arm/app:1.0");
# its versions are what it has held, each possibly current from when its push
# began until the push of its successor had ended.  The first version of each
# slot is that it holds nothing.  Pure.

package Mlist::Chaos::History;

use strict;
use warnings;

my $FOREVER = 9 ** 9 ** 9;


sub new {
    my ($class) = @_;

    return bless { slots => {} }, $class;
}


sub slot {
    my ($self, $slot) = @_;

    return $self->{slots}{$slot}
           //= [{ number => 0, from => -$FOREVER, until => $FOREVER }];
}


# image: a hash with digest, type and size.
sub push_begins {
    my ($self, $slot, $image, $now) = @_;
    my $versions = $self->slot($slot);

    push @$versions, { number => scalar @$versions, image => $image,
                       from => $now, until => $FOREVER };
}


# The latest version is there for sure.  Of a push that was given up nobody
# knows whether it came to pass: its version ends with its successor's push.
sub push_ended {
    my ($self, $slot, $now) = @_;
    my ($last, @older) = reverse @{ $self->slot($slot) };

    $last->{ended} = $now;

    for my $version (@older) {
        last if $version->{until} != $FOREVER;
        $version->{until} = $now;
    }
}


# The version of that digest (undef: nothing), or undef.
sub version {
    my ($self, $slot, $digest) = @_;

    for my $version (reverse @{ $self->slot($slot) }) {
        my $image = $version->{image};

        return $version
            if defined $image ? defined $digest && $image->{digest} eq $digest
                              : !defined $digest;
    }

    return undef;
}


sub newest {
    my ($self, $slot) = @_;

    return $self->slot($slot)->[-1];
}


# The versions that could be current at some time between the two.
sub possible {
    my ($self, $slot, $begin, $end) = @_;

    return grep { $_->{from} <= $end && $_->{until} >= $begin }
                @{ $self->slot($slot) };
}


# Those that are listening were told of the version of that digest.
sub told {
    my ($self, $slot, $digest, $now) = @_;
    my $told = $self->version($slot, $digest) // return;

    for my $version (reverse @{ $self->slot($slot) }) {
        $version->{told} //= $now if $version == $told;
        $version->{heard} //= $now if $version->{number} < $told->{number};
    }
}


# The versions that could be current between the two times for one who only
# knows what he was told: an older one until then.
sub possible_heard {
    my ($self, $slot, $begin, $end) = @_;

    return grep { $_->{from} <= $end
                  && ($_->{until} >= $begin
                      || ($_->{heard} // $FOREVER) >= $begin) }
                @{ $self->slot($slot) };
}


# A push was under way between the two times.
sub is_pushed {
    my ($self, $slot, $begin, $end) = @_;

    return scalar grep { defined $_->{image} && $_->{from} <= $end
                         && ($_->{ended} // $_->{until}) >= $begin }
                       @{ $self->slot($slot) };
}


1;
