# Without this: a list's bytes could change with the order in which children
# arrive, from one nginx to the next, or with a new version of the module; its
# digest would then change too, and every pin and signature of it be lost.
# (Spec: "A tag", 7.)

use lib 't/lib';
use Mlist::Test;

our $AMD64 = 'sha256:d395403bf81882d62ec4c72478c99f40'
             . '02e2f2f7268ea69b613230197cb01f6a';
our $ARMV7 = 'sha256:0b07e2d094b47b9ce94a789f00986369'
             . '05796eee79b37c4494e7a1de4adc8499';
our $OCI_AMD64 = 'sha256:0e6efdbbd99197ce2c0f6989dafe3bf8'
                 . 'fd69bcf5cff6aa9332886b73c960de86';
our $OCI_ARM64 = 'sha256:51b170523f976d7f76017fb6ab3d64d7'
                 . '6265dd78a385e1870b3da5d177a99a72';

our $DOCKER_BYTES = '{"schemaVersion":2,'
    . '"mediaType":'
    . '"application/vnd.docker.distribution.manifest.list.v2+json",'
    . '"manifests":['
    . '{"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
    . '"digest":"' . $AMD64 . '","size":422,'
    . '"platform":{"architecture":"amd64","os":"linux"}},'
    . '{"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
    . '"digest":"' . $ARMV7 . '","size":422,'
    . '"platform":{"architecture":"arm","os":"linux","variant":"v7"}}]}';
our $DOCKER_DIGEST = 'sha256:c3dbcc9b31260f1117182c00da45b3b2'
                     . 'f3428605d3cd238927c0b302bd267526';

our $OCI_BYTES = '{"schemaVersion":2,'
    . '"mediaType":"application/vnd.oci.image.index.v1+json",'
    . '"manifests":['
    . '{"mediaType":"application/vnd.oci.image.manifest.v1+json",'
    . '"digest":"' . $OCI_AMD64 . '","size":400,'
    . '"platform":{"architecture":"amd64","os":"linux"}},'
    . '{"mediaType":"application/vnd.oci.image.manifest.v1+json",'
    . '"digest":"' . $OCI_ARM64 . '","size":400,'
    . '"platform":{"architecture":"arm64","os":"linux"}}]}';
our $OCI_DIGEST = 'sha256:6044ae9dfb3a2fd686016dc9ebfdbf89'
                  . '65ca690c48b18b046c24ce89eb98fdb2';

our $MIXED_BYTES = '{"schemaVersion":2,'
    . '"mediaType":"application/vnd.oci.image.index.v1+json",'
    . '"manifests":['
    . '{"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
    . '"digest":"' . $AMD64 . '","size":422,'
    . '"platform":{"architecture":"amd64","os":"linux"}},'
    . '{"mediaType":"application/vnd.oci.image.manifest.v1+json",'
    . '"digest":"' . $OCI_ARM64 . '","size":400,'
    . '"platform":{"architecture":"arm64","os":"linux"}}]}';
our $MIXED_DIGEST = 'sha256:b42725d271ba66c594239f1307b88aed'
                    . '966d54b6139b222d23ecbbdf4e6d2c58';

run_tests();

__DATA__

=== TEST 1: Docker children, a Docker list
--- steps
$amd64->tag('docker:1', docker_image('linux/amd64'));
$arm->tag('docker:1', docker_image('linux/arm/v7'));
get('/v2/docker/manifests/1');
is($res->{body}, $DOCKER_BYTES, 'bytes');
is(whole_answer($DL), $DOCKER_DIGEST, 'digest');



=== TEST 2: OCI children, an OCI index
--- steps
$amd64->tag('oci:1', oci_image('linux/amd64'));
$arm->tag('oci:1', oci_image('linux/arm64'));
get('/v2/oci/manifests/1');
is($res->{body}, $OCI_BYTES, 'bytes');
is(whole_answer($OI), $OCI_DIGEST, 'digest');



=== TEST 3: one of each, an OCI index
--- steps
$amd64->tag('mixed:1', docker_image('linux/amd64'));
$arm->tag('mixed:1', oci_image('linux/arm64'));
get('/v2/mixed/manifests/1');
is($res->{body}, $MIXED_BYTES, 'bytes');
is(whole_answer($OI), $MIXED_DIGEST, 'digest');



