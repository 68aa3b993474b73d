# Without this: one registry of several, or what poses as it, could hold up
# every pull, eat a worker's memory, make lists shorter or put words into this
# front's answers, by what it says where a manifest or a config is asked for.
# (Spec: "Limits and hostile input"; a tag, rules 2 and 8.)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use Mlist::Hostile;
use Mlist::Test;

our $SOURCES = <<'CONF';
mlist_auth nginx;
mlist_use_stale off;
mlist_redirect follow;
mlist_source http://amd64;
mlist_source http://arm;
CONF


my %AT_ARM = (registry => $arm, label => 'arm');

our $COLD_TAG = {
    name => 'GET of a tag', right => \&right_list,
    place => sub {
        my ($name) = @_;
        honest_pair($name);
        return (%AT_ARM, place => "$name:1", only => 'GET',
                target => "/v2/$name/manifests/1");
    },
};

# No body is read here; what has no digest of the manifest is asked by GET.
our $KNOWN_TAG = {
    name => 'HEAD of a tag', right => \&right_list,
    gives => { map { $_ => [200, 502] }
               'a body without an end, in chunks',
               'a body without an end or a length', 'a body of 8 EB',
               'chunks of one byte without an end',
               'a body that is cut short', 'chunks that are cut short',
               'a body in gzip', 'a length that is negative',
               'a length of 2^64 and 2', 'a length that is hexadecimal',
               'two lengths', 'a length and chunks', 'a chunk of 2^64 and 2',
               'a chunk whose size is no number',
               'a second answer behind the first' },
    place => sub {
        my ($name) = @_;
        honest_pair($name);
        fetched("/v2/$name/manifests/1");
        return (%AT_ARM, place => "$name:1", only => 'HEAD',
                target => "/v2/$name/manifests/1");
    },
};

# An entry of an index that says no platform is read by its digest.
our $BY_DIGEST = {
    name => 'GET by digest', right => \&right_list,
    place => sub {
        my ($name) = @_;
        my $child = docker_image('linux/arm/v7', seed => $name);
        honest_pair($name);
        $arm->tag("$name:1", docker_list(without_platform($child)));
        return (%AT_ARM, place => "$name\@$child->{digest}",
                target => "/v2/$name/manifests/1");
    },
};

our $CONFIG = {
    name => 'GET of a config', right => \&right_list,
    place => sub {
        my ($name) = @_;
        my $child = honest_pair($name);
        return (%AT_ARM, place => "$name#$child->{config}",
                target => "/v2/$name/manifests/1");
    },
};

run_tests();

__DATA__

=== TEST 1: a tag that is not known yet
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::COLD_TAG,
       attacks_of(qw(endless wire headers redirects names lies)));



=== TEST 2: a tag that is known
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::KNOWN_TAG,
       attacks_of(qw(endless wire headers redirects names)));



=== TEST 3: a manifest by its digest
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::BY_DIGEST,
       attacks_of(qw(endless wire headers redirects names lies)));



=== TEST 4: a config
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::CONFIG,
       attacks_of(qw(endless wire headers redirects names lies)));



=== TEST 5: all of them slowly
--- config eval: Mlist::Hostile::hostile_location($::SOURCES, 1)
--- steps
attack($_, attacks_of('slow')) for $::COLD_TAG, $::BY_DIGEST, $::CONFIG;
attack($::KNOWN_TAG, grep { $_->{name} !~ /body/ } attacks_of('slow'));
