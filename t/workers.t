# Without this: what one worker has learned would be unknown to the others, a
# reload would lose lists whose digests clients hold, and many clients at once
# could be given different lists.  (Spec: "A tag", 7 and 10; "A digest".)

use lib 't/lib';
use Mlist::Test;

Test::Nginx::Util::master_on();
Test::Nginx::Util::workers(2);

# The answers to n requests that are all sent before one is read.
sub at_once {
    my ($n, $target) = @_;
    my @fh = map { send_to(nginx_port(), 'GET', $target) } 1 .. $n;

    return map { answer_of($_, 'GET') } @fh;
}


run_tests();

__DATA__

=== TEST 1: any worker gives a list by its digest
--- steps
$amd64->tag('any:1', docker_image('linux/amd64'));
$arm->tag('any:1', docker_image('linux/arm/v7'));
head('/v2/any/manifests/1');
my $digest = header_of($res, 'Docker-Content-Digest');
$_->clear_requests for $amd64, $arm;
my %seen;
$seen{"$_->{code} " . sha256($_->{body})}++
    for at_once(60, "/v2/any/manifests/$digest");
is(json_text(\%seen), json_text({ "200 $digest" => 60 }), 'sixty times');
asked_of($amd64);
asked_of($arm);



=== TEST 2: many clients of one tag get one list
--- steps
$amd64->tag('many:1', docker_image('linux/amd64'));
$arm->tag('many:1', docker_image('linux/arm/v7'));
$arm->on('many:1', delay => 0.2, times => 20);
my %seen;
$seen{"$_->{code} " . sha256($_->{body})}++
    for at_once(60, '/v2/many/manifests/1');
is(scalar(keys %seen), 1, 'one list') or Test::More::diag(json_text(\%seen));
get('/v2/many/manifests/1');
ok($seen{'200 ' . sha256($res->{body})} == 60, 'the right one');



=== TEST 3: a reload keeps lists and routes
--- steps
my $a = $amd64->tag('kept:1', docker_image('linux/amd64'));
my $list = fetched('/v2/kept/manifests/1')->{body};
my $digest = sha256($list);

kill 'HUP', nginx_pid();
my $end = time + 10;
select undef, undef, undef, 0.02
    until time > $end || log_lines(qr/worker process \d+ exited/) >= 2;

$_->clear_requests for $amd64, $arm;
get("/v2/kept/manifests/$digest");
body_is($list);
asked_of($amd64);
get('/v2/kept/manifests/1');
body_is($list);
asked_of($amd64, 'HEAD /v2/kept/manifests/1');
get("/v2/kept/manifests/$a->{digest}", accept => $D2);
body_is($a->{body});



=== TEST 4: a reload in mid-flight
--- steps
$amd64->tag('reload:1', docker_image('linux/amd64'));
$arm->tag('reload:1', docker_image('linux/arm/v7'));
$arm->on('reload:1', hold => 'reload');
my $fh = send_to(nginx_port(), 'GET', '/v2/reload/manifests/1');
ok($arm->wait_for('/v2/reload/'), 'a source is asked');
kill 'HUP', nginx_pid();
my $end = time + 10;
select undef, undef, undef, 0.02
    until time > $end || log_lines(qr/gracefully shutting down/);
$arm->release('reload');
$res = answer_of($fh, 'GET');
code_is(200);
platforms_are('linux/amd64', 'linux/arm/v7');
get('/v2/reload/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7');
