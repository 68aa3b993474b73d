# Without this: nobody sees which source fails, counters are wrong over
# workers, lost by a reload or read by no Prometheus, and a status page can be
# made to say, or to do, what an outsider wants.  (Spec: "Metrics", "For
# operators".)

use lib 't/lib';
use File::Temp qw(tempdir);
use MIME::Base64 qw(encode_base64);

use Mlist::Test;

our $users = tempdir('mlist-status-XXXXXX', TMPDIR => 1, CLEANUP => 1)
             . '/users';

our $front = <<'EOT';
location = /status { mlist_status; allow 127.0.0.1; deny all; }
location = /open { mlist_status; }
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64 label=amd64;
    mlist_source http://arm label=arm;
    PROXY;
}
EOT

our $locked = <<"EOT";
mlist_htpasswd $users;
location = /status { mlist_status; }
location /v2/ { mlist_source http://amd64;
PROXY;
}
EOT

open my $out, '>', $users or die $!;
print $out "user:{PLAIN}secret\n";
close $out or die $!;
chmod 0755, $users =~ s/\/users$//r;

run_tests();


# The samples of a page of metrics, by name and labels.
sub metrics {
    my ($path) = @_;

    get($path // '/status?format=prometheus');

    return { map { /^([^#\s]\S*(?:\{.*\})?) (\S+)$/ ? ($1, $2) : () }
             split /\n/, $res->{body} };
}


# How much each sample has grown since, without what has not.
sub grown {
    my ($before, $after) = @_;

    return { map { ($_ => $after->{$_} - ($before->{$_} // 0)) }
             grep { $after->{$_} != ($before->{$_} // 0) }
             grep { !/_bytes|duration/ } keys %$after };
}


# A POST of HTTP/1.0, which needs no Host; what is answered.
sub old_post {
    my ($header) = @_;
    my $fh = Mlist::Client::connect_to(nginx_port());

    syswrite $fh, "POST /status HTTP/1.0\r\n$header\r\n"
                  . "Content-Length: 17\r\n\r\nname=posted&tag=1";
    local $/;

    return readline $fh;
}


__DATA__

=== TEST 1: what is counted
--- config eval: $main::front
--- steps
my $before = metrics();

code_is(200);
header_is('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
header_is('Cache-Control', 'no-store');
header_is('X-Content-Type-Options', 'nosniff');

$amd64->tag('counted:1', docker_image('linux/amd64'));
$arm->tag('counted:1', docker_image('linux/arm/v7'));
fetched('/v2/counted/manifests/1');
my $digest = header_of($res, 'Docker-Content-Digest');
fetched('/v2/counted/manifests/1');
fetched("/v2/counted/manifests/$digest");
get('/v2/counted/manifests/none');
code_is(404);
get('/v2/');
get('/v2/Bad/manifests/1');

my $grown = grown($before, metrics());
my $of = sub { $grown->{"mlist_$_[0]"} };

is($of->('requests_total{kind="list",status="200"}'), 3, 'lists');
is($of->('requests_total{kind="list",status="404"}'), 1, 'no list');
is($of->('requests_total{kind="ping",status="200"}'), 1, 'a ping');
is($of->('requests_total{kind="other",status="400"}'), 1, 'no name');
is($of->('cache_total{status="MISS"}'), 1, 'MISS');
is($of->('cache_total{status="REVALIDATED"}'), 1, 'REVALIDATED');
is($of->('cache_total{status="HIT"}'), 1, 'HIT');
is($of->('flights_total'), 3, 'flights');
is($of->('flights_joined_total'), undef, 'none waited for');
is($of->('lists'), 1, 'a list');

is($of->("source_requests_total{source=\"$_\",status=\"404\"}"), 1,
   "$_ has it not")
    for qw(amd64 arm);

# a GET and the GET of a config, a HEAD
is($of->("source_requests_total{source=\"$_\",status=\"200\"}"), 3,
   "$_ is asked")
    for qw(amd64 arm);



=== TEST 2: a source that fails
--- config eval: $main::front
--- steps
$amd64->tag('failing:1', docker_image('linux/amd64'));
$arm->tag('failing:1', docker_image('linux/arm/v7'));
fetched('/v2/failing/manifests/1');

my $before = metrics();

is($before->{'mlist_source_up{source="arm"}'}, 1, 'it is up');

$arm->on('failing:1', status => 503);
get('/v2/failing/manifests/1');

my $after = metrics();
my $grown = grown($before, $after);

is($after->{'mlist_source_up{source="arm"}'}, 0, 'it is down');
is($after->{'mlist_source_up{source="amd64"}'}, 1, 'the other one is not');
is($grown->{'mlist_source_requests_total{source="arm",status="503"}'}, 1,
   'the answer is counted');
is($grown->{'mlist_cache_total{status="STALE"}'}, 1, 'as is STALE');

$arm->on('failing:1', reset => 1);
get('/v2/failing/manifests/1');
is(grown($after, metrics())
   ->{'mlist_source_requests_total{source="arm",status="failed"}'}, 1,
   'and that there was no answer');



=== TEST 3: a histogram adds up
--- config eval: $main::front
--- steps
my $m = metrics();
my $name = 'mlist_source_duration_seconds';
my @buckets = grep { /^${name}_bucket\{source="arm"/ } keys %$m;
my ($sum, $last, $bad) = (0, 0, 0);

is(scalar @buckets, 12, 'buckets');

for my $le (sort { $a <=> $b } map { /le="([\d.]+)"/ ? $1 : () } @buckets) {
    my $n = $m->{"${name}_bucket{source=\"arm\",le=\"$le\"}"};
    $bad++ if $n < $last;
    $last = $n;
}

is($bad, 0, 'each holds the smaller ones');
is($m->{"${name}_bucket{source=\"arm\",le=\"+Inf\"}"},
   $m->{"${name}_count{source=\"arm\"}"}, 'all are counted');
$sum += $m->{$_} for grep { /source_requests_total\{source="arm"/ } keys %$m;
is($sum, $m->{"${name}_count{source=\"arm\"}"}, 'as many as answers');



=== TEST 4: which form
--- config eval: $main::front
--- steps
my %type = (prometheus => 'text/plain; version=0.0.4; charset=utf-8',
            openmetrics => 'application/openmetrics-text; version=1.0.0; '
                           . 'charset=utf-8');

for my $format (sort keys %type) {
    get("/status?format=$format");
    header_is('Content-Type', $type{$format}, $format);
}

get('/status', accept => 'application/openmetrics-text;version=1.0.0,'
                         . 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1');
header_is('Content-Type', $type{openmetrics}, 'as Prometheus asks');
like($res->{body}, qr/^# TYPE mlist_requests counter$/m, 'its names');
like($res->{body}, qr/\n# EOF\n\z/, 'its end');

get('/status?format=xml');
code_is(400);

my $full = get('/status?format=prometheus');
my $length = header_of($full, 'Content-Length');

head('/status?format=prometheus');
code_is(200);
is($res->{body}, '', 'a HEAD has no body');
ok($length > 0, 'a length');

ask('DELETE', '/status');
code_is(405);
header_is('Allow', 'GET, HEAD, POST');



=== TEST 5: a POST drops a tag
--- config eval
$main::front =~ s/mlist_auth nginx;/$& mlist_valid 1h;/r
--- steps
my $a = $amd64->tag('posted:1', docker_image('linux/amd64'));
my $b = $arm->tag('posted:1', docker_image('linux/arm/v7'));
my $new = docker_image('linux/arm/v7', seed => 'new');

fetched('/v2/posted/manifests/1');
$arm->tag('posted:1', $new);
fetched('/v2/posted/manifests/1');
digests_are($a, $b);

ask('POST', '/status', body => 'name=posted&tag=1');
code_is(200);
is(scalar log_lines(qr/mlist POST of "posted:1": 1 dropped/), 1, 'dropped');
fetched('/v2/posted/manifests/1');
digests_are($a, $new);

ask('POST', '/status', body => 'name=a%2Fb&tag=1');
code_is(200, 'escaped');

ask('POST', '/open', body => 'name=posted&tag=1');
code_is(403, 'where everybody may come nobody may post');

ask('POST', '/status', body => "name=$_") && code_is(400, "name=$_")
    for 'posted', '..&tag=1', 'posted&tag=%00', '&tag=1', 'A&tag=1';

ask('POST', '/status', body => 'x' x 5000);
code_is(413);

for my $header ('Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-site',
                'Origin: http://evil.example', 'Origin: null')
{
    ask('POST', '/status', body => 'name=posted&tag=1',
        headers => [split /: /, $header, 2]);
    code_is(403, $header);
}

ask('POST', '/status', body => 'name=posted&tag=1',
    headers => ['Sec-Fetch-Site', 'same-origin', 'Origin', 'http://x']);
code_is(200, 'from its own page');

like(old_post('Origin: http://evil.example'), qr{^HTTP/1\.1 403 },
     'a page of another site, and no Host to compare it with');
like(old_post('User-Agent: curl'), qr{^HTTP/1\.1 200 }, 'no page');



=== TEST 6: behind mlist_htpasswd, which is counted
--- config eval: $main::locked
--- steps
my @right = (headers => [Authorization => 'Basic '
                         . encode_base64('user:secret', '')]);
my @wrong = (headers => [Authorization => 'Basic '
                         . encode_base64('user:guess', '')]);
my $accepted = 'mlist_auth_checks_total{result="accepted"}';
my $refused = 'mlist_auth_checks_total{result="refused"}';

get('/status');
code_is(401);
get('/status?format=prometheus', @right);
code_is(200);
my ($n) = $res->{body} =~ /^\Q$accepted\E (\d+)$/m;

get('/status', @wrong);
code_is(401);
unlike($res->{body}, qr/mlist/, 'and tells nothing');
get('/v2/', @right);
get('/status?format=prometheus', @right);
like($res->{body}, qr/^\Q$accepted\E @{[$n + 2]}$/m, 'accepted');
like($res->{body}, qr/^\Q$refused\E 1$/m, 'refused');

ask('POST', '/status', body => 'name=a&tag=1', @right);
code_is(200, 'a password lets a POST through');
ask('POST', '/status', body => 'name=a&tag=1', @wrong);
code_is(401);



=== TEST 7: what an error_page answers is counted all the same
--- config
location = /status { mlist_status; allow 127.0.0.1; deny all; }
location /pages/ { return 200 "sorry"; }
location @down { return 503 "closed for today"; }
location /v2/ {
    mlist_auth nginx;
    error_page 404 /pages/404;
    error_page 403 =451 /pages/403;
    error_page 502 = @down;
    mlist_source http://amd64 label=amd64;
    PROXY;
    location /v2/denied/ {
        deny all;
        PROXY;
    }
}
--- steps
my $before = metrics();
my $requests = 'mlist_requests_total{kind="list",status=';

get('/v2/paged/manifests/none');
is($res->{body}, 'sorry', 'a page of another location');
$amd64->on('paged:1', status => 500);
get('/v2/paged/manifests/1');
is($res->{body}, 'closed for today', 'a named location');
get('/v2/denied/manifests/1');
code_is(451);

my $grown = grown($before, metrics());

is($grown->{"$requests\"404\"}"}, 1, 'not found');
is($grown->{"$requests\"503\"}"}, 1, 'a source that failed');
is($grown->{"$requests\"other\"}"}, 1, 'what was refused before');
get('/pages/404');
is(grown($before, metrics())->{"$requests\"404\"}"}, 1,
   'the page itself is no request of the registry');
