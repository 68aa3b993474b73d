# Stands between the registries and the location that takes their events,
# and sees when nginx had taken which: what a front must have heard of is
# what was answered with 200, and nothing else.  It can break, as a source
# can: the registries then post again.

package Mlist::Chaos::Relay;

use strict;
use warnings;

use parent -norequire, 'Mlist::Chaos::Source';

use Mlist::Chaos::Source;
use Mlist::Content qw(json_data);


# Options: as of Source, but port is nginx's and front the one that the
# registries post to; taken: sub that is called with name, tag, digest, and
# the times of question and answer of each push that nginx was told of; the
# last is undef if it may not have heard.
sub new {
    my ($class, %opt) = @_;
    my $self = $class->SUPER::new(%opt);

    $self->{proxy}{seen} = sub { $self->seen(@_) };

    return $self;
}


# What breaks it; nginx may have taken what the registry does not know of.
sub faults {
    return qw(delay error close stall head refuse);
}


sub is_up {
    return 1;
}


sub seen {
    my ($self, $request, $begun, $answer) = @_;
    my $taken = !$answer->{error} && $answer->{code} == 200;
    my $data = eval { json_data($request->{body}) } // {};

    $self->{trace}->("events: not taken, "
                     . ($answer->{error} // $answer->{code})) unless $taken;

    for my $event (@{ $data->{events} // [] }) {
        my $target = $event->{target};

        next unless $event->{action} eq 'push' && defined $target->{tag};
        $self->{taken}->(@$target{qw(repository tag digest)}, $begun,
                         $taken ? $self->{loop}->now : undef);
    }
}


1;
