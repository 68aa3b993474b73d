# Without this: a push through this front to a registry with a login would
# fail, send its body twice, or tell its client of credentials that it has
# nothing to do with.  (Spec: "mlist_login", writes.)

use lib 't/lib';
use Mlist::Http2;
use Mlist::Login;
use Mlist::Test;

our $BASIC = basic('ci', 's3cret');

password('password', "s3cret\n");

# A location with one source, which takes the writes, and its login; bodies are
# passed on as they come, or read whole before.
sub location_of {
    my ($whole) = @_;
    my $proxy = $whole ? 'proxy_pass $mlist_upstream;' : 'PROXY;';

    return listen_h2() . "\n" . <<"CONF";
location /v2/ {
    client_max_body_size 0;
    mlist_auth nginx;
    mlist_login http://amd64 ci @{[ password_file('password') ]};
    mlist_source http://amd64;
    $proxy
}
CONF
}

# A place that takes writes, for a token.
sub takes {
    my ($token, $path, %methods) = @_;

    $amd64->put($path, status => 404, body => '', method => \%methods);
    wants_token($amd64, 'http://amd64/token', $token, $path);
}

sub bodies {
    my ($pattern) = @_;

    return join ',', map { $_->{body} }
           grep { "$_->{method} $_->{target}" =~ /$pattern/ } $amd64->seen;
}

run_tests();

__DATA__

=== TEST 1: an upload from its beginning to its end
--- config eval: ::location_of()
--- steps
my $uploads = '/v2/up/blobs/uploads/';
my $session = "${uploads}1";

takes('tok', $uploads,
      POST => { status => 202, headers => { Location => "$session?_s=a" } });
takes('tok', $session,
      PATCH => { status => 202, headers => { Location => "$session?_s=b" } },
      PUT => { status => 201 });
gives($amd64, '/token', $BASIC, 'tok');

ask('POST', $uploads, body => '');
code_is(202);
header_is('Location', "$session?_s=a");
is(join(' ', $amd64->requests), 'GET /v2/ GET /token?service=reg%20istry&scope='
   . "repository%3Aup%3Apull%2Cpush POST $uploads",
   'how it logs in is known before the upload begins');

