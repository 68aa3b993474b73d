# Without this: each worker would count for itself, a reload would begin at
# nothing, a source that was taken out would leave its numbers to another,
# and Prometheus would refuse what it reads.  (Spec: "Metrics".)

use lib 't/lib';
use Mlist::Test;

Test::Nginx::Util::master_on();
Test::Nginx::Util::workers(2);

our $front = <<'EOT';
location = /status { mlist_status; }
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64 label=amd64;
    mlist_source http://arm 'label=arm <&> {x}';
    PROXY;
}
EOT

our $held = <<'EOT' =~ s/DIR/store_dir()/er;
location = /status { mlist_status; }
location /v2/ {
    mlist_auth nginx;
    mlist_store DIR max_size=1g;
    mlist_source http://amd64;
    PROXY;
}
EOT

run_tests();


sub sample {
    my ($name) = @_;

    get('/status?format=prometheus');

    return $res->{body} =~ /^\Q$name\E (\S+)$/m ? $1 : undef;
}


sub reload {
    my $n = log_lines(qr/worker process \d+ exited/);
    my $end = time + 20;

    kill 'HUP', nginx_pid();
    select undef, undef, undef, 0.02
        until time > $end
              || log_lines(qr/worker process \d+ exited/) >= $n + 2;
}


# Another configuration, served once "known" is in the status; a worker that
# is busy may still run with the old one.
sub reload_as {
    my ($from, $to, $known) = @_;
    my $file = $Test::Nginx::Util::ConfFile;
    my $end = time + 20;

    open my $in, '<', $file or die $!;
    my $conf = join '', <$in>;

    open my $out, '>', $file or die $!;
    print $out $conf =~ s/$from/$to/gr;
    close $out or die $!;

    kill 'HUP', nginx_pid();
    select undef, undef, undef, 0.05
        until get('/status?format=json')->{body} =~ $known || time > $end;
}


sub promtool {
    my ($text) = @_;

    open my $fh, '|-', 'promtool check metrics > /dev/null' or return "$!";
    print $fh $text;

    return close $fh ? '' : "exit $?";
}

__DATA__

=== TEST 1: over two workers and a reload
--- config eval: $main::front
--- steps
my $lists = 'mlist_requests_total{kind="list",status="200"}';

$amd64->tag('both:1', docker_image('linux/amd64'));
$arm->tag('both:1', docker_image('linux/arm/v7'));

my $before = sample($lists);

for (1 .. 4) {
    my @fh = map { send_to(nginx_port(), 'GET', '/v2/both/manifests/1') }
             1 .. 25;
    answer_of($_, 'GET') for @fh;
}

is(sample($lists), $before + 100, 'all are counted');

my $flights = sample('mlist_flights_total');
my $joined = sample('mlist_flights_joined_total');

ok($flights > 0 && $flights <= 100, 'flights');
ok($joined < 100 && $flights + $joined >= 100, 'or joined');

reload();
is(sample($lists), $before + 100, 'after a reload');
is(sample('mlist_flights_total'), $flights, 'flights too');
fetched('/v2/both/manifests/1');
is(sample($lists), $before + 101, 'and on it goes');



=== TEST 2: a label with characters of its own, promtool
--- config eval: $main::front
--- steps
$amd64->tag('label:1', docker_image('linux/amd64'));
fetched('/v2/label/manifests/1');
get('/v2/label/manifests/none');
get('/status?format=prometheus');
like($res->{body}, qr/source="arm <&> \{x\}"/, 'as it is');

SKIP: {
    Test::More::skip('no promtool', 1) unless `which promtool`;
    is(promtool($res->{body}), '', 'promtool check metrics');
}



=== TEST 3: no series twice, each with HELP and TYPE
--- config eval: $main::front
--- steps
for my $format (qw(prometheus openmetrics)) {
    my (%seen, %type, %help, @bad);

    get("/status?format=$format");

    for my $line (split /\n/, $res->{body}) {
        $type{$1} = $2 if $line =~ /^# TYPE (\S+) (\S+)$/;
        $help{$1} = 1 if $line =~ /^# HELP (\S+) \S/;
        next if $line =~ /^#/;

        my ($series, $name) = $line =~ /^(([a-z_]+)(?:\{.*\})?) [\d.]+$/;

        push @bad, $line if !defined $series || $seen{$series}++;
        next unless defined $name;
        my ($family) = grep { $type{$_} }
                       map { ($name =~ s/$_$//r) } '', '_total', '_bucket',
                                                   '_sum', '_count';
        push @bad, "$name of no family" unless $family && $help{$family};
    }

    is(join("\n", @bad), '', $format);
    ok(keys %type >= 14, 'families');
}



=== TEST 4: what a store's directory holds
--- config eval: $main::held
--- steps
$amd64->tag('held:1', docker_image('linux/amd64'));
my $list = fetched('/v2/held/manifests/1')->{body};
my $dir = store_dir();
my $end = time + 30;
my $bytes;

select undef, undef, undef, 0.1
    until $bytes = sample("mlist_store_used_bytes{store=\"$dir\"}")
          or time > $end;

ok($bytes >= length $list, 'bytes');
get('/status?format=json');
like($res->{body}, qr/"path":"\Q$dir\E","lists":1,"bytes":$bytes,/, 'lists');



=== TEST 5: a place that a reload gives to another source
--- zone: 32k
--- config
location = /status { mlist_status; }
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64 label=old1;
    mlist_source http://arm label=old2 names=~^x;
    mlist_source http://other label=old3 names=~^x;
    mlist_source http://amd64 label=old4 tag=*-x names=~^x;
    PROXY;
}
--- steps
$amd64->tag('place:1', docker_image('linux/amd64'));
$amd64->on('place:1', hold => 'reload');

my $waits = send_to(nginx_port(), 'GET', '/v2/place/manifests/1');
my $end = time + 10;

select undef, undef, undef, 0.02
    until asked_of($amd64) || time > $end;

reload_as(qr/label=old/, 'label=new', qr/"source":"new1"/);
$amd64->release('reload');
is(answer_of($waits, 'GET')->{code}, 200, 'the old worker answers');
get('/status?format=prometheus');
like($res->{body}, qr/^mlist_source_requests_total\{source="new1"/m, 'new');
is(join(' ', $res->{body} =~ /^mlist_source_requests_total.* [1-9]\d*$/mg), '',
   'and counts nothing as said by a source that was not asked');



=== TEST 6: broken pins of a location that is no more
--- config eval: $main::front
--- steps
my $child = $arm->tag('moved:1', docker_image('linux/arm/v7'));

fetched('/v2/moved/manifests/1');
$arm->forget("moved\@$child->{digest}");
$arm->forget('moved:1');
get("/v2/moved/manifests/$child->{digest}");
code_is(404);
is(sample('mlist_pins_broken'), 1, 'one');

reload_as(qr{http://amd64 label=amd64}, 'http://amd64 label=amd64 tag=*-x',
          qr/"pins_broken":\[\]/);
is(sample('mlist_pins_broken'), 0, 'none that is not shown');
like(get('/status', accept => 'text/html')->{body},
     qr{<dt>Broken pins</dt><dd>0<}, 'on the page too');
