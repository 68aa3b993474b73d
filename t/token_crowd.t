# Without this: many clients of one cold token would storm the token service,
# or all fail where the one that fetches it leaves.  (Spec: "mlist_login":
# one fetch at a time in all workers.)

use lib 't/lib';
use Mlist::Http2;
use Mlist::Login;
use Mlist::Test;

Test::Nginx::Util::master_on();
Test::Nginx::Util::workers(2);

our $BASIC = basic('ci', 's3cret');
our $H2 = listen_h2();

password('password', "s3cret\n");

# The answers to n requests that are all sent before one is read.
sub at_once {
    my ($n, @targets) = @_;
    my @fh = map { send_to(nginx_port(), 'GET', $targets[$_ % @targets]) }
             0 .. $n - 1;

    return map { answer_of($_, 'GET') } @fh;
}

sub codes {
    my %seen;

    $seen{$_->{code}}++ for @_;

    return join ' ', map { "$_:$seen{$_}" } sort keys %seen;
}

our $CONF = <<"CONF";
$H2
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci @{[ password_file('password') ]};
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
CONF

run_tests();

__DATA__

=== TEST 1: fifty clients and two workers, one token
--- config eval: $::CONF
--- steps
my ($image, @places) = image_at($amd64, 'crowd');
my ($blob) = keys %{ $image->{blobs} };

wants_token($amd64, 'http://amd64/token', 'tok', @places);
gives($amd64, '/token', $BASIC, 'tok', delay => 0.5);

is(codes(at_once(50, '/v2/crowd/manifests/1', "/v2/crowd/blobs/$blob",
                 "/v2/crowd/manifests/$image->{digest}")),
   '200:50', 'all are answered');
is(scalar($amd64->requests('^GET /v2/$')), 1, 'one learns the way');
is(scalar($amd64->requests('/token')), 1, 'and one has the token');



=== TEST 2: a token service that fails tells all of them
--- config eval: $::CONF
--- steps
my ($image, @places) = image_at($amd64, 'fails');

wants_token($amd64, 'http://amd64/token', 'fails', @places);
gives($amd64, '/token', $BASIC, 'fails', delay => 0.2, status => 500);

is(codes(at_once(30, "/v2/fails/manifests/$image->{digest}")), '502:30',
   'an error for all');
ok($amd64->requests('/token') <= 6, 'and few times asked for');
gives($amd64, '/token', $BASIC, 'fails');
get('/v2/fails/manifests/1');
code_is(200);



=== TEST 3: the client that has the token had leaves
--- config eval: $::CONF
--- steps
for my $what ('manifests/1', 'digest', 'blob') {
    my $name = 'leaves-' . ($what =~ s/\W//gr);
    my ($image, @places) = image_at($amd64, $name);
    my ($blob) = keys %{ $image->{blobs} };
    my $path = "/v2/$name/" . ($what eq 'digest' ? "manifests/$image->{digest}"
                               : $what eq 'blob' ? "blobs/$blob" : $what);

    for my $h2 (0, 1) {
        my $token = "$name-$h2";

        wants_token($amd64, 'http://amd64/token', $token, @places);
        gives($amd64, '/token', $BASIC, $token, hold => $token);
        $amd64->clear_requests;

        my $first = $h2 ? h2_open(h2_socket(), $path)
                        : send_to(nginx_port(), 'GET', $path);
        ok($amd64->wait_for('/token'), 'the token is asked for');

        my @others = map { send_to(nginx_port(), 'GET', $path) } 1 .. 8;

        select undef, undef, undef, 0.1;
        close $first;
        select undef, undef, undef, 0.1;
        $amd64->release($token);

        is(codes(map { answer_of($_, 'GET') } @others), '200:8',
           "$what, http2 $h2: the others have it");
    }
}



=== TEST 4: a reload keeps tokens
--- config eval: $::CONF
--- steps
my ($image, @places) = image_at($amd64, 'reload');

wants_token($amd64, 'http://amd64/token', 'tok', @places);
gives($amd64, '/token', $BASIC, 'tok');
fetched('/v2/reload/manifests/1');

my $exited = log_lines(qr/worker process \d+ exited/);
kill 'HUP', nginx_pid();
my $end = time + 10;
select undef, undef, undef, 0.02
    until time > $end || log_lines(qr/worker process \d+ exited/) >= $exited + 2;

$amd64->clear_requests;
fetched('/v2/reload/manifests/1');
is(join(' ', $amd64->requests('token|/v2/$')), '', 'it is known still');