ask('PATCH', "$session?_s=a", body => 'some bytes');
code_is(202);
ask('PUT', "$session?_s=b&digest=x", body => 'more');
code_is(201);
is(bodies('PATCH|PUT'), 'some bytes,more', 'each body once, and whole');
is(scalar($amd64->requests('token')), 1, 'with one token');
is(secrets_in_logs('s3cret', $BASIC =~ s/Basic //r, 'Bearer tok'), '',
   'no secret in any log');



=== TEST 2: bodies of any size and framing are whole
--- config eval: ::location_of()
--- steps
my $bytes = join '', map { chr(97 + $_ % 26) } 0 .. 1_000_000;
my $session = '/v2/big/blobs/uploads/1';

takes('tok', $session, PATCH => { status => 202 });
gives($amd64, '/token', $BASIC, 'tok');

ask('PATCH', $session, body => $bytes);
code_is(202);
ok(bodies('PATCH') eq $bytes, 'with a length');

my $file = password('bytes', $bytes);
my $curl = "curl -s --max-time 20 -X PATCH -o /dev/null "
           . "-w '%{http_code}' --data-binary \@$file";
my %how = (
    'http2' => '--http2-prior-knowledge --unix-socket ' . h2_socket()
               . ' http://localhost',
    'chunked' => "-H 'Transfer-Encoding: chunked' http://127.0.0.1:"
                 . nginx_port(),
);

for my $how (sort keys %how) {
    is(`$curl $how{$how}$session`, '202', $how);
    ok((split /,/, bodies('PATCH'))[-1] eq $bytes, "$how: whole");
}



=== TEST 3: the same, read to its end before
--- config eval: ::location_of('whole')
--- steps
my $bytes = 'x' x 300_000;
my $session = '/v2/whole/blobs/uploads/1';

takes('tok', $session, PATCH => { status => 202 });
gives($amd64, '/token', $BASIC, 'tok');
ask('PATCH', $session, body => $bytes);
code_is(202);
ok(bodies('PATCH') eq $bytes, 'whole');



=== TEST 4: a token that is refused: what has a body is not sent again
--- config eval: ::location_of()
--- steps
my $put = '/v2/again/manifests/1';

takes('one', $put, PUT => { status => 201 }, DELETE => { status => 202 });
gives($amd64, '/token', $BASIC, 'one');
put_to($put, '{}');
code_is(201);

takes('two', $put, PUT => { status => 201 }, DELETE => { status => 202 });
gives($amd64, '/token', $BASIC, 'two');
$amd64->clear_requests;
put_to($put, '{"a":1}');
error_is(502, 'UNAVAILABLE');
no_header('WWW-Authenticate');
is(bodies('PUT'), '{"a":1}', 'once');
put_to($put, '{"a":2}');
code_is(201, 'and is well again for the next one');

# what has none is
takes('two', $put, DELETE => { status => 202 });
gives($amd64, '/token', $BASIC, 'two');
ask('DELETE', $put);
code_is(202);
takes('three', $put, DELETE => { status => 202 });
gives($amd64, '/token', $BASIC, 'three');
$amd64->clear_requests;
ask('DELETE', $put);
code_is(202, 'a DELETE');
is(scalar($amd64->requests('DELETE')), 2, 'twice');
like(join(' ', $amd64->requests('token')), qr/again%3Apull%2Cpush%2Cdelete$/,
     'its scope');



=== TEST 5: a large body whose token is refused
--- config eval: ::location_of()
--- steps
my $session = '/v2/refused/blobs/uploads/1';
my $bytes = 'x' x 3_000_000;

takes('one', $session, PATCH => { status => 202 });
gives($amd64, '/token', $BASIC, 'one');
ask('PATCH', $session, body => 'x');
code_is(202);
takes('two', $session, PATCH => { status => 202 });
gives($amd64, '/token', $BASIC, 'two');
ask('PATCH', $session, body => $bytes);
error_is(502, 'UNAVAILABLE');
ask('PATCH', $session, body => $bytes);
code_is(202);



=== TEST 6: a mount is read from its other repository too
--- config eval: ::location_of()
--- steps
my $digest = sha256('layer');

takes('tok', '/v2/mount/blobs/uploads/', POST => { status => 201 });
gives($amd64, '/token', $BASIC, 'tok');
ask('POST', "/v2/mount/blobs/uploads/?mount=$digest&from=from%2Fhere",
    body => '');
code_is(201);
is(join(' ', $amd64->requests('token')), 'GET /token?service=reg%20istry&'
   . 'scope=repository%3Amount%3Apull%2Cpush&'
   . 'scope=repository%3Afrom%2Fhere%3Apull', 'its scopes');



=== TEST 7: what is denied
--- config eval: ::location_of()
--- steps
my ($image, @places) = image_at($amd64, 'denied');
my ($blob) = keys %{ $image->{blobs} };

gives($amd64, '/token', $BASIC, 'tok');
wants_token($amd64, 'http://amd64/token', 'tok', @places);
$amd64->fail('/v2/denied/manifests/2', 403);
$amd64->fail("denied#$blob", 403);
$amd64->fail('denied:1', 403);

put_to('/v2/denied/manifests/2', '{}');
error_is(403, 'DENIED', 'a write is told so');

for my $path ("blobs/$blob", 'manifests/1') {
    get("/v2/denied/$path");
    error_is(502, 'UNAVAILABLE', "$path: no such thing, nor no right to it");
}



=== TEST 8: a push registry that is no source has a login of its own
--- config eval
my $path = ::password_file('password');
qq{
location /v2/ {
    mlist_auth nginx;
    mlist_login http://amd64 ci $path;
    mlist_login http://other pusher $path;
    mlist_source http://amd64;
    mlist_source http://arm;
    mlist_push http://other;
    PROXY;
}
}
--- steps
my $right = basic('pusher', 's3cret');

$other->writable;
wants_basic($other, $right, '/v2/');
ask('POST', '/v2/pusher/blobs/uploads/', body => '');
code_is(202);
ask('PUT', header_of($res, 'Location') . '&digest=' . sha256('bytes'),
    body => 'bytes');
code_is(201);
like(authorizations($other, 'uploads'), qr/^\Q$right\E,\Q$right\E$/, 'its own');

head('/v2/pusher/blobs/' . sha256('bytes'));
code_is(200);
is(authorizations($other, 'HEAD'), $right, 'for reads as well');
unlike(authorizations($amd64, '.'), qr/\Q$right\E/, 'and no other has it');
