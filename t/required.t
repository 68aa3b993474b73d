# Without this: a release whose arm build is still running would be half
# visible, a registry that an operator can do without would take every tag
# down with it, or a refusal would pass for "there is no such image".
# (Spec: "A tag", 2, 3 and 11.)

use lib 't/lib';
use Mlist::Test;

sub tagged {
    my ($name, $seed) = @_;
    my @m = map { docker_image($_, seed => $seed // $name) }
            qw(linux/amd64 linux/arm/v7);

    $amd64->tag("$name:1", $m[0]);
    $arm->tag("$name:1", $m[1]);

    return @m;
}

# Two images, and the list that was made of them.
sub warm {
    my ($name) = @_;

    tagged($name);
    fetched("/v2/$name/manifests/1");
    $_->clear_requests for $amd64, $arm, $other;

    return $res->{body};
}

sub warning_is {
    my (@labels) = @_;
    my $warning = join ' | ', Mlist::Client::headers_of($res, 'Warning');

    like($warning, qr/^299 - "[^"]*"$/, 'one Warning');
    is(join(' ', grep { $warning =~ /(?<![\w.-])\Q$_\E(?![\w.-])/ }
                 qw(amd64 arm other one two three)), join(' ', @labels),
       'it names those to blame');
}

sub status_is {
    my ($target, $status, @labels) = @_;

    is(variables($target)->{cache}, $status, "\$mlist_cache_status $status");
    @labels ? warning_is(@labels) : no_header('Warning');
}

our $DATA = raw_manifest($OM, {
    schemaVersion => 2, mediaType => $OM, artifactType => 'a/b',
    config => { mediaType => 'application/vnd.example.config',
                size => 2, digest => sha256('{}') },
    layers => [] }, config => '{}');

our $GOOD = 'Basic Z29vZDpvbmU=';

sub with {
    return (headers => [Authorization => $_[0]]);
}

our $REQUIRED = "mlist_auth nginx;\nmlist_source http://amd64;\n"
                . "mlist_source http://arm required;\n";
our $OPTIONAL = $REQUIRED =~ s/required/optional/r;
our $DENIED = $REQUIRED =~ s/required/denied=missing/r;
our $STORE = 'mlist_store ' . store_dir() . ";\n";

Test::Nginx::Util::master_on();

run_tests();

__DATA__

=== TEST 1: required: a release whose arm build is still running
--- mlist eval: $::REQUIRED
--- steps
my $target = '/v2/release/manifests/1';

$amd64->tag('release:1', docker_image('linux/amd64', seed => 'release'));
get($target);
error_is(404, 'MANIFEST_UNKNOWN', 'never whole');
no_header('Warning');

my $list = warm('release');
get($target);
status_is($target, 'REVALIDATED');

# a new amd64 image, and no arm image any more
$amd64->tag('release:1', docker_image('linux/amd64', seed => 'release two'));
$arm->forget('release:1');
get($target);
code_is(200);
body_is($list, 'the last complete list');
status_is($target, 'STALE', 'arm');
same_as_get($target);
my $digest = sha256($list);
get($target, headers => ['If-None-Match' => qq{"$digest"}]);
code_is(304);
get($target, accept => $D2);
body_is(docker_image('linux/amd64', seed => 'release')->{body},
        'the old child, too');

$arm->tag('release:1', docker_image('linux/arm/v7', seed => 'release two'));
get($target);
status_is($target, 'MISS');
ok($res->{body} ne $list, 'the new one, when it is whole');
platforms_are('linux/amd64', 'linux/arm/v7');



=== TEST 2: required: mlist_use_stale has no say in it, failures are failures
--- mlist eval: $::REQUIRED . "mlist_use_stale off;\n"
--- steps
my $target = '/v2/off/manifests/1';
my $list = warm('off');

$arm->forget('off:1');
get($target);
body_is($list);
status_is($target, 'STALE', 'arm');
$arm->fail('off:1', 500);
get($target);
gateway_error('required and failing');
$arm->forget('off:1');
$amd64->fail('off:1', 500);
get($target);
gateway_error('required and absent, the other one failing');



=== TEST 3: required: nowhere at all, another source without it
--- mlist eval: $::REQUIRED
--- steps
my $target = '/v2/nowhere/manifests/1';

get($target);
error_is(404, 'MANIFEST_UNKNOWN');
my $list = warm('nowhere');
$amd64->forget('nowhere:1');
get($target);
platforms_are('linux/arm/v7');
status_is($target, 'MISS');
my $short = $res->{body};

# what is gone everywhere is gone
$arm->forget('nowhere:1');
get($target);
error_is(404, 'MANIFEST_UNKNOWN', 'deleted');



=== TEST 4: required: an image that is not for its platform is no image
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm platform=linux/arm/v7 required;
--- steps
my $target = '/v2/platform/manifests/1';
my @m = map { docker_image($_, seed => 'platform') }
        qw(linux/amd64 linux/arm/v7 linux/s390x);

$amd64->tag('platform:1', $m[0]);
$arm->tag('platform:1', docker_list($m[2]));
get($target);
error_is(404, 'MANIFEST_UNKNOWN');
$arm->tag('platform:1', docker_list($m[1], $m[2]));
my $list = fetched($target)->{body};
platforms_are('linux/amd64', 'linux/arm/v7');
$arm->tag('platform:1', docker_list($m[2]));
get($target);
body_is($list);
status_is($target, 'STALE', 'arm');



=== TEST 5: required: an artifact at the other source
--- mlist eval: $::REQUIRED
--- steps
my $target = '/v2/artifact/manifests/1';
$amd64->tag('artifact:1', $::DATA);
get($target);
error_is(404, 'MANIFEST_UNKNOWN');
$arm->tag('artifact:1', $::DATA);
get($target);
body_is($::DATA->{body});



=== TEST 6: required: after a restart
--- mlist eval: $::REQUIRED . $::STORE
--- steps
my $target = '/v2/again/manifests/1';
my $list = warm('again');

$arm->forget('again:1');
restart_nginx('TERM');
get($target);
code_is(200);
body_is($list);
status_is($target, 'STALE', 'arm');



=== TEST 7: optional: its failure shortens the list, and the answer says so
--- mlist eval: $::OPTIONAL
--- steps
my $n = 0;

for my $how ([fail => 500], [fail => 429], [fail => 401], [fail => 403],
             [on => reset => 1], [on => torn => 'close'])
{
    my $name = 'short-' . $n++;
    my $target = "/v2/$name/manifests/1";
    my ($do, @how) = @$how;
    my @m = tagged($name);

    $arm->$do("$name:1", @how);

    for (1 .. 2) {
        get($target);
        whole_answer($DL);
        digests_are($m[0]);
        status_is($target, 'PARTIAL', 'arm');
        is(variables($target)->{missing}, 'arm', '$mlist_missing');
        is(variables($target)->{platforms}, 'linux/amd64',
           '$mlist_platforms');
    }

    same_as_get($target);
    get($target, accept => $OI);
    whole_answer($OI);
    status_is($target, 'PARTIAL', 'arm');
    get($target);

    my $short = sha256($res->{body});

    tagged($name);
    get($target);
    digests_are(@m);
    status_is($target, 'MISS');
    get("/v2/$name/manifests/$short");
    code_is(200, 'what was given by its digest stays readable');
    is(sha256($res->{body}), $short, 'as it was');
}



=== TEST 8: optional: late, in all that is asked there
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm optional;
    proxy_pass $mlist_upstream;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_read_timeout 300ms;
}
--- steps
my @m = tagged('late');
my $target = '/v2/late/manifests/1';

for my $what ('late:1', "late#$m[1]{config}") {
    $arm->on($what, hold => 'late');
    get($target);
    code_is(200, $what);
    digests_are($m[0]);
    status_is($target, 'PARTIAL', 'arm');
    tagged('late');
}

get($target);
digests_are(@m);



=== TEST 9: optional: lies and garbage
--- mlist eval: $::OPTIONAL
--- steps
my @ways = (
    sub { my $m = $arm->tag("$_[0]:1", docker_image('linux/arm/v7',
                                                    seed => 'lies'));
          $arm->on($_, body => $m->{body} =~ s/sch/SCH/r)
              for "$_[0]\@$m->{digest}", "$_[0]:1"; },
    sub { $arm->tag("$_[0]:1", raw_manifest($D2, 'garbage')) },
    sub { my $m = $arm->tag("$_[0]:1", docker_image('linux/arm/v7',
                                                    seed => 'config'));
          $arm->forget("$_[0]#$m->{config}"); },
    sub { my $m = $arm->tag("$_[0]:1", oci_index(oci_image('linux/arm/v7')));
          $arm->fail($_, 500) for "$_[0]\@$m->{digest}", "$_[0]:1"; },
);
my $n = 0;

for my $way (@ways) {
    my $name = 'bad-' . $n++;
    my @m = tagged($name);

    $way->($name);
    get("/v2/$name/manifests/1");
    code_is(200, $name);
    digests_are($m[0]);
    status_is("/v2/$name/manifests/1", 'PARTIAL', 'arm');

    # the same where the tag was whole before
    tagged($name);
    fetched("/v2/$name/manifests/1");
    $way->($name);
    get("/v2/$name/manifests/1");
    digests_are($m[0]);
    status_is("/v2/$name/manifests/1", 'PARTIAL', 'arm');
}



=== TEST 10: optional: never kept as complete
--- mlist eval: $::OPTIONAL . $::STORE
--- steps
my $target = '/v2/kept/manifests/1';
my $list = warm('kept');

$arm->fail('kept:1', 500);
get($target);
status_is($target, 'PARTIAL', 'arm');
my $short = $res->{body};

# an old list is a whole one
$amd64->fail('kept:1', 500);
get($target);
body_is($list, 'the last complete list');
status_is($target, 'STALE', 'amd64', 'arm');
restart_nginx('TERM');
get($target);
body_is($list, 'after a restart, too');
status_is($target, 'STALE', 'amd64', 'arm');
get('/v2/kept/manifests/' . sha256($short));
body_is($short, 'and the short one by its digest');

# of a tag that never was whole there is none
$amd64->tag('kept:2', docker_image('linux/amd64'));
$arm->fail('kept:2', 500);
get('/v2/kept/manifests/2');
status_is('/v2/kept/manifests/2', 'PARTIAL', 'arm');
$amd64->fail('kept:2', 500);
get('/v2/kept/manifests/2');
gateway_error('never whole');
restart_nginx('TERM');
get('/v2/kept/manifests/2');
gateway_error('nor after a restart');



=== TEST 11: optional: absent is no failure
--- mlist eval: $::OPTIONAL
--- steps
my $target = '/v2/absent/manifests/1';

$amd64->tag('absent:1', docker_image('linux/amd64'));
get($target);
platforms_are('linux/amd64');
status_is($target, 'MISS');
get($target);
status_is($target, 'REVALIDATED');
get('/v2/none/manifests/1');
error_is(404, 'MANIFEST_UNKNOWN');

# what failed before and what is absent now are two things
$arm->fail('absent:1', 500);
get($target);
status_is($target, 'PARTIAL', 'arm');
$arm->forget('absent:1');
get($target);
status_is($target, 'REVALIDATED');



=== TEST 12: optional: it is the only one that may have it
--- mlist eval: $::OPTIONAL
--- steps
$arm->fail('only:1', 500);
get('/v2/only/manifests/1');
gateway_error('nobody knows what it has');
$arm->tag('only:1', docker_image('linux/arm/v7'));
my $list = fetched('/v2/only/manifests/1')->{body};
$arm->fail('only:1', 500);
get('/v2/only/manifests/1');
body_is($list);
status_is('/v2/only/manifests/1', 'STALE', 'arm');



=== TEST 13: all optional, all failing
--- mlist
mlist_auth nginx;
mlist_source http://amd64 optional;
mlist_source http://arm optional;
--- steps
my $target = '/v2/all/manifests/1';

$_->fail('all:1', 500) for $amd64, $arm;
get($target);
gateway_error('never whole');
my $list = warm('all');
$_->fail('all:1', 500) for $amd64, $arm;
get($target);
body_is($list);
status_is($target, 'STALE', 'amd64', 'arm');
my @m = tagged('all');
$amd64->fail('all:1', 500);
get($target);
digests_are($m[1]);
status_is($target, 'PARTIAL', 'amd64');



=== TEST 14: all optional, one fails and one is late, one of which is allowed
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64 optional;
    mlist_source http://arm optional;
    mlist_use_stale error;
    proxy_pass $mlist_upstream;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_read_timeout 300ms;
}
--- steps
for my $order ([$amd64, $arm], [$arm, $amd64]) {
    my ($slow, $bad) = @$order;

    warm('mixed');
    $slow->on('mixed:1', hold => 'mixed');
    $bad->fail('mixed:1', 500);
    get('/v2/mixed/manifests/1');
    gateway_error('a timeout and an error');
}



