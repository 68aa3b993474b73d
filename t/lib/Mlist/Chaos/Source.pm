# One real docker-registry, the proxy before it, and what is done to both.

package Mlist::Chaos::Source;

use strict;
use warnings;

use Mlist::Chaos::Caller;
use Mlist::Chaos::Process;
use Mlist::Chaos::Proxy;

# What the proxy does to each request while such a fault lasts; the argument
# is made of a chance between 0 and 1.
my %MODE = (
    delay => sub { ['delay', 0.05 + 0.95 * $_[0]] },
    error => sub { ['status', (500, 503, 429, 502)[int 4 * $_[0]]] },
    close => sub { ['close'] },
    stall => sub { ['stall'] },
    head  => sub { ['head', $_[0]] },
    body  => sub { ['body', $_[0]] },
    hang  => sub { ['hang', $_[0]] },
    short => sub { ['short', $_[0]] },
    flip  => sub { ['flip', $_[0]] },
);

my %FAULT = (
    kill   => [\&fall, \&rise, 'KILL'],
    term   => [\&fall, \&rise, 'TERM'],
    freeze => [\&freeze, \&thaw],
    refuse => [\&refuse, \&accept],
    mixed  => [\&all_modes, \&no_mode],
    map { my $mode = $_; ($_ => [\&one_mode, \&no_mode, $mode]) } keys %MODE,
);


# Options: loop, ledger, random, name, port (the registry's), front (the
# proxy's), config (a file; without it, it is no process of ours), log (a
# file), trace (sub), kind (what the ledger says that is broken: "source"
# unless told).
sub new {
    my ($class, %opt) = @_;
    my $self = bless {
        kind => 'source', %opt,
        process => $opt{config} && Mlist::Chaos::Process->new(
            $opt{name}, $opt{log}, 'docker-registry', 'serve', $opt{config}),
        proxy => Mlist::Chaos::Proxy->new(@opt{qw(loop front port)}),
    }, $class;

    return $self;
}


sub faults {
    return sort keys %FAULT;
}


# Starts it; calls once it answers, or dies.
sub start {
    my ($self, $call) = @_;
    my $end = $self->{loop}->now + 20;
    my $caller = Mlist::Chaos::Caller->new($self->{loop}, $self->{port});
    my $try;

    $self->{process}->start;

    $try = sub {
        $caller->ask('GET', '/v2/', { timeout => 1 }, sub {
            my ($answer) = @_;

            die "registry $self->{name} does not start, see $self->{log}\n"
                if $self->{loop}->now > $end || !$self->{process}->alive;
            return $self->{loop}->after(0.03, $try) unless $answer->{code};

            $caller->leave;
            $self->{up} = 1;
            $call->();
        });
    };

    $try->();
}


sub is_up {
    return $_[0]{up};
}


# It must live while nobody has ended it.
sub died {
    my ($self) = @_;

    return $self->{up} && !$self->{process}->alive;
}


sub is_well {
    my ($self) = @_;

    return $self->is_up && !$self->{fault};
}


# Begins a fault, of a kind that faults() names.
sub break {
    my ($self, $kind) = @_;
    my ($begin, $end, $argument) = @{ $FAULT{$kind} };

    die "$self->{name} is broken already" if $self->{fault};
    $self->{trace}->("$self->{name}: $kind");
    $self->{fault} = $self->{ledger}->begin(
        $self->{kind}, "$self->{name} $kind", $self->{loop}->now);
    $self->{mend} = $end;
    $begin->($self, $argument);
}


# Ends it; is_well() as soon as all is as before.
sub mend {
    my ($self) = @_;
    my $mend = delete $self->{mend} or return;

    $mend->($self);
}


sub mended {
    my ($self) = @_;

    $self->{trace}->("$self->{name}: well again");
    $self->{ledger}->end(delete $self->{fault}, $self->{loop}->now);
}


sub fall {
    my ($self, $signal) = @_;

    $self->{up} = 0;
    $self->{process}->signal($signal);
}


sub rise {
    my ($self) = @_;

    $self->{loop}->until_true(10, sub { !$self->{process}->alive }, sub {
        $self->{process}->signal('KILL') if @_;
        $self->start(sub { $self->mended });
    });
}


sub freeze {
    my ($self) = @_;

    $self->{up} = 0;
    $self->{process}->signal('STOP');
}


sub thaw {
    my ($self) = @_;

    $self->{process}->signal('CONT');
    $self->{up} = 1;
    $self->mended;
}


sub refuse {
    my ($self) = @_;

    $self->{proxy}->refuse;
}


sub accept {
    my ($self) = @_;

    $self->{proxy}->listen;
    $self->mended;
}


sub one_mode {
    my ($self, $mode) = @_;

    $self->{proxy}{choose} = sub { $MODE{$mode}->($self->{random}->draw) };
}


# One request in three meets something; no two the same.
sub all_modes {
    my ($self) = @_;
    my $random = $self->{random};
    my @modes = sort keys %MODE;

    $self->{proxy}{choose} = sub {
        return ['pass'] unless $random->chance(1 / 3);
        return $MODE{ $random->one_of(@modes) }->($random->draw);
    };
}


sub no_mode {
    my ($self) = @_;

    $self->{proxy}{choose} = sub { ['pass'] };
    $self->{proxy}->drop_stalled;
    $self->mended;
}


1;
