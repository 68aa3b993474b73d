# The nginx under test: its configuration, and its life and deaths.

package Mlist::Chaos::Front;

use strict;
use warnings;

use IO::Socket::INET;

use Mlist::Chaos::Process;

my %ACT = (
    reload  => \&reload,
    worker  => \&kill_worker,
    kill    => \&kill_all,
    restart => \&restart,
    quit    => \&quit,
);


# Options: loop, ledger, random, trace, dir, binary, module (empty if built
# in), fronts (Mlist::Chaos::Fronts', each with a port), upstreams (name =>
# port); zone (its size), store (parameters of the directory), timeout (of
# registries), idle (how long connections to them are kept), http (more text
# for http{}).
sub new {
    my ($class, %opt) = @_;
    my $self = bless { zone => '1m', store => '', timeout => '3s',
                       idle => '60s', http => '', %opt, killed => {} },
                     $class;
    my $conf = "$opt{dir}/nginx.conf";

    open my $fh, '>', $conf or die "$conf: $!";
    print $fh $self->configuration;
    close $fh or die "$conf: $!";

    $self->{process} = Mlist::Chaos::Process->new(
        'nginx', "$opt{dir}/stderr.log", $opt{binary}, '-p', "$opt{dir}/",
        '-c', $conf, '-e', "$opt{dir}/error.log", '-g', 'daemon off;');

    return $self;
}


