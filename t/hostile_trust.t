# Without this: who reads shared memory or the store's directory would read
# passwords there, and a registry that is trusted with little could add its
# images to names that are not its own.
# (README: "Who is trusted with what", "Sources of different trust".)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use Mlist::Hostile;
use Mlist::Login;
use Mlist::Store;
use Mlist::Test;

our $BASIC = basic('ci', 'l0gin-secret');
our $CLIENT = basic('ann', 'cl1ent-secret');

password('login', "l0gin-secret\n");
password('users', "ann:{PLAIN}cl1ent-secret\n");

our $WITH_LOGIN = 'mlist_htpasswd ' . password_file('users') . ";\n"
    . 'mlist_store ' . Mlist::Test::store_dir() . ";\n"
    . 'mlist_login http://amd64 ci ' . password_file('login') . ";\n"
    . "mlist_source http://amd64;\nmlist_source http://arm;\n";

# The bytes of all memory that nginx's processes share.
sub shared_memory {
    my ($pid) = workers();
    my $bytes = '';

    open my $maps, '<', "/proc/$pid/maps" or die "maps: $!";
    open my $mem, '<:raw', "/proc/$pid/mem" or die "mem: $!";

    while (my $line = <$maps>) {
        my ($from, $to) = $line =~ m{^(\w+)-(\w+) rw-s .*/zero} or next;

        sysseek $mem, hex $from, 0;
        sysread $mem, $bytes, hex($to) - hex($from), length $bytes;
    }

    return $bytes;
}


# Which of these are in some bytes, in whatever form a password is sent.
sub found_in {
    my ($bytes, @secrets) = @_;

    return join ' ', grep { index($bytes, $_) >= 0 }
                     map { ($_, s/^Basic //r) } @secrets;
}


# The public registry has an image of another platform under every name.
sub two_names {
    my ($prefix) = @_;

    for my $name ("team/$prefix", "library/$prefix") {
        $amd64->tag("$name:1", docker_image('linux/amd64', seed => 'ours'));
        $arm->tag("$name:1", docker_list(
            docker_image('linux/amd64', seed => 'theirs'),
            docker_image('linux/arm/v7', seed => 'theirs'),
            docker_image('linux/s390x', seed => 'theirs')));
    }
}

run_tests();

__DATA__

=== TEST 1: shared memory and the store have tokens and no passwords
--- mlist eval: $::WITH_LOGIN
--- steps
my ($image, @places) = image_at($amd64, 'kept');

wants_token($amd64, 'http://amd64/token', 'the-t0ken', @places);
gives($amd64, '/token', $::BASIC, 'the-t0ken');
get('/v2/kept/manifests/1', headers => [Authorization => $::CLIENT]);
code_is(200);

my $memory = shared_memory();
my @secrets = ('l0gin-secret', 'cl1ent-secret', $::BASIC, $::CLIENT);

ok(index($memory, $image->{digest}) >= 0, 'it is the memory of lists');
is(found_in($memory, @secrets), '', 'no password in it');
is(found_in($memory, 'the-t0ken'), 'the-t0ken the-t0ken', 'but the token');

my @files = grep { -f } tree_of(store_dir());

ok(@files > 2, 'the store has files');
is(join('', map { found_in(bytes_of($_), @secrets, 'the-t0ken') } @files),
   '', 'no secret in them');
is(join(',', map { sprintf '%o', (stat)[2] & 07777 } grep { m{/v1/} } @files),
   join(',', ('600') x grep({ m{/v1/} } @files)), 'for nobody else to read');
is(secrets_in_logs(@secrets, 'the-t0ken'), '', 'nor in a log');



=== TEST 2: nor credentials that a registry has checked
--- mlist
mlist_valid 60s;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
$other->tag('checked:1-amd64', docker_image('linux/amd64'));
$other->tag('checked:1-arm', docker_image('linux/arm/v7'));
$other->on($_, challenge => 'Basic realm="x"', auth => $::CLIENT)
    for 'checked:1-amd64', 'checked:1-arm', '/v2/';
get('/v2/checked/manifests/1', headers => [Authorization => $::CLIENT]);
code_is(200);
get('/v2/checked/manifests/1', headers => [Authorization => $::CLIENT]);
code_is(200);
is(found_in(shared_memory(), 'cl1ent-secret', $::CLIENT), '',
   'no credentials in shared memory');
get('/v2/checked/manifests/1');
code_is(401, 'and yet nobody else is let in');



=== TEST 3: a public registry adds to every name, if it may
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
two_names('open');
get('/v2/team/open/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7', 'linux/s390x');
is((entries())[0]{digest}, docker_image('linux/amd64', seed => 'ours')->{digest},
   'the first source wins a platform, no more');



=== TEST 4: with names= and platform= to those that are its own
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm names=~^library/ platform=linux/arm/v7;
--- steps
two_names('closed');
get('/v2/team/closed/manifests/1');
platforms_are('linux/amd64');
is(scalar(grep { /team/ } $arm->requests), 0, 'it is not even asked');
get('/v2/library/closed/manifests/1');
platforms_are('linux/amd64', 'linux/arm/v7');
$arm->put('/v2/team/closed/blobs/' . sha256('x'), body => 'x');
get('/v2/team/closed/blobs/' . sha256('x'));
error_is(404, 'BLOB_UNKNOWN', 'nor for a blob');



=== TEST 5: mlist_verify: an image that is not what is declared
--- mlist
mlist_auth nginx;
mlist_verify on;
mlist_source http://amd64;
mlist_source http://arm platform=linux/arm/v7;
--- steps
$amd64->tag('false:1', docker_image('linux/amd64'));
$arm->tag('false:1', docker_image('linux/s390x'));
get('/v2/false/manifests/1');
error_is(502, 'UNAVAILABLE');
like($res->{body}, qr/arm/, 'the source is named');
