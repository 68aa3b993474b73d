# The docker-registry of the distribution, for what a registry that tests make
# up (Mlist::Registry) cannot show.
#
#     my $registry = Mlist::DockerRegistry->start(
#         dir => $dir, auth => $tokens->registry_auth);
#     $registry->address                   127.0.0.1:PORT
#
# It has a directory of its own and ends with the test.

package Mlist::DockerRegistry;

use strict;
use warnings;

use File::Path qw(make_path);
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);


# Waits until it listens.  Another process may take the port first: then it
# dies, and there are more ports.
sub start {
    my ($class, %option) = @_;

    for my $try (1 .. 5) {
        my $self = bless { %option, port => free_port(), owner => $$ },
                         $class;

        $self->run;
        return $self if $self->comes_up;
        $self->stop;
    }

    open my $log, '<', "$option{dir}/log" or die "$option{dir}/log: $!";
    die "docker-registry does not start:\n", <$log>;
}


# Below those that outgoing connections are given.
sub free_port {
    for (1 .. 100) {
        my $port = 10000 + int rand 20000;
        my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                           LocalPort => $port, Listen => 1);

        return $port if $socket;
    }

    die 'no port is free';
}


sub run {
    my ($self) = @_;
    my $dir = $self->{dir};

    make_path("$dir/storage");
    open my $conf, '>', "$dir/config.yml" or die "$dir/config.yml: $!";
    print $conf configuration($self);
    close $conf or die "$dir/config.yml: $!";

    defined($self->{pid} = fork) or die "fork: $!";
    return if $self->{pid};

    open STDIN, '<', '/dev/null';
    open STDOUT, '>>', "$dir/log";
    open STDERR, '>&', \*STDOUT;
    exec 'docker-registry', 'serve', "$dir/config.yml" or POSIX::_exit(1);
}


sub configuration {
    my ($self) = @_;

    return <<"YAML" . ($self->{auth} // '');
version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: $self->{dir}/storage
  delete:
    enabled: true
http:
  addr: 127.0.0.1:$self->{port}
  secret: one-run
YAML
}


sub comes_up {
    my ($self) = @_;
    my $end = time + 20;

    while (time < $end && !waitpid $self->{pid}, POSIX::WNOHANG()) {
        return 1 if IO::Socket::INET->new(PeerAddr => $self->address);
        sleep 0.02;
    }

    return 0;
}


sub address {
    my ($self) = @_;

    return "127.0.0.1:$self->{port}";
}


sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    kill TERM => $pid;
    waitpid $pid, 0;
}


sub DESTROY {
    my ($self) = @_;

    local ($?, $!);
    $self->stop if $self->{owner} == $$;
}


1;
