# Without this: repositories that are not to be served would be, architecture
# namespaces (arm32v7/debian) could not be joined, and tags that operators want
# left alone would be synthesized.  (Spec: mlist_names, mlist_tags, name=,
# names=.)

use lib 't/lib';
use Mlist::Test;

run_tests();

__DATA__

=== TEST 1: mlist_names
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_names ~^library/ !~^library/secret;
--- steps
for my $name (qw(library/app library/secret other/app)) {
    $amd64->tag("$name:1", docker_image('linux/amd64'));
}

my $m = docker_image('linux/amd64');
get('/v2/library/app/manifests/1');
code_is(200);

for my $name (qw(library/secret other/app)) {
    $amd64->clear_requests;

    for my $rest ('manifests/1', "manifests/$m->{digest}", "blobs/$m->{layer}",
                  'tags/list')
    {
        get("/v2/$name/$rest");
        error_is(404, 'NAME_UNKNOWN', "$name/$rest");
        head("/v2/$name/$rest");
        code_is(404, "HEAD $name/$rest");
    }

    ask('POST', "/v2/$name/blobs/uploads/", body => '');
    ok($res->{code} == 404 || $res->{code} == 405, "$name: $res->{code}");
    asked_of($amd64);
}



=== TEST 2: only negative ones: all others are served
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_names !~^private/;
--- steps
$amd64->tag("$_/app:1", docker_image('linux/amd64')) for qw(private public);
get('/v2/public/app/manifests/1');
code_is(200);
get('/v2/private/app/manifests/1');
error_is(404, 'NAME_UNKNOWN');



=== TEST 3: mlist_tags: others are passed on, in the order of the sources
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_tags ~^v[0-9] !~-debug$;
--- steps
my $a = $amd64->tag('tags:v1', docker_image('linux/amd64'));
my $b = $arm->tag('tags:v1', docker_image('linux/arm/v7'));
get('/v2/tags/manifests/v1');
digests_are($a, $b);

for my $tag (qw(latest v1-debug)) {
    $arm->tag("tags:$tag", $b);
    get("/v2/tags/manifests/$tag", accept => "$D2, $DL");
    whole_answer($D2);
    body_is($b->{body}, 'where only the second has it');
    is(variables("/v2/tags/manifests/$tag")->{kind}, 'manifest', '$mlist_kind');
    is(variables("/v2/tags/manifests/$tag")->{source}, 'arm', '$mlist_source');
    same_as_get("/v2/tags/manifests/$tag", accept => "$D2, $DL");
    $amd64->tag("tags:$tag", $a);
    get("/v2/tags/manifests/$tag", accept => "$D2, $DL");
    body_is($a->{body}, 'where both have it');
}

$amd64->fail('tags:other', 500);
$arm->tag('tags:other', $b);
get('/v2/tags/manifests/other', accept => $D2);
gateway_error('a failure before a hit');
get('/v2/tags/manifests/none');
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 4: name= patterns: a namespace for each architecture
--- mlist
mlist_auth nginx;
mlist_source http://amd64 name=amd64/*;
mlist_source http://arm name=arm32v7/* platform=linux/arm/v7;
mlist_source http://arm name=arm64v8/*;
--- steps
my $a = $amd64->tag('amd64/debian:12', docker_image('linux/amd64'));
my $b = $arm->tag('arm32v7/debian:12', docker_image('linux/arm'));
my $c = $arm->tag('arm64v8/debian:12', docker_image('linux/arm64/v8'));
get('/v2/debian/manifests/12');
whole_answer($DL);
digests_are($a, $b, $c);
platforms_are('linux/amd64', 'linux/arm/v7', 'linux/arm64');

for my $m ($a, $b, $c) {
    get("/v2/debian/manifests/$m->{digest}", accept => $D2);
    body_is($m->{body});
    get("/v2/debian/blobs/$m->{config}");
    is(sha256($res->{body}), $m->{config}, 'its config');
}

my $list = sha256(fetched('/v2/debian/manifests/12')->{body});
get("/v2/arm32v7/debian/manifests/$list");
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 5: a pattern with text on both sides, and one without a star
--- mlist
mlist_auth nginx;
mlist_source http://amd64 name=team/*/image tag=v*-x64;
mlist_source http://arm name=the/one tag=arm;
--- steps
my $a = $amd64->tag('team/app/image:v1-x64', docker_image('linux/amd64'));
my $b = $arm->tag('the/one:arm', docker_image('linux/arm/v7'));
get('/v2/app/manifests/1');
digests_are($a, $b);
like(($amd64->requests)[0], qr{ /v2/team/app/image/manifests/v1-x64$},
     'asked by its spelling');



=== TEST 6: names=: asked only for these repositories
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm names=~^arm/;
--- steps
my $a = $amd64->tag('plain/app:1', docker_image('linux/amd64'));
$arm->tag('plain/app:1', docker_image('linux/arm/v7'));
get('/v2/plain/app/manifests/1');
digests_are($a);
get("/v2/plain/app/blobs/" . sha256('none'));
error_is(404, 'BLOB_UNKNOWN');
asked_of($arm);

$a = $amd64->tag('arm/app:1', docker_image('linux/amd64'));
my $b = $arm->tag('arm/app:1', docker_image('linux/arm/v7'));
get('/v2/arm/app/manifests/1');
digests_are($a, $b);



=== TEST 7: a spelling that grows too long for the source
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm name=a/long/prefix/of/a/namespace/* tag=*-with-a-suffix;
--- steps
my $name = 'n' x 250;
my $tag = 't' x 128;
my $a = $amd64->tag("$name:1", docker_image('linux/amd64'));
$amd64->tag("short:$tag", docker_image('linux/amd64'));

for my $target ("/v2/$name/manifests/1", "/v2/short/manifests/$tag") {
    get($target);
    ok($res->{code} == 200 || $res->{code} == 400 || $res->{code} == 404,
       "answered with $res->{code}");
    is(scalar(grep { m{manifests/[^/]{129}} || m{/v2/[^ ]{256}} }
              $arm->requests), 0, 'nothing malformed is asked for');
}



=== TEST 8: suffixes that overlap
--- mlist
mlist_source http://other tag=*-arm;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*;
--- steps
my $a = $other->tag('overlap:1-amd64', docker_image('linux/amd64'));
my $b = $other->tag('overlap:1-arm', docker_image('linux/arm/v7'));
my $c = $other->tag('overlap:1', docker_image('linux/s390x'));
get('/v2/overlap/manifests/1');
digests_are($b, $a, $c);



=== TEST 9: the catalog names nothing that is not served
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://other;
    proxy_pass $mlist_upstream;
}

location /some/ {
    rewrite ^/some(/.*)$ $1 break;
    mlist_auth nginx;
    mlist_source http://other;
    mlist_names ~^public/;
    proxy_pass $mlist_upstream;
}

location /few/ {
    rewrite ^/few(/.*)$ $1 break;
    mlist_auth nginx;
    mlist_source http://other names=~^public/;
    proxy_pass $mlist_upstream;
}
--- steps
$other->put('/v2/_catalog', type => 'application/json',
            body => '{"repositories":["secret/y","public/x"]}');

get('/v2/_catalog');
is($res->{body}, qq({"repositories":["public/x","secret/y"]}\n), 'all');

for my $where (qw(/some /few)) {
    get("$where/v2/_catalog");
    is($res->{body}, qq({"repositories":["public/x"]}\n), $where);
}
