# Without this: a tag whose images are spread over registries or suffixes
# would be answered with fewer platforms than there are, with a 404 for an
# image that exists, or not at all; and every pull would cost the registries
# full reads.  (Spec: "A tag", 1 to 3, and the two minimal configurations.)

use lib 't/lib';
use Mlist::Test;

run_tests();

__DATA__

=== TEST 1: two registries, one name
--- steps
$a = $amd64->tag('common/prometheus:1.1.3', docker_image('linux/amd64'));
$b = $arm->tag('common/prometheus:1.1.3', docker_image('linux/arm/v7'));

get('/v2/common/prometheus/manifests/1.1.3', accept => "$D2, $DL, $OM, $OI");
whole_answer($DL);
platforms_are('linux/amd64', 'linux/arm/v7');
digests_are($a, $b);

for my $e (entries()) {
    is($e->{mediaType}, $D2, "a child's type is the one it is served as");
}

is((entries())[0]{size}, $a->{size}, 'size of the first child');



=== TEST 2: sources are asked together, each once
--- steps
$amd64->tag('together:1', docker_image('linux/amd64'));
$arm->tag('together:1', docker_image('linux/arm/v7'));
$amd64->on('together:1', hold => 'together-a');
$arm->on('together:1', hold => 'together-b');

$fh = send_to(nginx_port(), 'GET', '/v2/together/manifests/1');
ok($amd64->wait_for('together/manifests/1'), 'amd64 is asked');
ok($arm->wait_for('together/manifests/1'), 'arm is asked before amd64 answers');
is(scalar $amd64->requests, 1, 'by one request');
is(scalar $arm->requests, 1, 'by one request');

$amd64->release('together-a');
$arm->release('together-b');
$res = answer_of($fh, 'GET');
code_is(200);
platforms_are('linux/amd64', 'linux/arm/v7');



=== TEST 3: an unchanged tag costs HEADs only
--- steps
$amd64->tag('same:1', docker_image('linux/amd64'));
$arm->tag('same:1', oci_image('linux/arm64'));
$first = fetched('/v2/same/manifests/1')->{body};
$_->clear_requests for $amd64, $arm;

get('/v2/same/manifests/1');
body_is($first);
asked_of($amd64, 'HEAD /v2/same/manifests/1');
asked_of($arm, 'HEAD /v2/same/manifests/1');

head('/v2/same/manifests/1');
code_is(200);
asked_of($amd64, 'HEAD /v2/same/manifests/1');
asked_of($arm, 'HEAD /v2/same/manifests/1');



=== TEST 4: what is pushed is in the next answer; only what changed is read
--- steps
$amd64->tag('pushed:1', docker_image('linux/amd64'));
$b = $arm->tag('pushed:1', docker_image('linux/arm/v7'));
fetched('/v2/pushed/manifests/1');
$_->clear_requests for $amd64, $arm;

$a = $amd64->tag('pushed:1', docker_image('linux/amd64', seed => 'two'));
get('/v2/pushed/manifests/1');
whole_answer($DL);
digests_are($a, $b);
asked_of($arm, 'HEAD /v2/pushed/manifests/1');
ok(scalar $amd64->requests('^GET '), 'the new manifest is read');



=== TEST 5: a source without the tag has no image for its platform
--- steps
$a = $amd64->tag('only-amd64:1', docker_image('linux/amd64'));
get('/v2/only-amd64/manifests/1');
whole_answer($DL);
digests_are($a);

$b = $arm->tag('only-arm:1', oci_image('linux/arm64'));
get('/v2/only-arm/manifests/1');
whole_answer($OI);
digests_are($b);



=== TEST 6: an image that appears later is in the next answer, and goes again
--- steps
$a = $amd64->tag('later:1', docker_image('linux/amd64'));
fetched('/v2/later/manifests/1');
$b = $arm->tag('later:1', docker_image('linux/arm/v7'));
get('/v2/later/manifests/1');
digests_are($a, $b);
$arm->forget('later:1');
get('/v2/later/manifests/1');
digests_are($a);
$amd64->forget('later:1');
get('/v2/later/manifests/1');
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 7: nobody has it
--- steps
get('/v2/nobody/manifests/1');
error_is(404, 'MANIFEST_UNKNOWN');
head('/v2/nobody/manifests/1');
code_is(404);
is($res->{body}, '', 'no body for HEAD');