sub configuration {
    my ($self) = @_;
    my $dir = $self->{dir};
    my $load = $self->{module} eq '' ? '' : "load_module $self->{module};\n";
    my $temp = join '', map { "    ${_}_temp_path $dir/$_;\n" }
               qw(client_body proxy fastcgi uwsgi scgi);

    return $load . <<"EOT" . $temp . $self->upstreams . $self->servers
user www-data;
worker_processes 2;
pid $dir/nginx.pid;
error_log $dir/error.log info;
events { worker_connections 1024; }
http {
    log_format chaos '\$msec \$request_time *\$connection "\$request" \$status '
                     '\$mlist_cache_status \$mlist_missing \$mlist_digest';
    access_log $dir/access.log chaos;
    mlist_zone $self->{zone};
EOT
           . "$self->{http}}\n";
}


sub upstreams {
    my ($self) = @_;
    my $ports = $self->{upstreams};

    return join '', map {
        "    upstream $_.registry "
        . "{ server 127.0.0.1:$ports->{$_}; keepalive 32; "
        . "keepalive_timeout $self->{idle}; }\n"
    } sort keys %$ports;
}


sub servers {
    my ($self) = @_;

    return join '', map { $self->server($_) } @{ $self->{fronts} };
}


sub server {
    my ($self, $front) = @_;
    my $store = $front->{store} ? "http://$front->{store}.registry"
                                : "$self->{dir}/store $self->{store}";
    my $auth = $front->{auth} // 'mlist_auth nginx';
    my $more = join '', map { "            $_;\n" }
               @{ $front->{more} // [] },
               map { "mlist_source $_" } @{ $front->{sources} };
    my $events = $front->{told} ? <<'EOT' : '';
        location = /events {
            allow 127.0.0.1;
            deny all;
            mlist_notify;
        }
EOT

    return <<"EOT";
    server {
        listen 127.0.0.1:$front->{port};
        client_max_body_size 0;
        location /v2/ {
            $auth;
            mlist_store $store;
$more            proxy_pass \$mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
            proxy_connect_timeout $self->{timeout};
            proxy_read_timeout $self->{timeout};
            add_header X-Cache-Status \$mlist_cache_status always;
        }
$events    }
EOT
}


# Starts it; calls once it listens, or dies.
sub start {
    my ($self, $call) = @_;
    my $port = $self->{fronts}[0]{port};

    $self->{process}->start;
    $self->{loop}->until_true(20, sub {
        return !$self->{process}->alive || IO::Socket::INET->new(
            PeerAddr => '127.0.0.1', PeerPort => $port);
    }, sub {
        die "nginx does not start, see its stderr.log\n"
            if @_ || !$self->{process}->alive;
        $self->{up} = 1;
        $call->();
    });
}


sub acts {
    return sort keys %ACT;
}


# Does one of acts(); is_busy() until all is as before.
sub act {
    my ($self, $what) = @_;

    $self->{trace}->("nginx: $what");
    $self->{busy} = 1;
    $ACT{$what}->($self);
}


sub is_busy {
    return $_[0]{busy};
}


# It must live while nobody has ended it.
sub died {
    my ($self) = @_;

    return $self->{up} && !$self->{process}->alive;
}


# A reload breaks nothing: not one request may fail.
sub reload {
    my ($self) = @_;
    my @old = $self->{process}->children;

    $self->{ledger}->note;
    $self->{process}->signal('HUP');
    $self->{loop}->until_true(20, sub {
        return !grep { !Mlist::Chaos::Process::is_gone($_) } @old;
    }, sub { $self->done(@_) });
}


sub done {
    my ($self, $late) = @_;

    $self->{trace}->('nginx: ' . ($late ? 'still old workers' : 'done'));
    $self->{busy} = 0;
}


sub kill_worker {
    my ($self) = @_;
    my @workers = $self->{process}->children;
    my $pid = $self->{random}->one_of(@workers) // return $self->done;
    my $span = $self->broken('worker killed');

    $self->{killed}{$pid} = 1;
    kill 'KILL', $pid;
    $self->{loop}->until_true(20, sub {
        return Mlist::Chaos::Process::is_gone($pid)
               && $self->{process}->children >= @workers;
    }, sub { $self->mended($span) });
}


sub kill_all {
    my ($self) = @_;
    my @workers = $self->{process}->children;
    my $span = $self->broken('killed');

    $self->{up} = 0;
    $self->{process}->signal('KILL');
    kill 'KILL', @workers;
    $self->start_anew($span, @workers);
}


sub restart {
    my ($self) = @_;

    $self->end_with('TERM', 'terminated');
}


sub quit {
    my ($self) = @_;

    $self->end_with('QUIT', 'quit');
}


sub end_with {
    my ($self, $signal, $what) = @_;
    my $span = $self->broken($what);
    my @workers = $self->{process}->children;

    $self->{up} = 0;
    $self->{process}->signal($signal);
    $self->start_anew($span, @workers);
}


# Only when all of them have gone are the ports free.
sub start_anew {
    my ($self, $span, @workers) = @_;

    $self->{loop}->until_true(20, sub {
        return !$self->{process}->alive
               && !grep { !Mlist::Chaos::Process::is_gone($_) } @workers;
    }, sub {
        die "nginx does not end\n" if @_;
        $self->start(sub { $self->mended($span) });
    });
}


sub broken {
    my ($self, $what) = @_;

    return $self->{ledger}->begin('nginx', "nginx $what",
                                  $self->{loop}->now);
}


sub mended {
    my ($self, $span) = @_;

    $self->{ledger}->end($span, $self->{loop}->now);
    $self->done;
}


# Ends it for good; false if it does not end in time.
sub stop {
    my ($self) = @_;

    $self->{up} = 0;
    $self->{process}->signal('QUIT');

    return $self->{loop}->run_until(20, sub { !$self->{process}->alive });
}


# The lines of the error log that no run should write.  Those about workers
# that were killed here are none of them.
sub alerts {
    my ($self) = @_;
    my $killed = join('|', keys %{ $self->{killed} }) || 'none';
    my @lines;

    open my $fh, '<', "$self->{dir}/error.log" or return "no error log: $!";

    while (my $line = <$fh>) {
        next unless $line =~ /\[(?:alert|emerg|crit)\]|exited on signal/;
        next if $line =~ /worker process (?:$killed) exited on signal 9\b/
                || $line =~ /was locked by (?:$killed)\b/;
        push @lines, $line =~ s/\n//r;
    }

    return @lines;
}


1;
