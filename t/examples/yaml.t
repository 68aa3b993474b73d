#!/usr/bin/perl
#
# The YAML files of examples/: what a cluster would refuse, a field that its
# kind does not have, or a name that leads nowhere, fails here.  Called by
# ci/examples, from the top of the tree.

use strict;
use warnings;

use File::Basename qw(dirname);
use Test::More;
use YAML::XS qw(LoadFile);

# Of each object the fields that it may have, "!" those that it must.  A
# reference to a list is a list of such; "" is a scalar, "*" anything.

my $META = { 'name!' => '', labels => '*', annotations => '*' };
my $SELECTOR = { 'matchLabels!' => '*' };

my $PROBE = {
    'httpGet!' => { 'path!' => '', 'port!' => '', scheme => '' },
    periodSeconds => '', initialDelaySeconds => '',
};

my $CONTAINER = {
    'name!' => '', 'image!' => '', imagePullPolicy => '', args => '*',
    ports => [ { name => '', 'containerPort!' => '', protocol => '' } ],
    readinessProbe => $PROBE, livenessProbe => $PROBE,
    resources => { requests => '*', limits => '*' },
    securityContext => {
        allowPrivilegeEscalation => '', readOnlyRootFilesystem => '',
        capabilities => { add => [ '' ], drop => [ '' ] },
    },
    volumeMounts => [ {
        'name!' => '', 'mountPath!' => '', subPath => '', readOnly => '',
    } ],
};

my $TERM = {
    'matchExpressions!' =>
        [ { 'key!' => '', 'operator!' => '', values => [ '' ] } ],
};

my $POD = {
    'metadata!' => { 'labels!' => '*' },
    'spec!' => {
        'containers!' => [ $CONTAINER ],
        imagePullSecrets => [ { 'name!' => '' } ],
        securityContext => {
            runAsNonRoot => '', runAsUser => '', runAsGroup => '',
            fsGroup => '',
        },
        affinity => { nodeAffinity => {
            requiredDuringSchedulingIgnoredDuringExecution =>
                { 'nodeSelectorTerms!' => [ $TERM ] },
        } },
        volumes => [ {
            'name!' => '', configMap => { 'name!' => '' },
            secret => { 'secretName!' => '' }, emptyDir => '*',
        } ],
    },
};

my %KIND = (
    'v1 ConfigMap' => { 'metadata!' => $META, 'data!' => '*' },
    'v1 Service' => {
        'metadata!' => $META,
        'spec!' => {
            type => '', 'selector!' => '*',
            'ports!' => [ { name => '', 'port!' => '', targetPort => '' } ],
        },
    },
    'apps/v1 Deployment' => {
        'metadata!' => $META,
        'spec!' => {
            replicas => '', 'selector!' => $SELECTOR, 'template!' => $POD,
        },
    },
    'apps/v1 DaemonSet' => {
        'metadata!' => $META,
        'spec!' => { 'selector!' => $SELECTOR, 'template!' => $POD },
    },
);


# What does not fit, each with its path.
sub
offences
{
    my ($path, $value, $schema) = @_;

    return () if $schema eq '*';

    if (ref $schema eq 'ARRAY') {
        return "$path is no list" if ref $value ne 'ARRAY';
        my $i = 0;
        return map { offences("$path\[" . $i++ . ']', $_, $schema->[0]) }
                   @$value;
    }

    if (ref $schema ne 'HASH') {
        return ref $value || !defined $value ? "$path is no scalar" : ();
    }

    return "$path is no object" if ref $value ne 'HASH';
    return fields($path, $value, $schema);
}


