# Without this: what real registries ask of their clients' tokens could be
# other than what this front gets from the token service, so that a push, a
# mount or a delete is refused though its user may do it, or a token that the
# registry takes no more fails what a new one would not.  (Spec:
# "mlist_login", the Bearer flow.)

use lib 't/lib';
use Mlist::DockerRegistry;
use Mlist::Login;
use Mlist::Test;
use Mlist::TokenServer;

our $TOKENS = Mlist::TokenServer->start(
    dir => password_file('tokens'),
    users => { ci => ['s3cret', 'pull,push,delete,catalog'],
               reader => ['s3cret', 'pull'] });
our $REGISTRY = Mlist::DockerRegistry->start(
    dir => password_file('registry'), auth => $TOKENS->registry_auth);

password('password', "s3cret\n");

sub sources {
    my ($user) = @_;
    my $url = 'http://' . $REGISTRY->address;
    my $realm = $TOKENS->realm;
    my $file = password_file('password');

    return <<"CONF";
mlist_auth nginx;
mlist_login $url $user $file realm=$realm;
mlist_source $url tag=*-amd64;
mlist_source $url tag=*-arm;
CONF
}

# A location for a user who may not push beside that of the one who may.
our $BOTH = "location /v2/ {\n" . sources('ci') . "PROXY;\n}\n"
            . "location /v2/reader/ {\n" . sources('reader') . "PROXY;\n}\n";

# Through the front, as a client does.
sub push_blob {
    my ($name, $bytes) = @_;

    ask('POST', "/v2/$name/blobs/uploads/", body => '');
    code_is(202, 'an upload begins');

    my $where = header_of($res, 'Location') =~ s{^https?://[^/]*}{}r;

    put_to($where . ($where =~ /\?/ ? '&' : '?') . 'digest=' . sha256($bytes),
           $bytes, headers => ['Content-Type' => 'application/octet-stream']);
    code_is(201, 'and ends');
}

sub push_image {
    my ($name, $tag, $platform) = @_;
    my $image = docker_image($platform, seed => $name);

    push_blob($name, $_) for values %{ $image->{blobs} };
    put_to("/v2/$name/manifests/$tag", $image->{body},
           headers => ['Content-Type' => $image->{type}]);
    code_is(201, 'the manifest');

    return $image;
}

# What the token service has been asked since the last time.
{
    my $known = 0;

    sub asked_for {
        my @all = $TOKENS->requests;
        my @new = @all[$known .. $#all];

        $known = @all;
        return join ', ', sort @new;
    }
}

# Waits until the registry's clock has passed a token's two seconds.
sub expired {
    my $end = time + 3;

    select undef, undef, undef, 0.1 while time <= $end;
}

run_tests();

__DATA__

=== TEST 1: pushed, pulled, mounted, listed and deleted
--- config eval: $::BOTH
--- steps
asked_for();
my $amd64 = push_image('all', '1-amd64', 'linux/amd64');
my $arm = push_image('all', '1-arm', 'linux/arm/v7');
my $blob = (keys %{ $arm->{blobs} })[0];

is(asked_for(), 'GET ci 200 repository:all:pull,push',
   'one token for all of the push');

get('/v2/all/manifests/1');
code_is(200);
platforms_are('linux/amd64', 'linux/arm/v7');
get("/v2/all/blobs/$blob");
code_is(200);
is(asked_for(), 'GET ci 200 repository:all:pull', 'one token for the pull');

ask('POST', "/v2/second/blobs/uploads/?mount=$blob&from=all", body => '');
code_is(201, 'a mount');
is(asked_for(), 'GET ci 200 repository:second:pull,push repository:all:pull',
   'a token for both names');

get('/v2/_catalog');
code_is(200);
is(json_data($res->{body})->{repositories}[0], 'all', 'the catalog');
is(asked_for(), 'GET ci 200 registry:catalog:*', 'a token for the catalog');

ask('DELETE', "/v2/all/manifests/$arm->{digest}");
code_is(202);
like(asked_for(), qr/^GET ci 200 repository:all:\S*delete\S*$/,
     'a token that may delete');
get('/v2/all/manifests/1');
platforms_are('linux/amd64');



=== TEST 2: a token that the registry takes no more
--- config eval: $::BOTH
--- steps
push_image('old', '1-amd64', 'linux/amd64');
asked_for();
$TOKENS->expire_next;
get('/v2/old/manifests/1');
code_is(200);
is(asked_for(), 'GET ci 200 repository:old:pull', 'a token');
expired();
get('/v2/old/manifests/1');
code_is(200);
platforms_are('linux/amd64');
is(asked_for(), 'GET ci 200 repository:old:pull', 'is replaced, once');
get('/v2/old/manifests/1');
is(asked_for(), '', 'by one that is good');



=== TEST 3: who may not push
--- config eval: $::BOTH
--- steps
ask('POST', '/v2/reader/x/blobs/uploads/', body => '');
like($res->{code}, qr/^(?:403|502)$/, 'is refused');
no_header('WWW-Authenticate');
get('/v2/reader/x/manifests/1');
error_is(404, 'MANIFEST_UNKNOWN');
is(secrets_in_logs('s3cret'), '', 'no password in a log');
