# Without this: a list that somebody deletes would still be there, or would be
# gone for the sake of somebody who may not delete; and the push registry would
# keep what it has of it.  (Spec: "Writes", DELETE of a synthesized list.)

use strict;
use warnings;

use Fcntl qw(:flock);
use POSIX ();

use lib 't/lib';
use Mlist::Test;
use Mlist::Store;

our $GOOD = 'Basic Z29vZDpvbmU=';
our $CHALLENGE = 'Bearer realm="https://auth.example/token"';

# A list of two images at one registry, and its digest.
sub announced {
    my ($name) = @_;

    $arm->tag("$name:1-amd64", docker_image('linux/amd64', seed => $name));
    $arm->tag("$name:1-arm", docker_image('linux/arm/v7', seed => $name));

    my $digest = sha256(fetched("/v2/$name/manifests/1")->{body});

    $arm->clear_requests;

    return $digest;
}

# Deleted, though its registry never had it.
sub erased {
    my ($name, $digest) = @_;

    ask('DELETE', "/v2/$name/manifests/$digest");
    code_is(202);
    is($res->{body}, '', 'no body');
    header_is('Content-Length', 0);
    header_is('Docker-Distribution-Api-Version', 'registry/2.0');
}

sub is_gone {
    my ($name, $digest, $when) = @_;

    get("/v2/$name/manifests/$digest");
    code_is(404, $when);
}

sub is_there {
    my ($name, $digest) = @_;

    get("/v2/$name/manifests/$digest");
    code_is(200, 'it is there still');
    is(sha256($res->{body}), $digest, 'as it was');
}

# Somebody who writes a list has its lock, which others share; the process
# that has it now.
sub locked {
    my ($name, $digest, $seconds) = @_;
    my ($dir, $place) = file_of($name, $digest) =~ m{^(.*)/lists/(..)/}
        or die 'no place';

    pipe my $from, my $to or die "pipe: $!";
    defined(my $pid = fork) or die "fork: $!";

    if ($pid == 0) {
        open my $lock, '+>', "$dir/locks/$place" or POSIX::_exit(1);
        flock $lock, LOCK_EX or POSIX::_exit(1);
        syswrite $to, 'x';
        select undef, undef, undef, $seconds;
        POSIX::_exit(0);
    }

    sysread $from, my $byte, 1;

    return $pid;
}

$ENV{TEST_NGINX_STORE} = store_dir();

run_tests();

__DATA__

=== TEST 1: from zone and directory, for good
--- mlist
mlist_auth nginx;
mlist_store $TEST_NGINX_STORE;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
my $digest = announced('dir');

ok(-f file_of('dir', $digest), 'it is in the store');
erased('dir', $digest);
asked_of($arm, "DELETE /v2/dir/manifests/$digest");
ok(!-f file_of('dir', $digest), 'it is not any more');
is_gone('dir', $digest, 'now');
ask('DELETE', "/v2/dir/manifests/$digest");
code_is(404, 'nor is it deleted twice');
restart_nginx('QUIT');
is_gone('dir', $digest, 'after a restart');

$arm->fail("dir:1-$_", 503) for qw(amd64 arm);
get('/v2/dir/manifests/1');
code_is(502, 'it is not the last complete list of its tag');

is(announced('dir'), $digest, 'until that makes it again');
restart_nginx('QUIT');
is_there('dir', $digest);



=== TEST 2: from a zone alone
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
my $digest = announced('zone');

erased('zone', $digest);
is_gone('zone', $digest, 'now');
is(announced('zone'), $digest, 'the tag makes it again');



=== TEST 3: from a store in a registry
--- mlist
mlist_auth nginx;
mlist_store http://amd64;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
$amd64->writable;

my $digest = announced('remote');

$amd64->clear_requests;
erased('remote', $digest);
is(scalar $amd64->requests('^DELETE /v2/mlist-store/manifests/sha256:'), 1,
   'its image is deleted');
is_gone('remote', $digest, 'now');
restart_nginx('KILL');
is_gone('remote', $digest, 'after a restart');

$digest = announced('refuses');
my ($put) = grep { !m{/t-} } $amd64->requests('^PUT /v2/mlist-store/manifests/');
my $tag = $put =~ s/.*\///r;
my $image = request_to($amd64->address =~ s/.*://r, 'GET',
                       "/v2/mlist-store/manifests/$tag",
                       headers => [Accept => $OM])->{body};

$amd64->on('mlist-store@' . sha256($image),
           method => { DELETE => { status => 405 } });
ask('DELETE', "/v2/refuses/manifests/$digest");
error_is(405, 'UNSUPPORTED');
like($res->{body}, qr/registry of the store does not delete/, 'it says why');
is_there('refuses', $digest);

$amd64->down;
ask('DELETE', "/v2/refuses/manifests/$digest");
error_is(503, 'UNAVAILABLE');
$amd64->up;



=== TEST 4: what the push registry has goes there too
--- mlist
mlist_auth nginx;
mlist_store $TEST_NGINX_STORE;
mlist_source http://other;
mlist_valid 1h;
--- steps
$other->writable;

my $index = oci_index(oci_image('linux/amd64'), oci_image('linux/arm64'));

$other->tag('verbatim:1', $index);
get('/v2/verbatim/manifests/1');
body_is($index->{body});

ask('DELETE', "/v2/verbatim/manifests/$index->{digest}");
code_is(202);
is_gone('verbatim', $index->{digest}, 'now');
get('/v2/verbatim/manifests/1');
code_is(404, 'its tag is asked for anew');



