# Without this: a push through the front would stay hidden for as long as
# mlist_valid lasts, and a flight that asked before the push would bring back
# what the push has replaced.  (Spec: "Writes", "A tag" 10.)

use lib 't/lib';
use Mlist::Test;

run_tests();

__DATA__

=== TEST 1: a PUT of a suffixed tag drops the tag that is made of it
--- mlist
mlist_auth nginx;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
$amd64->on('put:1-arm', method => { PUT => { status => 201 } });
ask('PUT', '/v2/put/manifests/1-arm', body => '{}');
code_is(201);

@lines = log_lines(qr/mlist PUT of "put:1-arm": 1 dropped/);
is(scalar @lines, 1, 'once');
is(scalar log_lines(qr/\[info\].*mlist PUT of "put:1-arm"/), 1, 'at info');



=== TEST 2: the drop is there before the client has its answer
--- mlist
mlist_auth nginx;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
$amd64->on('early:1-arm', method => { PUT => { status => 201,
                                      hold => 'early' } });
$fh = send_to(nginx_port(), 'PUT', '/v2/early/manifests/1-arm', body => '{}');
ok($amd64->wait_for('PUT /v2/early/manifests/1-arm'), 'the registry has it');
is(scalar log_lines(qr/mlist PUT of "early/), 0, 'nothing is dropped before');

$amd64->release('early');
$res = answer_of($fh, 'PUT');
code_is(201);
is(scalar log_lines(qr/mlist PUT of "early:1-arm": 1 dropped/), 1, 'dropped');



=== TEST 3: a refused write drops nothing
--- mlist
mlist_auth nginx;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
for my $status (400, 401, 403, 404, 429) {
    $amd64->on("refused:$status-arm",
               method => { PUT => { status => $status },
                           DELETE => { status => $status } });

    for my $method (qw(PUT DELETE)) {
        ask($method, "/v2/refused/manifests/$status-arm", body => '{}');
        code_is($status);
    }
}

is(scalar log_lines(qr/mlist \w+ of "refused/), 0, 'nothing is dropped');



=== TEST 4: a write whose end nobody saw may have been one
--- mlist
mlist_auth nginx;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
$amd64->on('lost:500-arm', method => { PUT => { status => 500 } });
ask('PUT', '/v2/lost/manifests/500-arm', body => '{}');
code_is(500);
is(scalar log_lines(qr/mlist PUT of "lost:500-arm"/), 1, '500');

$amd64->on('lost:502-arm', method => { PUT => { reset => 1 } });
ask('PUT', '/v2/lost/manifests/502-arm', body => '{}');
code_is(502);
is(scalar log_lines(qr/mlist PUT of "lost:502-arm"/), 1, 'no answer');

$amd64->on('lost:gone-arm', method => { PUT => { hold => 'gone' } });
$fh = send_to(nginx_port(), 'PUT', '/v2/lost/manifests/gone-arm',
              body => '{}');
ok($amd64->wait_for('PUT /v2/lost/manifests/gone-arm'), 'it is under way');
close $fh;

$end = time + 10;
select undef, undef, undef, 0.01
    until log_lines(qr/mlist PUT of "lost:gone-arm"/) || time > $end;
is(scalar log_lines(qr/mlist PUT of "lost:gone-arm"/), 1, 'the client left');



=== TEST 5: a PUT by digest changes no tag, a DELETE all of the name
--- mlist
mlist_auth nginx;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
$digest = sha256('x');
$amd64->on("all\@$digest", method => { PUT => { status => 201 },
                                       DELETE => { status => 202 } });

ask('PUT', "/v2/all/manifests/$digest", body => '{}');
code_is(201);
is(scalar log_lines(qr/mlist PUT of "all/), 0, 'nothing is dropped');

ask('DELETE', "/v2/all/manifests/$digest");
code_is(202);
is(scalar log_lines(qr/mlist DELETE of "all\@$digest": 1 dropped/), 1,
   'the name is dropped');

$amd64->on('all:1-arm', method => { DELETE => { status => 202 } });
ask('DELETE', '/v2/all/manifests/1-arm');
code_is(202);
is(scalar log_lines(qr/mlist DELETE of "all": 1 dropped/), 1, 'by tag too');



=== TEST 6: a deleted blob's or manifest's owner is forgotten
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://amd64 name=lib/*;
--- steps
$image = docker_image('linux/amd64');
$amd64->manifest('lib/owner', $image);
fetched("/v2/owner/manifests/$image->{digest}");
$amd64->clear_requests;
fetched("/v2/owner/manifests/$image->{digest}");
is(scalar $amd64->requests('HEAD'), 0, 'the owner is known');

$amd64->on("lib/owner\@$image->{digest}",
           method => { DELETE => { status => 202 } });
ask('DELETE', "/v2/lib/owner/manifests/$image->{digest}");
code_is(202);

$amd64->clear_requests;
fetched("/v2/owner/manifests/$image->{digest}");
is(scalar $amd64->requests('HEAD'), 2, 'all are asked again');



=== TEST 7: every location that can spell it, each key once
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
    PROXY;
    limit_except GET { allow all; }
}
location /v2/other/ {
    mlist_auth nginx;
    mlist_source http://amd64 tag=*-arm label=one;
    mlist_source http://arm tag=v* name=sub/*;
    PROXY;
}
location /v2/restricted/ {
    mlist_auth nginx;
    mlist_names ~^names/;
    mlist_source http://amd64 tag=*-arm names=~^names/one$;
    PROXY;
}
location /v2/fixed/ {
    mlist_auth nginx;
    mlist_source http://amd64 tag=latest name=lib/*;
    mlist_source http://arm name=pinned tag=*-arm;
    PROXY;
}
location /v2/tags/ {
    mlist_auth nginx;
    mlist_tags ~^v;
    mlist_source http://arm;
    PROXY;
}
--- steps
sub dropped {
    my ($place) = @_;
    my ($name, $tag) = split /:/, $place;

    $amd64->on($place, method => { PUT => { status => 201 } });
    ask('PUT', "/v2/$name/manifests/$tag", body => '{}');
    code_is(201, "PUT $place");

    my ($n) = map { /mlist PUT of "\Q$place\E": (\d+) dropped/ }
              log_lines(qr/mlist PUT/);

    return $n // 0;
}

# /v2/ (twice, but the same) and /v2/other/
is(dropped('x:1-arm'), 2, 'a suffix');

# and /v2/restricted/
is(dropped('names/one:1-arm'), 3, 'names=');
is(dropped('names/two:1-arm'), 2, 'not in names=');

# and all of /v2/fixed/
is(dropped('pinned:1-arm'), 3, 'name= without a *');

# as it stands in /v2/ and /v2/other/, and all tags of x in /v2/fixed/
is(dropped('lib/x:latest'), 3, 'tag= without a *');

# as it stands in /v2/ and /v2/tags/, and x:1 in /v2/other/
is(dropped('sub/x:v1'), 3, 'a prefix, in a sub-repository');

# a signature
is(dropped('x:sha256-' . 'a' x 64 . '.sig'), 0, 'a signature');



=== TEST 8: with mlist_valid 1h, a push through the front is pulled at once
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
my $a = $amd64->tag('at-once:1-amd64', docker_image('linux/amd64'));
my $b = $amd64->tag('at-once:1-arm', docker_image('linux/arm/v7'));

fetched('/v2/at-once/manifests/1');
digests_are($a, $b);

for my $round (1 .. 5) {
    my $new = docker_image('linux/arm/v7', seed => "r$round");

    $amd64->tag('at-once:1-arm', $new);

    if ($round == 1) {
        fetched('/v2/at-once/manifests/1');
        digests_are($a, $b);
    }

    $amd64->on('at-once:1-arm', method => { PUT => { status => 201 } });
    ask('PUT', '/v2/at-once/manifests/1-arm', body => $new->{body});
    code_is(201);

    fetched('/v2/at-once/manifests/1');
    digests_are($a, $new);
    $b = $new;
}

$amd64->forget('at-once:1-arm');
$amd64->on('at-once@' . $b->{digest}, method => { DELETE => { status => 202 } });
ask('DELETE', "/v2/at-once/manifests/$b->{digest}");
code_is(202);
fetched('/v2/at-once/manifests/1');
digests_are($a);



=== TEST 9: a push that ends while a flight asks wins
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
--- steps
my $a = $amd64->tag('race:1-amd64', docker_image('linux/amd64'));
my $b = $amd64->tag('race:1-arm', docker_image('linux/arm/v7'));
my $new = docker_image('linux/arm/v7', seed => 'new');

# the PUT runs, the flight reads the old arm, and waits for amd64
$amd64->on('race:1-arm', method => { PUT => { status => 201,
                                              hold => 'race-put' } });
$amd64->on('race:1-amd64', hold => 'race-amd64');
my $put = send_to(nginx_port(), 'PUT', '/v2/race/manifests/1-arm',
                  body => $new->{body});
ok($amd64->wait_for('PUT /v2/race/manifests/1-arm'), 'the PUT runs');
my $get = send_to(nginx_port(), 'GET', '/v2/race/manifests/1');
ok($amd64->wait_for('race/manifests/1-amd64'), 'the flight asks');
ok($amd64->wait_for('(GET|HEAD) /v2/race/manifests/1-arm'), 'for arm too');

$amd64->tag('race:1-arm', $new);
$amd64->release('race-put');
$res = answer_of($put, 'PUT');
code_is(201);
$amd64->release('race-amd64');
$res = answer_of($get, 'GET');
code_is(200);

fetched('/v2/race/manifests/1');
digests_are($a, $new);
