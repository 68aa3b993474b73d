# One run of ci/chaos: three registries, nginx before them, a pusher, ten
# clients and a checker, all driven by one process.  ci/chaos installs what
# it needs and says where the parts are; everything that is random comes of
# one seed.

package Mlist::Chaos;

use strict;
use warnings;

use Getopt::Long qw(GetOptionsFromArray);

use Mlist::Chaos::Checker;
use Mlist::Chaos::Front;
use Mlist::Chaos::Fronts qw(fronts children);
use Mlist::Chaos::History;
use Mlist::Chaos::Ledger;
use Mlist::Chaos::Loop;
use Mlist::Chaos::Plan;
use Mlist::Chaos::Puller;
use Mlist::Chaos::Pusher;
use Mlist::Chaos::Random;
use Mlist::Chaos::Relay;
use Mlist::Chaos::Source;

my $CLIENTS = 10;

# What a run of a minute has to have seen, or it shows nothing.
my @STATUSES = qw(HIT MISS PARTIAL REVALIDATED STALE UPDATING);

# Of the findings, that many are shown.
my $SHOWN = 30;

# After a fault nginx may still wait for what it had asked: 3 seconds at
# most for each of a HEAD, a manifest and a config that follow one another.
my $GRACE = 3;

my @REGISTRIES = qw(amd64 arm both store);
my @NAMES = qw(app team/web);
my @TAGS = qw(1.0 latest growing);


# Options: --work DIR, --module FILE, --binary FILE, --seconds N, --seed TEXT,
# --ports N,... (the events', two a registry, one a front).  The exit status.
sub main {
    my (@argv) = @_;
    my %opt;

    GetOptionsFromArray(\@argv, \%opt, qw(work=s module=s binary=s seconds=i
                                          seed=s ports=s)) or return 2;
    local $SIG{PIPE} = 'IGNORE';
    local $SIG{TERM} = sub { exit 143 };
    local $SIG{INT} = sub { exit 130 };
    local $| = 1;

    my $self = bless { %opt, findings => 0, requests => 0 }, __PACKAGE__;

    $self->set_up;
    eval { $self->play; 1 } or $self->stage_broke($@);

    $self->report_end;

    return $self->{findings} ? 1 : 0;
}


sub set_up {
    my ($self) = @_;
    my @ports = split /,/, $self->{ports};

    $self->{loop} = Mlist::Chaos::Loop->new;
    $self->{begun} = $self->{loop}->now;
    open $self->{log}, '>', "$self->{work}/trace" or die "trace: $!";
    $self->{log}->autoflush;
    $self->{history} = Mlist::Chaos::History->new;
    $self->{ledger} = Mlist::Chaos::Ledger->new(grace => $GRACE);
    $self->{checker} = Mlist::Chaos::Checker->new(
        history => $self->{history}, ledger => $self->{ledger},
        found => sub { $self->found(@_) });

    my $events = shift @ports;

    $self->make_sources(\@ports);
    $self->make_front(\@ports);
    $self->make_relay($events);
    $self->make_pusher;
    $self->make_pullers;
    $self->{plan} = Mlist::Chaos::Plan->new(
        $self->tools, seed => sub { $self->random(@_) },
        sources => [(map { $self->{sources}{$_} } @REGISTRIES),
                    $self->{relay}],
        front => $self->{front}, pusher => $self->{pusher});
}


sub random {
    my ($self, $name) = @_;

    return Mlist::Chaos::Random->new($self->{seed}, $name);
}


sub tools {
    my ($self) = @_;

    return (loop => $self->{loop}, ledger => $self->{ledger},
            history => $self->{history}, trace => sub { $self->trace(@_) });
}


sub trace {
    my ($self, $text) = @_;

    printf { $self->{log} } "%8.3f %s\n",
           $self->{loop}->now - $self->{begun}, $text;
}


