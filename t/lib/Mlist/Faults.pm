# Makes calls of the module fail, one after the other, and looks what becomes
# of a request: an answer that is right, or an error, and never a wrong one, a
# crash or a request that hangs; and that the next request, which nothing
# disturbs, is answered as ever.  Needs the test build (ci/build --faults).
#
#     each_fault('a list', prepare => sub { my ($name) = @_; ... },
#                          request => sub { my ($name) = @_; get(...) });
#
# Each run has a repository of its own, whose name is given to the functions;
# "request" returns the answer or several.  More options:
#
#     again => sub     the request that follows (default: the same)
#     own => 1         bytes and digests are each name's own
#     plain => 1       an error need not have the registry's form
#     only_right => 1  what fails must not be seen in the answer
#     also => pattern  of another answer that is right: "status", a line for
#                      each header, an empty line, the body
#     after => sub     what has to hold then; it is given the name, and
#                      returns what does not hold
#
#     each_start_fault('nginx -t');
#     reloaded();
#
# The configuration of the block is read with each call failing: nginx has to
# refuse it.  Nothing fails any more after reloaded(), which needs a master.
#
# With MLIST_FAULTS_SHORT only some of the calls are failed, as many for each
# kind of request; with MLIST_FAULTS_SHOW it is told what was seen.

package Mlist::Faults;

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempfile);
use Time::HiRes qw(time);

use Mlist::Client;
use Mlist::Content;
use Mlist::Test ();

our @EXPORT = qw(each_fault next_names each_start_fault reloaded);

my $LAYOUT = 'L6 Z1000';       # mlist_faults_t of t/faults/faults_state.h

# What a failure may always be answered with, if there is one.
my $STALE = qr/^200\n(?:.+\n)*Warning: 299 - "the last complete list/;

my $MOST   = 10;               # findings of one kind of request
my $runs   = 0;
my $file   = $ENV{MLIST_FAULTS} = shared_file();


# The memory that nginx shares with the test, whatever user it runs as.
sub shared_file {
    my ($fh, $path) = tempfile('mlist-faults-XXXXXX', TMPDIR => 1,
                               UNLINK => 1);

    print $fh "\0" x 1024;
    close $fh or die "$path: $!";
    chmod 0666, $path;

    return $path;
}


# Counts from here on; n 0: nothing is to fail.
sub arm {
    my ($n, $onward) = @_;

    write_at(0, pack 'L4', $n, $onward, 0, 0);
    write_at(24, "\0" x 1000);
}


sub write_at {
    my ($offset, $bytes) = @_;

    open my $out, '+<', $file or die "$file: $!";
    sysseek $out, $offset, 0;
    syswrite($out, $bytes) == length $bytes or die "$file: $!";
}


# How many calls there were and did fail, and which.
sub look {
    open my $in, '<:raw', $file or die "$file: $!";
    sysread $in, my $bytes, 1024 or die "$file: $!";

    my %state;

    @state{qw(fail onward calls failed freed longest where)}
        = unpack $LAYOUT, $bytes;

    return \%state;
}


# Nothing fails any more; what there was.
sub disarm {
    my $state = look();

    write_at(0, pack 'L', 0);

    return $state;
}


# The sockets of clients that nginx has not closed.
sub connections {
    my $port = sprintf ':%04X', Mlist::Test::nginx_port();

    open my $in, '<', '/proc/net/tcp' or die $!;

    return grep { /^\s*\d+: [0-9A-F]{8}$port [0-9A-F:]+ (?:01|08) / } <$in>;
}


# Waits until nginx works on no request.
sub quiet {
    my $end = time + 10;

    while (connections()) {
        return 0 if time > $end;
        select undef, undef, undef, 0.002;
    }

    return 1;
}


