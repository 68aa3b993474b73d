# What stands before the registries in a run of ci/chaos: the servers of the
# nginx under test, each with sources and directives of its own, and what
# each of them may therefore answer.  Plain data.

package Mlist::Chaos::Fronts;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(fronts children);

# registry, the tag's spelling there, its platform, how it is configured,
# the type of what is pushed
my @AMD64 = ('amd64', '*', 'linux/amd64', 'http://amd64.registry', 'oci');
my @ARM = ('arm', '*', 'linux/arm/v7', 'http://arm.registry', 'oci');
my @ARM64 = ('both', '*-arm64', 'linux/arm64', 'http://both.registry '
             . 'tag=*-arm64 platform=linux/arm64', 'docker');
my @S390X = ('both', '*-s390x', 'linux/s390x', 'http://both.registry '
             . 'tag=*-s390x', 'docker');
my @ALL = (\@AMD64, \@ARM, \@ARM64, \@S390X);

# sources: each as above, and what is said of it besides; more: directives;
# store: a registry instead of a directory; valid: mlist_valid in seconds;
# told: its sources' events are posted to it, and only what they have told
# of must be in its answers; updating: an old list may be given while nothing
# is broken; publishes: the registry that has its lists under their tags.
my %FRONTS = (
    two       => { sources => [\@AMD64, \@ARM] },
    suffixed  => { sources => [\@ARM64, \@S390X] },
    all       => { sources => [@ALL] },
    noted     => { sources => [@ALL], told => 1, more => ['mlist_valid 1h'] },
    patient   => { sources => [\@AMD64, \@ARM], valid => 1, updating => 1,
                   more => ['mlist_valid 1s',
                            'mlist_use_stale error timeout updating'] },
    published => { sources => [\@ARM64, \@S390X], publishes => 'both',
                   more => ['mlist_publish on'] },
    remote    => { sources => [\@AMD64, \@ARM], store => 'store' },
    mixed     => { sources => [\@AMD64, [@ARM, 'optional'],
                               [@ARM64, 'required']] },
);


# Hashes, in the order of their names: name, sources (configurations), slots
# ([{ registry, tag, platform, required, optional }, ...]), and the above.
sub fronts {
    return map { front($_, %{ $FRONTS{$_} }) } sort keys %FRONTS;
}


sub front {
    my ($name, %front) = @_;
    my @sources = @{ $front{sources} };

    return {
        %front, name => $name,
        sources => [map { join ' ', grep { defined } @$_[3, 5] } @sources],
        slots => [map { {
            registry => $_->[0], tag => $_->[1], platform => $_->[2],
            ($_->[5] // '') eq '' ? () : ($_->[5] => 1),
        } } @sources],
    };
}


# What is pushed for a name and a tag: [{ registry, tag (the spelling there),
# slot, platform, type, name, asked }, ...]
sub children {
    my ($name, $tag) = @_;

    return map {
        my ($registry, $pattern, $platform, undef, $type) = @$_;
        my $spelling = $pattern =~ s/\*/$tag/r;

        { registry => $registry, tag => $spelling, platform => $platform,
          slot => "$registry/$name:$spelling", type => $type, name => $name,
          asked => $tag };
    } @ALL;
}


1;