=== TEST 5: a registry that deletes nothing
--- mlist
mlist_auth nginx;
mlist_store $TEST_NGINX_STORE;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
for my $status (405, 400, 501) {
    my $digest = announced("never$status");

    $arm->put("never$status\@$digest", status => 404, body => '',
              method => { DELETE => { status => $status } });
    erased("never$status", $digest);
    asked_of($arm, map { "$_ /v2/never$status/manifests/$digest" }
                   qw(DELETE HEAD));
    is_gone("never$status", $digest, 'what it has not is gone');
}

my $digest = announced('keeps');

$arm->put("keeps\@$digest", body => 'x',
          method => { DELETE => { status => 405 } });
ask('DELETE', "/v2/keeps/manifests/$digest");
error_is(405, 'UNSUPPORTED', 'what it has stays');
is_there('keeps', $digest);



=== TEST 6: a registry that fails
--- mlist
mlist_auth nginx;
mlist_store $TEST_NGINX_STORE;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
for my $status (401, 403, 500, 503) {
    my $digest = announced("fails$status");

    $arm->put("fails$status\@$digest", status => $status, body => '');
    ask('DELETE', "/v2/fails$status/manifests/$digest");
    error_is(502, 'UNAVAILABLE', $status);
    is_there("fails$status", $digest);
}



=== TEST 7: nobody is pushed to
--- mlist
mlist_auth nginx;
mlist_store $TEST_NGINX_STORE;
mlist_push off;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
my $digest = announced('off');

erased('off', $digest);
asked_of($arm);
is_gone('off', $digest, 'now');
ask('DELETE', "/v2/off/manifests/$digest");
error_is(405, 'UNSUPPORTED', 'what is no list');



=== TEST 8: with mlist_auth registry, only for whom the registry lets delete
--- mlist
mlist_store $TEST_NGINX_STORE;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
my @good = (headers => [Authorization => $GOOD]);
my @m = map { docker_image($_, seed => 'mine') } qw(linux/amd64 linux/arm/v7);

$arm->tag('mine:1-amd64', $m[0]);
$arm->tag('mine:1-arm', $m[1]);

my $digest = sha256(fetched('/v2/mine/manifests/1')->{body});
my $place = "mine\@$digest";

$arm->on("mine\@$_->{digest}", challenge => $CHALLENGE, auth => $GOOD)
    for @m;

ask('DELETE', "/v2/mine/manifests/$digest");
error_is(401, 'UNAUTHORIZED', 'who may not read');
header_is('WWW-Authenticate', $CHALLENGE);
is(scalar $arm->requests('^DELETE'), 0, 'is not let near it');

$arm->put($place, status => 403, body => '');
ask('DELETE', "/v2/mine/manifests/$digest", @good);
error_is(403, 'DENIED', 'who may not delete');
get("/v2/mine/manifests/$digest", @good);
code_is(200, 'it is there');

# a registry that refuses it to everybody does not say who may
$arm->put($place, status => 404, body => '',
          method => { DELETE => { status => 405 } });
ask('DELETE', "/v2/mine/manifests/$digest", @good);
error_is(405, 'UNSUPPORTED', 'who may read');
get("/v2/mine/manifests/$digest", @good);
code_is(200, 'it is there still');

$arm->forget($place);
$arm->clear_requests;
ask('DELETE', "/v2/mine/manifests/$digest", @good);
code_is(202, 'who may');
is(join(',', $arm->seen_header('^DELETE', 'Authorization')), $GOOD,
   'as the registry has said');
get("/v2/mine/manifests/$digest", @good);
code_is(404, 'it is gone');



=== TEST 9: the same, where nobody is pushed to
--- mlist
mlist_store $TEST_NGINX_STORE;
mlist_push off;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
my $digest = announced('nobody');

ask('DELETE', "/v2/nobody/manifests/$digest");
error_is(405, 'UNSUPPORTED');
like($res->{body}, qr/nobody can say who may delete/, 'it says why');
is_there('nobody', $digest);



=== TEST 10: what is no list is the registry's, as ever
--- mlist
mlist_auth nginx;
mlist_store $TEST_NGINX_STORE;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
my $m = docker_image('linux/amd64');

$arm->put("child\@$m->{digest}", status => 202, body => '');
ask('DELETE', "/v2/child/manifests/$m->{digest}");
code_is(202);
asked_of($arm, "DELETE /v2/child/manifests/$m->{digest}");
$arm->put("child#$m->{layer}", status => 202, body => '');
ask('DELETE', "/v2/child/blobs/$m->{layer}");
code_is(202);



=== TEST 11: somebody has its lock, but not for long
--- mlist
mlist_auth nginx;
mlist_store $TEST_NGINX_STORE;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
my $digest = announced('locked');
my $pid = locked('locked', $digest, 0.5);

erased('locked', $digest);
waitpid $pid, 0;
ok(!-f file_of('locked', $digest), 'it is not in the store any more');
is_gone('locked', $digest, 'now');



=== TEST 12: somebody keeps its lock
--- mlist
mlist_auth nginx;
mlist_store $TEST_NGINX_STORE;
mlist_source http://arm tag=*-amd64;
mlist_source http://arm tag=*-arm;
--- steps
my $digest = announced('kept');
my $pid = locked('kept', $digest, 30);

close send_to(nginx_port(), 'DELETE', "/v2/kept/manifests/$digest");
ask('DELETE', "/v2/kept/manifests/$digest");
error_is(503, 'UNAVAILABLE', 'that takes too long');
kill TERM => $pid;
waitpid $pid, 0;
is_there('kept', $digest);
erased('kept', $digest);
is_gone('kept', $digest, 'now');