sub alive {
    my $pid = Mlist::Test::nginx_pid() // return 0;

    open my $in, '<', "/proc/$pid/stat" or return 0;

    return (<$in> // ') Z ') !~ /\) Z /;
}


# What of answers has to be the same in every run; names are of one length.
sub shape {
    my ($run, $answers) = @_;

    return join "\n\n", map { shape_of($run, $_) } @$answers;
}


sub shape_of {
    my ($run, $answer) = @_;
    my $text = join "\n", $answer->{code},
               (map { "$_->[0]: $_->[1]" }
                grep { $_->[0] !~ /^(?:Date|Server|Connection|Last-Modified)$/ }
                @{ $answer->{headers} }),
               '', $answer->{body} // '';

    $text .= "\nerror: $answer->{error}" if defined $answer->{error};
    $text =~ s/\Q$run->{name}\E/NAME/g;
    $text =~ s/sha256:[0-9a-f]{64}/DIGEST/g if $run->{opt}{own};
    $text =~ s{/uploads/\d+}{/uploads/N}g;

    return $text;
}


# An error of the front in the registry's form, or the connection closed.
sub failure {
    my ($run, $answer) = @_;
    my $code = $answer->{code};

    return 'closed' if $code == 0 && ($answer->{error} // '') eq 'no answer'
                       && $answer->{raw} eq '';
    return 'cut' if $code == 200
                    && ($answer->{error} // '') eq 'body is cut short';
    return '' unless $code >= 500 && $code <= 599 && !defined $answer->{error};
    return 'error' if $answer->{body} eq '' || $run->{opt}{plain};

    my $data = eval { json_data($answer->{body}) } or return '';

    return ref $data eq 'HASH' && ref $data->{errors} eq 'ARRAY' ? 'error' : '';
}


# One kind of request: once undisturbed, then with each call failing alone,
# then with each and all that follow.
sub each_fault {
    my ($kind, %opt) = @_;
    my %run = (kind => $kind, opt => \%opt, findings => [], failed => 0,
               count => { right => 0, error => 0, closed => 0, cut => 0 });

    $opt{prepare} //= sub { };
    $opt{again} //= $opt{request};

    undisturbed(\%run) or return;
    fail_in_turn(\%run, $_) for 0, 1;

    my $counts = join ', ', map { "$_ $run{count}{$_}" }
                 sort keys %{ $run{count} };

    Test::More::ok(!@{ $run{findings} },
                   "$kind: $run{failed} failures ($counts)")
        or Test::More::diag(map { "$_\n" } @{ $run{findings} });
    injected($run{failed});
}


# For the sums of ci/faults.
sub injected {
    my ($n) = @_;

    Test::More::diag("faults: requests=1 failures=$n");
}


# The names of the next runs, for what has to be there before all of them.
sub next_names {
    my ($n) = @_;

    return map { sprintf 'f%06d', $runs + $_ } 1 .. $n;
}


sub new_name {
    my ($run) = @_;

    $runs++;
    $run->{name} = sprintf 'f%06d', $runs;
    $run->{opt}{prepare}->($run->{name});

    return $run->{name};
}


sub asked {
    my ($run, $how) = @_;
    my @answers = $run->{opt}{$how}->($run->{name});

    $run->{hangs} = 1 unless quiet();

    return \@answers;
}


sub undisturbed {
    my ($run) = @_;

    new_name($run);
    arm(0, 0);

    my $answers = asked($run, 'request');
    my $calls = disarm()->{calls};

    $run->{calls} = $calls;
    $run->{right} = [map { shape_of($run, $_) } @$answers];
    $run->{again} = shape($run, asked($run, 'again'));
    check_after($run);

    Test::More::diag(join "\n", "$run->{kind}: $calls calls",
                     @{ $run->{right} }, 'again:', $run->{again})
        if $ENV{MLIST_FAULTS_SHOW};

    my @wrong = grep { !$_->{code} || defined $_->{error} } @$answers;

    return 1 if $calls && !@wrong && !@{ $run->{findings} };

    Test::More::ok(0, "$run->{kind}: undisturbed");
    Test::More::diag(join "\n", "$calls calls", @{ $run->{right} },
                     @{ $run->{findings} });

    return 0;
}


sub fail_in_turn {
    my ($run, $onward) = @_;
    my $step = step_of($run->{calls}, $onward);

    for (my $n = 1; @{ $run->{findings} } < $MOST; $n += $step) {
        new_name($run);
        arm($n, $onward);

        my $answers = asked($run, 'request');
        my $state = disarm();

        $run->{what} = ($onward ? 'from ' : '') . "call $n, $state->{where}";
        judge($run, $answers);

        last unless $state->{failed};
        $run->{failed} += $state->{failed};
    }
}


# From call to call; where all that follow fail too, most errors are the same.
sub step_of {
    my ($calls, $onward) = @_;
    my $short = $ENV{MLIST_FAULTS_SHORT} or return $onward ? 7 : 1;

    return 1 + int($calls / $short);
}


sub judge {
    my ($run, $answers) = @_;

    judge_answer($run, $answers->[$_], $_) for 0 .. $#$answers;
    finding($run, 'a request has no end') if delete $run->{hangs};

    if (!alive()) {
        finding($run, 'nginx has ended');
        Mlist::Test::restart_nginx();
        return;
    }

    my $again = asked($run, 'again');
    my $shape = shape($run, $again);

    finding($run, "the next answer: $shape") if $shape ne $run->{again};
    finding($run, "bytes of the answer: $answers->[0]{body}")
        if $run->{opt}{own} && $answers->[0]{code} == $again->[0]{code}
           && $answers->[0]{body} ne $again->[0]{body};
    check_after($run);
}


sub judge_answer {
    my ($run, $answer, $i) = @_;
    my $shape = shape_of($run, $answer);
    my $also = $run->{opt}{also};

    if ($shape eq $run->{right}[$i] || $shape =~ $STALE
        || defined $also && $shape =~ $also)
    {
        $run->{count}{right}++;
        return;
    }

    my $failure = $run->{opt}{only_right} ? '' : failure($run, $answer);

    if (!$failure) {
        finding($run, "answer: $shape");
        return;
    }

    $run->{count}{$failure}++;
    Test::More::diag("$failure: $run->{what}")
        if $ENV{MLIST_FAULTS_SHOW} && $failure ne 'error';
}


sub check_after {
    my ($run) = @_;
    my $after = $run->{opt}{after} or return;
    my $wrong = $after->($run->{name});

    finding($run, "after: $wrong") if defined $wrong;
}


# Reads the configuration of the nginx that runs, as another process.
sub each_start_fault {
    my ($kind) = @_;
    my %run = (kind => $kind, findings => [], failed => 0);
    my ($status, $text, $state) = tried(0);
    my $step = step_of($state->{calls}, 0);

    $status == 0 && $state->{calls}
        or return Test::More::ok(0, "$kind: undisturbed: status $status")
                  || Test::More::diag($text);

    for (my $n = 1; @{ $run{findings} } < $MOST; $n += $step) {
        ($status, $text, $state) = tried($n);
        $run{what} = "call $n, $state->{where}";
        last unless $state->{failed};

        $run{failed}++;
        finding(\%run, "status $status: $text")
            if $status != 1 << 8 || $text =~ /Sanitizer|runtime error/;
    }

    Test::More::ok(!@{ $run{findings} }, "$kind: $run{failed} failures")
        or Test::More::diag(map { "$_\n" } @{ $run{findings} });
    injected($run{failed});
}


# The status and output of nginx -t with the nth call failing.
sub tried {
    my ($n) = @_;
    my $root = $Test::Nginx::Util::ServRoot;
    my $options = "-t -p $root/ -e $root/t.log"
                  . " -c $Test::Nginx::Util::ConfFile";
    local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '')
                               . ':detect_leaks=0:exitcode=99';

    arm($n, 0);

    my $text = `$Test::Nginx::Util::NginxBinary $options 2>&1`;

    return ($?, $text, disarm());
}


# Waits until the configuration has been read, or has failed to be.
sub reloaded {
    my $end = time + 20;
    my ($calls, $since) = (0, time);

    kill 'HUP', Mlist::Test::nginx_pid();

    while (!$calls || time - $since < 0.3) {
        my $now = look()->{calls};

        die 'nginx does not reload' if time > $end;
        ($calls, $since) = ($now, time) if $now != $calls;
        select undef, undef, undef, 0.01;
    }

    disarm();
}


sub finding {
    my ($run, $what) = @_;

    push @{ $run->{findings} }, ($run->{what} // 'undisturbed') . "\n  $what";
}


1;
