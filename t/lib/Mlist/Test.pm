# Glue between Test::Nginx, the registries that tests make up
# (Mlist::Registry) and a client (Mlist::Client).  A test file reads:
#
#     use lib 't/lib';
#     use Mlist::Test;
#
#     run_tests();
#
#     __DATA__
#
#     === TEST 1: one name, two registries
#     --- steps
#     $amd64->tag('one:1', docker_image('linux/amd64'));
#     $arm->tag('one:1', docker_image('linux/arm/v7'));
#     get('/v2/one/manifests/1');
#     code_is(200);
#     platforms_are('linux/amd64', 'linux/arm/v7');
#
# Sections, besides those of Test::Nginx:
#
#     --- steps    Perl that asks and asserts
#     --- mlist    the directives of location /v2/ (default: sources amd64
#                  and arm, mlist_auth nginx); proxy_pass and its settings are
#                  added
#     --- config   instead of --- mlist: all that stands in server{}; a line
#                  "PROXY;" stands for proxy_pass and its settings
#     --- http     what stands in http{}, besides the upstreams amd64, arm
#                  and other, and "dead", which refuses connections; $outside
#                  is a registry on 127.0.0.2 that has no upstream{}
#     --- zone     the size of mlist_zone (default 1m)
#     --- allowed_log   a pattern: alerts that this block is about
#     --- needs    what nginx must have been built with: threads http2 pcre
#     --- one_worker    why this holds for one worker only: it has one, however
#                       the suite is run
#
# Consecutive blocks of equal configuration share one nginx, so each block
# has repositories of its own.  Whatever a block asserts, it also asserts
# that the error log has no alert, crit or emerg line.
#
# All blocks can be run in another way, by variables of the environment:
# MLIST_HTTP2 (clients speak HTTP/2), MLIST_WORKERS=N, MLIST_AIO=threads,
# MLIST_SLOW=N where nginx is so many times slower, and MLIST_TOOL where a
# tool watches it, which adds to its memory and finds what it never frees.
# TEST_NGINX_USE_HUP works.

package Mlist::Test;

# The steps of a block, where they see no variable of ours.
sub run_steps {
    no strict;
    return eval "package main; use warnings; no warnings 'ambiguous';\n"
                . "# line $_[1] \"$0\"\n$_[0]\n; 1" ? undef : $@;
}


use strict;
use warnings;

BEGIN {
    $ENV{TEST_NGINX_RANDOMIZE} //= 1 unless defined $ENV{TEST_NGINX_PORT};
}

use Cwd ();
use Digest::SHA ();
use parent qw(Exporter);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use Test::More ();
use Test::Nginx::Socket ();

use Mlist::Client;
use Mlist::Content;
use Mlist::Http2Client ();
use Mlist::Nginx;
use Mlist::Registry;

our ($res, $block, $amd64, $arm, $other, $outside);

our @EXPORT = (
    qw($res $amd64 $arm $other $outside $block),
    qw(get head put_to ask fetched
       code_is header_is no_header body_is error_is ok is like unlike
       whole_answer platforms platforms_are digests_are entries
       same_as_get variables gateway_error complete_or_error asked_of log_lines
       nginx_port h2_socket store_dir restart_nginx second_nginx
       stop_second nginx_pid children_of),
    @Mlist::Content::EXPORT, @Mlist::Client::EXPORT, @Mlist::Nginx::EXPORT,
);

my ($dir, $dead);


# Test::Nginx reads the blocks of the package that imports it, so the test
# file has to; names of ours then replace some of Test::More's.
sub import {
    my ($class) = @_;

    strict->import;
    warnings->import;

    eval "package main; use Test::Nginx::Socket 'no_plan'; 1" or die $@;
    set_up();
    $class->export_to_level(1, $class, @EXPORT);
}


sub set_up {
    my $util = 'Test::Nginx::Util';

    no strict 'refs';

    $dir = tempdir('mlist-t-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    ($amd64, $arm, $other, $outside) = Mlist::Registry->start(
        qw(amd64 arm other outside@127.0.0.2));
    $dead = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => '127.0.0.1');

    server_root_below($ENV{TEST_NGINX_SERVROOT} // $dir)
        if ${"${util}::Randomize"};

    my $port = ${"${util}::ServerPort"};

    $ENV{TEST_NGINX_SERVER_PORT} //= $port;
    $ENV{TEST_NGINX_STREAM_PORT} //= $port + 1;
    Test::Nginx::Util::server_port_for_client($port);
    Test::Nginx::Util::server_port("127.0.0.1:$port");
    Test::Nginx::Util::no_shuffle();
    Test::Nginx::Util::no_root_location();
    Test::Nginx::Util::worker_connections(256);
    set_mode($port);

    ${"${util}::ForceRestartOnTest"} = 0
        unless defined $ENV{TEST_NGINX_FORCE_RESTART_ON_TEST};
    $Test::Nginx::Util::RunTestHelper = \&run_block;
    unshift @Test::Nginx::Util::BlockPreprocessors, \&preprocess;
    check_what_is_written();
    ask_by_port($port);
}


