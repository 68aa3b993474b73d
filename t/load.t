# Without this: what holds for one request could break when many come: a pull
# right after a push would get the list of a flight that others share, a
# crowd would cost more than two flights, and a reload, an upgrade or the
# death of a worker would fail requests or lose digests that were announced.
# (Spec: "A tag", 10; "A digest"; mlist_store, mlist_notify.)

use lib 't/lib';
use Mlist::Test;
use Mlist::Events;

use File::Copy qw(copy);
use File::Temp qw(tempdir);

use Mlist::Chaos::Caller;
use Mlist::Chaos::Loop;

Test::Nginx::Util::master_on();
Test::Nginx::Util::workers(2);

our $SOURCES = "mlist_auth nginx;\nmlist_source http://amd64;\n"
               . "mlist_source http://arm;\n";
our $STORED = "$SOURCES mlist_store " . store_dir() . ";\n";

our $loop = Mlist::Chaos::Loop->new;

# What the clients see: how many answers, those that failed, those that are
# older than what was pushed before they were asked for, digest => target.
our ($answers, @failed, @old, %announced);

# The versions of the child for amd64, in the order of their pushes; the one
# that whoever asks now must see, or a later one; that of the last answer.
our @pushed;
our ($known, $newest);
our ($stopped, $busy);


sub push_version {
    my ($place) = @_;
    my $image = docker_image('linux/amd64', seed => scalar @pushed);

    $amd64->tag($place, $image);
    push @pushed, $image->{digest};
}


# Whoever asks from now on must see it.
sub push_for_all {
    push_version(@_);
    $known = $#pushed;
}