sub make_sources {
    my ($self, $ports) = @_;

    for my $name (@REGISTRIES) {
        $self->{sources}{$name} = Mlist::Chaos::Source->new(
            $self->tools, random => $self->random("source $name"),
            name => $name, port => shift @$ports, front => shift @$ports,
            config => "$self->{work}/registry-$name/config.yml",
            log => "$self->{work}/log/$name",
            $name eq 'store' ? (kind => 'store', late => 1) : (),

            # It is optional somewhere: then a list is partial.
            early => $name eq 'arm');
    }
}


sub make_front {
    my ($self, $ports) = @_;

    $self->{fronts} = [map { { %$_, port => shift @$ports } } fronts()];
    mkdir "$self->{work}/nginx" or die "$self->{work}/nginx: $!";
    $self->{front} = Mlist::Chaos::Front->new(
        $self->tools, random => $self->random('nginx'),
        dir => "$self->{work}/nginx", binary => $self->{binary},
        module => $self->{module}, fronts => $self->{fronts},
        upstreams => { map { $_ => $self->{sources}{$_}{front} }
                           @REGISTRIES });
}


# What the registries tell, on its way to the front that is told.
sub make_relay {
    my ($self, $port) = @_;
    my ($front) = grep { $_->{told} } @{ $self->{fronts} };

    $self->{relay} = Mlist::Chaos::Relay->new(
        $self->tools, random => $self->random('events'), name => 'events',
        kind => 'events', port => $front->{port}, front => $port,
        taken => sub { $self->taken(@_) });
}


# See Mlist::Chaos::Relay.
sub taken {
    my ($self, $name, $tag, $digest, $from, $until) = @_;

    for my $slot (grep { $_->{name} eq $name && $_->{tag} eq $tag }
                       @{ $self->{slots} })
    {
        $self->{checker}->told($name, $slot->{asked}, $from, $until);
        next unless defined $until;

        $self->trace("$slot->{slot}: told of $digest");
        $self->{history}->told($slot->{slot}, $digest, $until);
    }
}


sub make_pusher {
    my ($self) = @_;
    my @slots;

    for my $name (@NAMES) {
        for my $tag (@TAGS) {
            push @slots, children($name, $tag);
        }
    }

    $self->{slots} = \@slots;
    $self->{pusher} = Mlist::Chaos::Pusher->new(
        $self->tools, random => $self->random('pusher'), slots => \@slots,
        sources => $self->{sources}, pushed => sub { $self->pushed(@_) });
}


sub make_pullers {
    my ($self, $clients, %more) = @_;

    for my $number (1 .. $clients // $CLIENTS) {
        push @{ $self->{pullers} }, Mlist::Chaos::Puller->new(
            $self->tools, random => $self->random("client $number"),
            checker => $self->{checker}, fronts => $self->{fronts},
            tags => [map { my $name = $_; map { [$name, $_] } @TAGS } @NAMES],
            registries => { map { $_ => $self->{sources}{$_}{port} }
                                @REGISTRIES },
            think => 0.15, count => \$self->{requests}, %more);
    }
}


# Some clients pull at once what has just been pushed.
sub pushed {
    my ($self, $slot) = @_;
    my $random = $self->{hurry} //= $self->random('hurry');

    for my $puller (@{ $self->{pullers} }) {
        $puller->hurry($slot->{name}, $slot->{asked})
            if $self->{playing} && $random->chance(0.3);
    }
}


sub play {
    my ($self) = @_;
    my $loop = $self->{loop};

    $self->begin;
    $self->watch;
    $_->start for @{ $self->{pullers} };
    $self->{playing} = 1;
    $self->{plan}->run($self->{seconds});
    $self->{playing} = 0;

    $_->stop for @{ $self->{pullers} };
    $self->{plan}->heal;
    $loop->run_until(60, sub {
        return $self->{pusher}->is_idle
               && !grep { !$_->is_idle } @{ $self->{pullers} };
    }) or die "clients or pushes do not end\n";

    $self->sweep;
    $self->{front}->stop or die "nginx does not end\n";
    $self->look_at_log;
    $self->look_at_statuses if $self->{seconds} >= 60;
}


