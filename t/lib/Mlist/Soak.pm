# The clients of ci/soak that know what is right: those of ci/chaos, with its
# checker, and walkers that go through everything else of the registry API;
# and the pushes, and a source that goes down and comes back.  ci/soak starts
# the registries and nginx, and looks at nginx while this runs.

package Mlist::Soak;

use strict;
use warnings;

use Getopt::Long qw(GetOptionsFromArray);
use MIME::Base64 qw(encode_base64);

use parent 'Mlist::Chaos';

use Mlist::Chaos::Front;
use Mlist::Chaos::Fronts qw(fronts);
use Mlist::Chaos::Source;
use Mlist::Soak::Walker;

my $CLIENTS = 6;
my $WALKERS = 4;

my @REGISTRIES = qw(amd64 arm both store);

# The one that breaks, and how.
my $WEAK = 'arm';
my @FAULTS = qw(refuse refuse error close stall delay body);


# Options: --work DIR, --module FILE, --http FILE (more text for http{}),
# --user NAME:PASSWORD, --htpasswd FILE, --ports N,... (the events', a
# registry and what stands before it, and so on, one a front), --walk PORT
# (of the front that takes pushes by platform), --seconds N, --seed TEXT.
# Without --seconds it only writes nginx's configuration.  The exit status.
sub main {
    my (@argv) = @_;
    my %opt;

    GetOptionsFromArray(\@argv, \%opt, qw(
        work=s module=s http=s user=s htpasswd=s ports=s walk=i seconds=i
        seed=s)) or return 2;
    local $SIG{PIPE} = 'IGNORE';
    local $SIG{TERM} = sub { exit 143 };
    local $| = 1;

    my $self = bless { binary => 'nginx', %opt, findings => 0,
                       requests => 0 }, __PACKAGE__;

    return $self->configure unless $self->{seconds};

    $self->set_up;
    eval { $self->play; 1 } or $self->stage_broke($@);
    $self->report_end;

    return $self->{findings} ? 1 : 0;
}


sub configure {
    my ($self) = @_;
    my (undef, @ports) = split /,/, $self->{ports};
    my %upstreams;

    for my $name (@REGISTRIES) {
        my ($port, $front) = splice @ports, 0, 2;

        $upstreams{$name} = $name eq $WEAK ? $front : $port;
    }

    $self->make_front(\@ports);
    Mlist::Chaos::Front->new(
        dir => "$self->{work}/nginx", binary => $self->{binary},
        module => $self->{module}, fronts => $self->{fronts},
        upstreams => \%upstreams, zone => '256k', timeout => '10s',
        idle => '5s', store => 'inactive=60s max_size=512k',
        http => join '', lines_of($self->{http}));

    return 0;
}


sub lines_of {
    my ($file) = @_;

    open my $fh, '<', $file or die "$file: $!";

    return <$fh>;
}


sub make_front {
    my ($self, $ports) = @_;
    my $basic = 'Basic ' . encode_base64($self->{user}, '');

    $self->{fronts} = [map { { %$_, port => shift @$ports } } fronts()];

    for my $front (grep { $_->{name} eq 'two' } @{ $self->{fronts} }) {
        $front->{auth} = "mlist_htpasswd $self->{htpasswd}";
        $front->{authorization} = $basic;
    }
}


sub make_sources {
    my ($self, $ports) = @_;

    for my $name (@REGISTRIES) {
        $self->{sources}{$name} = Mlist::Chaos::Source->new(
            $self->tools, random => $self->random("source $name"),
            name => $name, port => shift @$ports, front => shift @$ports,
            up => 1);
    }
}


sub make_pullers {
    my ($self) = @_;

    # The store forgets lists that are not used.
    $self->SUPER::make_pullers($CLIENTS, memory => 1);

    for my $number (1 .. $WALKERS) {
        push @{ $self->{walkers} }, Mlist::Soak::Walker->new(
            loop => $self->{loop}, random => $self->random("walker $number"),
            number => $number, port => $self->{walk},
            front => (grep { $_->{name} eq 'two' } @{ $self->{fronts} })[0],
            amd64 => $self->{sources}{amd64}{port},
            broken => sub { $self->{ledger}->broken(@_, 'source') },
            count => \$self->{requests},
            found => sub { $self->note_finding(@_) });
    }
}


sub play {
    my ($self) = @_;
    my $loop = $self->{loop};
    my @clients = (@{ $self->{pullers} }, @{ $self->{walkers} });

    $self->push_first;
    $self->watch;
    $_->start for @clients;
    $self->{playing} = 1;
    $self->push_next;
    $self->break_next;

    $loop->run_for($self->{seconds});

    $self->{playing} = 0;
    $_->stop for @clients;
    $self->{sources}{$WEAK}->mend;
    $loop->run_until(60, sub {
        return $self->{pusher}->is_idle && !grep { !$_->is_idle } @clients;
    }) or die "clients or pushes do not end\n";
}


# Does the machine stand still?
sub watch {
    my ($self) = @_;
    my $now = $self->{loop}->now;
    my $seen = $self->{seen} // $now;

    if ($now - $seen > 2) {
        $self->{ledger}->stood_still($seen, $now);
        $self->{slow}++;
    }

    $self->{ledger}->forget($now - 120);
    $self->{seen} = $now;
    $self->{loop}->after(0.5, sub { $self->watch });
}


sub push_next {
    my ($self) = @_;
    my $random = $self->{pauses} //= $self->random('pushes');

    return unless $self->{playing};

    $self->{pusher}->push_any;
    $self->{loop}->after($random->between(0.1, 0.7),
                         sub { $self->push_next });
}


sub break_next {
    my ($self) = @_;
    my $random = $self->{fate} //= $self->random('fate');
    my $weak = $self->{sources}{$WEAK};

    $self->{loop}->after($random->between(4, 14), sub {
        return unless $self->{playing};

        $weak->break($random->one_of(@FAULTS));
        $self->{loop}->after($random->between(0.5, 3), sub {
            $weak->mend;
            $self->break_next;
        });
    });
}


sub report_end {
    my ($self) = @_;
    my ($counts, $strict) = $self->{checker}->counts;
    my %walked;

    for my $walker (@{ $self->{walkers} }) {
        $walked{$_} += $walker->{done}{$_} for keys %{ $walker->{done} };
    }

    print 'answers: ', Mlist::Chaos::numbers_text(%$counts), "\n";
    print 'statuses: ',
        Mlist::Chaos::numbers_text($self->{checker}->statuses), "\n";
    print 'walks: ', Mlist::Chaos::numbers_text(%walked), "\n";
    printf "pushes: %d, faults: %d, times the machine stood still: %d\n",
           $self->{pusher}{count}, $self->{ledger}->count,
           $self->{slow} // 0;
    printf "clients: requests=%d findings=%d\n",
           @$self{qw(requests findings)};
}


1;