sub
fields
{
    my ($path, $value, $schema) = @_;
    my @found;

    for my $name (sort keys %$value) {
        my $known = $schema->{$name} // $schema->{"$name!"};

        push @found, defined $known
                     ? offences("$path.$name", $value->{$name}, $known)
                     : "$path.$name is not known";
    }

    for my $name (sort grep { s/!$// } my @copy = keys %$schema) {
        push @found, "$path.$name is missing" unless exists $value->{$name};
    }

    return @found;
}


# Names that lead nowhere inside of a workload.
sub
dangling
{
    my ($object) = @_;
    my $spec = $object->{spec}{template}{spec} or return ();
    my $labels = $object->{spec}{template}{metadata}{labels};
    my $wanted = $object->{spec}{selector}{matchLabels};
    my %volume = map { $_->{name} => 1 } @{ $spec->{volumes} || [] };
    my @found;

    for my $name (sort keys %$wanted) {
        push @found, "the selector's $name is no label of the template"
            if ($labels->{$name} // '') ne $wanted->{$name};
    }

    for my $container (@{ $spec->{containers} }) {
        my %port = map { ($_->{name} // '') => 1 }
                       @{ $container->{ports} || [] };

        push @found, map { "volume $_->{name} is not there" }
                         grep { !$volume{$_->{name}} }
                              @{ $container->{volumeMounts} || [] };
        push @found, map { "port $_ is not there" } grep { !$port{$_} }
                     map { $container->{$_}{httpGet}{port} }
                         grep { $container->{$_} }
                              qw(readinessProbe livenessProbe);
    }

    return @found;
}


# Names that lead from one object to another one: ConfigMaps, and from the
# Service to the pods and their ports.
sub
apart
{
    my (@objects) = @_;
    my %map = map { $_->{metadata}{name} => 1 }
                  grep { $_->{kind} eq 'ConfigMap' } @objects;
    my @templates = map { $_->{spec}{template} }
                        grep { $_->{spec}{template} } @objects;
    my @found;

    for my $volume (map { @{ $_->{spec}{volumes} || [] } } @templates) {
        my $name = $volume->{configMap} && $volume->{configMap}{name};

        push @found, "ConfigMap $name is not there"
            if defined $name && !$map{$name};
    }

    for my $service (grep { $_->{kind} eq 'Service' } @objects) {
        push @found, unserved($service->{spec}, @templates);
    }

    return @found;
}


sub
unserved
{
    my ($spec, @templates) = @_;
    my @chosen = grep {
        my $labels = $_->{metadata}{labels};
        !grep { ($labels->{$_} // '') ne $spec->{selector}{$_} }
              keys %{ $spec->{selector} };
    } @templates;
    my %port = map { $_->{name} => 1 }
               map { @{ $_->{ports} } }
               map { @{ $_->{spec}{containers} } } @chosen;

    return 'the Service selects no pod' unless @chosen;
    return map { "targetPort $_->{targetPort} is not there" }
               grep { !$port{$_->{targetPort}} } @{ $spec->{ports} };
}


# The ports that the pods say are those that nginx listens on.
sub
listened
{
    my (@objects) = @_;
    my ($map) = grep { $_->{kind} eq 'ConfigMap' } @objects;
    my ($front) = grep { $_->{kind} eq 'Deployment' } @objects;

    return (
        [ sort $map->{data}{'nginx.conf'} =~ /^\s*listen (\d+)/mg ],
        [ sort map { $_->{containerPort} }
               map { @{ $_->{ports} } }
                   @{ $front->{spec}{template}{spec}{containers} } ],
    );
}


# Files that a Swarm stack or Compose file wants, and that are neither beside
# it nor named in its opening comment or made by the operator there.
sub
lost
{
    my ($file, @wanted) = @_;
    my $dir = dirname($file);

    return grep { !-e "$dir/$_" && !m{^\./(htpasswd|\w+\.pem)$} } @wanted;
}


for my $file (glob 'examples/kubernetes/*.yaml') {
    my @objects = LoadFile($file);

    for my $object (@objects) {
        my $kind = delete($object->{apiVersion}) . " $object->{kind}";
        my $schema = $KIND{$kind} || {};
        my @found = fields($object->{kind}, $object,
                           { %$schema, 'kind!' => '' });

        is_deeply([ @found, dangling($object) ], [],
                  "$file: $kind is as a cluster takes it");
    }

    is_deeply([ apart(@objects) ], [], "$file: all names lead somewhere");
}

my ($nginx, $pod) = listened(LoadFile('examples/kubernetes/front.yaml'));
is_deeply($pod, $nginx, 'the pods have the ports that nginx listens on');

my ($stack) = LoadFile('examples/swarm/stack.yaml');
is_deeply([ lost('examples/swarm/stack.yaml',
                 map { $_->{file} } values %{ $stack->{configs} },
                                    values %{ $stack->{secrets} }) ],
          [], 'the files of the stack are there');

my ($compose) = LoadFile('examples/compose/compose.yaml');
is_deeply([ lost('examples/compose/compose.yaml',
                 grep { m{^\./} } map { /^([^:]+):/ }
                      map { @{ $_->{volumes} } }
                          values %{ $compose->{services} }) ],
          [], 'the files of the Compose file are there');

done_testing();
