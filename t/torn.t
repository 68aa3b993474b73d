# A registry's answer whose header never came whole.  Without these a user of
# one architecture gets "no matching manifest" while his registry is only ill:
# the status line alone would pass for a 404.

use strict;
use warnings;

use lib 't/lib';
use Mlist::Test;

run_tests();

__DATA__

=== TEST 1: a 404 without the rest of its header is no absence
--- mlist
mlist_auth nginx;
mlist_use_stale off;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
for my $how (qw(close stall nul large)) {
    my $image = docker_image('linux/arm/v7', seed => $how);
    my $blob = $arm->blob("torn-$how", $how);

    $amd64->fail("torn-$how:1", 404, torn => $how);
    $arm->tag("torn-$how:1", $image);
    get("/v2/torn-$how/manifests/1");
    gateway_error("$how: a tag, never served");

    $amd64->tag("torn-$how:2", docker_image('linux/amd64', seed => $how));
    $arm->tag("torn-$how:2", $image);
    get("/v2/torn-$how/manifests/2");
    code_is(200);

    $amd64->on("torn-$how:2", status => 404, torn => $how);
    head("/v2/torn-$how/manifests/2");
    gateway_error("$how: a tag, by HEAD");

    $amd64->fail("torn-$how#$blob", 404, torn => $how);
    $arm->forget("torn-$how#$blob");
    get("/v2/torn-$how/blobs/$blob");
    gateway_error("$how: a blob");
}



=== TEST 2: nor does a 200 without it say what a tag is
--- mlist
mlist_auth nginx;
mlist_use_stale off;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
for my $how (qw(close stall nul large)) {
    $amd64->tag("ok-$how:1", docker_image('linux/amd64', seed => $how));
    $arm->tag("ok-$how:1", docker_image('linux/arm/v7', seed => $how));
    get("/v2/ok-$how/manifests/1");
    code_is(200);

    $amd64->on("ok-$how:1", torn => $how);
    get("/v2/ok-$how/manifests/1");
    gateway_error("$how: a known tag");
}
