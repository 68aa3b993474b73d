# Without this: a registry or a token service could have the front's password
# or a client's credentials sent elsewhere, hold up everybody who needs a
# token, or put words of its own into what is sent with each request.
# (Spec: mlist_login, mlist_auth, "Limits and hostile input".)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use Mlist::Hostile;
use Mlist::HostileJson;
use Mlist::Login;
use Mlist::Test;

our $BASIC = basic('ci', 's3cret');

password('password', "s3cret\n");

our $LOGIN = 'mlist_auth nginx; mlist_login http://arm ci '
             . password_file('password') . "; mlist_source http://amd64;\n"
             . 'mlist_source http://arm;';

# All that a ping is good for is its status and its challenges.
our $PING = {
    name => 'ping', alone => '/v2/', unnamed => 1,
    gives => { map { $_ => [200, 502] }
               map { $_->{name} } attacks_of('endless', 'wire') },
    right => sub { is($res->{code}, 200, "$_[1]: 200") },
    place => sub {
        $other->put('/v2/', status => 200, body => '{}',
                    type => 'application/json');
        return (registry => $other, place => '/v2/', target => '/v2/',
                label => 'other');
    },
};

# The token service of the registry's own host.
our $TOKEN = {
    name => 'a token', alone => 'token', unnamed => 1,
    right => sub {
        my ($name, $what) = @_;
        is(join(' ', $res->{code}, Mlist::Test::platforms()),
           '200 linux/arm/v7', "$what: the list") || Mlist::Test::show();
    },
    place => sub { token_at($_[0]) },
};


sub token_at {
    my ($name) = @_;
    my ($image, @places) = image_at($arm, $name, 'linux/arm/v7');

    wants_token($arm, 'http://arm/token', 'the-t0ken', @places);
    gives($arm, '/token', $BASIC, 'the-t0ken');

    return (registry => $arm, place => '/token',
            target => "/v2/$name/manifests/1");
}

my $there = $other->address;
my ($port) = $there =~ /:(\d+)/;

# Challenges that would have a password sent where it must not go.
our @CHALLENGES = (
    (map { qq{Bearer realm="$_",service="x",scope="y"} }
         "http://$there/token", 'http://other/token',
         "http://arm\@$there/token", "http://arm:80\@$there/token",
         "http://arm:80#\@$there/token", "http://arm\\\\\@$there/token",
         "//$there/token", "HTTP://OTHER/token", 'file:///etc/passwd',
         "http://127.0.0.1:$port/token", "http://2130706433:$port/token",
         "http://[::ffff:127.0.0.1]:$port/token", "http://arm.test/token",
         "http://arm%2eother/token", "http://arm:$port/token",
         "https://arm/token", 'http://arm/tok en', "http://arm/\ttoken",
         'http:///token', 'http://', '', 'token', 'x' x 5000),
    qq{Bearer realm="http://arm/token",realm="http://other/token"},
    qq{Bearer realm="http://other/token",realm="http://arm/token"},
    qq{Bearer realm=http://other/token},
    qq{Bearer realm="http://other/token},
    qq{Bearer realm="http://other/token", Basic realm="x"},
    qq{Negotiate, Bearer realm="http://other/token"},
    'Negotiate', 'Digest realm="x",nonce="y"', '', ',' x 3000, "Bearer \x01",
);

run_tests();

__DATA__

=== TEST 1: the ping of a registry
--- config eval
Mlist::Hostile::hostile_location('mlist_source http://other tag=*-arm;
                                  mlist_source http://other tag=*-amd64;')
--- steps
attack($::PING, attacks_of(qw(endless wire headers)));
attack($::PING, grep { $_->{name} !~ /nothing/ } attacks_of('redirects'));
is(scalar($outside->requests), 0, 'nobody else is asked');



=== TEST 2: a token service
--- config eval: Mlist::Hostile::hostile_location($::LOGIN)
--- steps
attack($::TOKEN, attacks_of(qw(endless wire headers redirects)));
unlike(authorizations($_, '.'), qr/./, 'no credentials for another')
    for $other, $amd64, $outside;
unlike(authorizations($arm, '/v2/'), qr/Basic/, 'the password is not for it');



=== TEST 3: and slowly
--- config eval: Mlist::Hostile::hostile_location($::LOGIN, 1)
--- steps
attack($::TOKEN, (attacks_of('slow'))[0, 3]);



=== TEST 4: what a token is
--- config eval: Mlist::Hostile::hostile_location($::LOGIN)
--- steps
my $data = { token => 'the-t0ken', expires_in => 300,
             issued_at => '2026-01-01T00:00:00Z' };
my @ways = (broken_json(json_text($data)),
            broken_values($data, qw(token expires_in issued_at)));

for my $i (0 .. $#ways) {
    my ($how, $bytes) = @{ $ways[$i] };
    my %case = ::token_at("token$i");

    $arm->on('/token', body => $bytes);
    get($case{target});
    sane("a token, $how");
    ok($res->{code} == 200 || $res->{code} == 502, "$how: $res->{code}");
}

is(scalar(grep { /[^!-~ ]/ } $arm->seen_header('/v2/', 'Authorization')), 0,
   'what is sent is visible text');
is(scalar(grep { /X-Evil/i } map { map { $_->[0] } @{ $_->{headers} } }
                            $arm->seen), 0, 'and no header of its own');

my %case = ::token_at('token-last');

get($case{target});
platforms_are('linux/arm/v7');
visible_log();



=== TEST 5: challenges that ask for a password to be sent elsewhere
--- config eval: Mlist::Hostile::hostile_location($::LOGIN)
--- steps
my $n = 0;

for my $challenge (@::CHALLENGES) {
    my $what = substr($challenge, 0, 60) || 'none';
    my ($image, @places) = image_at($arm, 'challenge' . $n, 'linux/arm/v7');

    restart_nginx();
    $arm->put('/v2/', status => 401, body => '{}');
    $arm->on($_, challenge => $challenge, auth => 'none') for '/v2/', @places;
    get('/v2/challenge' . $n++ . '/manifests/1');
    sane($what);
    is($res->{code}, 502, "$what: 502");
}

unlike(join('', map { authorizations($_, '.') } $other, $outside, $amd64),
       qr/./, 'no credentials went elsewhere');
is(secrets_in_logs('s3cret', $::BASIC =~ s/Basic //r), '', 'nor to a log');
visible_log();



=== TEST 6: nor those of a client
--- config eval
Mlist::Hostile::hostile_location('mlist_source http://other tag=*-arm;
                                  mlist_source http://other tag=*-amd64;
                                  mlist_redirect follow;')
--- steps
my $mine = basic('ann', 'wonder');
my @with = (headers => [Authorization => $mine]);

for my $where ('http://outside/x', 'http://' . $outside->address . '/x',
               'http://' . $arm->address . '/x', 'https://arm/x') {
    my $blob = $other->blob('client', "blob $where");

    $other->on("client#$blob", status => 307, body => '',
               headers => { Location => $where });
    get("/v2/client/blobs/$blob", @with);
    sane("a redirect to $where");
}

unlike(join('', map { authorizations($_, '.') } $arm, $outside), qr/./,
       'a redirect does not take them along');
