# Without this: a registry that wants credentials could not be read through
# this front, or its password would be lost, logged, or sent elsewhere.
# (Spec: "mlist_login"; Basic credentials.)

use lib 't/lib';
use Mlist::Login;
use Mlist::Test;

password('password', "s3cret pass\n");
password('other', "another\r\nnot this");

run_tests();

__DATA__

=== TEST 1: a list, its children and blobs, with Basic
--- http eval: qq{log_format seen '\$http_authorization';}
--- config eval
qq{
access_log logs/seen.log seen;
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 "ci user" @{[ ::password_file('password') ]};
    mlist_login http://arm arm @{[ ::password_file('other') ]};
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
}
--- steps
my $mine = basic('ci user', 's3cret pass');
my $arms = basic('arm', 'another');
my $a = $amd64->tag('basic:1', docker_image('linux/amd64'));
my $b = $arm->tag('basic:1', docker_image('linux/arm/v7'));
my $blob = (keys %{ $a->{blobs} })[0];

wants_basic($amd64, $mine, 'basic:1', "basic\@$a->{digest}",
      map { "basic#$_" } keys %{ $a->{blobs} });
wants_basic($arm, $arms, 'basic:1', "basic\@$b->{digest}",
      map { "basic#$_" } keys %{ $b->{blobs} });

get('/v2/basic/manifests/1');
code_is(200);
platforms_are('linux/amd64', 'linux/arm/v7');

get("/v2/basic/manifests/$a->{digest}");
code_is(200);
body_is($a->{body});
get("/v2/basic/manifests/$b->{digest}");
code_is(200);

for my $digest (keys %{ $a->{blobs} }) {
    get("/v2/basic/blobs/$digest", headers => ['Range' => 'bytes=0-0']);
    code_is(206);
    head("/v2/basic/blobs/$digest");
    code_is(200);
    no_header('WWW-Authenticate');
}

is(authorizations($amd64, ' /v2/$'), '', 'what it wants is asked for once');
is(scalar($amd64->requests(' /v2/$')), 1, 'and once only');
like(authorizations($amd64, 'basic'), qr/^(?:\Q$mine\E,?)+$/, 'its own');
like(authorizations($arm, 'basic'), qr/^(?:\Q$arms\E,?)+$/, 'of each');
unlike(join('', map { $_->[1] } map { @{ $_->{headers} } } $amd64->seen),
       qr/\Q$arms\E/, 'and to no other');

# a client's own Authorization does not come in between
get("/v2/basic/blobs/$blob", headers => ['Authorization' => 'Basic dTpw']);
code_is(200);
unlike(authorizations($amd64, $blob), qr/dTpw/, "not the client's");
is(secrets_in_logs('s3cret', 'another', $mine =~ s/Basic //r,
                   $arms =~ s/Basic //r), '', 'no secret in any log');
