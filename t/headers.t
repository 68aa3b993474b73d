# Without this: a registry (or what poses as one) could make nginx serve its
# own internal files, set cookies for the front, forge log lines or split
# answers; a client could do the same to a registry.
# (Spec: "Limits and hostile input".)

use lib 't/lib';
use Mlist::Test;

our %ACCEL = (
    'X-Accel-Redirect' => '/secret', 'X-Accel-Limit-Rate' => '1',
    'X-Accel-Buffering' => 'no', 'X-Accel-Expires' => '100000',
    'X-Accel-Charset' => 'koi8-r',
);

run_tests();

__DATA__

=== TEST 1: X-Accel-* of a registry is not obeyed
--- config
location /secret {
    internal;
    return 200 "the secret";
}
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    mlist_tags ~^1;
    PROXY;
}
--- steps
my $m = $arm->tag('accel:1', docker_image('linux/arm/v7'));
$arm->tag('accel:passed', $m);
$arm->on($_, headers => \%ACCEL)
    for 'accel:1', 'accel:passed', "accel\@$m->{digest}", "accel#$m->{layer}",
        "accel#$m->{config}";

for my $method (qw(GET HEAD)) {
    ask($method, '/v2/accel/manifests/1');
    code_is(200, "$method of a list");
    ask($method, "/v2/accel/manifests/$m->{digest}", accept => $D2);
    code_is(200, "$method of a child");
    is($res->{body}, $method eq 'GET' ? $m->{body} : '', 'its bytes');
    ask($method, '/v2/accel/manifests/passed', accept => $D2);
    is($res->{body}, $method eq 'GET' ? $m->{body} : '', 'a passed-on tag');
    ask($method, "/v2/accel/blobs/$m->{layer}");
    is($res->{body}, $method eq 'GET' ? $m->{blobs}{$m->{layer}} : '',
       'a layer');
    no_header($_) for sort keys %ACCEL;
}

# nor in an error
$arm->put('/v2/accel/blobs/' . sha256('x'), status => 404, body => '{}',
          headers => \%ACCEL);
get('/v2/accel/blobs/' . sha256('x'));
unlike($res->{body}, qr/secret/, 'nor in an error');
code_is(404);
$arm->put('/v2/accel/tags/list', body => '{"tags":["b"]}',
          headers => \%ACCEL);
$amd64->put('/v2/accel/tags/list', status => 200, body => '{"tags":[]}',
            type => 'application/json', headers => \%ACCEL);
get('/v2/accel/tags/list');
is($res->{body}, qq({"name":"accel","tags":["b"]}\n), 'tags');
no_header($_) for sort keys %ACCEL;



=== TEST 2: headers of a registry that break the rules
--- steps
my %bad = (
    'a type with spaces' => { type => "$D2 ; \x01" },
    'an enormous type' => { type => 'a/' . ('b' x 3000) },
    'no type' => { type => undef },
    'a type that is a page' => { type => 'text/html' },
    'a digest with more behind it' =>
        { headers => { 'Docker-Content-Digest' =>
                       'sha256:' . ('a' x 64) . '; x' } },
    'two digests' =>
        { headers => { 'Docker-Content-Digest' =>
                       ['sha256:' . ('a' x 64), 'sha256:' . ('b' x 64)] } },
    'an enormous digest' =>
        { headers => { 'Docker-Content-Digest' => 'sha256:' . 'a' x 2000 } },
    'an odd ETag' => { headers => { 'Etag' => "\"\x80\x01\"" } },
);
my $n = 0;

for my $how (sort keys %bad) {
    my $name = 'rules-' . $n++;

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    my $m = $arm->tag("$name:1", docker_image('linux/arm/v7'));
    $arm->on($_, %{ $bad{$how} }) for "$name:1", "$name\@$m->{digest}";
    get("/v2/$name/manifests/1");
    complete_or_error($how, 'linux/amd64', 'linux/arm/v7');
}