# and that is not remembered
$a = $amd64->tag('nobody:1', docker_image('linux/amd64'));
get('/v2/nobody/manifests/1');
digests_are($a);



=== TEST 8: a status that says "not now" or "not you" never shortens the list
--- steps
for my $status (500, 501, 502, 503, 504, 507, 400, 401, 402, 403, 405, 406,
                408, 410, 416, 418, 301, 302, 307, 308, 204, 206, 304)
{
    my $name = "status-$status";

    for my $pair ([$amd64, $arm], [$arm, $amd64]) {
        my ($good, $bad) = @$pair;
        my $tag = "$name:" . $good->name;

        $good->tag($tag, docker_image('linux/' . $good->name));
        $bad->fail($tag, $status);
        get("/v2/$name/manifests/" . $good->name);
        gateway_error("$status of " . $bad->name);
        ok(ref eval { json_data($res->{body})->{errors} },
           "$status: a registry's error body");
    }
}



=== TEST 9: a 429 is relayed with its Retry-After
--- steps
$amd64->tag('busy:1', docker_image('linux/amd64'));
$arm->fail('busy:1', 429, headers => { 'Retry-After' => '17' });
get('/v2/busy/manifests/1');
error_is(429, 'TOOMANYREQUESTS');
header_is('Retry-After', '17');



=== TEST 10: one failure among 404s is no 404
--- steps
$arm->fail('hidden:1', 503);
get('/v2/hidden/manifests/1');
gateway_error('404 and 503');
head('/v2/hidden/manifests/1');
gateway_error('HEAD: 404 and 503');



=== TEST 11: answers that break off
--- steps
%broken = (
    'closes without an answer'     => { reset => 1 },
    'breaks off in the body'       => { method => { GET => { cut => 100 } } },
    'breaks off at once'           => { method => { GET => { cut => 0 } } },
    'breaks off a chunked body'    =>
        { method => { GET => { chunked => 1, cut => 100 } } },
    'ends an unframed body early'  =>
        { method => { GET => { unframed => 1, cut => 100 } } },
);
$n = 0;

for my $how (sort keys %broken) {
    my $name = 'broken-' . $n++;

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    my $m = $arm->tag("$name:1", docker_image('linux/arm/v7'));
    $arm->on("$name:1", %{ $broken{$how} });
    $arm->on("$name\@$m->{digest}", %{ $broken{$how} });
    get("/v2/$name/manifests/1");
    gateway_error("a source that $how");
}



=== TEST 12: a source that does not answer in time gives 504
--- steps
$amd64->tag('slow-head:1', docker_image('linux/amd64'));
$arm->tag('slow-head:1', docker_image('linux/arm/v7'));
$arm->on('slow-head:1', stall => 'header');

$m = $arm->tag('slow-body:1', docker_image('linux/arm/v7'));
$amd64->tag('slow-body:1', docker_image('linux/amd64'));
$arm->on($_, method => { GET => { stall => 'body' } })
    for 'slow-body:1', "slow-body\@$m->{digest}";

@fh = map { send_to(nginx_port(), 'GET', "/v2/$_/manifests/1") }
      qw(slow-head slow-body);
$res = answer_of($fh[0], 'GET');
ok($res->{code} == 504, "no header in time: 504, got $res->{code}");
ok(ref eval { json_data($res->{body})->{errors} }, 'with an error body');
$res = answer_of($fh[1], 'GET');
gateway_error('no whole body in time');



