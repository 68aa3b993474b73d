# Without this: a store would fill its disk, or the list that a tag has now
# would be removed, or one that somebody pulls every day; or two nginx on one
# directory would remove what the other one has just announced.
# (Spec: mlist_store, inactive= and max_size=.)

use lib 't/lib';
use Mlist::Client qw(slow);
use Mlist::Store;
use Mlist::Test;

Test::Nginx::Util::master_on();    # else nothing is removed
Test::Nginx::Util::workers(2);

our $sources = "mlist_source http://amd64;\nmlist_source http://arm;\n"
               . "mlist_auth nginx;\n";
our $max_size = "mlist_store " . store_dir() . " max_size=6k;\n$sources";
our $inactive = "mlist_store " . store_dir() . ' inactive=' . slow(2)
                . "s;\n$sources";


# The tag 1 of this name gets a list, or another one if the seed is another
# one, and its digest is announced; its file.
sub listed {
    my ($name, $seed) = (@_, 'seed');

    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $seed));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $seed));

    return file_of($name, sha256(fetched("/v2/$name/manifests/1")->{body}));
}


sub digest_of {
    my ($file) = @_;

    return bytes_of($file) =~ /^digest: (\S+)$/m ? $1 : undef;
}


sub registries {
    my ($state) = @_;

    $_->$state for $amd64, $arm;
}


# All lists that are there.
sub lists {
    return grep { -f } tree_of(store_dir() . '/v1/lists');
}


sub total {
    my $sum = 0;

    $sum += -s $_ // 0 for @_;

    return $sum;
}


# Waits, at most so many seconds, until "$done->()"; calls $meanwhile.
sub until_true {
    my ($seconds, $done, $meanwhile) = @_;
    my $end = time + slow($seconds);

    until ($done->()) {
        return 0 if time > $end;
        $meanwhile->() if $meanwhile;
        select undef, undef, undef, 0.1;
    }

    return 1;
}


# A key of a tag that no location has.
sub key {
    return sha256($_[0]) =~ s/^sha256://r;
}


run_tests();

__DATA__

=== TEST 1: the lists that were not used for the longest time go
--- mlist eval: $main::max_size
--- steps
my $now = time;
my @files = map { listed('size', $_) } 0 .. 19;
my $record = write_record(key('size'), 'size', digest_of($files[0]));

# the record and what is touched first, then the oldest first: whenever the
# manager looks, it sees a prefix of this
utime $now - 90000, $now - 90000, $record;
utime $now - 80000 + $_, $now - 80000 + $_, $files[$_] for 0 .. $#files;

my $used = $files[1];
get('/v2/size/manifests/' . digest_of($used));
code_is(200, 'a list that is used');
ok((stat $used)[9] >= $now - 1, 'its use is noted');

ok(until_true(20, sub { total(lists()) <= 6 * 1024 }), 'few enough are left');

my @left = grep { -e } @files;
my @old = grep { $_ ne $files[0] && $_ ne $used } @left;

ok(-e $files[0], "the list that a tag's record names is not removed");
ok(-e $used, 'nor one that is used');
ok(-e $record, 'nor the record');
ok(-e $files[19], "nor the tag's current one");
ok(@old > 1, 'no more than needed');
is(join("\n", @old), join("\n", @files[20 - @old .. 19]), 'the oldest went');



=== TEST 2: what is in use is never removed, however little room there is
--- mlist eval: $main::max_size
--- steps
my $now = time;
my @old = map { listed("current$_", 'old') } 0 .. 3;
my @files = map { listed("current$_", 'new') } 0 .. 19;

utime $now - 90000, $now - 90000, $_ for @old, @files;

ok(until_true(20, sub { !grep { -e } @old }), 'what no tag has is removed');
ok(until_true(20, sub { log_lines(qr/is larger than its max_size=6144/) }),
   'what is to be done is logged');
is(scalar(grep { -e } @files), 20, 'what a tag has is not');
is(scalar(log_lines(qr/is larger than its max_size/)), 1, 'logged once');



=== TEST 3: what nobody uses goes after a while, with its record
--- mlist eval: $main::inactive
--- steps
my %file = map { $_ => listed($_) } qw(unused pulled kept);
my $record = write_record(key('kept'), 'kept', digest_of($file{kept}));
my $pulled = write_record(key('pulled'), 'pulled', digest_of($file{pulled}));
my $broken = write_record(key('broken'), 'unused', digest_of($file{unused}));

write_to($broken, bytes_of($broken) =~ s/name: unused/name: unusex/r);

my $use = sub {
    utime undef, undef, $record;
    get('/v2/pulled/manifests/' . digest_of($file{pulled}));
};

ok(until_true(20, sub { !-e $file{unused} && !-e $broken }, $use),
   'a list that is not used goes, and a record that is damaged');
ok(-e $file{pulled}, 'one that is pulled does not');
ok(-e $pulled, "nor the record that names it");
ok(-e $file{kept}, "nor a list whose tag's record is in use");

get('/v2/unused/manifests/1');
code_is(200, 'the tag');
ok(-e $file{unused}, 'makes the list again');

restart_nginx('QUIT');
registries('down');
get('/v2/unused/manifests/1');
code_is(200, 'which lasts');
is(variables('/v2/unused/manifests/1')->{cache}, 'STALE', 'as its record does');
registries('up');

ok(until_true(20, sub { !grep { -f } map { tree_of(store_dir() . "/v1/$_") }
                                     qw(lists tags) }),
   'nothing is in use: nothing is left');



=== TEST 4: two nginx on one directory, one of which announces all the time
--- mlist eval: $main::inactive
--- steps
my $second = second_nginx();
my $end = time + 8;
my ($n, $lost) = (0, 0);

$amd64->tag('two:1', docker_image('linux/amd64', seed => 'two'));
$arm->tag('two:1', docker_image('linux/arm/v7', seed => 'two'));

# what one announces the other one, which has it not in memory, must find
while (time < $end) {
    my $name = 'two' . $n % 7;

    $amd64->tag("$name:1", docker_image('linux/amd64', seed => "$n"));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => "$n"));

    my $list = get("/v2/$name/manifests/1")->{body};

    get("/v2/$name/manifests/" . sha256($list), to => $second);
    $lost++ unless $res->{code} == 200 && $res->{body} eq $list;
    $n++;
}

stop_second();
ok($n > 20, "$n lists");
is($lost, 0, 'every one was there');



=== TEST 5: left-over temporary files go too
--- mlist eval: $main::inactive
--- steps
my $old = store_dir() . '/v1/tmp/1-old';
my $new = store_dir() . '/v1/tmp/1-new';

listed('temps');
write_to($_, 'x') for $old, $new;
utime time - 7200, time - 7200, $old;

ok(until_true(20, sub { !-e $old }), 'an old one');
ok(-e $new, 'but not one that may be being written');
unlink $new;
