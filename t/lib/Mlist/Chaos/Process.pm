# A program that this run starts, watches and ends, by its pid.

package Mlist::Chaos::Process;

use strict;
use warnings;

use POSIX qw(WNOHANG _exit);

my @ALL;
my $OWNER = $$;


# Not started yet.
sub new {
    my ($class, $name, $log, @command) = @_;
    my $self = bless { name => $name, log => $log, command => [@command] },
                     $class;

    push @ALL, $self;

    return $self;
}


sub start {
    my ($self) = @_;

    die "$self->{name} runs already" if $self->alive;
    defined(my $pid = fork) or die "fork: $!";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null' or _exit(127);
        open STDOUT, '>>', $self->{log} or _exit(127);
        open STDERR, '>&', \*STDOUT or _exit(127);
        $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP PIPE);
        { exec { $self->{command}[0] } @{ $self->{command} } }
        _exit(127);
    }

    $self->{pid} = $pid;
}


sub pid {
    return $_[0]{pid};
}


# Forgets the pid once the process has ended, so that nobody else who gets
# its number is signalled.
sub alive {
    my ($self) = @_;

    return 0 unless defined $self->{pid};
    return 1 if waitpid($self->{pid}, WNOHANG) == 0;

    $self->{status} = $?;
    delete $self->{pid};

    return 0;
}


sub signal {
    my ($self, $name) = @_;

    kill $name, $self->{pid} if $self->alive;
}


# The pids of its own children, now.
sub children {
    my ($self) = @_;
    my $pid = $self->{pid} // return;

    open my $fh, '<', "/proc/$pid/task/$pid/children" or return;

    return split ' ', <$fh> // '';
}


# A process that is not ours to wait for.  One that nobody has waited for yet
# is gone, too, but has its sockets until the last of its threads has ended.
sub is_gone {
    my ($pid) = @_;

    open my $fh, '<', "/proc/$pid/stat" or return 1;

    my ($state, @fields) = split ' ', (<$fh> // ') Z') =~ s/^.*\)//sr;

    return $state =~ /[ZX]/ && ($fields[16] // 0) <= 1;
}


END {
    my $code = $?;

    if ($$ == $OWNER) {
        for my $self (grep { $_->alive } @ALL) {
            my @children = $self->children;

            kill 'KILL', $self->{pid}, @children;
            waitpid $self->{pid}, 0;
        }
    }

    $? = $code;
}


1;
