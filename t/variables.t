# Without this: access logs, maps and cache settings of operators would see
# wrong or empty $mlist_* variables.  (Spec: "Variables".)

use lib 't/lib';
use Mlist::Test;

sub logged {
    my ($target, %expected) = @_;
    my $v = variables($target);

    is($v->{$_}, $expected{$_}, "\$mlist_$_ of " . substr $target, 0, 40)
        for sort keys %expected;
}

run_tests();

__DATA__

=== TEST 1: a list by tag
--- steps
$amd64->tag('list:1', docker_image('linux/amd64'));
$arm->tag('list:1', docker_image('linux/arm/v7'));
get('/v2/list/manifests/1');
my $digest = sha256($res->{body});
logged('/v2/list/manifests/1', kind => 'list', name => 'list',
       reference => '1', digest => $digest, cache => 'MISS',
       platforms => 'linux/amd64,linux/arm/v7', missing => '', mutable => '1');

get('/v2/list/manifests/1?again');
logged('/v2/list/manifests/1?again', kind => 'list', cache => 'REVALIDATED',
       digest => $digest, platforms => 'linux/amd64,linux/arm/v7');

get("/v2/list/manifests/$digest");
logged("/v2/list/manifests/$digest", kind => 'list', name => 'list',
       reference => $digest, digest => $digest, mutable => '');



=== TEST 2: a source without the tag
--- steps
$arm->tag('some/where:v2', docker_image('linux/arm/v7'));
get('/v2/some/where/manifests/v2');
logged('/v2/some/where/manifests/v2', name => 'some/where', reference => 'v2',
       missing => 'amd64', platforms => 'linux/arm/v7');



=== TEST 3: children, blobs, pings, artifacts, what is not there
--- steps
my $m = $arm->tag('kinds:1', docker_image('linux/arm/v7'));
get('/v2/kinds/manifests/1');
get("/v2/kinds/manifests/$m->{digest}", accept => $D2);
logged("/v2/kinds/manifests/$m->{digest}", kind => 'manifest',
       digest => $m->{digest}, source => 'arm', mutable => '');
get("/v2/kinds/blobs/$m->{layer}");
logged("/v2/kinds/blobs/$m->{layer}", kind => 'blob', digest => $m->{layer},
       source => 'arm', mutable => '');
head("/v2/kinds/blobs/$m->{config}");
logged("/v2/kinds/blobs/$m->{config}", kind => 'blob');
get('/v2/');
logged('/v2/', kind => 'ping', mutable => '1');
get('/v2/kinds/tags/list');
logged('/v2/kinds/tags/list', kind => 'tags', name => 'kinds', mutable => '1');
get('/v2/_catalog');
logged('/v2/_catalog', kind => 'catalog');
get('/v2/kinds/referrers/' . $m->{digest});
logged('/v2/kinds/referrers/' . $m->{digest}, kind => 'referrers');
ask('POST', '/v2/kinds/blobs/uploads/', body => '');
logged('/v2/kinds/blobs/uploads/', kind => 'upload', mutable => '1');
get('/v2/kinds/manifests/none');
logged('/v2/kinds/manifests/none', kind => 'list', digest => '');



=== TEST 4: labels
--- mlist
mlist_auth nginx;
mlist_source http://amd64 label=first;
mlist_source http://other tag=*-x "label=the second";
mlist_source http://other tag=*-y;
--- steps
my $m = $other->tag('labels:1-x', docker_image('linux/s390x'));
get('/v2/labels/manifests/1');
my $v = variables('/v2/labels/manifests/1');
like($v->{missing}, qr/^first, ?other.*\*-y/, '$mlist_missing names them');
get("/v2/labels/manifests/$m->{digest}", accept => $D2);
is(variables("/v2/labels/manifests/$m->{digest}")->{source}, 'the second',
   '$mlist_source');



=== TEST 5: in headers, for the client's own request
--- config
location /v2/ {
    add_header X-Kind $mlist_kind always;
    add_header X-Cache $mlist_cache_status always;
    add_header X-Platforms $mlist_platforms always;
    add_header X-Digest $mlist_digest always;
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location /none/ {
    add_header X-Kind "[$mlist_kind$mlist_cache_status$mlist_name]";
    return 200 "none";
}
--- steps
$amd64->tag('headers:1', docker_image('linux/amd64'));
get('/v2/headers/manifests/1');
header_is('X-Kind', 'list');
header_is('X-Cache', 'MISS');
header_is('X-Platforms', 'linux/amd64');
header_is('X-Digest', sha256($res->{body}));
get('/v2/headers/manifests/1');
header_is('X-Cache', 'REVALIDATED');
get('/none/');
header_is('X-Kind', '[]');



=== TEST 6: a GET by digest with mlist_auth registry is not for caches
--- mlist
mlist_source http://other;
--- steps
my $m = $other->tag('mutable:1', docker_image('linux/amd64'));
get("/v2/mutable/blobs/$m->{layer}");
logged("/v2/mutable/blobs/$m->{layer}", mutable => '1');



=== TEST 7: passed on
--- mlist
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
$other->tag('pass:1-arm', docker_image('linux/arm/v7'));
$other->tag('pass:2', docker_image('linux/amd64'));
get('/v2/pass/manifests/1-arm');
logged('/v2/pass/manifests/1-arm', kind => 'manifest', cache => 'PASS');
get('/v2/pass/manifests/2');
logged('/v2/pass/manifests/2', kind => 'list', cache => 'PASS');



=== TEST 8: read before a rewrite
--- config
location /v2/ {
    set $before $mlist_kind;
    rewrite ^/v2/old/(.*)$ /v2/new/$1 break;
    rewrite ^/v2/legacy/(.*)$ /v2/team/$1 last;
    mlist_auth nginx;
    mlist_source http://other;
    proxy_pass $mlist_upstream;
}

location /v2/team/ {
    mlist_auth nginx;
    mlist_source http://other;
    mlist_names ~^team/;
    proxy_pass $mlist_upstream;
}
--- steps
my $m = $other->tag('new/x:1', docker_image('linux/amd64'));
get('/v2/old/x/manifests/1');
code_is(200);
digests_are($m);

$m = $other->tag('team/x:1', docker_image('linux/amd64', seed => 'team'));
get('/v2/legacy/x/manifests/1');
code_is(200);
digests_are($m);
