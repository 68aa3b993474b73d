# Without this: want of memory could let somebody in, keep everybody out, or
# leave a check or a token that all others wait for.  (Spec: mlist_htpasswd,
# mlist_login.)

use lib 't/lib';
use Mlist::Faults;
use Mlist::Login;
use Mlist::Test;

our $BASIC = basic('ci', 's3cret');
our @ALICE = (headers => [Authorization => basic('alice', 'secret')]);
our @WRONG = (headers => [Authorization => basic('alice', 'wrong')]);

password('password', "s3cret\n");
password('users', 'alice:' . crypt('secret', '$2y$04$' . 'a' x 21 . 'e')
                  . "\n");

our $USERS = 'mlist_htpasswd ' . password_file('users') . ' valid=%s;'
             . "\nmlist_source http://amd64;\nmlist_source http://arm;\n";
our $LOGIN = "mlist_auth nginx;\nmlist_login http://amd64 ci "
             . password_file('password') . ";\nmlist_source http://amd64;\n"
             . "mlist_source http://arm;\n";

sub with_basic {
    my ($name) = @_;
    my ($image, @places) = image_at($amd64, $name);

    wants_basic($amd64, $::BASIC, @places);
}

sub with_token {
    my ($name) = @_;
    my ($image, @places) = image_at($amd64, $name);

    wants_token($amd64, "http://amd64/token-$name", "token-$name", @places);
    gives($amd64, "/token-$name", $::BASIC, "token-$name");
}

sub get_list {
    my ($name) = @_;

    return get("/v2/$name/manifests/1");
}

sub get_blob {
    my ($name) = @_;

    return get("/v2/$name/blobs/"
               . docker_image('linux/amd64', seed => $name)->{config});
}

run_tests();

__DATA__

=== TEST 1: a password that is checked each time
--- mlist eval: sprintf $::USERS, 0
--- steps
each_fault('htpasswd', request => sub { get('/v2/', @::ALICE) });
each_fault('htpasswd, wrong', request => sub { get('/v2/', @::WRONG) });
each_fault('htpasswd, none', request => sub { get('/v2/') });



=== TEST 2: a password that is remembered
--- mlist eval: sprintf $::USERS, '5m'
--- steps
each_fault('htpasswd, remembered', request => sub { get('/v2/', @::ALICE) },
           prepare => sub { get('/v2/', @::ALICE) });



=== TEST 3: the front's own credentials
--- mlist eval: $::LOGIN
--- steps
each_fault('list, Basic login', own => 1,
           prepare => \&with_basic, request => \&get_list);
each_fault('blob, Basic login', own => 1,
           prepare => \&with_basic, request => \&get_blob);



=== TEST 4: the front's own tokens
--- mlist eval: $::LOGIN
--- steps
each_fault('list, token', own => 1,
           prepare => \&with_token, request => \&get_list);
each_fault('blob, token', own => 1,
           prepare => \&with_token, request => \&get_blob);
