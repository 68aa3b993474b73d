# What a hostile registry answers, as a table, and what has to be true of this
# front's answer whatever it was: the JSON of a registry, nothing injected,
# nothing of an internal location, in time, and the next honest answer right.
# Used by the tests t/hostile_*.t, each of which names its endpoints.
#
# An endpoint is a hash:
#
#     place => sub ($name)   makes what is honest there; where it is attacked,
#                            and what this front is asked: registry, place,
#                            target, and if it matters method (of the client),
#                            only (the registry's method that is attacked),
#                            options (of Mlist::Client), headers (that are
#                            honest there) and label (of the source that
#                            errors name)
#     right => sub ($name)   asserts of $res that it is the honest answer
#     gives => { attack => [status, ...] }   where not as the attack says
#     always => [status, ...]   whatever the attack says
#     status => number       of an honest answer, if not 200
#     alone => text          one attack after the other, since all are of one
#                            place; what the log says of each
#
# An attack is a hash: name, gives ([status, ...]; 200 stands for the honest
# answer), and how, a hash or sub ($case) of changes as Mlist::Registry has
# them.

package Mlist::Hostile;

use strict;
use warnings;

use Exporter qw(import);
use Time::HiRes qw(time);

use Mlist::Client;
use Mlist::Content;
use Mlist::Test ();

our @EXPORT = qw(attack attacks_of broken hostile_location honest_pair
                 right_list visible_log workers memory memory_counts peak sane
                 $SECRET);

# What stands in the internal location that nobody may see.
our $SECRET = 'the bytes of an internal location';

# For ever, as far as a test goes.
my $ALWAYS = 1_000_000;

my $LONG = 'x' x 70_000;
my $EVIL = 'X-Evil: 1';
my $n = 0;

# Attacks at once, and seconds for all of an endpoint's.
my $AT_ONCE = 16;
my $WITHIN = memory_counts() ? 60 : 600;

# KB that all attacks of an endpoint together may add.
my $GROWTH = 65_536;


# Headers that never end, bodies that never end.
my @ENDLESS = (
    { name => 'headers without an end', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\n", forever => "X-More: $LONG\r\n" } },
    { name => 'small headers without an end', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\n", forever => "A: b\r\n" x 1024 } },
    { name => 'one line without an end', gives => [502],
      how => { raw => 'HTTP/1.1 200 OK', forever => 'x' x 16384 } },
    { name => 'a body without an end, in chunks', gives => [502],
      how => { endless => 1 } },
    { name => 'a body without an end or a length', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
               forever => ' ' x 16384 } },
    { name => 'a body of 8 EB', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nContent-Length: "
                      . "9223372036854775807\r\n\r\n",
               forever => ' ' x 16384 } },
    { name => 'chunks of one byte without an end', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
               forever => "1\r\n \r\n" x 2048 } },
    { name => 'answers of 100 without an end', gives => [502],
      how => { raw => "HTTP/1.1 100 Continue\r\n\r\n",
               forever => "HTTP/1.1 100 Continue\r\n\r\n" x 64 } },
);

# Where timeouts are longer, these take longer too.
my $DRIP = slow(0.2);

my @SLOW = (
    { name => 'no answer', gives => [504], how => { stall => 'header' } },
    { name => 'half a body', gives => [504], how => { stall => 'body' } },
    { name => 'a header, byte by byte', gives => [504],
      how => { drip => 'header', every => $DRIP } },
    { name => 'a body, byte by byte', gives => [504],
      how => { drip => 'body', every => $DRIP } },
);