=== TEST 15: optional and required: each does as it says
--- mlist
mlist_auth nginx;
mlist_source http://amd64 required;
mlist_source http://arm optional;
mlist_source http://other platform=linux/s390x;
--- steps
my $target = '/v2/three/manifests/1';
my $z = $other->tag('three:1', docker_image('linux/s390x'));
my @m = tagged('three');
my $list = fetched($target)->{body};

$arm->fail('three:1', 500);
get($target);
digests_are($m[0], $z);
status_is($target, 'PARTIAL', 'arm');
$amd64->forget('three:1');
get($target);
body_is($list, 'never half');
is(variables($target)->{cache}, 'STALE', 'STALE');
like(header_of($res, 'Warning'), qr/\bamd64\b/, 'the one that is required');
unlike(header_of($res, 'Warning'), qr/\bother\b/, 'not the one that has it');

$other->fail('three:1', 500);
tagged('three');
$arm->fail('three:1', 500);
get($target);
body_is($list);
status_is($target, 'STALE', 'arm', 'other');



=== TEST 16: denied=missing: a refusal is an absence
--- mlist eval: $::DENIED
--- steps
for my $status (401, 403) {
    my $target = "/v2/denied$status/manifests/1";

    $amd64->tag("denied$status:1", docker_image('linux/amd64'));
    $arm->fail("denied$status:1", $status,
               headers => { 'WWW-Authenticate' => 'Basic realm="x"' });
    get($target);
    code_is(200);
    platforms_are('linux/amd64');
    status_is($target, 'MISS');
    is(variables($target)->{missing}, 'arm', '$mlist_missing');
    get($target);
    status_is($target, 'REVALIDATED');

    # complete: it may be given later, and at its digest
    $arm->fail("denied$status:1", 500);
    get($target);
    status_is($target, 'STALE', 'arm');
    platforms_are('linux/amd64');

    # nowhere
    $arm->fail("denied$status:2", $status);
    get("/v2/denied$status/manifests/2");
    error_is(404, 'MANIFEST_UNKNOWN', 'no source has it');
    no_header('WWW-Authenticate');
}