# How the whole suite is run, if not as usual.  127.0.0.3 is another address,
# but clients come from 127.0.0.1 there, too.
sub set_mode {
    my ($port) = @_;

    $Mlist::Http2Client::place{$port} = "127.0.0.3:$port"
        if $ENV{MLIST_HTTP2};

    if ($ENV{MLIST_WORKERS}) {
        Test::Nginx::Util::master_on();
        Test::Nginx::Util::workers($ENV{MLIST_WORKERS});
    }
}


# With a random port Test::Nginx would use t/servroot_PORT of the working
# directory; so that files can run side by side and a tree stays clean, each
# has a root below the one that was asked for.  (Not named t/servroot_PORT:
# Test::Nginx removes that with system(), and a file's exit code with it.)
sub server_root_below {
    my ($parent) = @_;
    my $port = $Test::Nginx::Util::ServerPort;

    no strict 'refs';

    my %below = (LogDir => 'logs', ErrLogFile => 'logs/error.log',
                 AccLogFile => 'logs/access.log', HtmlDir => 'html',
                 ConfDir => 'conf', ConfFile => 'conf/nginx.conf',
                 PidFile => 'logs/nginx.pid', CacheDir => 'cache');
    my $root = Cwd::abs_path(make_dir($parent)) . "/root_$port";

    $Test::Nginx::Util::ServRoot = $root;
    $ENV{TEST_NGINX_SERVER_ROOT} = $root;
    ${"Test::Nginx::Util::$_"} = "$root/$below{$_}" for keys %below;
}


sub make_dir {
    my ($path) = @_;

    make_path($path);

    return $path;
}


# Test::Nginx tries for half a minute to start an nginx that cannot start.
sub check_what_is_written {
    my $write = \&Test::Nginx::Util::write_config_file;

    no warnings qw(redefine prototype);

    *Test::Nginx::Util::write_config_file = sub ($$$) {
        my ($b, @rest) = @_;
        local $Test::Nginx::Util::Workers = workers_of($b);

        $write->($b, @rest);
        return if defined $b->must_die;

        my $root = $Test::Nginx::Util::ServRoot;
        my $command = "$Test::Nginx::Util::NginxBinary -t -p $root/"
                      . " -e $root/logs/test.log"
                      . " -c $Test::Nginx::Util::ConfFile 2>&1";
        my $out = `$command`;

        Test::Nginx::Util::bail_out($b->name . ": $out") if $? != 0;
    };
}


sub workers_of {
    my ($b) = @_;

    return defined $b->one_worker ? 1 : $Test::Nginx::Util::Workers;
}


# After a reload Test::Nginx asks for the version of the configuration, at a
# server_port that has to be a number.
sub ask_by_port {
    my ($port) = @_;
    my $test = \&Test::Nginx::Util::test_config_version;

    no warnings qw(redefine prototype once);

    *Test::Nginx::Util::test_config_version = sub ($$) {
        local $Test::Nginx::Util::ServerPort = $port;

        $test->(@_);
    };
}


my $DEFAULT = <<'EOT';
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
EOT

my $patience = slow(2);

# The last session of each peer lives as long as nginx, which does not free it
# when it ends: a leak to who looks for some.
my $reuse = $ENV{MLIST_TOOL} ? 'off' : 'on';

my $PROXY = <<"EOT";
            proxy_pass \$mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_connect_timeout ${patience}s;
            proxy_read_timeout ${patience}s;
            proxy_send_timeout ${patience}s;
            proxy_request_buffering off;
            proxy_ssl_session_reuse $reuse;
EOT


