# Without this: after a restart with a registry down a tag would be answered
# with a list of another tag, or one that a disk has made of it; or a flight
# that asked earlier would put its list over that of a later one of another
# nginx, or one wrong clock would keep all others from noting theirs.
# (Spec: mlist_store, mlist_use_stale, "A tag" 10.)

use lib 't/lib';
use Mlist::Store;
use Mlist::Test;

use Time::HiRes ();

our $mlist = 'mlist_auth nginx; mlist_store ' . store_dir() . ";\n"
             . "mlist_source http://amd64;\nmlist_source http://arm;\n";


sub pull {
    my ($name, $seed) = @_;

    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $seed));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $seed));

    return fetched("/v2/$name/manifests/1")->{body};
}


# The record of the tag of this name; each name has one.
sub record_of {
    my ($name) = @_;

    return grep { -f && bytes_of($_) =~ /^name: \Q$name\E$/m }
           tree_of(store_dir() . '/v1/tags');
}


# The number of a record gets another value, and the record a new checksum.
sub renumber {
    my ($file, $number) = @_;
    my $text = bytes_of($file) =~ s/^check: .*//mrs
                               =~ s/^number: \d+/number: $number/mr;

    write_to($file, $text . 'check: ' . sha256($text) . "\n");
}


sub microseconds {
    return sprintf '%.0f', (Time::HiRes::time() + $_[0]) * 1e6;
}


# What is given with every registry down, by an nginx that was just started.
sub stale {
    my ($name) = @_;

    restart_nginx('QUIT');
    $_->down for $amd64, $arm;
    get("/v2/$name/manifests/1");
    $_->up for $amd64, $arm;

    return $res->{code} == 200 ? $res->{body} : $res->{code};
}


run_tests();

__DATA__

=== TEST 1: the last list outlives a restart
--- mlist eval: $main::mlist
--- steps
pull('last', 'a');

my $list = pull('last', 'b');
my @records = record_of('last');

is(scalar @records, 1, 'one record');
is((stat $records[0])[2] & 07777, 0600, 'its mode');
like(bytes_of($records[0]), qr/^docker: \Q${\ sha256($list)}\E$/m,
     'it names the last list');
is(stale('last'), $list, 'which is given');



=== TEST 2: a record that is damaged is a miss, told once, and replaced
--- mlist eval: $main::mlist
--- steps
my %damage = (
    flipped => sub { write_to($_[0], bytes_of($_[0])
                                     =~ s/missing: 0/missing: 1/r) },
    cut => sub { truncate $_[0], 100 or die $! },
    longer => sub { write_to($_[0], bytes_of($_[0]) . 'x' x 5000) },
    empty => sub { write_to($_[0], '') },
    'another tag' => sub { write_to($_[0], bytes_of((record_of('last'))[0])) },
    'a link' => sub { rename $_[0], "$_[0].x" or die $!;
                      symlink "$_[0].x", $_[0] or die $! },
    'a directory' => sub { unlink $_[0]; mkdir $_[0] or die $! },
);

my $n = 0;

for my $how (sort keys %damage) {
    my $name = 'damaged' . $n++;
    my $list = pull($name, $how);
    my ($record) = record_of($name);

    $damage{$how}->($record);

    like(stale($name), qr/^50\d$/, "$how: no list");
    is(scalar(log_lines(qr/\[error\].*\Q$record\E" is damaged and is removed/)),
       1, "$how: logged once");
    ok(!-e $record && !-l $record, "$how: removed");

    is(pull($name, $how), $list, "$how: the tag");
    is(stale($name), $list, "$how: is mended");
}



=== TEST 3: of two writers the later one wins, but for one of the far future
--- mlist eval: $main::mlist
--- steps
for my $ahead (30, 3600) {
    my $name = "ahead$ahead";
    my $first = pull($name, 'first');
    my ($record) = record_of($name);
    my $number = microseconds($ahead);

    renumber($record, $number);

    my $second = pull($name, 'second');
    my $stays = bytes_of($record) =~ /^number: \Q$number\E$/m;

    is($stays ? 'stays' : 'goes', $ahead < 60 ? 'stays' : 'goes',
       "a number $ahead s ahead");
    is(stale($name), $ahead < 60 ? $first : $second, "$ahead s ahead");
}



=== TEST 4: a record outlives a kill
--- mlist eval: $main::mlist
--- steps
my %was;

for my $i (1 .. 30) {
    my $list = pull('killed', $i);

    $was{$list} = $i;

    if ($i % 10 == 0) {
        $amd64->tag('killed:1', docker_image('linux/amd64', seed => "$i+"));
        restart_nginx('KILL');

        # what has not served yet may sleep over the signal to end
        get('/v2/');

        my $given = stale('killed');

        is($was{$given} // 'another list', $i, "after kill $i");
    }
}