=== TEST 17: denied=missing: not where a child was from there
--- mlist eval: $::DENIED
--- steps
my $target = '/v2/was/manifests/1';
my $list = warm('was');

for my $status (401, 403) {
    $arm->fail('was:1', $status);
    get($target);
    body_is($list);
    status_is($target, 'STALE', 'arm');
}

# for ever: a stale list is still the last complete one
get($target) for 1, 2;
body_is($list);

# gone by its own word, it may be denied
$arm->forget('was:1');
get($target);
platforms_are('linux/amd64');
status_is($target, 'MISS');
$arm->fail('was:1', 403);
get($target);
platforms_are('linux/amd64');
status_is($target, 'REVALIDATED');



=== TEST 18: denied=missing: not where a child was from there, after a restart
--- mlist eval: $::DENIED . $::STORE
--- steps
my $target = '/v2/were/manifests/1';
my $list = warm('were');

$arm->fail('were:1', 403);
restart_nginx('TERM');
get($target);
code_is(200);
body_is($list, 'never shorter');
status_is($target, 'STALE', 'arm');
get('/v2/were/manifests/2');
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 19: denied=missing: of what it says of the tag, and nothing else
--- mlist eval: $::DENIED
--- steps
my $list = warm('else');
my $m = $arm->tag('else:1', docker_image('linux/arm/v7', seed => 'else two'));