sub preprocess {
    my ($b) = @_;
    my $http = http_config($b);
    my $config = $b->config // location($b->mlist // $DEFAULT);

    $config =~ s/^\s*PROXY;/$PROXY/gm;

    # Test::Nginx compares only this section before it takes the nginx that
    # runs for the one that is wanted.
    my $rest = Digest::SHA::sha1_hex($http . ($b->main_config // ''));


    my $place = $Mlist::Http2Client::place{nginx_port()};

    $config = listen_http2($place) . "\n$config" if defined $place;
    $config .= "\n# one worker" if defined $b->one_worker;

    my $lacks = lacks_for($config . $http, split ' ', $b->needs // '');

    $b->set_value(skip_nginx => "1: >= 0.0.1: nginx has no $lacks")
        if $lacks;
    $b->set_value(config => "$config\n# the rest: $rest\n");
    $b->set_value(http_config => $http);
    $b->set_value(suppress_stderr => 1);    # check_what_is_written() tells
}


# The directives that make a server listen for HTTP/2 at that address, as this
# version of nginx has them.
sub listen_http2 {
    my ($address, $options) = @_;
    my $new = ($ENV{TEST_NGINX_VERSION_NUM} // 0) >= 1025001;
    my $listen = join ' ', 'listen', $address, $options // ();

    return $new ? "$listen; http2 on;" : "$listen http2;";
}


sub location {
    my ($directives) = @_;

    return "location /v2/ {\n$directives$PROXY}\n";
}


sub http_config {
    my ($b) = @_;
    my $zone = $b->zone // '1m';
    my %where = ((map { $_->name => $_->address } $amd64, $arm, $other),
                 dead => '127.0.0.1:' . $dead->sockport);
    my $http = $b->http // '';
    my $upstreams = join '', map {
        "upstream $_ { server $where{$_}; keepalive 8; }\n"
    } sort keys %where;

    chomp $zone;
    $http =~ s/^\s*PROXY;/$PROXY/gm;
    $http = "aio $ENV{MLIST_AIO}; aio_write on;\n$http" if $ENV{MLIST_AIO};

    return "$upstreams$http" if $zone eq 'off';
    return "mlist_zone $zone;\n$upstreams" . log_config() . $http;
}


# What the module says of each request, for the assertions on variables.
sub log_config {
    return <<'EOT';
log_format mlist escape=json '{"uri":"$request_uri","status":"$status",'
    '"cache":"$mlist_cache_status","kind":"$mlist_kind",'
    '"name":"$mlist_name","reference":"$mlist_reference",'
    '"digest":"$mlist_digest","platforms":"$mlist_platforms",'
    '"missing":"$mlist_missing","source":"$mlist_source",'
    '"mutable":"$mlist_mutable","user":"$remote_user"}';
access_log logs/mlist.log mlist;
EOT
}


sub run_block {
    my ($b, $dry_run) = @_;
    local $block = $b;
    my $steps = $b->steps
        // return Test::Nginx::Socket::run_test_helper($b, $dry_run);

    $_->clear_requests for $amd64, $arm, $other, $outside;

    my $error = run_steps($steps, line_of($b));

    Test::More::ok(0, $b->name . ": died: $error") if defined $error;
    check_log($b);
}


# Where the steps of a block stand in its file, for messages.
sub line_of {
    my ($b) = @_;
    my $title = $b->name =~ s/^\S+ //r;
    my $found;

    open my $in, '<', $0 or return 1;

    while (my $text = <$in>) {
        $found = 1 if $text =~ /^=== \Q$title\E\s*$/;
        return $. + 1 if $found && $text =~ /^--- steps/;
    }

    return 1;
}


sub log_lines {
    my ($pattern) = @_;

    open my $in, '<', $Test::Nginx::Util::ErrLogFile or return;

    return grep { /$pattern/ } <$in>;
}


sub check_log {
    my ($b) = @_;
    my $allowed = $b->allowed_log;
    my @bad = log_lines(qr/\[(?:alert|crit|emerg)\]/);

    chomp $allowed if defined $allowed;
    @bad = grep { !/$allowed/ } @bad if defined $allowed;
    Test::More::ok(!@bad, $b->name . ': the error log is clean')
        or Test::More::diag(@bad);
}


sub named {
    my ($what) = @_;
    my $title = $block->name =~ s/^\S+ //r;

    return "$title - $what";
}


# asking

sub nginx_port {
    return Test::Nginx::Util::server_port_for_client();
}


sub h2_socket {
    return "$dir/h2.sock";
}


sub store_dir {
    return make_dir("$dir/store");
}


# Any request; the answer is in $res too.  Options as of request_to; accept
# is one Accept line or a list of them.
sub ask {
    my ($method, $target, %opt) = @_;
    my $accept = delete $opt{accept};
    my @lines = ref $accept ? @$accept : defined $accept ? $accept : ();

    $opt{headers} = [@{ $opt{headers} // [] }, map { (Accept => $_) } @lines];
    $res = request_to(delete $opt{to} // nginx_port(), $method, $target, %opt);

    return $res;
}


sub get {
    return ask('GET', @_);
}


sub head {
    return ask('HEAD', @_);
}


sub put_to {
    my ($target, $body, %opt) = @_;

    return ask('PUT', $target, body => $body, %opt);
}


# A GET that has to work, for tests of what comes after it.
sub fetched {
    my ($target, %opt) = @_;

    get($target, %opt);
    Test::More::is($res->{code}, 200, named("GET $target")) or show();

    return $res;
}


# asserting

sub show {
    Test::More::diag($res->{raw} // '', "\n",
                     substr($res->{body} // '', 0, 600),
                     defined $res->{error} ? "\nerror: $res->{error}" : '');
}


sub ok ($;$) {
    my ($value, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::ok($value, named($what));
}


sub is ($$;$) {
    my ($got, $expected, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::is($got, $expected, named($what));
}


sub like ($$;$) {
    my ($got, $pattern, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::like($got, $pattern, named($what));
}


sub unlike ($$;$) {
    my ($got, $pattern, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::unlike($got, $pattern, named($what));
}


sub code_is {
    my ($code, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::is($res->{code}, $code,
                          named($what // "status $code")) || show();
}


sub header_is {
    my ($name, $value) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::is(join(' | ', headers_of($res, $name)), $value,
                          named($name));
}


sub no_header {
    my ($name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::is(join(' | ', headers_of($res, $name)), '',
                          named("no $name"));
}


sub body_is {
    my ($body, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::ok($res->{body} eq $body, named($what // 'body'))
           || show();
}


# An error in the registry's form.
sub error_is {
    my ($status, $code, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $data = eval { json_data($res->{body}) };
    my $got = ref $data eq 'HASH' && ref $data->{errors} eq 'ARRAY'
              ? $data->{errors}[0]{code} : $res->{body};

    $what = defined $what ? "$what: " : '';
    Test::More::is("$res->{code} " . ($got // ''), "$status $code",
                   named("${what}error $status $code")) || show();
    Test::More::like(header_of($res, 'Content-Type') // '',
                     qr{^application/json\b},
                     named("${what}the error is JSON"));
}


# The answer hangs together: digest, length, type and headers of a manifest
# of that type.  Its digest.
sub whole_answer {
    my ($type) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $digest = sha256($res->{body});
    my $data = eval { json_data($res->{body}) } // {};

    code_is(200);
    Test::More::ok(!defined $res->{error}, named('the answer is whole'))
        || show();
    header_is('Content-Type', $type);
    header_is('Content-Length', length $res->{body});
    header_is('Docker-Content-Digest', $digest);
    header_is('ETag', qq{"$digest"});
    header_is('Docker-Distribution-Api-Version', 'registry/2.0');
    no_header('Content-Encoding');
    Test::More::is($data->{mediaType} // $type, $type,
                   named('mediaType and Content-Type agree'));

    return $digest;
}


sub entries {
    my $data = eval { json_data($res->{body}) } // {};

    return @{ $data->{manifests} // [] };
}


sub platform_text {
    my ($entry) = @_;
    my $p = $entry->{platform} or return 'none';
    my $text = join '/', grep { defined } @$p{qw(os architecture variant)};

    $text .= "+$p->{'os.version'}" if defined $p->{'os.version'};

    return $text;
}


sub platforms {
    return map { platform_text($_) } entries();
}


# The platforms of the list in $res, in order.
sub platforms_are {
    my (@expected) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::is(join(' ', platforms()), join(' ', @expected),
                          named('platforms')) || show();
}


# The digests of its entries, in order (manifests or digests).
sub digests_are {
    my (@expected) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::is(
        join("\n", map { $_->{digest} } entries()),
        join("\n", map { ref $_ ? $_->{digest} : $_ } @expected),
        named('children')) || show();
}


# Neither an answer that is shorter nor "there is no such image".
sub gateway_error {
    my ($what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $code = $res->{code};

    return Test::More::ok($code >= 502 && $code <= 504,
                          named("$what: 502 to 504, got $code")) || show();
}


# All of these platforms, or an error: what is never allowed is fewer.
sub complete_or_error {
    my ($what, @expected) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $code = $res->{code};
    my $got = $code == 200 ? join ' ', sort(platforms()) : $code;

    return Test::More::ok($got eq join(' ', sort @expected)
                          || $code >= 502 && $code <= 504,
                          named("$what: all or an error, got $got"))
           || show();
}


# HEAD of the same target, header by header.
sub same_as_get {
    my ($target, %opt) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $get = get($target, %opt);
    my $head = head($target, %opt);
    my ($g, $h) = map { lines_of($_) } $get, $head;

    Test::More::is($h, $g, named("HEAD equals GET: $target"));
    Test::More::is($head->{body}, '', named('HEAD has no body'));
    $res = $get;
}


sub lines_of {
    my ($answer) = @_;

    return join "\n", "status $answer->{code}",
           map { "$_->[0]: $_->[1]" }
           grep { lc $_->[0] ne 'date' } @{ $answer->{headers} };
}


# All that a registry was asked since the block began or this was called.
sub asked_of {
    my ($registry, @expected) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Test::More::is(join("\n", sort $registry->requests),
                   join("\n", sort @expected),
                   named('asked of ' . $registry->name));
    $registry->clear_requests;
}


# What the access log says of the last request of a target.
sub variables {
    my ($target) = @_;
    my $file = "$Test::Nginx::Util::ServRoot/logs/mlist.log";
    my $end = time + 5;

    while (time <= $end) {
        if (open my $in, '<', $file) {
            my @lines = grep { $_->{uri} eq $target }
                        map { eval { json_data($_) } // () } <$in>;
            return $lines[-1] if @lines;
        }

        select undef, undef, undef, 0.01;
    }

    return {};
}


# nginx

sub nginx_pid {
    open my $in, '<', $Test::Nginx::Util::PidFile or return;
    my $pid = <$in> // return;

    chomp $pid;

    return $pid;
}


# Another nginx with the configuration of the first, but with its own zone
# and root; what it listens on, for "to".
sub second_nginx {
    my $root = $Test::Nginx::Util::ServRoot;
    my $port = nginx_port();
    my $second = make_dir("$dir/second");

    open my $in, '<', $Test::Nginx::Util::ConfFile or die $!;
    my $conf = join '', <$in>;

    $conf =~ s/\Q$root\E/$second/g;
    $conf =~ s/\b127\.0\.0\.1:$port\b/unix:$second\/http.sock/g;
    $conf =~ s/\b127\.0\.0\.3:$port\b/unix:$second\/http.sock.h2/g
        and $Mlist::Http2Client::place{"$second/http.sock"}
                = "$second/http.sock.h2";

    make_dir("$second/logs");
    open my $out, '>', "$second/nginx.conf" or die $!;
    print $out $conf;
    close $out or die $!;

    system("$Test::Nginx::Util::NginxBinary -e $second/logs/error.log "
           . "-p $second/ -c $second/nginx.conf >/dev/null 2>&1") == 0
        or die 'the second nginx does not start';

    return "$second/http.sock";
}


# Ends it, so that there can be another one.
sub stop_second {
    my $file = "$dir/second/logs/nginx.pid";

    open my $in, '<', $file or return;
    my $pid = <$in> // return;

    stop_nginx('TERM', $pid);
    unlink $file, map { "$dir/second/http.sock$_" } '', '.h2';
}


END { my $code = $?; stop_second() if defined $dir; $? = $code }


# Sends a signal and waits for the end.  Workers outlive a master that is
# killed, and listen on.
sub stop_nginx {
    my ($signal, $pid) = @_;
    my @pids = ($pid, $signal eq 'KILL' ? children_of($pid) : ());
    my $end = time + slow(10);

    kill $signal, @pids;
    select undef, undef, undef, 0.01
        while grep({ is_running($_) } @pids) && time < $end;
}


# The processes of which that one is the parent.
sub children_of {
    my ($pid) = @_;

    return unless defined $pid;
    open my $in, '<', "/proc/$pid/task/$pid/children" or return;

    return split ' ', <$in> // '';
}


# A process that only waits for its parent to take notice has ended.
sub is_running {
    my ($pid) = @_;

    return 0 unless kill 0, $pid;
    open my $in, '<', "/proc/$pid/stat" or return kill 0, $pid;

    return (<$in> // ') Z ') !~ /\) Z /;
}


# A stop, kill -9 or another signal, and a fresh start with the same
# configuration; "between" is called while no nginx runs.
sub restart_nginx {
    my ($signal, $between) = @_;
    my $root = $Test::Nginx::Util::ServRoot;
    my $end = time + 10;

    stop_nginx($signal // 'KILL', nginx_pid());
    unlink $Test::Nginx::Util::PidFile;
    $between->() if $between;
    system("$Test::Nginx::Util::NginxBinary -e $root/logs/error.log "
           . "-p $root/ -c $Test::Nginx::Util::ConfFile >/dev/null 2>&1") == 0
        or die 'nginx does not start again';
    select undef, undef, undef, 0.01
        until defined nginx_pid() || time >= $end;
}


1;
