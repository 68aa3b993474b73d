# Without this: docker and containerd, which ask for a list by the digest that
# HEAD has shown them, could not pull at all; pins would be lost; a child or a
# layer would be looked for at the wrong registry, or a registry that is down
# be taken for one that has nothing.  (Spec: "A digest", "Blobs".)

use lib 't/lib';
use Mlist::Test;

run_tests();

__DATA__

=== TEST 1: a list by its digest, whatever the Accept
--- steps
$amd64->tag('list:1', docker_image('linux/amd64'));
$arm->tag('list:1', docker_image('linux/arm/v7'));
head('/v2/list/manifests/1');
my $digest = header_of($res, 'Docker-Content-Digest');
my $list = fetched('/v2/list/manifests/1')->{body};
is(sha256($list), $digest, 'the digest that HEAD has shown');

for my $accept ($DL, "$DL, */*", $OI, $D2, 'text/plain', []) {
    get("/v2/list/manifests/$digest", accept => $accept);
    body_is($list);
    header_is('Content-Type', $DL);
}

same_as_get("/v2/list/manifests/$digest");
whole_answer($DL);
$_->clear_requests for $amd64, $arm;
get("/v2/list/manifests/$digest");
asked_of($amd64);
asked_of($arm);



=== TEST 2: HEAD alone is enough
--- steps
$amd64->tag('headed:1', docker_image('linux/amd64'));
head('/v2/headed/manifests/1');
my $digest = header_of($res, 'Docker-Content-Digest');
get("/v2/headed/manifests/$digest");
is(whole_answer($DL), $digest, 'the list');

head('/v2/headed/manifests/1', accept => $OI);
$digest = header_of($res, 'Docker-Content-Digest');
get("/v2/headed/manifests/$digest", accept => "$OI, */*");
is(whole_answer($OI), $digest, 'and the one in the other type');



=== TEST 3: an old list stays, when the tag moves on
--- steps
$amd64->tag('moved:1', docker_image('linux/amd64'));
my $old = fetched('/v2/moved/manifests/1')->{body};
$amd64->tag('moved:1', docker_image('linux/amd64', seed => 'two'));
my $new = fetched('/v2/moved/manifests/1')->{body};
ok($old ne $new, 'another list');
get('/v2/moved/manifests/' . sha256($old));
body_is($old);
$amd64->forget('moved:1');
get('/v2/moved/manifests/' . sha256($new));
body_is($new, 'even where the tag is gone');
$_->down for $amd64, $arm;
get('/v2/moved/manifests/' . sha256($new));
body_is($new, 'and the registries are down');
$_->up for $amd64, $arm;



=== TEST 4: not in another repository
--- steps
$amd64->tag('mine:1', docker_image('linux/amd64'));
my $digest = sha256(fetched('/v2/mine/manifests/1')->{body});

for my $name ('yours', 'min', 'mine/more', 'a/mine') {
    get("/v2/$name/manifests/$digest");
    error_is(404, 'MANIFEST_UNKNOWN', $name);
}



=== TEST 5: a child goes to the source that has it
--- steps
my $a = $amd64->tag('child:1', docker_image('linux/amd64'));
my $b = $arm->tag('child:1', docker_image('linux/arm/v7'));
fetched('/v2/child/manifests/1');
$_->clear_requests for $amd64, $arm;

get("/v2/child/manifests/$b->{digest}", accept => $D2);
whole_answer($D2);
body_is($b->{body});
asked_of($amd64);
is(variables("/v2/child/manifests/$b->{digest}")->{source}, 'arm',
   '$mlist_source');
same_as_get("/v2/child/manifests/$a->{digest}", accept => "$D2, */*");
body_is($a->{body});

get("/v2/child/manifests/$b->{digest}", accept => $D2,
    headers => ['If-None-Match' => qq{"$b->{digest}"}]);
code_is(304, 'for one who has it');

# both layers and configs
for my $digest ($b->{layer}, $b->{config}) {
    get("/v2/child/blobs/$digest");
    code_is(200);
    is(sha256($res->{body}), $digest, 'a blob of it');
}



=== TEST 6: a child that nobody has asked for by a tag
--- steps
my $b = $arm->manifest('unlearned', oci_image('linux/arm64'));
get("/v2/unlearned/manifests/$b->{digest}", accept => $OM);
code_is(200);
body_is($b->{body});
is(join(' ', $amd64->requests), "HEAD /v2/unlearned/manifests/$b->{digest}",
   'the other one is asked by HEAD');

# and from then on it is known
$_->clear_requests for $amd64, $arm;
get("/v2/unlearned/manifests/$b->{digest}", accept => $OM);
body_is($b->{body});
asked_of($amd64);

# the first in order that has it
$_->manifest('everywhere', $b) for $amd64, $arm;
get("/v2/everywhere/manifests/$b->{digest}", accept => $OM);
is(variables("/v2/everywhere/manifests/$b->{digest}")->{source}, 'amd64',
   'the first source');