# A tag of two platforms, and clients that pull it again and again; every
# other one on a new connection each time.
sub under_load {
    my ($n, $place, $port) = @_;
    my ($name, $tag) = split /:/, $place;

    ($answers, $stopped, $busy) = (0, 0, $n);
    @failed = @old = @pushed = ();
    %announced = ();
    $arm->tag($place, docker_image('linux/arm/v7'));
    push_version($place);
    $known = 0;

    for my $i (1 .. $n) {
        pull_again(Mlist::Chaos::Caller->new($loop, $port // nginx_port()),
                   "/v2/$name/manifests/", $tag, $i % 2);
    }
}


sub pull_again {
    my ($caller, $path, $tag, $fresh) = @_;
    my $least = $known;

    $caller->ask('GET', "$path$tag", { fresh => $fresh }, sub {
        my ($answer) = @_;

        look_at($answer, $path, $least);
        return pull_again($caller, $path, $tag, $fresh) unless $stopped;
        $caller->leave;
        $busy--;
    });
}


sub look_at {
    my ($answer, $path, $least) = @_;

    $answers++;
    return push @failed, $answer->{error} // $answer->{code}
        if $answer->{error} || $answer->{code} != 200;

    my ($digest) = map { $_->{digest} }
                   grep { $_->{platform}{architecture} eq 'amd64' }
                   @{ json_data($answer->{body})->{manifests} };
    my ($version) = grep { $pushed[$_] eq ($digest // '') } 0 .. $#pushed;

    $announced{ $answer->{headers}{'docker-content-digest'} } = $path;
    $newest = $version // -1;
    push @old, "$newest, not $least" if $newest < $least;
}


# Until so many more answers have come.
sub answers_come {
    my ($n) = @_;
    my $end = $answers + $n;

    ok($loop->run_until(20, sub { $answers >= $end }), "$n answers come");
}


sub load_ends {
    $stopped = 1;
    ok($loop->run_until(20, sub { $busy == 0 }), 'the clients end');
}


sub no_failure {
    is(scalar @failed, 0, 'no request failed')
        or Test::More::diag("@failed[0 .. ($#failed < 9 ? $#failed : 9)]");
}


sub none_is_old {
    is(join(' ', @old), '', 'no answer is older than what was pushed before');
}


# All that was announced, with its bytes.
sub digests_stay {
    my ($to) = @_;
    my @lost;

    for my $digest (sort keys %announced) {
        ask('GET', "$announced{$digest}$digest", to => $to // nginx_port());
        push @lost, "$digest: $res->{code}"
            if $res->{code} != 200 || sha256($res->{body}) ne $digest;
    }

    ok(%announced > 1, 'lists were announced: ' . %announced);
    is(join("\n", @lost), '', 'none is lost');
}


# A push, and at once a pull, on a new connection.  Where the front is told,
# what others asked for before the event may be older.
sub push_and_pull {
    my ($place, $what, $is_told) = @_;
    my ($name, $tag) = split /:/, $place;
    my $caller = Mlist::Chaos::Caller->new($loop, nginx_port());
    my $answer;

    push_version($place);
    notify([pushed($place, $pushed[-1])]) if $is_told;
    $known = $#pushed;
    $caller->ask('GET', "/v2/$name/manifests/$tag", {}, sub {
        $answer = $_[0];
    });
    $loop->run_until(20, sub { $answer });
    $caller->leave;
    look_at($answer, "/v2/$name/manifests/", $known);
    is($newest, $known, "$what: the new list");
}


sub wait_until {
    my ($seconds, $condition, $what) = @_;

    ok($loop->run_until($seconds, $condition), $what);
}


# The pids of a process's children.
sub children {
    my ($pid) = @_;

    open my $in, '<', "/proc/$pid/task/$pid/children" or return;

    return split ' ', <$in> // '';
}


sub reload {
    my @old = children(nginx_pid());

    kill 'HUP', nginx_pid();
    wait_until(20, sub {
        return !grep { Mlist::Test::is_running($_) } @old;
    }, 'a reload: the old workers end');
}


# An nginx of a binary that can be replaced: a copy. Its port.
our $dir = tempdir('mlist-load-XXXXXX', TMPDIR => 1, CLEANUP => 1);
our $upgrade_port;

sub upgradable {
    my $root = $Test::Nginx::Util::ServRoot;
    my $old = nginx_port();
    my $fh = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "bind: $!";

    $upgrade_port = $fh->sockport;
    close $fh;
    copy_binary();

    open my $in, '<', $Test::Nginx::Util::ConfFile or die $!;
    my $conf = join '', <$in>;

    $conf =~ s/\Q$root\E/$dir/g;
    $conf =~ s/\b(127\.0\.0\.\d):$old\b/$1:$upgrade_port/g;
    mkdir "$dir/logs" or die $!;
    chmod 0755, $dir;
    open my $out, '>', "$dir/nginx.conf" or die $!;
    print $out $conf;
    close $out or die $!;

    system("$dir/nginx -e $dir/logs/error.log -p $dir/ -c $dir/nginx.conf"
           . ' >/dev/null 2>&1') == 0 or die 'it does not start';
    wait_until(10, sub { pid_in('nginx.pid') }, 'an nginx of its own');
}


# Another file, as a package's upgrade makes it.
sub copy_binary {
    my ($path) = grep { -x } map { "$_/$Test::Nginx::Util::NginxBinary" }
                 '', split /:/, $ENV{PATH};

    copy($path, "$dir/nginx.new") or die "$path: $!";
    chmod 0755, "$dir/nginx.new";
    rename "$dir/nginx.new", "$dir/nginx" or die $!;
}


sub pid_in {
    my ($file) = @_;

    open my $in, '<', "$dir/logs/$file" or return;

    return (<$in> // '') =~ /^(\d+)\n/ ? $1 : undef;
}


# The new master beside the old one, then without it.
sub upgrade {
    my $old = pid_in('nginx.pid');

    copy_binary();
    kill 'USR2', $old;
    wait_until(20, sub {
        my $new = pid_in('nginx.pid');

        return $new && $new != $old && children($new) >= 2;
    }, 'the new master has its workers');
    answers_come(40);
    kill 'QUIT', $old;
    wait_until(20, sub { !Mlist::Test::is_running($old) }, 'the old one ends');
}


sub end_upgradable {
    my $pid = pid_in('nginx.pid') or return;

    Mlist::Test::stop_nginx('QUIT', $pid);
}


END { my $code = $?; end_upgradable(); $? = $code }


run_tests();

__DATA__

=== TEST 1: a push and at once a pull, others pull that tag all the time
--- mlist eval: $::SOURCES
--- steps
under_load(8, 'busy:1');
answers_come(20);
push_and_pull('busy:1', 'all are quick') for 1 .. 10;
answers_come(20);

$arm->on('busy:1', delay => 1);
push_and_pull('busy:1', 'a slow source') for 1 .. 3;
load_ends();
no_failure();
none_is_old();



=== TEST 2: with mlist_valid 1h and events, too
--- config eval
"location /v2/ {\n$::SOURCES mlist_valid 1h;\nPROXY;\n}
location = /events { allow 127.0.0.1; deny all; mlist_notify; }"
--- steps
under_load(8, 'told:1');
answers_come(20);
push_and_pull('told:1', 'all are quick', 1) for 1 .. 10;
answers_come(20);
$arm->on('told:1', delay => 1);
push_and_pull('told:1', 'a slow source', 1) for 1 .. 3;
load_ends();
no_failure();
none_is_old();



=== TEST 3: a crowd on a cold tag costs two flights a worker
--- mlist eval: $::SOURCES
--- steps
$amd64->tag('cold:1', docker_image('linux/amd64'));
$arm->tag('cold:1', docker_image('linux/arm/v7'));
$arm->on('cold:1', delay => 1);
my @fh = map { send_to(nginx_port(), 'GET', '/v2/cold/manifests/1') }
         1 .. 200;
my %seen;
$seen{"$_->{code} " . sha256($_->{body})}++
    for map { answer_of($_, 'GET') } @fh;
is(join(' ', values %seen), '200', 'all have one list')
    or Test::More::diag(json_text(\%seen));

for my $registry ($amd64, $arm) {
    my @heads = $registry->requests('^HEAD /v2/cold/manifests/1$');
    my @gets = $registry->requests('^GET ');

    ok(@heads >= 1 && @heads <= 4, $registry->name . ': at most four flights: '
                                   . @heads);
    ok(@gets <= 8, $registry->name . ': no more than they need: ' . @gets);
}



=== TEST 4: reloads under load
--- mlist eval: $::STORED
--- steps
under_load(8, 'reload:1');
$arm->on('reload:1', delay => 0.05);

for my $round (1 .. 4) {
    answers_come(10);
    push_for_all('reload:1');
    reload();
}

answers_come(20);
load_ends();
no_failure();
none_is_old();
digests_stay();



=== TEST 5: a worker is killed under load
--- mlist eval: $::STORED
--- allowed_log: exited on signal 9|was locked by \d+
--- steps
under_load(8, 'killed:1');

for my $round (1 .. 4) {
    my @workers = children(nginx_pid());

    answers_come(20);
    push_for_all('killed:1');
    answers_come(1);
    kill 'KILL', $workers[0];
    wait_until(10, sub {
        my @now = children(nginx_pid());

        return @now == 2 && !grep { $_ == $workers[0] } @now;
    }, 'there is another one');
}

answers_come(20);
load_ends();
none_is_old();
ok(@failed <= 8 * 4, 'no more failed than were under way');
digests_stay();
restart_nginx('TERM');
digests_stay();



=== TEST 6: an upgrade of the binary under load
--- mlist eval: "$::STORED # not the killed one's\n"
--- steps
upgradable();
under_load(8, 'upgrade:1', $upgrade_port);
$arm->on('upgrade:1', delay => 0.02);

for my $round (1 .. 2) {
    answers_come(20);
    push_for_all('upgrade:1');
    upgrade();
    push_for_all('upgrade:1');
}

answers_come(20);
load_ends();
no_failure();
none_is_old();
digests_stay($upgrade_port);
end_upgradable();

open my $in, '<', "$dir/logs/error.log" or die $!;
my @bad = grep { /\[(?:alert|crit|emerg)\]/ } <$in>;
is(join('', @bad), '', 'its log is clean');