# What is no HTTP, or HTTP that others would read in another way.
my @WIRE = (
    { name => 'not HTTP', gives => [502],
      how => { raw => "SSH-2.0-OpenSSH_9.2\r\n" } },
    { name => 'a status of many digits', gives => [502],
      how => { raw => "HTTP/1.1 200000 OK\r\nContent-Length: 2\r\n\r\n{}" } },
    { name => 'a status of 999', gives => [502], how => { status => 999 } },
    { name => 'a status of 000', gives => [502],
      how => { raw => "HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\n{}" } },
    { name => 'a status of 101', gives => [502],
      how => { raw => "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nabc" } },
    { name => 'a status of 100, and nothing more', gives => [502],
      how => { raw => "HTTP/1.1 100 Continue\r\n\r\n", drip => 'header',
               every => 0 } },
    { name => 'a status of 204', gives => [502],
      how => { status => 204, body => '' } },
    { name => 'a status of 206', gives => [502], how => { status => 206 } },
    { name => 'a NUL in a header', gives => [502], how => { torn => 'nul' } },
    { name => 'a header of 70 KB', gives => [502],
      how => { torn => 'large' } },
    { name => 'a length that is negative', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}" } },
    { name => 'a length of 2^64 and 2', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nContent-Length: "
                      . "18446744073709551618\r\n\r\n{}" } },
    { name => 'a length that is hexadecimal', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\n{}" } },
    { name => 'two lengths', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                      . "Content-Length: 40\r\n\r\n{}" } },
    { name => 'a length and chunks', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                      . "Transfer-Encoding: chunked\r\n\r\n"
                      . "2\r\n{}\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n$EVIL\r\n" } },
    { name => 'a chunk of 2^64 and 2', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      . "10000000000000002\r\n{}\r\n0\r\n\r\n" } },
    { name => 'a chunk whose size is no number', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      . "-2\r\n{}\r\n0\r\n\r\n" } },
    { name => 'a body that is cut short', gives => [502],
      how => { cut => 1 } },
    { name => 'chunks that are cut short', gives => [502],
      how => { cut => 1, chunked => 1 } },
    { name => 'a body in gzip', gives => [502], how => { gzip => 1 } },
    { name => 'a second answer behind the first', gives => [502],
      how => { raw => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
                      . "{}HTTP/1.1 200 OK\r\n$EVIL\r\n\r\n" } },
);

# What other headers of an answer that is right ask for.
my @HEADERS = (
    { name => 'X-Accel-Redirect', gives => [200],
      how => { headers => { 'X-Accel-Redirect' => '/internal/secret' } } },
    { name => 'X-Accel-Redirect to a named location', gives => [200],
      how => { headers => { 'X-Accel-Redirect' => '@internal' } } },
    { name => 'all of X-Accel', gives => [200],
      how => { headers => { 'X-Accel-Redirect' => '/internal/secret',
                            'X-Accel-Limit-Rate' => 1,
                            'X-Accel-Buffering' => 'no',
                            'X-Accel-Expires' => 31536000,
                            'X-Accel-Charset' => 'koi8-r' } } },
    { name => 'Set-Cookie', gives => [200],
      how => { headers => { 'Set-Cookie' => ['front=1; Path=/', 'b=2'] } } },
    { name => 'a challenge beside an answer', gives => [200],
      how => { headers => { 'WWW-Authenticate' =>
                                'Basic realm="https://evil.test/"' } } },
    { name => 'headers of a connection', gives => [200],
      how => { headers => { 'Keep-Alive' => 'timeout=0, max=0',
                            'Upgrade' => 'h2c', 'Trailer' => 'X-Evil',
                            'Proxy-Authenticate' => 'Basic' } } },
);

my @REDIRECTS = map {
    my ($name, $where, $gives) = @$_;
    { name => "a redirect $name", gives => $gives // [502], how => sub {
        my ($case) = @_;
        return { status => 307, body => '', cut => undef, headers => {
            Location => ref $where ? $where->($case) : $where } };
    } }
} (
    ['to itself', sub { "http://$_[0]{label}$_[0]{path}" }],
    ['to itself, without a host', sub { $_[0]{path} }],
    ['to a file', 'file:///etc/passwd'],
    ['to loopback', 'http://127.0.0.1:22/'],
    ['to IPv6 loopback', 'http://[::1]:22/'],
    ['to loopback as one number', 'http://2130706433:22/'],
    ['to loopback within IPv6', 'http://[::ffff:127.0.0.1]:22/'],
    ['to metadata of a cloud', 'http://169.254.169.254/latest/meta-data/'],
    ['to a unix socket', 'http://unix:/run/docker.sock:/'],
    ['to gopher', 'gopher://127.0.0.1:70/x'],
    ['with credentials', 'http://user:pass@other/'],
    ['that breaks a header', "http://other/\rX-Evil: 1"],
    ['to nothing', ''],
    ['of 60 KB', 'http://other/' . 'a' x 3000],
);

# Headers that are read, with what they may not say.
my @NAMES = map {
    my ($what, $value) = @$_;
    map { { name => "$_ $what", gives => [200, 502],
            how => $_ eq 'Content-Type' ? { type => $value }
                                        : { headers => { $_ => $value } } } }
        qw(Docker-Content-Digest Content-Type Etag)
} (
    ['of a path', 'sha256:../../../../etc/passwd'],
    ['with more behind it', 'sha256:' . 'a' x 64 . "; $EVIL"],
    ['with a carriage return', 'sha256:' . 'a' x 64 . "\r$EVIL"],
    ['of 3 KB', 'sha256:' . 'a' x 3000],
    ['that is not UTF-8', "sha256:\xff\xfe\x1b[31m"],
    ['that is empty', ''],
    ['of another algorithm', 'md5:' . 'a' x 32],
    ['of other bytes', 'sha256:' . 'a' x 64],
);

