#!/usr/bin/perl
#
# Says how podman runs the first container of a Deployment as a cluster would:
# user, capabilities, volumes and command, one argument a line.  Each volume is
# a directory DIR/VOLUME; those that a cluster makes empty are made.
#
#   pod.pl FILE DIR

use strict;
use warnings;

use YAML::XS qw(LoadFile);

my ($file, $dir) = @ARGV;
my ($deployment) = grep { $_->{kind} eq 'Deployment' } LoadFile($file);
my $pod = $deployment->{spec}{template}{spec};
my $container = $pod->{containers}[0];
my $as = $pod->{securityContext};
my $may = $container->{securityContext};
my %volume = map { $_->{name} => $_ } @{ $pod->{volumes} };

my @arguments = ('--user', "$as->{runAsUser}:$as->{runAsGroup}");

push @arguments, '--read-only', '--read-only-tmpfs=false'
    if $may->{readOnlyRootFilesystem};
push @arguments, '--security-opt', 'no-new-privileges'
    unless $may->{allowPrivilegeEscalation};
push @arguments, map { ('--cap-drop', $_) } @{ $may->{capabilities}{drop} };

for my $mount (@{ $container->{volumeMounts} }) {
    my $from = "$dir/$mount->{name}";

    if ($volume{$mount->{name}}{emptyDir} && !-d $from) {
        mkdir $from or die "$from: $!";
        chown 0, $as->{fsGroup}, $from or die "$from: $!";
        chmod 02777, $from or die "$from: $!";
    }

    push @arguments, '--volume', "$from:$mount->{mountPath}"
                                 . ($mount->{readOnly} ? ':ro' : '');
}

print map { "$_\n" } @arguments, $container->{image},
                     @{ $container->{args} };
