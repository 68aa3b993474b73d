# Without this: a configuration that was refused, or one that does without
# the module, would leave nginx's own proxy_pass pointing into a shared object
# that is gone, and the next reload would kill the master.
#
# One nginx, reloaded with configuration after configuration.  It listens on
# a socket file; "/" says which configuration it is.

use lib 't/lib';
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep time);

use Mlist::Client;
use Mlist::Nginx;

plan(skip_all => 'nginx has no "return"') if !nginx_has('pcre');

my $nginx = $ENV{TEST_NGINX_BINARY} // 'nginx';
my $module = $ENV{TEST_NGINX_LOAD_MODULES};
my $dir = abs_path(tempdir('mlist-reload-XXXXXX', TMPDIR => 1, CLEANUP => 1));
my $log = "$dir/error.log";
my $pid;

my $FRONT = 'location /v2/ { mlist_auth nginx; mlist_store off;
    mlist_source http://127.0.0.1:1; proxy_pass $mlist_upstream; }';
my $PLAIN = 'location /plain/ { proxy_pass http://unix:DIR/socket:/; }';

chmod 0755, $dir;


sub configure {
    my ($n, $with_module, $text) = @_;
    my $conf = "pid $dir/nginx.pid;\nerror_log $log notice;\n"
               . "worker_processes 1;\nevents { }\n"
               . "http {\naccess_log off;\n"
               . "server {\nlisten unix:$dir/socket;\n"
               . "location = / { return 200 $n; }\n$text\n}\n}\n";

    $conf =~ s/DIR/$dir/g;
    $conf = "load_module $module;\n$conf" if $with_module && $module;

    open my $out, '>', "$dir/nginx.conf" or die "$dir/nginx.conf: $!";
    print $out $conf;
    close $out or die "$dir/nginx.conf: $!";
}


sub wait_until {
    my ($what) = @_;
    my $end = time + (slow(20));

    while (time < $end) {
        return 1 if $what->();
        sleep 0.02;
    }

    return 0;
}


sub text_of {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;

    return <$in> // '';
}


sub body_of {
    my ($target) = @_;

    return request_to("$dir/socket", 'GET', $target)->{body};
}


sub start {
    system($nginx, '-p', "$dir/", '-e', $log, '-c', "$dir/nginx.conf");
    wait_until(sub { ($pid) = text_of("$dir/nginx.pid") =~ /^(\d+)\n/ })
        or BAIL_OUT('nginx does not start: ' . text_of($log));
}


# The old worker answers until it has gone.
sub reload_works {
    my ($n) = @_;
    my $seen = length text_of($log);

    kill 'HUP', $pid;
    ok(wait_until(sub { substr(text_of($log), $seen)
                        =~ /worker process \d+ exited with code 0/ }),
       'the old worker ends') or diag(text_of($log));
    is(body_of('/'), $n, "configuration $n is served");
}


sub reload_is_refused {
    my ($message, $n) = @_;
    my $seen = length text_of($log);

    kill 'HUP', $pid;
    ok(wait_until(sub { substr(text_of($log), $seen) =~ $message }),
       "refused: $message");
    ok(kill(0, $pid), 'the master lives');
    is(body_of('/'), $n, "configuration $n is still served");
}


sub front_works {
    my $res = request_to("$dir/socket", 'GET', '/v2/');

    is($res->{code}, 200, 'the front answers /v2/');
    is(header_of($res, 'Docker-Distribution-Api-Version'), 'registry/2.0',
       'as a registry');
}


configure(1, 1, $FRONT . $PLAIN);
start();
is(body_of('/'), '1', 'configuration 1 is served');
front_works();
is(body_of('/plain/'), '1', 'a constant proxy_pass works beside it');

configure(2, 1, 'location /v2/ { proxy_pass $mlist_upstream; }');
reload_is_refused(qr/needs "mlist_source"/, 1);

configure(3, 1, "$FRONT location /w/ { proxy_pass 127.0.0.1; }");
reload_is_refused(qr/invalid URL prefix/, 1);
front_works();

configure(4, 0, $PLAIN);
reload_works(4);
is(body_of('/plain/'), '4', 'a constant proxy_pass works without the module');

configure(5, 1, "$FRONT location /w/ { proxy_pass 127.0.0.1; }");
reload_is_refused(qr/invalid URL prefix/, 4);

configure(6, 0, $PLAIN);
reload_works(6);
is(body_of('/plain/'), '6', 'and so it does after one that was refused');

for my $n (7 .. 9) {
    configure($n, 1, $FRONT . $PLAIN);
    reload_works($n);
    front_works();
    is(body_of('/plain/'), $n, 'a constant proxy_pass works beside it');
}

unlike(text_of($log), qr/\[alert\]/, 'no alert');

kill 'QUIT', $pid;
ok(wait_until(sub { !-e "$dir/nginx.pid" }), 'nginx ends');

done_testing();

__END__

What ci/test may find in the log of all files:

--- allowed_log: (needs "mlist_source"|invalid URL prefix) in .*mlist-reload-