=== TEST 13: bytes that are not what they are said to be
--- steps
$lie = sha256('something else');
%lies = (
    'wrong Docker-Content-Digest everywhere' =>
        { headers => { 'Docker-Content-Digest' => $lie } },
    'wrong Docker-Content-Digest of GET' =>
        { method => { GET => { headers => {
            'Docker-Content-Digest' => $lie } } } },
    'malformed Docker-Content-Digest' =>
        { headers => { 'Docker-Content-Digest' => 'sha256:xyz' } },
    'other bytes' => { method => { GET => { body => '{"schemaVersion":2}' } } },
    'no JSON' => { body => '<html>It works!</html>', headers => {
        'Docker-Content-Digest' => sha256('<html>It works!</html>') } },
    'no object' => { body => '[]', headers => {
        'Docker-Content-Digest' => sha256('[]') } },
    'nothing' => { body => '', headers => {
        'Docker-Content-Digest' => sha256('') } },
    'half of it' => { body => '{"schemaVersion":2,', headers => {
        'Docker-Content-Digest' => sha256('{"schemaVersion":2,') } },
);
$n = 0;

for my $how (sort keys %lies) {
    my $name = 'lie-' . $n++;
    my $lies = $lies{$how};

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    my $m = $arm->tag("$name:1", docker_image('linux/arm/v7'));
    $arm->on("$name:1", %$lies);
    $arm->on("$name\@$m->{digest}", %$lies);
    $arm->put("$name\@$lies->{headers}{'Docker-Content-Digest'}",
              type => $D2, %$lies) if defined $lies->{body};
    get("/v2/$name/manifests/1");
    gateway_error($how);
}



