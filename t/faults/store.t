# Without this: want of memory could announce a digest that is kept nowhere,
# damage what a store keeps, or leave a write that all others wait for.
# (Spec: mlist_store, "A digest".)

use lib 't/lib';
use Mlist::Faults;
use Mlist::Test;

our $TWO = "mlist_auth nginx;\nmlist_source http://amd64;\n"
           . "mlist_source http://arm;\n";
our $DIR = $TWO . 'mlist_store ' . store_dir() . ";\n";
our $REMOTE = $TWO . "mlist_store http://other;\n";
our %digest;

$other->writable;

# The bytes are of that name alone: a store keeps them by digest.
sub both {
    my ($name) = @_;

    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $name));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $name));
}

sub get_list {
    my ($name) = @_;

    return get("/v2/$name/manifests/1");
}

# Lists that are kept, of names to come, and not in the zone any more.
sub kept {
    for my $name (next_names(120)) {
        both($name);
        $digest{$name} = sha256(fetched("/v2/$name/manifests/1")->{body});
    }

    restart_nginx();
}

sub by_digest {
    my ($name) = @_;

    return get("/v2/$name/manifests/$digest{$name}");
}

run_tests();

__DATA__

=== TEST 1: a list that a directory is to keep
--- mlist eval: $::DIR
--- steps
each_fault('store, directory, put', own => 1,
           prepare => \&both, request => \&get_list);



=== TEST 2: a list that only a directory has
--- mlist eval: $::DIR
--- steps
kept();
each_fault('store, directory, get', own => 1, request => \&by_digest);



=== TEST 3: a list that a registry is to keep
--- mlist eval: $::REMOTE
--- steps
each_fault('store, registry, put', own => 1,
           prepare => \&both, request => \&get_list);



=== TEST 4: a list that only a registry has
--- mlist eval: $::REMOTE
--- steps
kept();
each_fault('store, registry, get', own => 1, request => \&by_digest);



=== TEST 5: the last complete list, of a directory
--- mlist eval: $::DIR
--- steps
kept();
$arm->down;
each_fault('store, directory, the last list', own => 1,
           request => \&get_list);
$arm->up;
