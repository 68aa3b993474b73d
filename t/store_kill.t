# Without this: a worker that is killed while it writes would leave half a
# list that is then served, or a digest that was announced, and that clients
# have pinned, would be lost.  (Spec: "A digest", mlist_store.)
#
# First workers and the manager are killed at random moments, then workers at
# each step of a write, by strace where there is one that may trace.

use lib 't/lib';
use Mlist::Store;
use Mlist::Test;

use POSIX ();
use Time::HiRes qw(time);

Test::Nginx::Util::master_on();
Test::Nginx::Util::workers(2);

our $mlist = 'mlist_store ' . store_dir() . " inactive=10m max_size=1g;\n"
             . "mlist_source http://amd64;\nmlist_source http://arm;\n"
             . "mlist_auth nginx;\n";


# Kills all of them again and again, from a process of its own; from one time
# to the next there is time for none to a few pulls.
sub killer {
    my $recovery = recovery();
    my $pid = fork // die $!;

    return $pid if $pid;

    for (;;) {
        select undef, undef, undef, 0.02 + rand 3 * $recovery;
        kill 'KILL', children_of(nginx_pid());
    }
}


# How long it takes from a kill to the next pull that works, in seconds, with
# whatever else this machine has to do.
sub recovery {
    my $start = time;
    my $rounds = 3;

    for my $round (1 .. $rounds) {
        my $end = time + slow(10);

        kill 'KILL', children_of(nginx_pid());
        1 until pulled('recovery', $round) || time > $end;
    }

    return (time - $start) / $rounds;
}


# The list that the tag 1 of this name gets, or undef if there is no answer.
sub pulled {
    my ($name, $seed) = @_;

    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $seed));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $seed));
    get("/v2/$name/manifests/1");

    return !defined $res->{error} && ($res->{code} // 0) == 200
           ? $res->{body} : undef;
}


# Whether strace is here and may trace.
sub traceable {
    return system('strace -o /dev/null true 2>/dev/null') == 0;
}


sub threads_of {
    return map { glob "/proc/$_/task/*/status" } @_;
}


# Kills the worker in which a thread is about to make that call the n-th
# time; the tracer's pid.
sub killed_at {
    my ($call, $n) = @_;
    my %worker = map { /start worker process (\d+)/ ? ($1 => 1) : () }
                 log_lines(qr/start worker process/);
    my @workers = grep { $worker{$_} } children_of(nginx_pid());
    my $end = time + slow(10);
    my $pid = fork // die $!;

    if ($pid == 0) {
        open STDERR, '>', '/dev/null';
        exec 'strace', '-f', '-o', '/dev/null', '-e', "trace=$call", '-e',
             "inject=$call:signal=KILL:when=$n", map { ('-p', $_) } @workers
            or POSIX::_exit(1);
    }

    select undef, undef, undef, 0.02
        while time < $end
              && grep { (bytes_of($_) // '') =~ /^TracerPid:\s+0$/m }
                 threads_of(@workers);

    return $pid;
}


run_tests();

__DATA__

=== TEST 1: kill -9 while lists are written: nothing torn, nothing lost
--- mlist eval: $main::mlist
--- allowed_log: exited on signal 9|was locked by
--- steps
my ($failed, $torn, $n) = (0, 0, 0);
my (%announced, %current);
my $killer = killer();
my $start = time;

while (time < $start + 15
       || ($failed < 6 || keys %announced < 21) && time < $start + slow(60))
{
    my $name = 'k' . $n % 5;

    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $n));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $n));
    $n++;
    get("/v2/$name/manifests/1");

    if (($res->{code} // 0) != 200 || defined $res->{error}) {
        $failed++;
        next;
    }

    $torn++ if header_of($res, 'Docker-Content-Digest')
               ne sha256($res->{body});
    $announced{"/v2/$name/manifests/" . sha256($res->{body})} = $res->{body};
    $current{$name} = $res->{body};
}

kill 'KILL', $killer;
waitpid $killer, 0;

ok($failed > 5, "kills were felt: $failed of $n pulls failed");
ok(keys %announced > 20, 'digests announced: ' . keys %announced);
is($torn, 0, 'no answer is torn');

restart_nginx('TERM');
$_->down for $amd64, $arm;

my @lost = grep { get($_); $res->{code} != 200
                           || $res->{body} ne $announced{$_} }
           sort keys %announced;

is("@lost", '', 'every digest is there, whole');

for my $name (sort keys %current) {
    get("/v2/$name/manifests/1");
    code_is(200, "$name: its last list, stale");
}

$_->up for $amd64, $arm;

is(scalar(log_lines(qr/is damaged/)), 0, 'no file was torn');



=== TEST 2: kill -9 before each step of a write
--- mlist eval: $main::mlist
--- allowed_log: exited on signal 9|was locked by
--- steps
pulled('step', 'before');

my %announced;
my $traced = traceable();
my $killed = log_lines(qr/exited on signal 9/);
my $left = () = names_in(store_dir() . '/v1/tmp');

Test::More::diag('no strace that may trace: no steps') if !$traced;

# of the list, then of the tag's record
for my $step ($traced ? ('flock:1', 'fsync:1', 'renameat:1', 'fsync:2',
                         'flock:2', 'flock:3', 'fsync:3', 'renameat:2',
                         'fsync:4') : ())
{
    my $tracer = killed_at(split /:/, $step);

    # a client that is cut off asks again
    my $list = pulled('step', $step) // pulled('step', $step);

    kill 'KILL', $tracer;
    waitpid $tracer, 0;
    ok(log_lines(qr/exited on signal 9/) > $killed, "$step: killed");
    $killed = log_lines(qr/exited on signal 9/);

    $list //= pulled('step', $step);
    $announced{sha256($list)} = $list;

    restart_nginx('TERM');
    $_->down for $amd64, $arm;
    get('/v2/step/manifests/1');
    body_is($list, "$step: the last list, stale");

    for my $digest (sort keys %announced) {
        get("/v2/step/manifests/$digest");
        body_is($announced{$digest}, "$step: $digest");
    }

    $_->up for $amd64, $arm;
}

if ($traced) {
    my @temps = names_in(store_dir() . '/v1/tmp');

    ok(@temps > $left, 'files that were being written are left over');
}

is(scalar(log_lines(qr/is damaged/)), 0, 'no file was torn');