=== TEST 14: duplicate keys, and bodies that contradict their type, are refused
--- steps
$config = sha256('{}');
%bad = (
    'a key twice' =>
        [$D2, qq({"schemaVersion":2,"mediaType":"$D2","config":{"mediaType":)
              . qq("$DOCKER_CONFIG","size":2,"digest":"$config"},"config":{},)
              . qq("layers":[]})],
    'an index served as a manifest' =>
        [$D2, qq({"schemaVersion":2,"mediaType":"$DL","manifests":[]})],
    'nested too deep' =>
        [$OM, qq({"schemaVersion":2,"mediaType":"$OM","annotations":)
              . ('[' x 4000) . (']' x 4000) . '}'],
);
$n = 0;

for my $how (sort keys %bad) {
    my $name = 'bad-' . $n++;

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    $arm->tag("$name:1", raw_manifest(@{ $bad{$how} }, config => '{}'));
    get("/v2/$name/manifests/1");
    gateway_error($how);
}



=== TEST 15: config blobs are checked too
--- steps
%bad = (
    'other bytes of the same length' => { body => undef },
    'a config that breaks off' => { cut => 10 },
    'a config that is gone' => { status => 404, body => '{}' },
    'a config that is refused' => { status => 403, body => '{}' },
    'a config behind an error' => { status => 500, body => '{}' },
);
$n = 0;

for my $how (sort keys %bad) {
    my $name = 'badconfig-' . $n++;
    my %change = %{ $bad{$how} };

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    my $m = $arm->tag("$name:1", docker_image('linux/arm/v7'));
    $change{body} = $m->{blobs}{$m->{config}} =~ s/arm/ARM/r
        if exists $change{body} && !defined $change{body};
    $arm->on("$name#$m->{config}", %change);
    get("/v2/$name/manifests/1");
    gateway_error($how);
}



=== TEST 16: what is said in another way is still understood
--- steps
%ways = (
    'chunked' => { chunked => 1 },
    'no length, the close ends it' => { method => { GET => {
        unframed => 1 } } },
    'no Docker-Content-Digest' => { headers => {
        'Docker-Content-Digest' => undef } },
    'an upper-case header' => { headers => {
        'Docker-Content-Digest' => undef, 'DOCKER-CONTENT-DIGEST' => 'auto' } },
);
$n = 0;

for my $how (sort keys %ways) {
    my $name = 'way-' . $n++;

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    my $m = $arm->tag("$name:1", docker_image('linux/arm/v7'));
    my %way = %{ $ways{$how} };
    $way{headers}{'DOCKER-CONTENT-DIGEST'} = $m->{digest}
        if $way{headers}{'DOCKER-CONTENT-DIGEST'};
    $arm->on($_, %way) for "$name:1", "$name\@$m->{digest}";
    get("/v2/$name/manifests/1");
    code_is(200, $how);
    platforms_are('linux/amd64', 'linux/arm/v7');
}



=== TEST 17: a body that nobody asked to be compressed, a HEAD that is refused
--- steps
$amd64->tag('gzipped:1', docker_image('linux/amd64'));
$m = $arm->tag('gzipped:1', docker_image('linux/arm/v7'));
$arm->on($_, gzip => 1) for 'gzipped:1', "gzipped\@$m->{digest}";
get('/v2/gzipped/manifests/1', headers => ['Accept-Encoding' => 'gzip']);
complete_or_error('gzip', 'linux/amd64', 'linux/arm/v7');
no_header('Content-Encoding');
is(join(',', map { $_->seen_header('.', 'Accept-Encoding') } $amd64, $arm), '',
   'no compression is asked for');

$amd64->tag('headless:1', docker_image('linux/amd64'));
$arm->tag('headless:1', docker_image('linux/arm/v7'));
$arm->on('headless:1', method => { HEAD => { status => 405 } });
get('/v2/headless/manifests/1');
complete_or_error('HEAD refused', 'linux/amd64', 'linux/arm/v7');



=== TEST 18: a source that was killed: an error for a tag never served before
--- steps
$amd64->tag('killed:1', docker_image('linux/amd64'));
$arm->tag('killed:1', docker_image('linux/arm/v7'));
$arm->down;
get('/v2/killed/manifests/1');
gateway_error('GET');
head('/v2/killed/manifests/1');
gateway_error('HEAD');
get('/v2/killed/manifests/1');
ok(ref eval { json_data($res->{body})->{errors} }, 'a registry error body');
$arm->up;
get('/v2/killed/manifests/1');
code_is(200, 'and back it is there');
platforms_are('linux/amd64', 'linux/arm/v7');



=== TEST 19: both sources refuse connections
--- mlist
mlist_auth nginx;
mlist_source http://dead;
mlist_source http://dead tag=*-arm;
--- steps
get('/v2/dead/manifests/1');
gateway_error('no registry');



=== TEST 20: one registry, suffixed tags
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm platform=linux/arm/v7;
--- steps
$a = $other->tag('app:1.0-amd64', docker_image('linux/amd64'));
$b = $other->tag('app:1.0-arm', docker_image('linux/arm'));
get('/v2/app/manifests/1.0');
whole_answer($DL);
platforms_are('linux/amd64', 'linux/arm/v7');
digests_are($a, $b);
is(scalar $other->requests("blobs/$b->{config}"), 0,
   'a declared platform is not read');

# a tag that is a source's own spelling
get('/v2/app/manifests/1.0-arm', accept => [$D2]);
whole_answer($D2);
body_is($b->{body});



=== TEST 21: the tag as it stands, where no source has it
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm platform=linux/arm/v7;
--- steps
$m = $other->tag('plain:1.0', docker_image('linux/s390x'));
get('/v2/plain/manifests/1.0', accept => "$D2, $DL, $OM, $OI");
whole_answer($D2);
body_is($m->{body});

# but synthesis wins over an index under the unsuffixed tag
$a = $other->tag('both:1.0-amd64', docker_image('linux/amd64'));
$other->tag('both:1.0', docker_list(docker_image('linux/s390x')));
get('/v2/both/manifests/1.0');
digests_are($a);

$other->clear_requests;
get('/v2/none/manifests/1.0');
error_is(404, 'MANIFEST_UNKNOWN');
my %asked = map { s/^\w+ //r => 1 } $other->requests;
is(join(' ', sort keys %asked), join(' ', map { "/v2/none/manifests/1.0$_" }
                                          '', '-amd64', '-arm'),
   'both spellings and the tag as it stands are asked for');

$other->fail('failing:1.0', 500);
get('/v2/failing/manifests/1.0');
ok($res->{code} >= 500, "the tag as it stands fails: $res->{code}");



=== TEST 22: the tag as it stands, over registries in their order
--- mlist
mlist_auth nginx;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
$m = $arm->tag('order:1', docker_image('linux/s390x'));
get('/v2/order/manifests/1', accept => $D2);
body_is($m->{body}, 'the second registry has it');

$m = $amd64->tag('order:1', docker_image('linux/ppc64le'));
get('/v2/order/manifests/1', accept => $D2);
body_is($m->{body}, 'the first one comes first');

$arm->tag('order:2', docker_image('linux/s390x'));
$amd64->fail('order:2', 500);
get('/v2/order/manifests/2', accept => $D2);
gateway_error('a failure before a hit');



=== TEST 23: sources that share registry, name and tag are asked once
--- mlist
mlist_source http://other platform=linux/amd64;
mlist_source http://other platform=linux/arm/v7;
mlist_source http://other platform=linux/arm64;
--- steps
$i = $other->tag('shared:1', oci_index(map { oci_image($_) }
                 qw(linux/amd64 linux/arm/v7 linux/arm64 linux/s390x)));
get('/v2/shared/manifests/1');
code_is(200);
platforms_are('linux/amd64', 'linux/arm/v7', 'linux/arm64');
ok($other->requests('^HEAD /v2/shared/manifests/1$') <= 1, 'one HEAD at most');
is(scalar(grep { m{^GET /v2/shared/manifests/(?:1|\Q$i->{digest}\E)$} }
          $other->requests), 1, 'one GET of the index');



=== TEST 24: two tags, one digest, one list
--- steps
$m = docker_image('linux/amd64');
$amd64->tag('twice:1', $m);
$amd64->tag('twice:2', $m);
fetched('/v2/twice/manifests/1');
$_->clear_requests for $amd64, $arm;
$one = $res->{body};
get('/v2/twice/manifests/2');
body_is($one, 'same children, same list');



=== TEST 25: read with the full set of types, whatever the client takes
--- steps
$amd64->tag('types:1', docker_image('linux/amd64'));
$arm->tag('types:1', oci_image('linux/arm64'));
get('/v2/types/manifests/1', accept => $OI);
platforms_are('linux/amd64', 'linux/arm64');

for my $r ($amd64, $arm) {
    my $accept = join ',', $r->seen_header('manifests/1$', 'Accept');

    ok($accept =~ /\Q$_\E/, $r->name . " is asked for $_")
        for $D2, $DL, $OM, $OI;
}



=== TEST 26: what a client sends stays with it
--- steps
$amd64->tag('client:1', docker_image('linux/amd64'));
get('/v2/client/manifests/1?ns=docker.io&x=%2f..', headers => [
    'Range' => 'bytes=0-3', 'If-None-Match' => '"x"', 'If-Match' => '"y"',
    'Accept-Encoding' => 'gzip',
    'If-Modified-Since' => 'Mon, 01 Jan 2024 00:00:00 GMT',
    'Content-Length' => 0 ]);
whole_answer($DL);

for my $h (qw(Range If-None-Match If-Match If-Modified-Since Accept-Encoding
              Transfer-Encoding))
{
    is(join(',', map { $_->seen_header('.', $h) } $amd64, $arm), '',
       "no $h reaches a source");
}

is(scalar(grep { /\?/ } $amd64->requests, $arm->requests), 0,
   'nor does the query');



=== TEST 27: 32 sources
--- mlist eval
"mlist_auth nginx;\n"
. CORE::join('', map { "mlist_source http://other tag=*-$_ platform=linux/a$_;\n" }
           1 .. 32)
--- steps
$other->tag("many:1-$_", docker_image('linux/amd64', seed => $_)) for 1 .. 32;
get('/v2/many/manifests/1');
whole_answer($DL);
platforms_are(map { "linux/a$_" } 1 .. 32);