# The registries, a first version of everything, nginx.
sub begin {
    my ($self) = @_;
    my $loop = $self->{loop};
    my $wait = @REGISTRIES;

    $_->start(sub { $wait-- }) for values %{ $self->{sources} };
    $loop->run_until(30, sub { $wait == 0 }) or die "no registries\n";

    $self->push_first;

    $wait = 1;
    $self->{front}->start(sub { $wait = 0 });
    $loop->run_until(30, sub { !$wait }) or die "no nginx\n";
    $self->trace('all is up');
}


# All but one child of the tags that are to grow.
sub push_first {
    my ($self) = @_;

    $self->{pusher}->push_slot($_) for grep {
        $_->{asked} ne 'growing' || $_->{platform} !~ /arm/
    } @{ $self->{slots} };
    $self->{loop}->run_until(30, sub { $self->{pusher}->is_idle })
        or die "no first versions\n";
}


# Twice a second: nobody dies of himself, and did the machine stand still?
sub watch {
    my ($self) = @_;
    my $loop = $self->{loop};
    my $now = $loop->now;
    my $seen = $self->{seen} // $now;

    if ($now - $seen > 1.2) {
        $self->trace('the machine stood still');
        $self->{ledger}->stood_still($seen, $now);
        $self->{slow}++;
    }

    for my $part ($self->{front}, values %{ $self->{sources} }) {
        next unless $part->died;
        $self->note_finding('a process died of itself',
                            $part->{name} // 'nginx', 'alive');
        die "a process died of itself\n";
    }

    $self->{ledger}->forget($now - 60);
    $self->{seen} = $now;
    $loop->after(0.5, sub { $self->watch });
}


# All is well: each tag has what was pushed last, and everything that was
# ever announced can be read, also by an nginx that has just been killed and
# started anew.
sub sweep {
    my ($self) = @_;
    my $loop = $self->{loop};

    $loop->run_for($GRACE);
    $self->push_all;
    $self->ask_all($self->tags);
    $self->wait_published;
    $self->{front}->act('kill');
    $loop->run_until(30, sub { !$self->{front}->is_busy })
        or die "nginx does not come back\n";
    $loop->run_for($GRACE + 0.1);
    $self->ask_all($self->pins);
    $self->ask_all($self->tags);
    $self->trace('swept');
}


# A last version of everything, of which all are told; a registry that was
# killed has not told of others.
sub push_all {
    my ($self) = @_;
    my $loop = $self->{loop};

    $self->{pusher}->push_slot($_) for @{ $self->{slots} };
    $loop->run_until(30, sub { $self->{pusher}->is_idle })
        or die "no last versions\n";
    $loop->run_until(30, sub {
        return !grep { !$self->{history}->newest($_->{slot})->{told} }
                     @{ $self->{slots} };
    }) or die "not everything has been told\n";
}


# Soon the newest lists are published, too.
sub wait_published {
    my ($self) = @_;
    my ($front) = grep { $_->{publishes} } @{ $self->{fronts} };
    my @wrong = map { my $name = $_; map { [$name, $_] } @TAGS } @NAMES;
    my $end = $self->{loop}->now + 10;

    while (@wrong && $self->{loop}->now < $end) {
        $self->ask_all(map { {
            front => $front, name => $_->[0], reference => $_->[1],
            kind => 'published', method => 'GET', at => $front->{publishes},
        } } @wrong);
        @wrong = grep {
            ($self->{checker}->published(@$_) // '')
                ne $self->{checker}->newest_digest($front, @$_)
        } @wrong;
    }

    $self->note_finding('the newest list is not published',
                        "$_->[0]:$_->[1] has "
                        . ($self->{checker}->published(@$_) // 'none'),
                        $self->{checker}->newest_digest($front, @$_))
        for @wrong;
}


sub tags {
    my ($self) = @_;
    my @asks;

    for my $front (@{ $self->{fronts} }) {
        for my $name (@NAMES) {
            push @asks, map { { front => $front, name => $name,
                                kind => 'tag', method => 'GET',
                                reference => $_ } } @TAGS;
        }
    }

    return @asks;
}


sub pins {
    my ($self) = @_;
    my @pins = sort { $a->[2] cmp $b->[2] || $a->[0]{name} cmp $b->[0]{name} }
               $self->{checker}->pins;

    $self->{announced} = @pins;

    return map { { front => $_->[0], name => $_->[1], kind => 'list',
                   method => 'GET', reference => $_->[2] } } @pins;
}


# By all the clients.
sub ask_all {
    my ($self, @asks) = @_;
    my $busy = 0;
    my $next;

    $next = sub {
        my ($puller) = @_;
        my $ask = shift @asks or return $busy--;

        $puller->ask($ask, sub { $next->($puller) });
    };

    for my $puller (@{ $self->{pullers} }) {
        $busy++;
        $next->($puller);
    }

    $self->{loop}->run_until(120, sub { $busy == 0 })
        or die "not everything is answered after 120 seconds\n";
}


sub look_at_log {
    my ($self) = @_;

    $self->note_finding('a line in the error log', $_, 'none')
        for $self->{front}->alerts;
}


sub look_at_statuses {
    my ($self) = @_;
    my %seen = $self->{checker}->statuses;

    $self->note_finding('a cache status that no answer had', $_, 'some')
        for grep { !$seen{$_} } @STATUSES;
}


sub stage_broke {
    my ($self, $error) = @_;

    $self->note_finding('the run broke', $error =~ s/\n\z//r, 'its end');
}


sub found {
    my ($self, $finding) = @_;
    my ($ask, $answer) = @$finding{qw(ask answer)};
    my $begun = $self->{begun};
    my $headers = $answer->{headers};
    my $more = join ', ', map { "$_: $headers->{$_}" }
               grep { defined $headers->{$_} }
               qw(x-cache-status warning docker-content-digest);

    $self->note_finding(
        $finding->{what}, $finding->{seen}, $finding->{expected},
        sprintf('%s %s:%s at front "%s", asked at %.3f, answered with %d at '
                . '%.3f%s', @$ask{qw(method name reference)},
                $ask->{front}{name}, $answer->{begin} - $begun,
                $answer->{code}, $answer->{end} - $begun,
                $more eq '' ? '' : " ($more)"));
}


sub note_finding {
    my ($self, $what, $seen, $expected, $asked) = @_;
    my $text = "FINDING: $what (seed $self->{seed})\n"
               . (defined $asked ? "  asked:    $asked\n" : '')
               . '  seen:     ' . ($seen // 'nothing') . "\n"
               . "  expected: $expected\n";

    $self->trace($text) if $self->{log};
    print $text if $self->{findings}++ < $SHOWN;
}


sub report_end {
    my ($self) = @_;
    my ($counts, $strict) = $self->{checker}->counts;
    my %numbers = (
        'pushes' => $self->{pusher}{count},
        'digests announced' => $self->{announced} // 0,
        'answers with nothing broken' => $strict,
        'times the machine stood still' => $self->{slow} // 0,
    );

    print "answers: ", numbers_text(%$counts), "\n";
    print numbers_text(%numbers), "\n";
    print 'statuses: ', numbers_text($self->{checker}->statuses), "\n";
    printf "chaos: requests=%d faults=%d findings=%d\n", $self->{requests},
           $self->{ledger}->count, $self->{findings};
}


sub numbers_text {
    my (%numbers) = @_;

    return join ', ', map { "$_: $numbers{$_}" } sort keys %numbers;
}


1;
