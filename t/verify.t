# Without this: an image pushed to the wrong registry would be announced for
# an architecture on which it cannot run; clients that read one kind of list
# only, or none, would not be served as the operator has said.
# (Spec: mlist_verify, mlist_type, mlist_default_platform.)

use lib 't/lib';
use Mlist::Test;

run_tests();

__DATA__

=== TEST 1: mlist_verify on
--- mlist
mlist_source http://other tag=*-amd64 platform=linux/amd64;
mlist_source http://other tag=*-arm platform=linux/arm/v7;
mlist_verify on;
--- steps
my $a = $other->tag('verify:good-amd64', docker_image('linux/amd64'));
my $b = $other->tag('verify:good-arm', docker_image('linux/arm/v7'));
get('/v2/verify/manifests/good');
digests_are($a, $b);
ok(scalar($other->requests("blobs/$b->{config}")), 'the config is read');

$other->tag('verify:wrong-amd64', $a);
$other->tag('verify:wrong-arm', docker_image('linux/amd64', seed => 'x'));
get('/v2/verify/manifests/wrong');
gateway_error('amd64 where arm is declared');

$other->tag('verify:variant-amd64', $a);
$other->tag('verify:variant-arm', docker_image('linux/arm/v6'));
get('/v2/verify/manifests/variant');
gateway_error('v6 where v7 is declared');

$other->tag('verify:os-arm', docker_image('freebsd/arm/v7'));
get('/v2/verify/manifests/os');
gateway_error('another os');

# a missing variant contradicts nothing
$b = $other->tag('verify:none-arm', docker_image('linux/arm'));
get('/v2/verify/manifests/none');
digests_are($b);
platforms_are('linux/arm/v7');

# and spellings are none
$b = $other->tag('verify:spelled-amd64', docker_image('linux/x86_64'));
get('/v2/verify/manifests/spelled');
digests_are($b);



=== TEST 2: off: what is declared holds
--- mlist
mlist_source http://other tag=*-amd64 platform=linux/amd64;
mlist_source http://other tag=*-arm platform=linux/arm/v7;
--- steps
my $a = $other->tag('declared:1-amd64', docker_image('linux/amd64'));
my $b = $other->tag('declared:1-arm', docker_image('linux/s390x'));
get('/v2/declared/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7');
digests_are($a, $b);
is(scalar($other->requests('/blobs/')), 0, 'no config is read');

# a config that could not even be read
$b = $other->tag('declared:2-arm', docker_image('linux/arm', seed => 'gone'));
$other->forget("declared#$b->{config}");
get('/v2/declared/manifests/2');
digests_are($b);



=== TEST 3: mlist_verify needs the config
--- mlist
mlist_source http://other tag=*-arm platform=linux/arm/v7;
mlist_verify on;
--- steps
my $b = $other->tag('needs:1-arm', docker_image('linux/arm/v7'));
$other->forget("needs#$b->{config}");
get('/v2/needs/manifests/1');
gateway_error('a config that is gone');



=== TEST 4: mlist_type docker
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_type docker;
--- steps
my $a = $amd64->tag('docker:1', oci_image('linux/amd64'));
my $b = $arm->tag('docker:1', oci_image('linux/arm64'));

for my $accept ([], '*/*', "$DL, $OI", [$OI, $DL], $DL) {
    get('/v2/docker/manifests/1', accept => $accept);
    whole_answer($DL);
}

digests_are($a, $b);
is((entries())[0]{mediaType}, $OM, "the children's own types");
get('/v2/docker/manifests/1', accept => $OI);
whole_answer($OI);
digests_are($a, $b);



=== TEST 5: mlist_type oci
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_type oci;
--- steps
my $a = $amd64->tag('oci:1', docker_image('linux/amd64'));
my $b = $arm->tag('oci:1', docker_image('linux/arm/v7'));

for my $accept ([], '*/*', "$DL, $OI", [$OI, $DL], $OI) {
    get('/v2/oci/manifests/1', accept => $accept);
    whole_answer($OI);
}

digests_are($a, $b);
is((entries())[0]{mediaType}, $D2, "the children's own types");
get('/v2/oci/manifests/1', accept => [$D2, $DL]);
whole_answer($DL);



=== TEST 6: mlist_default_platform
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_default_platform linux/arm/v7;
--- steps
$amd64->tag('default:1', docker_image('linux/amd64'));
my $b = $arm->tag('default:1', docker_image('linux/arm/v7'));
get('/v2/default/manifests/1', accept => $D2);
whole_answer($D2);
body_is($b->{body});
same_as_get('/v2/default/manifests/1', accept => $D2);
get("/v2/default/manifests/1", accept => $D2,
    headers => ['If-None-Match' => qq{"$b->{digest}"}]);
code_is(304);

# exactly: v6 is not v7
$arm->tag('default:2', docker_image('linux/arm/v6'));
get('/v2/default/manifests/2', accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 7: off
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_default_platform off;
--- steps
$amd64->tag('none:1', docker_image('linux/amd64'));
get('/v2/none/manifests/1', accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');
get('/v2/none/manifests/1', accept => "$D2, $DL");
whole_answer($DL);



=== TEST 8: by a variable
--- http
map $http_user_agent $platform {
    default          linux/amd64;
    ~arch/arm\b      linux/arm/v7;
    ~arch/odd        linux/AARCH64;
    ~none            off;
    ~broken          "not a platform";
    ~empty           "";
}
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_default_platform $platform;
--- steps
my $i = docker_list(map { docker_image($_) } qw(linux/amd64 linux/arm64));
my ($amd, $arm64) = @{ $i->{children} };
my $b = $arm->tag('variable:1', docker_image('linux/arm/v7'));
$amd64->tag('variable:1', $i);

sub as {
    get('/v2/variable/manifests/1', accept => $D2,
        headers => ['User-Agent' => "docker/20.10 os/linux $_[0]"]);
}

as('arch/amd64');
body_is($amd->{body}, 'amd64');
as('arch/arm');
body_is($b->{body}, 'arm');
as('arch/odd');
body_is($arm64->{body}, 'normalised');

for my $value (qw(none broken empty)) {
    as($value);
    ok($res->{code} == 404 || $value eq 'broken' && $res->{code} == 500,
       "$value: $res->{code}");
}