$arm->fail("else\@$m->{digest}", 403);
get('/v2/else/manifests/1');
body_is($list, 'a manifest that is denied');
status_is('/v2/else/manifests/1', 'STALE', 'arm');
tagged('else2');
$arm->fail('else2#' . docker_image('linux/arm/v7', seed => 'else2')->{config},
           403);
get('/v2/else2/manifests/1');
gateway_error('a config that is denied');

# all other failures
for my $status (400, 429, 500, 503) {
    $amd64->tag("else:$status", docker_image('linux/amd64'));
    $arm->fail("else:$status", $status);
    get("/v2/else/manifests/$status");
    ok($res->{code} == 429 || $res->{code} >= 502, "status $status");
}

# and the other source's refusals
$amd64->fail('else:9', 403);
$arm->tag('else:9', docker_image('linux/arm/v7'));
get('/v2/else/manifests/9');
gateway_error('a source that is not told to');



=== TEST 20: denied=missing and suffixed tags: the tag as it stands
--- mlist
mlist_auth nginx;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://arm tag=*-arm denied=missing;
--- steps
my $target = '/v2/stands/manifests/1';

$arm->fail("stands:$_", 401) for '1', '1-arm';
get($target);
error_is(404, 'MANIFEST_UNKNOWN', 'a repository that is denied is none');
my $m = $amd64->tag('stands:1', docker_image('linux/s390x'));
get($target, accept => $D2);
body_is($m->{body}, 'the tag as it stands at the other one');