=== TEST 3: what a registry says never reaches the log as it is
--- steps
my $evil = "x\nFORGED line\r\n\x1b[31m";
my @evil = (
    raw_manifest($OM, { schemaVersion => 2, mediaType => $evil }),
    raw_manifest($OM, { schemaVersion => 2, mediaType => $OM,
        config => { mediaType => $evil, size => 1, digest => $evil },
        layers => [] }),
    raw_manifest($OI, { schemaVersion => 2, mediaType => $OI,
        manifests => [{ mediaType => $OM, size => 1, digest => $evil }] }),
    docker_image('linux/amd64', config => { os => $evil,
                                            architecture => $evil }),
    docker_image('linux/amd64', config => { variant => $evil }),
);

for my $i (0 .. $#evil) {
    $amd64->tag("forged:$i", $evil[$i]);
    $arm->tag("forged:$i", docker_image('linux/arm/v7'));
    get("/v2/forged/manifests/$i");
    ok($res->{code} != 0, "answered: $res->{code}");
    unlike($res->{raw}, qr/FORGED/, 'no header is forged');
}

$arm->put("forged:redirect", status => 307, body => '',
          headers => { Location => "http://x/\x1b[31mFORGED" });
get('/v2/forged/manifests/redirect');
is(scalar(log_lines(qr/^FORGED/)), 0, 'no line is forged');
is(scalar(log_lines(qr/\x1b/)), 0, 'no escape sequence')
    if ($ENV{TEST_NGINX_LOG_LEVEL} // 'debug') ne 'debug';



=== TEST 4: what a client sends never reaches a registry as it is
--- steps
for my $target ("/v2/a/manifests/1\tX", '/v2/a/manifests/1%0aX-Evil:%201',
                "/v2/a/manifests/\x01", "/v2/\xc3\xa9/manifests/1",
                '/v2/a/manifests/1\\..\\x', '/v2/a;x/manifests/1')
{
    get($target);
    ok($res->{code} == 400 || $res->{code} == 404, "refused: $res->{code}");
}

is(scalar($amd64->requests), 0, 'nothing is asked') ;

my $m = $amd64->tag('evil:1', docker_image('linux/amd64'));
get("/v2/evil/blobs/$m->{layer}", headers => [
    'X-Forwarded-Host' => 'evil', 'Connection' => 'Authorization',
    'Transfer-Encoding' => 'identity']);
ok($res->{code} > 0, "odd headers: $res->{code}");



=== TEST 5: headers a child request must not repeat
--- config
location /v2/ {
    add_header X-Added once always;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
$_->tag('once:1', docker_image('linux/' . $_->name)) for $amd64, $arm;
$_->on('once:1', headers => { Server => 'registry', 'X-Powered-By' => 'x',
                              'Cache-Control' => 'max-age=9', Vary => 'Accept',
                              Link => '</x>; rel=next', Warning => '299 - x',
                              'Content-Security-Policy' => 'x' })
    for $amd64, $arm;
get('/v2/once/manifests/1', http1 => 1);
whole_answer($DL);
header_is('X-Added', 'once');
no_header($_) for qw(X-Powered-By Link Content-Security-Policy);
is(scalar(headers_of($res, $_)), 1, "one $_")
    for qw(Server Date Content-Type Content-Length Connection);



=== TEST 6: what is passed on keeps its headers, once each
--- steps
my $m = $arm->tag('keeps:1', docker_image('linux/arm/v7'));
get("/v2/keeps/manifests/$m->{digest}", accept => $D2);
whole_answer($D2);
is(scalar(headers_of($res, $_)), 1, "one $_")
    for qw(Server Date Content-Type Content-Length Docker-Content-Digest
           Docker-Distribution-Api-Version);
get("/v2/keeps/blobs/$m->{layer}");
code_is(200);
is(scalar(headers_of($res, $_)), 1, "one $_")
    for qw(Content-Type Content-Length Docker-Content-Digest
           Docker-Distribution-Api-Version);



=== TEST 7: a path does not write lines of its own into the log
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://other;
    proxy_pass $mlist_upstream;
    add_header X-Up $mlist_upstream always;
}
--- steps
get('/v2/a%0aforged%20line/manifests/x');
code_is(400);
# nginx's own lines of level debug do write it decoded

my @said = log_lines('mlist_upstream is empty');
ok(@said && !grep({ !/API only.*client:/ } @said), 'a message is one line');
