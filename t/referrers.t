# Without this: a signature or SBOM that lies at one registry would be hidden
# by the answer of another, cosign and oras would find nothing for a
# synthesized list, or a registry that is down would make a signed image look
# unsigned.  (Spec: "Everything else of the registry API".)

use lib 't/lib';
use Mlist::Test;

our $SBOM = 'application/spdx+json';
our $SIG = 'application/vnd.example.sig.v1+json';
our $QUERY = '?artifactType=application%2Fspdx%2Bjson';
our $GOOD = 'Basic Z29vZDpvbmU=';

# What refers to something: only its descriptor counts here.
sub refers {
    my ($seed, $type, %more) = @_;

    return { mediaType => $OM, digest => sha256($seed), size => length $seed,
             artifactType => $type // $SBOM, %more };
}

sub index_text {
    return json_text({ schemaVersion => 2, mediaType => $OI,
                       manifests => [@_] });
}

sub api_path {
    my ($name, $subject) = @_;

    return "/v2/$name/referrers/$subject";
}

sub tag_path {
    my ($name, $subject) = @_;

    return "/v2/$name/manifests/" . $subject =~ s/:/-/r;
}

# One page of a registry's own referrers API.
sub api {
    my ($registry, $name, $subject, @entries) = @_;

    $registry->put(api_path($name, $subject), type => $OI,
                   body => index_text(@entries));
}

# The tag that clients keep where there is none.
sub tagged {
    my ($registry, $name, $subject, @entries) = @_;
    my $body = index_text(@entries);

    $registry->put(tag_path($name, $subject), type => $OI, body => $body,
                   headers => { 'Docker-Content-Digest' => sha256($body) });
}

# An answer of these entries, as they are.
sub answers {
    my (@entries) = @_;

    code_is(200);
    header_is('Content-Type', $OI);
    header_is('Content-Length', length $res->{body});
    header_is('Docker-Distribution-Api-Version', 'registry/2.0');
    no_header('Content-Encoding');
    is(json_text(json_data($res->{body})),
       json_text({ schemaVersion => 2, mediaType => $OI,
                   manifests => [@entries] }), 'the entries');
}

# The tag itself, as the registry has it.
sub answers_tag {
    my (@entries) = @_;

    code_is(200);
    header_is('Content-Type', $OI);
    body_is(index_text(@entries), 'the tag as it stands');
}

# A registry that gives page after page; each entry on one of its own.
sub paged {
    my ($registry, $name, $subject, $link, @entries) = @_;
    my $path = api_path($name, $subject);

    for my $i (0 .. $#entries) {
        my %answer = (type => $OI, body => index_text($entries[$i]),
                      times => 1,
                      headers => { Link => $i < $#entries
                                           ? $link->($path, $i + 1) : undef });

        $registry->on($path, %answer);
    }
}

run_tests();

__DATA__

=== TEST 1: of all registries, in source order, each once
--- steps
my $subject = sha256('one');
my @e = map { refers("one $_") } 0 .. 3;

$e[1]{annotations} = { 'org.example' => "\x{e9}" };
$e[2]{annotations} = { b => '1', a => '2' };
api($amd64, 'one', $subject, @e[0, 1]);
api($arm, 'one', $subject, $e[2], { %{ $e[1] }, annotations => {} }, $e[3]);
get(api_path('one', $subject));
answers(@e[0, 1, 2, 3]);
no_header('OCI-Filters-Applied');
no_header('Link');
asked_of($amd64, 'GET ' . api_path('one', $subject));
asked_of($arm, 'GET ' . api_path('one', $subject));
same_as_get(api_path('one', $subject));

my $v = variables(api_path('one', $subject));
is("$v->{kind} $v->{name} $v->{reference}", "referrers one $subject",
   'variables');



=== TEST 2: nothing refers to it
--- steps
my $subject = sha256('two');

get(api_path('two', $subject));
answers();
body_is(qq({"schemaVersion":2,"mediaType":"$OI","manifests":[]}));
asked_of($_, 'GET ' . api_path('two', $subject),
         'GET ' . tag_path('two', $subject)) for $amd64, $arm;
api($arm, 'two', $subject);
get(api_path('two', $subject));
answers();
same_as_get(api_path('two', $subject));



=== TEST 3: a registry without the API: the tag
--- steps
my $subject = sha256('three');
my @e = map { refers("three $_") } 0 .. 2;

tagged($amd64, 'three', $subject, @e[0, 1]);
api($arm, 'three', $subject, $e[2]);

for my $status (404, 405, 501) {
    $amd64->fail(api_path('three', $subject), $status);
    get(api_path('three', $subject));
    answers(@e);
    ok($amd64->requests(qr{^GET /v2/three/manifests/sha256-}),
       "the tag after $status");
    $amd64->clear_requests;
}

# with the API it is not asked for
api($amd64, 'three', $subject, $e[1]);
get(api_path('three', $subject));
answers(@e[1, 2]);
asked_of($amd64, 'GET ' . api_path('three', $subject));

# cut as the specification has it
my $long = 'sha512:' . 'ab' x 64;
my $body = index_text($e[0]);
$amd64->put('/v2/three/manifests/sha512-' . 'ab' x 32, type => $OI,
            body => $body);
get(api_path('three', $long));
answers($e[0]);



=== TEST 4: artifactType
--- steps
my $subject = sha256('four');
my @e = (refers('four 0', $SIG), refers('four 1'), refers('four 2', $SIG),
         refers('four 3'));
my $path = api_path('four', $subject);

delete $e[2]{artifactType};
api($amd64, 'four', $subject, @e[0, 1]);
tagged($arm, 'four', $subject, @e[2, 3]);

for my $query ($QUERY, "?ns=docker.io&n=1&artifactType=$SBOM&x=%0d",
               "$QUERY&artifactType=a/b") {
    get("$path$query");
    answers(@e[1, 3]);
    header_is('OCI-Filters-Applied', 'artifactType');
    asked_of($amd64, "GET $path$QUERY");
    asked_of($arm, "GET $path$QUERY", 'GET ' . tag_path('four', $subject));
}

same_as_get("$path$QUERY");
get("$path?artifactType=a/b");
answers();
header_is('OCI-Filters-Applied', 'artifactType');
$_->clear_requests for $amd64, $arm;
get("$path?artifactType=&last=x&ns=docker.io");
answers(@e);
no_header('OCI-Filters-Applied');
asked_of($amd64, "GET $path");

for my $type ('x', 'a/b%00', 'a/b%0d%0aX:y', '%zz', 'a/' . 'b' x 300) {
    get("$path?artifactType=$type");
    error_is(400, 'UNSUPPORTED', substr $type, 0, 8);
}



=== TEST 5: pages
--- steps
my $subject = sha256('five');
my $path = api_path('five', $subject);
my @e = map { refers("five $_", $_ % 2 ? $SBOM : $SIG) } 0 .. 4;
my $host = $amd64->address;
my @links = (
    sub { qq(<$_[0]?page=$_[1]&x=%20>; rel="next") },
    sub { qq(</v2/>; rel="index", <http://amd64$_[0]?page=$_[1]>;rel=next) },
    sub { qq(<?page=$_[1]>; title="a, b"; rel=next) },
);

for my $link (@links) {
    $amd64->forget($path);
    api($arm, 'five', $subject, $e[4]);
    paged($amd64, 'five', $subject, $link, @e[0 .. 3]);
    get($path);
    answers(@e);
    is(scalar(grep { m{\?page=[123]} } $amd64->requests), 3, 'three more');
    $amd64->clear_requests;
}

# each page may be filtered there, and is here
paged($amd64, 'five', $subject, $links[0], @e[0 .. 3]);
get("$path$QUERY");
answers(@e[1, 3]);

# 404 on a page behind the first is no absence
$amd64->forget($path);
$amd64->on($path, times => 1, type => $OI, body => index_text($e[0]),
           headers => { Link => "<$path?page=1>; rel=next" });
$amd64->on($path, times => 1, status => 404);
get($path);
error_is(502, 'UNAVAILABLE');
ok(!$amd64->requests(qr/manifests/), 'no tag is asked for then');

# the same entry on two pages
$amd64->forget($path);
paged($amd64, 'five', $subject, $links[0], @e[0, 1, 0]);
get($path);
answers(@e[0, 1, 4]);



=== TEST 6: a Link that leads elsewhere, or on and on
--- steps
my $subject = sha256('six');
my $path = api_path('six', $subject);
my $e = refers('six');

for my $link ("<http://arm$path?n=1>; rel=next", "<//arm$path?n=1>; rel=next",
              "</v2/other/referrers/$subject?n=1>; rel=next",
              "<$path/../x?n=1>; rel=next", "<$path>; rel=next",
              "<${path}0?n=1>; rel=next", "<$path?a b>; rel=next",
              "<$path?a#b>; rel=next", "<>; rel=next", "$path?n=1; rel=next",
              "<$path?n=1") {
    $amd64->put($path, type => $OI, body => index_text($e),
                headers => { Link => $link });
    get($path);
    error_is(502, 'UNAVAILABLE', substr $link, 0, 20);
    like($res->{body}, qr/amd64/, 'names the source');
    asked_of($amd64, "GET $path");
}

$amd64->put($path, type => $OI, body => index_text($e),
            headers => { Link => "<$path?n=1>; rel=next" });
get($path);
error_is(502, 'UNAVAILABLE', 'a loop');
is(scalar($amd64->requests), 128, 'ends');



=== TEST 7: a failure is an error, never a shorter answer
--- steps
my $subject = sha256('seven');
my $path = api_path('seven', $subject);

api($amd64, 'seven', $subject, refers('seven'));

for my $status (301, 400, 401, 403, 406, 500, 503) {
    $arm->fail($path, $status);
    get($path);
    error_is(502, 'UNAVAILABLE', "status $status");
    like($res->{body}, qr/\barm\b/, 'names the source');
    no_header('WWW-Authenticate');
}

$arm->fail($path, 429, headers => { 'Retry-After' => '7' });
get($path);
error_is(429, 'TOOMANYREQUESTS');
header_is('Retry-After', '7');
head($path);
code_is(429);

# at the tag, too
$arm->fail($path, 404);

for my $status (405, 500, 501) {
    $arm->fail(tag_path('seven', $subject), $status);
    get($path);
    error_is(502, 'UNAVAILABLE', "the tag: status $status");
}

my $body = index_text(refers('seven two'));
$arm->put($path, type => $OI, body => $body, stall => 'body');
get($path);
gateway_error('half an answer');
$arm->put($path, type => $OI, body => $body, cut => 9);
get($path);
gateway_error('a cut answer');
$arm->put($path, type => $OI, body => $body, stall => 'header');
get($path);
code_is(504, 'no answer');
$arm->put($path, reset => 1);
get($path);
gateway_error('a reset');



=== TEST 8: what is no answer
--- steps
my $subject = sha256('eight');
my $path = api_path('eight', $subject);
my $tag = tag_path('eight', $subject);
my $good = index_text(refers('eight'));
my %bad = (
    'no JSON' => [$OI, '<html>'],
    'no type' => [undef, $good],
    'another type' => ['application/json', $good],
    'a Docker list' => [$DL, json_text({ schemaVersion => 2,
                                         mediaType => $DL,
                                         manifests => [] })],
    'another mediaType' => [$OI, $good =~ s/\Q$OI\E/$OM/r],
    'no entries' => [$OI, '{"schemaVersion":2}'],
    'a bad digest' => [$OI, index_text(refers('x', $SBOM, digest => 'x'))],
    'no size' => [$OI, index_text(refers('x', $SBOM, size => undef))],
    'an object twice' => [$OI, $good =~ s/^\{/{"mediaType":"$OI",/r],
    'too deep' => [$OI, '{"a":' x 100 . '1' . '}' x 100],
);

for my $what (sort keys %bad) {
    my ($type, $body) = @{ $bad{$what} };

    $amd64->put($path, type => $type, body => $body);
    get($path);
    error_is(502, 'UNAVAILABLE', $what);
    $amd64->fail($path, 404);
    $amd64->put($tag, type => $type, body => $body, any_accept => 1);
    get($path);
    error_is(502, 'UNAVAILABLE', "the tag: $what");
    $amd64->forget($_) for $path, $tag;
}

$amd64->put($path, type => $OI, body => $good, gzip => 1);
get($path);
error_is(502, 'UNAVAILABLE', 'a Content-Encoding');
$amd64->forget($path);
$amd64->put($tag, type => $OI, body => $good,
            headers => { 'Docker-Content-Digest' => sha256('other') });
get($path);
error_is(502, 'UNAVAILABLE', 'another digest');



=== TEST 9: bounded in size
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_max_manifest_size 4k;
--- steps
my $subject = sha256('nine');
my $path = api_path('nine', $subject);
my @e = map { refers("nine $_", $SBOM, annotations => { a => 'x' x 1500 }) }
        0 .. 3;

api($amd64, 'nine', $subject, @e[0, 1]);
api($arm, 'nine', $subject, @e[2, 3]);
get($path);
answers(@e);
api($arm, 'nine', $subject, @e[1, 2, 3]);
get($path);
error_is(502, 'UNAVAILABLE', 'one page');
$amd64->put($path, type => $OI, endless => 1);
api($arm, 'nine', $subject);
get($path);
error_is(502, 'UNAVAILABLE', 'an endless one');

# all pages of one registry together
$amd64->forget($path);
paged($amd64, 'nine', $subject, sub { "<$_[0]?n=$_[1]>; rel=next" }, @e);
get($path);
error_is(502, 'UNAVAILABLE', 'pages');



=== TEST 10: malformed requests, methods, names
--- mlist
mlist_auth nginx;
mlist_names !~^closed/ ~.;
mlist_source http://amd64 names=~^some/;
mlist_source http://other name=arm/* label=second;
--- steps
my $subject = sha256('ten');

for my $digest ('x', 'sha256:', 'sha256:' . 'a' x 63, 'sha256:' . 'A' x 64,
                'md5:' . 'a' x 32, 'sha256-' . 'a' x 64) {
    get("/v2/some/ten/referrers/$digest");
    error_is(400, 'DIGEST_INVALID', $digest);
}

ask($_, api_path('some/ten', $subject), body => '{}') && code_is(405, $_)
    for qw(PUT POST DELETE);
get(api_path('closed/ten', $subject));
error_is(404, 'NAME_UNKNOWN');
$_->clear_requests for $amd64, $other;

# names are spelled as each source has them
my @e = map { refers("ten $_") } 0, 1;
api($amd64, 'some/ten', $subject, $e[0]);
tagged($other, 'arm/some/ten', $subject, $e[1]);
get(api_path('some/ten', $subject));
answers(@e);
asked_of($amd64, 'GET ' . api_path('some/ten', $subject));
asked_of($other, 'GET ' . api_path('arm/some/ten', $subject),
         'GET ' . tag_path('arm/some/ten', $subject));
get(api_path('ten', $subject));
answers();
asked_of($amd64);



=== TEST 11: one registry under many spellings is asked once
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $subject = sha256('eleven');
my $path = api_path('eleven', $subject);

api($other, 'eleven', $subject, refers('eleven'));
get($path);
answers(refers('eleven'));
asked_of($other, "GET $path");

# a client that pushes here would take a 200 for the API that there is not,
# and nobody would ever see what it pushed
tagged($other, 'eleven', $subject, refers('eleven'));

for my $status (404, 405, 501) {
    $other->fail($path, $status);
    get($path);
    error_is(404, 'UNSUPPORTED', 'keep the tag');
    asked_of($other, "GET $path", 'GET ' . tag_path('eleven', $subject));
}

get(tag_path('eleven', $subject));
answers_tag(refers('eleven'));
head($path);
code_is(404);
$other->forget(tag_path('eleven', $subject));
get($path);
error_is(404, 'UNSUPPORTED', 'nor where there is nothing yet');
$other->fail(tag_path('eleven', $subject), 500);
get($path);
error_is(502, 'UNAVAILABLE');



=== TEST 12: two names at the registry that is pushed to
--- mlist
mlist_auth nginx;
mlist_source http://other name=arm/* label=arm;
mlist_source http://other;
--- steps
my $subject = sha256('both');
my $path = api_path('both', $subject);
my @e = map { refers("both $_") } 0, 1;

# less than all is no answer, so that it is one here
tagged($other, 'both', $subject, $e[0]);
tagged($other, 'arm/both', $subject, $e[1]);
get($path);
answers(@e[1, 0]);
tagged($other, 'arm/both', $subject);
get($path);
error_is(404, 'UNSUPPORTED', 'all is in the tag');
api($other, 'both', $subject, $e[0]);
get($path);
answers($e[0]);



=== TEST 13: mlist_auth registry: credentials and challenges
--- mlist
mlist_source http://other;
mlist_source http://arm trusted;
mlist_source http://amd64 trusted optional;
--- steps
my $subject = sha256('twelve');
my $path = api_path('twelve', $subject);
my $challenge = 'Bearer realm="https://auth.example/token",service="x"';

api($other, 'twelve', $subject, refers('twelve'));
$other->on($path, challenge => $challenge, auth => $GOOD);
get($path);
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', $challenge);
get($path, headers => [Authorization => $GOOD]);
answers(refers('twelve'));
is(join(',', $arm->seen_header(qr/referrers/, 'Authorization')), $GOOD,
   'goes to all');
get($path);
error_is(401, 'UNAUTHORIZED', 'again without');

# where the API is not there to ask for them, the tag does
$other->fail($path, 404);
tagged($other, 'twelve', $subject, refers('twelve'));
$other->on(tag_path('twelve', $subject), challenge => $challenge,
           auth => $GOOD);
get($path);
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', $challenge);
get($path, headers => [Authorization => $GOOD]);
answers(refers('twelve'));

$other->fail($path, 403);
get($path, headers => [Authorization => $GOOD]);
error_is(403, 'DENIED');

# one that may be left out of a list may not be here
api($other, 'twelve', $subject, refers('twelve'));
$amd64->fail($path, 500);
get($path);
error_is(502, 'UNAVAILABLE');



=== TEST 14: mlist_auth nginx: the client's credentials stay here
--- steps
my $subject = sha256('thirteen');
my $path = api_path('thirteen', $subject);

get($path, headers => [Authorization => $GOOD, Cookie => 'a=b']);
answers();
is(join(',', map { ($_->seen_header(qr/./, 'Authorization'),
                    $_->seen_header(qr/./, 'Cookie')) } $amd64, $arm), '',
   'none is sent');



=== TEST 15: of a synthesized list
--- steps
$amd64->tag('list:1', docker_image('linux/amd64'));
$arm->tag('list:1', docker_image('linux/arm/v7'));
get('/v2/list/manifests/1');
my $list = whole_answer($DL);

tagged($arm, 'list', $list, refers('of the list'));
get(api_path('list', $list));
answers(refers('of the list'));



=== TEST 16: all at once
--- steps
my $subject = sha256('fifteen');
my $path = api_path('fifteen', $subject);

for my $r ($amd64, $arm) {
    api($r, 'fifteen', $subject, refers($r->name));
    $r->on($path, hold => 'fifteen');
}

my $fh = send_to(nginx_port(), 'GET', $path);
ok($_->wait_for(qr/referrers/), 'is asked') for $amd64, $arm;
$amd64->release('fifteen');
$res = answer_of($fh, 'GET');
answers(map { refers($_->name) } $amd64, $arm);



=== TEST 17: signature tags: as they stand, never a list
--- mlist
mlist_auth nginx;
mlist_source http://amd64 tag=*-amd64;
mlist_source http://arm tag=*-arm platform=linux/arm/v7;
mlist_source http://other name=more/*;
--- steps
my $hex = 'c' x 64;

for my $tag ("sha256-$hex", map { "sha256-$hex.$_" } qw(sig att sbom)) {
    my $m = oci_image('linux/arm/v7', seed => $tag);

    $arm->tag("sign:$tag", $m);
    $arm->tag("sign:$tag-arm", oci_image('linux/arm/v7', seed => 'wrong'));
    get("/v2/sign/manifests/$tag", accept => $OM);
    body_is($m->{body}, "$tag of the second source");
    header_is('Content-Type', $OM);
    is(variables("/v2/sign/manifests/$tag")->{kind}, 'manifest', 'no list');
    same_as_get("/v2/sign/manifests/$tag", accept => $OM);

    # the first one's, and a name as that source has it
    my $first = $amd64->tag("sign:$tag", oci_image('linux/amd64',
                                                   seed => $tag));
    get("/v2/sign/manifests/$tag");
    body_is($first->{body}, 'the first one has it');
    my $third = $other->tag("more/sign2:$tag", $m);
    get("/v2/sign2/manifests/$tag");
    body_is($third->{body}, 'the third one');

    # nobody knows what one that fails has
    $amd64->fail("sign:$tag", 500);
    get("/v2/sign/manifests/$tag");
    gateway_error('the first one fails');
    $amd64->forget("sign:$tag");
    $other->fail("more/sign:$tag", 500);
    get("/v2/sign/manifests/$tag");
    body_is($m->{body}, 'a failure behind the one that has it');

    get("/v2/none/manifests/$tag");
    error_is(404, 'MANIFEST_UNKNOWN');
}



=== TEST 18: signature tags: the push registry's
--- mlist
mlist_auth nginx;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $tag = 'sha256-' . 'd' x 64 . '.sig';
my $m = oci_image('linux/amd64', seed => 'pushed');

$other->writable;
$other->blob('pushed', $_) for values %{ $m->{blobs} };
put_to("/v2/pushed/manifests/$tag", $m->{body},
       headers => ['Content-Type' => $OM]);
code_is(201);
get("/v2/pushed/manifests/$tag");
body_is($m->{body}, 'and back');
is(scalar(grep { !m{/v2/pushed/manifests/\Q$tag\E$} } $other->requests), 0,
   'under no other spelling');