=== TEST 21: denied=missing, mlist_auth registry: only for credentials that count
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm denied=missing;
mlist_source http://other name=more/* platform=linux/s390x denied=missing;
--- steps
my $target = '/v2/scope/manifests/1';

# accepted for this repository: another tag of it was answered
$other->tag('scope:1-amd64', docker_image('linux/amd64'));
$other->on('scope:1-amd64', challenge => 'Basic realm="x"', auth => $GOOD);
$other->fail('scope:1-arm', 403);
get($target, with($GOOD));
code_is(200);
platforms_are('linux/amd64');

# not accepted at all
get($target);
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', 'Basic realm="x"');

# another repository, of which nothing is known
$other->fail('more/scope:1', 401,
             headers => { 'WWW-Authenticate' => 'Basic realm="more"' });
get($target, with($GOOD));
error_is(401, 'UNAUTHORIZED', 'another scope');
header_is('WWW-Authenticate', 'Basic realm="more"');



=== TEST 22: mlist_auth registry: a 401 of optional sources that all fail
--- mlist
mlist_source http://other tag=*-amd64 optional;
mlist_source http://other tag=*-arm optional;
--- steps
for my $order (['amd64', 'arm'], ['arm', 'amd64']) {
    my ($closed, $bad) = @$order;

    $other->fail("told:1-$bad", 500);
    $other->fail("told:1-$closed", 401,
                 headers => { 'WWW-Authenticate' => 'Basic realm="told"' });
    get('/v2/told/manifests/1');
    error_is(401, 'UNAUTHORIZED', "$closed asks for credentials");
    header_is('WWW-Authenticate', 'Basic realm="told"');
}