=== TEST 4: sources answer in any order
--- steps
for my $first (0, 1) {
    my $name = "order-$first";
    my @r = $first ? ($arm, $amd64) : ($amd64, $arm);
    my $b = docker_image('linux/arm/v7');

    $amd64->tag("$name:1", docker_image('linux/amd64'));
    $arm->tag("$name:1", $b);
    $r[1]->on("$name:1", hold => $name);

    my $fh = send_to(nginx_port(), 'GET', "/v2/$name/manifests/1");
    ok($r[0]->wait_for("/v2/$name/manifests/"), 'the first one is asked');
    ok($r[1]->wait_for("/v2/$name/manifests/"), 'the last one waits');
    $r[1]->release($name);
    $res = answer_of($fh, 'GET');
    is($res->{body}, $DOCKER_BYTES, $r[1]->name . ' last');
}

# and those of the second round: configs
for my $r ($amd64, $arm) {
    my $name = 'late-' . $r->name;
    my %m = (amd64 => docker_image('linux/amd64'),
             arm => docker_image('linux/arm/v7'));

    $amd64->tag("$name:1", $m{amd64});
    $arm->tag("$name:1", $m{arm});
    $r->on("$name#$m{$r->name}{config}", delay => 0.2);
    get("/v2/$name/manifests/1");
    is($res->{body}, $DOCKER_BYTES, $r->name . ' reads its config last');
}



=== TEST 5: two nginx with zones of their own
--- steps
$amd64->tag('two:1', docker_image('linux/amd64'));
$arm->tag('two:1', oci_image('linux/arm64'));
get('/v2/two/manifests/1');
is($res->{body}, $MIXED_BYTES, 'the first nginx');
get('/v2/two/manifests/1', to => second_nginx());
is($res->{body}, $MIXED_BYTES, 'the second one');
is(whole_answer($OI), $MIXED_DIGEST, 'digest');



=== TEST 6: after a restart, from an empty zone
--- steps
$amd64->tag('again:1', docker_image('linux/amd64'));
$arm->tag('again:1', docker_image('linux/arm/v7'));
get('/v2/again/manifests/1');
is($res->{body}, $DOCKER_BYTES, 'before');
restart_nginx();
get('/v2/again/manifests/1');
is($res->{body}, $DOCKER_BYTES, 'after');



=== TEST 7: what a declaration says and what a config says is one list
--- mlist
mlist_auth nginx;
mlist_source http://amd64 platform=linux/x86_64;
mlist_source http://arm platform=linux/armhf;
--- steps
$amd64->tag('declared:1', docker_image('linux/amd64'));
$arm->tag('declared:1', docker_image('linux/arm/v7'));
get('/v2/declared/manifests/1');
is($res->{body}, $DOCKER_BYTES, 'bytes');



=== TEST 8: in the order of the sources, variants together, the plain one first
--- mlist
mlist_source http://other tag=*-d;
mlist_source http://other tag=*-c;
mlist_source http://other tag=*-b;
mlist_source http://other tag=*-a;
--- steps
$d = $other->tag('grouped:1-d', docker_image('linux/arm/v7'));
$c = $other->tag('grouped:1-c', docker_image('linux/amd64/v3'));
$b = $other->tag('grouped:1-b', docker_image('linux/arm/v6'));
$a = $other->tag('grouped:1-a', docker_image('linux/amd64'));
get('/v2/grouped/manifests/1');
whole_answer($DL);
platforms_are('linux/arm/v7', 'linux/arm/v6', 'linux/amd64',
              'linux/amd64/v3');
digests_are($d, $b, $a, $c);



=== TEST 9: names and tags leave no trace in the bytes
--- mlist
mlist_auth nginx;
mlist_source http://other name=x86/* tag=*-x platform=linux/amd64;
mlist_source http://arm platform=linux/arm/v7;
--- steps
$other->tag('x86/spelled:9-x', docker_image('linux/amd64'));
$arm->tag('spelled:9', docker_image('linux/arm/v7'));
get('/v2/spelled/manifests/9');
is($res->{body}, $DOCKER_BYTES, 'bytes');
