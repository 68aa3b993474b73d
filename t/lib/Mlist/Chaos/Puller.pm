# One client: pulls by tag and by the digests it remembers, as the real ones
# do, and shows each answer to the checker.

package Mlist::Chaos::Puller;

use strict;
use warnings;

use Mlist::Chaos::Caller;
use Mlist::Content qw($DL $D2 $OI $OM);

my @TYPES = ($D2, $DL, $OM, $OI);

my %ACT = (
    get   => \&pull,
    head  => \&look_first,
    list  => \&pull_remembered,
    child => \&pull_child,
    same  => \&pull_if_new,
    leave => \&leave_early,
    found => \&pull_published,
);


# Options: loop, random, checker, fronts, tags ([name, tag], ...), think (the
# longest pause), count (a scalar's reference: requests answered),
# registries (name => port), memory (how many digests it remembers).
sub new {
    my ($class, %opt) = @_;

    return bless { memory => 500, %opt, callers => {}, lists => [] }, $class;
}


sub start {
    my ($self) = @_;

    delete $self->{stopped};
    $self->next_act;
}


# Nothing new is asked from now on.
sub stop {
    $_[0]{stopped} = 1;
}


sub is_idle {
    my ($self) = @_;

    return $self->{stopped} && !$self->{busy};
}


# Pulls that tag next, without a pause.
sub hurry {
    my ($self, $name, $tag) = @_;

    $self->{wanted} = [$name, $tag];
    return if $self->{busy} || $self->{stopped};

    $self->{loop}->cancel($self->{timer});
    $self->next_act;
}


sub next_act {
    my ($self) = @_;
    my $random = $self->{random};

    return if $self->{stopped};

    my $act = $random->weighted(get => 50, head => 20, list => 14,
                                child => 6, same => 6, leave => 4,
                                found => 2);

    $self->{busy} = 1;
    $act = 'get' if $self->{wanted} && $act ne 'head';
    $ACT{$act}->($self);
}


sub done {
    my ($self) = @_;

    $self->{busy} = 0;
    return if $self->{stopped};
    $self->{timer} = $self->{loop}->after(
        $self->{wanted} ? 0 : $self->{random}->between(0, $self->{think}),
        sub { $self->next_act });
}


# Asks and shows the answer to the checker.  One request in ten is on a new
# connection.
sub ask {
    my ($self, $ask, $call) = @_;
    my $front = $ask->{front};
    my $where = defined $ask->{at} ? $self->{registries}{ $ask->{at} }
                                   : $front->{port};
    my $caller = $self->{callers}{$where}
        //= Mlist::Chaos::Caller->new($self->{loop}, $where);
    my @headers = map { [Accept => $_] } @TYPES;

    push @headers, [Authorization => $front->{authorization}]
        if $front->{authorization};
    push @headers, ['If-None-Match' => qq("$ask->{if_none_match}")]
        if $ask->{if_none_match};

    $caller->ask($ask->{method},
                 "/v2/$ask->{name}/manifests/$ask->{reference}", {
        headers => \@headers, fresh => $self->{random}->chance(0.1),
    }, sub {
        my ($answer) = @_;

        ${ $self->{count} }++;
        $self->{checker}->look($ask, $answer);
        $call->($answer);
    });
}


sub tag_ask {
    my ($self, %more) = @_;
    my $random = $self->{random};
    my $tag = delete $self->{wanted} // $random->one_of(@{ $self->{tags} });

    return { front => $random->one_of(@{ $self->{fronts} }), kind => 'tag',
             name => $tag->[0], reference => $tag->[1], method => 'GET',
             %more };
}


# The list that an answer to a read by tag announced.
sub remember {
    my ($self, $ask, $answer) = @_;
    my $digest = $answer->{headers}{'docker-content-digest'};
    my $lists = $self->{lists};

    return undef if $answer->{code} != 200 || !defined $digest;

    my $list = { front => $ask->{front}, name => $ask->{name},
                 tag => $ask->{reference}, digest => $digest };
    my $memory = $self->{memory};
    my $place = @$lists < $memory ? scalar @$lists
                                  : $self->{random}->below($memory);

    $lists->[$place] = $list;

    return $list;
}


sub pull {
    my ($self) = @_;
    my $ask = $self->tag_ask;

    $self->ask($ask, sub {
        my ($answer) = @_;

        $self->remember($ask, $answer);
        $self->done;
    });
}


# HEAD of the tag, then GET by digest, as docker and containerd do.
sub look_first {
    my ($self) = @_;
    my $ask = $self->tag_ask(method => 'HEAD');

    $self->ask($ask, sub {
        my ($answer) = @_;
        my $list = $self->remember($ask, $answer) or return $self->done;

        $self->ask(list_ask($list, 'GET'), sub { $self->done });
    });
}


sub list_ask {
    my ($list, $method) = @_;

    return { front => $list->{front}, kind => 'list', method => $method,
             name => $list->{name}, reference => $list->{digest} };
}


sub pull_remembered {
    my ($self) = @_;
    my $random = $self->{random};
    my $list = $random->one_of(@{ $self->{lists} }) or return $self->pull;

    $self->ask(list_ask($list, $random->one_of('GET', 'GET', 'HEAD')),
               sub { $self->done });
}


sub pull_child {
    my ($self) = @_;
    my $list = $self->{random}->one_of(@{ $self->{lists} })
        or return $self->pull;
    my $children = $self->{checker}->children_of($list->{digest});
    my $platform = $self->{random}->one_of(sort keys %$children)
        or return $self->pull;
    my $child = $children->{$platform};

    $self->ask({ front => $list->{front}, kind => 'child', method => 'GET',
                 name => $list->{name}, reference => $child->{digest},
                 type => $child->{mediaType} },
               sub { $self->done });
}


# Has the tag changed?
sub pull_if_new {
    my ($self) = @_;
    my $list = $self->{random}->one_of(@{ $self->{lists} })
        or return $self->pull;
    my $ask = { front => $list->{front}, kind => 'tag', method => 'GET',
                name => $list->{name}, reference => $list->{tag},
                if_none_match => $list->{digest} };

    $self->ask($ask, sub {
        my ($answer) = @_;

        $self->remember($ask, $answer);
        $self->done;
    });
}


# What a front has published, straight from the registry.
sub pull_published {
    my ($self) = @_;
    my ($front) = grep { $_->{publishes} } @{ $self->{fronts} };
    my $tag = $self->{random}->one_of(@{ $self->{tags} });

    $self->ask({ front => $front, kind => 'published', method => 'GET',
                 name => $tag->[0], reference => $tag->[1],
                 at => $front->{publishes} },
               sub { $self->done });
}


sub leave_early {
    my ($self) = @_;
    my $ask = $self->tag_ask;
    my $caller = Mlist::Chaos::Caller->new($self->{loop},
                                           $ask->{front}{port});

    $caller->ask('GET', "/v2/$ask->{name}/manifests/$ask->{reference}", {
        headers => [[Accept => join ', ', @TYPES],
                    $ask->{front}{authorization}
                    ? [Authorization => $ask->{front}{authorization}] : ()],
    }, sub { });

    $self->{loop}->after($self->{random}->between(0.001, 0.05), sub {
        $caller->leave;
        $self->done;
    });
}


1;