my @LIES = (
    { name => 'right digest, wrong bytes', gives => [502],
      how => { body => '{"schemaVersion":2}' } },
    { name => 'right digest, no bytes', gives => [502],
      how => { body => '' } },
    { name => 'right digest, a page', gives => [502],
      how => { body => '<html>log in</html>', type => 'text/html' } },
);

my %ATTACKS = (endless => \@ENDLESS, slow => \@SLOW, wire => \@WIRE,
               headers => \@HEADERS, redirects => \@REDIRECTS,
               names => \@NAMES, lies => \@LIES);


# The attacks of these families.
sub attacks_of {
    return map { @{ $ATTACKS{$_} } } @_;
}


# A location of these directives, beside others that nobody may see.  The
# timeout, in seconds, is short only where attacks wait for it: where they do
# not, a machine under load shall not make one of another failure.
sub hostile_location {
    my ($directives, $timeout) = @_;

    $timeout = slow($timeout // 30);

    return <<"CONF";
location /internal/ { internal; return 200 '$SECRET'; }
location \@internal { return 200 '$SECRET'; }
location /v2/ {
    $directives
    mlist_max_manifest_size 1m;
    proxy_pass \$mlist_upstream;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_connect_timeout ${timeout}s;
    proxy_send_timeout ${timeout}s;
    proxy_read_timeout ${timeout}s;
    proxy_request_buffering off;
}
CONF
}


# An image of each platform, each at its own registry; the second one.
sub honest_pair {
    my ($name) = @_;

    $Mlist::Test::amd64->tag("$name:1",
                             docker_image('linux/amd64', seed => $name));

    return $Mlist::Test::arm->tag("$name:1",
                             docker_image('linux/arm/v7', seed => $name));
}


sub right_list {
    my ($name, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Mlist::Test::is(join(' ', $Mlist::Test::res->{code},
                              Mlist::Test::platforms()),
                    '200 linux/amd64 linux/arm/v7', "$what: the whole list")
        || Mlist::Test::show();
}


# Each attack at an endpoint, many at once, then each honest request.
sub attack {
    my ($endpoint, @attacks) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $before = memory();
    my $begin = time;

    while (my @some = splice @attacks, 0, $endpoint->{alone} ? 1 : $AT_ONCE) {
        attack_by($endpoint, @some);
    }

    Mlist::Test::ok(time - $begin < $WITHIN,
                    sprintf '%s: within the timeouts: %.1f s',
                            $endpoint->{name}, time - $begin);
    Mlist::Test::ok(peak() - $before < $GROWTH,
                    "$endpoint->{name}: memory: $before to " . peak() . ' KB')
        if memory_counts();
    visible_log();
}


sub attack_by {
    my ($endpoint, @attacks) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 2;
    my @cases = map { case_of($endpoint, $_) } @attacks;

    $_->{socket} = sent($_) for @cases;

    for my $case (@cases) {
        $Mlist::Test::res = answer_of($case->{socket}, $case->{method});
        sane($case->{what});
        judge($endpoint, $case);
    }

    $_->honest for map { $_->{registry} } @cases;
    honest($endpoint, $_) for @cases;
    told($endpoint, @cases);
}


# What "there" makes of each of these ([name, bytes], ...) for a name is asked
# for at once, as the path that it returns; "right" judges each answer.
sub broken {
    my ($what, $there, $right, @ways) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $port = Mlist::Test::nginx_port();

    while (my @some = splice @ways, 0, 40) {
        my @paths = map { $there->('b' . $n++, $_->[1]) } @some;
        my @sockets = map { send_to($port, 'GET', $_) } @paths;

        for my $i (0 .. $#some) {
            $Mlist::Test::res = answer_of($sockets[$i], 'GET');
            sane("$what, $some[$i][0]");
            $right->("$what, $some[$i][0]");
        }
    }
}


sub case_of {
    my ($endpoint, $attack) = @_;
    my $name = 'h' . $n++ . '/x';
    my $case = { method => 'GET', label => 'arm',
                 $endpoint->{place}->($name), name => $name,
                 what => "$endpoint->{name}: $attack->{name}" };

    $case->{path} = Mlist::Registry::place($case->{place});
    $case->{gives} = $endpoint->{gives}{$attack->{name}}
                     // $endpoint->{always} // $attack->{gives};

    # what reads slowly may be out of time before it has had too much
    $case->{gives} = [@{ $case->{gives} }, 504] unless memory_counts();

    my %how = %{ ref $attack->{how} eq 'CODE' ? $attack->{how}->($case)
                                              : $attack->{how} };

    $how{headers} = { %{ $case->{headers} // {} }, %{ $how{headers} } }
        if $how{headers};

    $case->{registry}->on($case->{place}, times => $ALWAYS,
                          $case->{only}
                          ? (method => { $case->{only} => \%how }) : %how);

    return $case;
}


sub sent {
    my ($case) = @_;

    return send_to(Mlist::Test::nginx_port(), $case->{method},
                   $case->{target}, %{ $case->{options} // {} });
}


sub judge {
    my ($endpoint, $case) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 2;
    my $code = $Mlist::Test::res->{code};
    my $honest = $endpoint->{status} // 200;
    my ($expected) = grep { $code == $_ || $_ == 200 && $code == $honest }
                     @{ $case->{gives} };

    if (!defined $expected) {
        Mlist::Test::ok(0, "$case->{what}: $code, not "
                           . join ' or ', @{ $case->{gives} });
        return Mlist::Test::show();
    }

    return $endpoint->{right}->($case->{name}, $case->{what})
        if $expected == 200;
    Mlist::Test::ok(1, "$case->{what}: $code");
    Mlist::Test::like($Mlist::Test::res->{body}, qr/\b\Q$case->{label}\E\b/,
                      "$case->{what}: the source is named")
        if $expected >= 502 && !$endpoint->{unnamed};
}


sub honest {
    my ($endpoint, $case) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 2;

    $Mlist::Test::res = answer_of(sent($case), $case->{method});
    $endpoint->{right}->($case->{name}, "$case->{what}, then honest");
}


# What failed stands in the log, unless it may be the client's fault.
sub told {
    my ($endpoint, @cases) = @_;
    my @lines = Mlist::Test::log_lines(qr/\[(?:error|warn|crit)\]/);

    for my $case (grep { !grep { $_ <= 400 } @{ $_->{gives} } } @cases) {
        my $text = $endpoint->{alone} // $case->{name};

        Mlist::Test::ok(scalar(grep { /\Q$text\E/ } @lines),
                        "$case->{what}: the log tells of it");
    }
}


# All that was logged, or all with that pattern, is lines of visible text.
sub visible_log {
    my ($pattern) = @_;
    my @lines = grep { !defined $pattern || /$pattern/ }
        Mlist::Test::log_lines(qr/\[(?:error|warn|notice|info)\]/);

    Mlist::Test::is(join('', grep { /[^\t\n\x20-\x7e]/ } @lines), '',
                    'the log is visible text');
}


# Whatever befell this front, its answer is one.
sub sane {
    my ($what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $res = $Mlist::Test::res;
    my @wrong;

    push @wrong, 'no answer: ' . ($res->{error} // '')
        if $res->{code} == 0 && $res->{raw} ne '';
    push @wrong, 'a header was injected' if $res->{raw} =~ /^X-Evil/mi;
    push @wrong, 'an internal location' if $res->{body} =~ /\Q$SECRET\E/;
    push @wrong, "has $_" for grep { defined header_of($res, $_) }
        qw(Set-Cookie X-Accel-Redirect X-Accel-Expires
           X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset);
    push @wrong, 'no registry error in JSON'
        if $res->{code} >= 400 && $res->{body} ne ''
           && !is_error($res);

    Mlist::Test::is(join('; ', @wrong), '', "$what: a sane answer")
        || Mlist::Test::show();
}


sub is_error {
    my ($res) = @_;
    my $data = eval { json_data($res->{body}) };

    return ref $data eq 'HASH' && ref $data->{errors} eq 'ARRAY'
           && defined $data->{errors}[0]{code}
           && (header_of($res, 'Content-Type') // '') =~ m{^application/json};
}


# The processes that answer: nginx's children, or itself where it has none.
sub workers {
    my $pid = Mlist::Test::nginx_pid();

    open my $in, '<', "/proc/$pid/task/$pid/children" or return $pid;
    my @children = split / /, <$in> // '';

    return @children ? @children : $pid;
}


# Of all workers together, in KB: resident now; at most, since the last call
# of "memory".
sub memory {
    for my $pid (workers()) {
        open my $out, '>', "/proc/$pid/clear_refs" or next;
        print $out "5\n";
    }

    return sum('VmRSS');
}


# 1 where that is nginx's own, not that of a tool which watches it.
sub memory_counts {
    return !$ENV{MLIST_TOOL};
}


sub peak {
    return sum('VmHWM');
}


sub sum {
    my ($field) = @_;
    my $sum = 0;

    for my $pid (workers()) {
        open my $in, '<', "/proc/$pid/status" or next;
        my ($text) = grep { /^$field:/ } <$in>;
        $sum += $1 if ($text // '') =~ /(\d+)/;
    }

    return $sum;
}


1;