# a client that names no type: what it gets is what is there
get("/v2/unlearned/manifests/$b->{digest}");
body_is($b->{body}, 'for a client that names no type');



=== TEST 7: a source that has lost it is forgotten
--- steps
my $m = $arm->tag('lost:1', docker_image('linux/arm/v7'));
fetched('/v2/lost/manifests/1');
get("/v2/lost/manifests/$m->{digest}", accept => $D2);
code_is(200);
get("/v2/lost/blobs/$m->{layer}");
code_is(200);

$arm->forget("lost\@$m->{digest}");
$arm->forget("lost#$m->{layer}");
$amd64->manifest('lost', $m);

for my $method (qw(GET HEAD)) {
    ask($method, "/v2/lost/manifests/$m->{digest}", accept => $D2);
    code_is(200, "$method: the other one has it");
    ask($method, "/v2/lost/blobs/$m->{layer}");
    code_is(200, "$method: the blob too");
}

is($res->{body}, '', 'HEAD');
$_->clear_requests for $amd64, $arm;
get("/v2/lost/blobs/$m->{layer}");
is(sha256($res->{body}), $m->{layer}, 'the blob');
asked_of($arm);

$amd64->forget("lost\@$m->{digest}");
$amd64->forget("lost#$m->{layer}");
get("/v2/lost/manifests/$m->{digest}", accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');
get("/v2/lost/blobs/$m->{layer}");
error_is(404, 'BLOB_UNKNOWN');



=== TEST 8: nobody has it
--- steps
my $none = sha256('none');
get("/v2/none/manifests/$none");
error_is(404, 'MANIFEST_UNKNOWN');
get("/v2/none/blobs/$none");
error_is(404, 'BLOB_UNKNOWN');
head("/v2/none/blobs/$none");
code_is(404);

# which is not remembered
$arm->blob('none', 'none');
get("/v2/none/blobs/$none");
code_is(200);
body_is('none');



=== TEST 9: a registry that is down gives 5xx, not 404
--- steps
my $m = docker_image('linux/arm/v7');
$arm->tag('down:1', $m);
$arm->down;
get("/v2/down/manifests/$m->{digest}", accept => $D2);
gateway_error('a manifest that the other one does not have');
get("/v2/down/blobs/$m->{layer}");
gateway_error('a blob');
head("/v2/down/blobs/$m->{layer}");
gateway_error('HEAD of a blob');
$arm->up;

# learned before it went down
fetched('/v2/down/manifests/1');
get("/v2/down/blobs/$m->{layer}");
code_is(200);
$arm->down;
get("/v2/down/manifests/$m->{digest}", accept => $D2);
gateway_error('a learned manifest');
get("/v2/down/blobs/$m->{layer}");
gateway_error('a learned blob');
$arm->up;

# 5xx answers likewise
$arm->fail("down#$m->{layer}", 503);
$arm->fail("down\@$m->{digest}", 500);
get("/v2/down/blobs/$m->{layer}");
ok($res->{code} >= 500, "a blob behind a 503: $res->{code}");
get("/v2/down/manifests/$m->{digest}");
ok($res->{code} >= 500, "a manifest behind a 500: $res->{code}");



=== TEST 10: blobs: whole, in part, their headers
--- steps
my $bytes = join '', map { chr(($_ * 7 + $_ / 251) % 256) } 0 .. 2_000_000;
my $digest = $arm->blob('blob/of/many/parts', $bytes);
my $path = "/v2/blob/of/many/parts/blobs/$digest";

get($path);
code_is(200);
ok($res->{body} eq $bytes, 'byte for byte');
header_is('Content-Length', length $bytes);
header_is('Docker-Content-Digest', $digest);
head($path);
code_is(200);
header_is('Content-Length', length $bytes);
is($res->{body}, '', 'no body');

get($path, headers => ['Range' => 'bytes=1000-1999']);
code_is(206);
header_is('Content-Range', 'bytes 1000-1999/' . length $bytes);
ok($res->{body} eq substr($bytes, 1000, 1000), 'the part');
get($path, headers => ['Range' => 'bytes=1999000-']);
code_is(206);
ok($res->{body} eq substr($bytes, 1999000), 'the rest');

for my $m ($amd64, $arm) {
    is(scalar($m->requests('^GET')), $m == $arm ? 3 : 0,
       'GETs of ' . $m->name);
}



=== TEST 11: a blob is no manifest, and a manifest no blob
--- steps
my $m = docker_image('linux/amd64');
my $digest = $amd64->blob('wrong', $m->{body});
get("/v2/wrong/manifests/$digest", accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');
$amd64->tag('right:1', $m);
fetched('/v2/right/manifests/1');
get("/v2/right/blobs/$m->{digest}");
error_is(404, 'BLOB_UNKNOWN');
get("/v2/right/manifests/$m->{config}", accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');
my $list = sha256(fetched('/v2/right/manifests/1')->{body});
get("/v2/right/blobs/$list");
error_is(404, 'BLOB_UNKNOWN');



=== TEST 12: nothing is routed across names
--- steps
my $m = $arm->tag('route/a:1', docker_image('linux/arm/v7'));
fetched('/v2/route/a/manifests/1');
get("/v2/route/a/blobs/$m->{layer}");
$_->clear_requests for $amd64, $arm;
get("/v2/route/b/blobs/$m->{layer}");
error_is(404, 'BLOB_UNKNOWN');
ok(scalar $amd64->requests, 'amd64 is asked');
ok(scalar $arm->requests, 'arm is asked');
is(scalar(grep { m{route/a} } $amd64->requests, $arm->requests), 0,
   'not for the other name');



=== TEST 13: names that are spelled another way
--- mlist
mlist_auth nginx;
mlist_source http://amd64 name=x86/*;
mlist_source http://arm name=arm32v7/*;
--- steps
my $m = $arm->tag('arm32v7/app:1', docker_image('linux/arm/v7'));
$amd64->tag('x86/app:1', docker_image('linux/amd64'));
get('/v2/app/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7');
get("/v2/app/manifests/$m->{digest}", accept => $D2);
body_is($m->{body});
get("/v2/app/blobs/$m->{layer}");
is(sha256($res->{body}), $m->{layer}, 'a layer');
get("/v2/app/blobs/$m->{layer}", headers => ['Range' => 'bytes=0-3']);
code_is(206);



=== TEST 14: an image index that both hold, by its own digest
--- steps
my $i = oci_index(map { oci_image($_) } 'linux/amd64', 'linux/arm64');
$_->tag('index:1', $i) for $amd64, $arm;
is(sha256(fetched('/v2/index/manifests/1')->{body}), $i->{digest}, 'by tag');
get("/v2/index/manifests/$i->{digest}", accept => "$OI, */*");
whole_answer($OI);
body_is($i->{body});



=== TEST 15: digests of other algorithms pass
--- steps
my $digest = 'sha512:' . ('ab' x 64);
$arm->put("sha512\@$digest", type => $OM, body => '{"a":1}',
          headers => { 'Docker-Content-Digest' => $digest });
get("/v2/sha512/manifests/$digest", accept => $OM);
code_is(200);
body_is('{"a":1}');
$arm->put("sha512#$digest", body => 'blob');
get("/v2/sha512/blobs/$digest");
code_is(200);
body_is('blob');



=== TEST 16: the registry's own redirect of a blob passes to the client
--- steps
my $digest = sha256('far away');
my $url = 'https://s3.example/bucket/x?X-Sig=a%2Bb';
$arm->put("far#$digest", status => 307, body => '',
          headers => { Location => $url });
get("/v2/far/blobs/$digest");
code_is(307);
header_is('Location', $url);
head("/v2/far/blobs/$digest");
code_is(307);



=== TEST 17: pins outlive a kill -9 where there is a store
--- mlist eval
"mlist_auth nginx;\nmlist_store " . Mlist::Test::store_dir() . ";\n"
. "mlist_source http://amd64;\nmlist_source http://arm;\n"
--- steps
$amd64->tag('pinned:1', docker_image('linux/amd64'));
$arm->tag('pinned:1', docker_image('linux/arm/v7'));
head('/v2/pinned/manifests/1');
my $digest = header_of($res, 'Docker-Content-Digest');
restart_nginx();
$_->down for $amd64, $arm;
get("/v2/pinned/manifests/$digest");
is(whole_answer($DL), $digest, 'with every registry down');
$_->up for $amd64, $arm;
get("/v2/pinned/manifests/$digest", to => second_nginx());
is(whole_answer($DL), $digest, 'from a second nginx of the same store');



=== TEST 18: a child that is lost, for a client that takes no list
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
for my $there (0, 1) {
    my $child = docker_image('linux/amd64', seed => "lost $there");
    my $list = docker_list($child, docker_image('linux/arm64'));

    $amd64->tag("lost$there:1", $list);
    $arm->tag("lost$there:1", docker_image('linux/arm/v7'));
    $arm->manifest("lost$there", $child) if $there;
    get("/v2/lost$there/manifests/1", accept => $D2);
    body_is($child->{body});

    $amd64->forget("lost$there\@$child->{digest}");
    get("/v2/lost$there/manifests/1", accept => $D2);

    if ($there) {
        body_is($child->{body});

    } else {
        error_is(404, 'MANIFEST_UNKNOWN');
    }
}



=== TEST 19: a blob that is lost, whose 404 a cache holds
--- http eval
"proxy_cache_path $ENV{TEST_NGINX_SERVER_ROOT}/proxy_cache keys_zone=c:1m;\n"
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
proxy_cache c;
proxy_cache_valid any 10m;
proxy_cache_bypass $mlist_mutable;
proxy_no_cache $mlist_mutable;
--- steps
my $blob = $amd64->blob('cached', 'blob');

$amd64->on("cached#$blob", method => { GET => { status => 404 } });
get("/v2/cached/blobs/$blob");
code_is(404);
$amd64->forget("cached#$blob");
get("/v2/cached/blobs/$blob");
error_is(404, 'BLOB_UNKNOWN');
