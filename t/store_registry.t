# Without this: fronts that share a store in a registry would not find each
# other's lists, a store that is down or lies would become "no such image" or
# another list, its repository would be served to clients, and their
# credentials would go to it.  (Spec: mlist_store, "A digest".)
#
# "other" is the registry of the store; t/store_instances.t has a real one.

use lib 't/lib';
use Mlist::Test;

use Digest::SHA qw(sha256_hex);

our $STORE = '/v2/mlist-store';
our $OCTETS = 'application/octet-stream';

$other->writable;
$ENV{TEST_NGINX_OTHER} = $other->address;

# The tag under which the store has the list of that digest.
sub stored {
    my ($name, $digest) = @_;

    return $digest =~ s/sha256://r . '-' . substr sha256_hex($name), 0, 16;
}

# One list, built anew, and its digest.
sub built {
    my ($name, $seed) = @_;

    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $seed // 1));
    $arm->tag("$name:1", docker_image('linux/arm/v7', seed => $seed // 1));

    my $list = fetched("/v2/$name/manifests/1")->{body};

    return ($list, sha256($list));
}

# The stored image as the store has it.
sub image {
    my ($tag) = @_;

    return json_data(request_to(port_of($other), 'GET',
                                "$STORE/manifests/$tag",
                                headers => [Accept => $OM])->{body});
}

sub port_of {
    return $_[0]->address =~ s/.*://r;
}

# The tag under which the store has what was last known of a tag.
sub last_tag {
    my ($put) = reverse $other->requests("^PUT $STORE/manifests/t-");

    return ($put // '') =~ s/.*\///r;
}

# Changes the image under a tag, by a function on its text.
sub changed {
    my ($tag, $change) = @_;
    my $body = json_text(image($tag));

    $other->put("$STORE/manifests/$tag", type => $OM,
                body => $change->($body));
}

# A read by digest at an nginx that has never seen the list.
sub read_afresh {
    my ($name, $digest) = @_;

    restart_nginx();
    get("/v2/$name/manifests/$digest");
}

sub logged {
    my ($pattern) = @_;

    return scalar log_lines($pattern);
}

run_tests();

__DATA__

=== TEST 1: a list is an ordinary image, and any nginx reads it by digest
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $second = second_nginx();
my ($list, $digest) = built('shared/one');
my $tag = stored('shared/one', $digest);
my $last = last_tag();
my @asked = grep { !m{/manifests/t-} } $other->requests;

is(scalar(@asked), 6, 'a put') or Test::More::diag(join "\n", @asked);
is(join(' ', grep { m{/manifests/t-} } $other->requests),
   "GET $STORE/manifests/$last PUT $STORE/manifests/$last", 'its tag');
is($asked[0], "HEAD $STORE/manifests/$tag", 'is it there');
is(scalar(grep { $_ eq "POST $STORE/blobs/uploads/" } @asked), 2, 'uploads');
like($asked[-1], qr{^PUT $STORE/manifests/$tag$}, 'the tag comes last');
is(join(' ', $other->seen_header('^PUT .*manifests', 'Content-Type')),
   "$OM $OM", 'OCI manifests');
is(join(' ', $other->seen_header('^PUT .*uploads', 'Content-Type')),
   "$OCTETS $OCTETS", 'blobs');

my $image = image($tag);
my $config = json_data(request_to(port_of($other), 'GET',
                  "$STORE/blobs/$image->{config}{digest}")->{body});
is($image->{config}{mediaType}, $OCI_CONFIG, 'an image');
is(json_text($config->{rootfs}{diff_ids}), json_text([$digest]), 'its layer');
is(json_text($image->{layers}[0]{digest}), json_text($digest), 'the list');
is(request_to(port_of($other), 'GET', "$STORE/blobs/$digest")->{body}, $list,
   'its very bytes');
is($image->{annotations}{'vnd.mlist.name'}, 'shared/one', 'its name');
is($image->{annotations}{'vnd.mlist.platforms'}, 'linux/amd64,linux/arm/v7',
   'its platforms');
is(image($last)->{annotations}{'vnd.mlist.docker'}, $digest,
   'the last list of the tag');
is(json_text(image($last)->{layers}), json_text($image->{layers}),
   'keeps its bytes');

$_->clear_requests for $amd64, $arm, $other;
get("/v2/shared/one/manifests/$digest", to => $second);
is(whole_answer($DL), $digest, 'by the other nginx');
body_is($list);
asked_of($amd64);
asked_of($arm);
asked_of($other, "GET $STORE/blobs/$digest", "GET $STORE/manifests/$tag");
get("/v2/shared/one/manifests/$digest", to => $second);
body_is($list, 'once more');
asked_of($other);



=== TEST 2: the same list at a second nginx is put by one HEAD
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my ($list, $digest) = built('there');
$other->clear_requests;
restart_nginx();
get('/v2/there/manifests/1');
body_is($list);
is((grep { /$digest|manifests\/[0-9a-f]{64}-/ } $other->requests)[0],
   "HEAD $STORE/manifests/" . stored('there', $digest), 'is it there');
is(scalar(grep { /^(?:POST|PUT) .*uploads/ } $other->requests), 0,
   'no upload');



=== TEST 3: after a kill and a fresh start, with an empty zone
--- mlist
mlist_auth nginx;
mlist_store http://other/deep/store-2;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my ($list, $digest) = built('killed');
$amd64->put('killed:1', status => 404);
read_afresh('killed', $digest);
whole_answer($DL);
body_is($list);
is(variables("/v2/killed/manifests/$digest")->{platforms},
   'linux/amd64,linux/arm/v7', 'its platforms');
ok(scalar($other->requests('/v2/deep/store-2/')), 'the repository');
get("/v2/elsewhere/manifests/$digest");
error_is(404, 'MANIFEST_UNKNOWN', 'under another name');



=== TEST 4: a store that is down is no miss
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my ($list, $digest) = built('down');
my $tag = stored('down', $digest);

$other->down;
read_afresh('down', $digest);
ok($res->{code} >= 500, "refused: $res->{code}");
$amd64->tag('down:2', docker_image('linux/amd64', seed => 'down'));
get('/v2/down/manifests/2');
ok($res->{code} >= 500, "no digest goes out that is not kept: $res->{code}");
$other->up;

for my $status (401, 403, 429, 500, 503, 302) {
    $other->on("$STORE/manifests/$tag", status => $status, times => 1);
    get("/v2/down/manifests/$digest");
    ok($res->{code} >= 500, "status $status: $res->{code}");
    ok(logged(qr/mlist_store: GET of .* gave status $status/), 'logged');
}

$other->on("$STORE/manifests/$tag", stall => 'header', times => 1);
get("/v2/down/manifests/$digest");
ok($res->{code} >= 500, "stalled: $res->{code}");
ok(logged(qr/mlist_store: GET of .* timed out/), 'logged');
$other->on("$STORE/blobs/$digest", cut => 20, times => 1);
get("/v2/down/manifests/$digest");
ok($res->{code} >= 500, "cut short: $res->{code}");
$other->on("$STORE/blobs/$digest", status => 500, times => 1);
get("/v2/down/manifests/$digest");
ok($res->{code} >= 500, "the list's bytes: $res->{code}");

get("/v2/down/manifests/$digest");
body_is($list, 'up again');
get('/v2/down/manifests/2');
code_is(200);



=== TEST 5: a store that lies is no miss, and the log says what it had
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my ($list, $digest) = built('lies');
my $tag = stored('lies', $digest);
my $true = json_text(image($tag));
my $hex = '0' x 64;

for my $case (['name', qr/"lies"/, '"l1es\n"', 'vnd.mlist.name .*l1es\?'],
              ['digest', qr/sha256:\w+(?=","vnd.mlist.f)/, "sha256:$hex",
               "vnd.mlist.digest .*sha256:$hex"],
              ['format', qr/format":"1"/, 'format":"9"', 'vnd.mlist.format'],
              ['layer', qr/"layers":\[\{"digest":"sha256:\w+/,
               qq("layers":[{"digest":"sha256:$hex), 'digest of the layer'],
              ['twice', qr/^\{/, '{"layers":[],', 'duplicate'],
              ['bytes', qr/^.*/, '<html>', 'malformed'],
              ['type', qr/manifest\.list\.v2/, 'manifest.v2',
               'vnd.mlist.type']) {
    my ($what, $from, $to, $log) = @$case;

    changed($tag, sub { $_[0] =~ s/$from/$to/r });
    get("/v2/lies/manifests/$digest") if $what ne 'name';
    read_afresh('lies', $digest) if $what eq 'name';
    error_is(503, 'UNAVAILABLE', $what);
    ok(logged(qr/is not used: .*$log/), "$what: logged");
    $other->put("$STORE/manifests/$tag", type => $OM, body => $true);
}

$other->put("$STORE/manifests/$tag", type => 'text/html', body => $true);
get("/v2/lies/manifests/$digest");
error_is(503, 'UNAVAILABLE', 'Content-Type');
$other->put("$STORE/manifests/$tag", type => $OM, body => ' ' x 20000);
get("/v2/lies/manifests/$digest");
error_is(503, 'UNAVAILABLE', 'large');
ok(logged(qr/is not used: it is larger than \d+ bytes/), 'logged');
$other->put("$STORE/manifests/$tag", type => $OM, body => $true);

$other->put("$STORE/blobs/$digest", type => $OCTETS, body => $list =~ s/:/;/r);
get("/v2/lies/manifests/$digest");
error_is(503, 'UNAVAILABLE', 'other bytes');
$other->put("$STORE/blobs/$digest", type => $OCTETS, body => "$list ");
get("/v2/lies/manifests/$digest");
error_is(503, 'UNAVAILABLE', 'more bytes');
$other->forget("$STORE/blobs/$digest");
get("/v2/lies/manifests/$digest");
error_is(404, 'MANIFEST_UNKNOWN', 'no bytes');
ok(logged(qr{mlist_store: ".*/blobs/$digest" is lost}), 'logged');

# what is built again replaces what was there
changed($tag, sub { $_[0] =~ s/lies/l1es/r });
get('/v2/lies/manifests/1');
code_is(200);
read_afresh('lies', $digest);
body_is($list, 'it is whole again');



=== TEST 6: a list that is larger than is allowed now is still there
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_max_manifest_size 500;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $list = docker_list(map { docker_image("linux/$_") }
                       qw(amd64 arm64 386 s390x ppc64le));
my $tag = stored('large', $list->{digest});
my $config = '{}';

$other->blob('mlist-store', $list->{body});
$other->put("$STORE/manifests/$tag", type => $OM, body => json_text({
    schemaVersion => 2, mediaType => $OM,
    config => { mediaType => $OCI_CONFIG, size => 2,
                digest => sha256($config) },
    layers => [{ mediaType => 'application/vnd.oci.image.layer.v1.tar',
                 size => length $list->{body}, digest => $list->{digest} }],
    annotations => { 'vnd.mlist.format' => '1', 'vnd.mlist.name' => 'large',
                     'vnd.mlist.digest' => $list->{digest},
                     'vnd.mlist.type' => $DL, 'vnd.mlist.platforms' => '' },
}));
get("/v2/large/manifests/$list->{digest}");
ok($res->{code} >= 500, "no 404: $res->{code}");
ok(logged(qr/larger than mlist_max_manifest_size 500/), 'logged');



=== TEST 7: where the bytes of an upload go
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $address = $other->address;
my $uploads = "$STORE/blobs/uploads/";
my @good = ("$STORE/blobs/uploads/x", "$STORE/blobs/uploads/x?a=b&c=d",
            "http://other$STORE/blobs/uploads/x?_state=1",
            "https://OTHER$STORE/blobs/uploads/x#f");
my @bad = ('http://' . $arm->address . '/v2/x', '//arm/v2/x', 'v2/x', '',
           'http://other', 'http://other@arm/v2/x', 'ftp://other/v2/x',
           '/v2/x y', 'http://other:5000/v2/x', 'http://otherx/v2/x');

for my $i (0 .. $#good, map { -$_ } 1 .. @bad) {
    my $location = $i >= 0 ? $good[$i] : $bad[-$i - 1];
    my $name = $i >= 0 ? "good$i" : 'bad' . -$i;

    $other->on($uploads, method => { POST => { status => 202,
               headers => { Location => length $location ? $location
                                                         : undef } } });
    $amd64->tag("$name:1", docker_image('linux/amd64', seed => $name));
    $_->clear_requests for $other, $arm;
    get("/v2/$name/manifests/1");
    my @puts = $other->requests('^PUT .*uploads');

    if ($i >= 0) {
        code_is(200, $location);
        is(scalar(@puts), 2, "$location: both");
        like($puts[0], qr{^PUT $STORE/blobs/uploads/x\?(?:\S+&)?digest=\S+$},
             'with a digest');
    } else {
        ok($res->{code} >= 500, "$location: $res->{code}");
        is(scalar(@puts), 0, "$location: none");
        is(scalar(grep { !/^(?:HEAD|GET) / } $arm->requests), 0,
           'nor elsewhere');
    }
}

ok(logged(qr/gave a Location that is not at "other"/), 'logged');
$other->forget($uploads);



=== TEST 8: a registry that refuses
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $uploads = "$STORE/blobs/uploads/";
my $image = $amd64->tag('refused:1', docker_image('linux/amd64',
                                                  seed => 'refused'));

for my $status (401, 404, 413, 500) {
    $other->on($uploads, method => { POST => { status => $status } });
    get('/v2/refused/manifests/1');
    ok($res->{code} >= 500, "POST $status: $res->{code}");
    ok(logged(qr/mlist_store: POST of .* gave status $status/), 'logged');
}

$other->on($uploads, method => { POST => { status => 202,
           headers => { Location => "${uploads}x" } } });
$other->on("${uploads}x", method => { PUT => { status => 400 } });
get('/v2/refused/manifests/1');
ok($res->{code} >= 500, "a blob: $res->{code}");
ok(logged(qr/mlist_store: PUT of .* gave status 400/), 'logged');
is(scalar($other->requests('^PUT .*manifests')), 0, 'then no manifest either');
$other->forget("${uploads}x");

# a registry that has lost what it took: 400 BLOB_UNKNOWN
$other->on("${uploads}x", method => { PUT => { status => 201 } });
get('/v2/refused/manifests/1');
ok($res->{code} >= 500, "a manifest: $res->{code}");
ok(logged(qr{mlist_store: PUT of .*/manifests/\S+ gave status 400}), 'logged');
$other->forget($_) for $uploads, "${uploads}x";
get('/v2/refused/manifests/1');
code_is(200, 'in the end');



=== TEST 9: no credentials of a client go to the store
--- mlist
mlist_store http://other;
mlist_source http://amd64;
--- steps
my $auth = 'Basic Z29vZDpvbmU=';
my $image = docker_image('linux/amd64', seed => 'auth');
$amd64->tag('auth:1', $image);
$amd64->on($_, challenge => 'Basic realm="x"', auth => $auth)
    for 'auth:1', "auth\@$image->{digest}", "auth#$image->{config}";
my @with = (headers => [Authorization => $auth, Cookie => 'a=b',
                        'X-Secret' => 'c']);
my $digest = sha256(fetched('/v2/auth/manifests/1', @with)->{body});

restart_nginx();
get("/v2/auth/manifests/$digest", @with);
code_is(200);
ok(scalar($other->requests) >= 8, 'put and read');
is(join(' ', $other->seen_header('.', $_)), '', "no $_")
    for qw(Authorization Cookie X-Secret);
get("/v2/auth/manifests/$digest");
code_is(401, 'without them');



=== TEST 10: its repository is served to nobody
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_store http://other;
    mlist_source http://other tag=*-amd64;
    mlist_source http://other tag=*-arm;
    PROXY;
}
location /pre/v2/ {
    rewrite ^/pre(/.*) $1 break;
    mlist_auth nginx;
    mlist_store http://other;
    mlist_source http://other name=mlist-*;
    PROXY;
}
--- steps
$other->tag('mlist-store:1-amd64', docker_image('linux/amd64'));
my $image = $other->tag('mlist-store:1', docker_image('linux/amd64'));
my $base = '/v2/mlist-store';

for my $path (qw(manifests/1 manifests/1-amd64 tags/list),
              "manifests/$image->{digest}", "blobs/$image->{config}",
              "referrers/$image->{digest}", 'manifests/' . 'a' x 64) {
    get("$base/$path");
    error_is(404, 'NAME_UNKNOWN', $path);
}

put_to("$base/manifests/2", $image->{body}, headers => ['Content-Type' => $D2]);
error_is(404, 'NAME_UNKNOWN', 'PUT');
ask('POST', "$base/blobs/uploads/", body => '');
error_is(404, 'NAME_UNKNOWN', 'an upload');
ask('DELETE', "$base/manifests/$image->{digest}");
error_is(404, 'NAME_UNKNOWN', 'DELETE');
asked_of($other);
$other->put('/v2/_catalog', type => 'application/json',
            body => '{"repositories":["mine","mlist-store"]}');
get('/v2/_catalog');
is($res->{body}, qq({"repositories":["mine"]}\n), 'the catalog');
get('/pre/v2/_catalog');
is($res->{body}, qq({"repositories":[]}\n), 'the catalog of a pattern');
asked_of($other, ('GET /v2/_catalog?n=1000') x 2);

ask('POST', "/v2/mine/blobs/uploads/?mount=$image->{config}&from=mlist-store",
    body => '');
code_is(202, 'a mount is an upload');
asked_of($other, 'POST /v2/mine/blobs/uploads/');

get('/pre/v2/store/manifests/1');
code_is(404, 'nor where a pattern spells it');
get("/pre/v2/store/manifests/$image->{digest}");
code_is(404, 'nor by digest');
is(scalar(grep { m{ /v2/mlist-store/} && !m{/manifests/[0-9a-f]{64}-} }
          $other->requests), 0, 'nobody asks for it');



=== TEST 11: a redirect of the list's bytes
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my ($list, $digest) = built('moved');

$outside->put('/bucket/list', type => $OCTETS, body => $list);
$arm->put('/bucket/list', type => $OCTETS, body => $list);
$other->put('/bucket/list', type => $OCTETS, body => $list);
restart_nginx();

for my $case ([$outside->address, 0], ['arm', 1], ['other', 1], ['', 1]) {
    my ($host, $follows) = @$case;
    my $to = (length $host ? "http://$host" : '') . '/bucket/list?sig=1';

    $other->put("$STORE/blobs/$digest", status => 307,
                headers => { Location => $to });
    get("/v2/moved/manifests/$digest");
    $follows ? body_is($list, "to $host")
             : ok($res->{code} >= 500, "to $host: $res->{code}");
    restart_nginx();
}

is(scalar($outside->requests), 0, 'an address inside that no source has');



=== TEST 12: the last complete list, from a front that never saw it
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my ($list, $digest) = built('stale');
my $last = last_tag();

restart_nginx();
$arm->down;
get('/v2/stale/manifests/1');
body_is($list);
is(variables('/v2/stale/manifests/1')->{cache}, 'STALE', 'it says so');

restart_nginx();
$other->on("$STORE/manifests/$last", status => 500, times => 1);
get('/v2/stale/manifests/1');
gateway_error('a store that fails');
changed($last, sub { $_[0] =~ s/mlist.tag":"\w/mlist.tag":"x/r });
get('/v2/stale/manifests/1');
gateway_error('of another tag');
ok(logged(qr/t-\w+" is not used: vnd.mlist.tag expected/), 'logged');
$other->put("$STORE/manifests/$last", type => $OM, body => 'x' x 20000);
get('/v2/stale/manifests/1');
gateway_error('large');
$arm->up;

# it is replaced by the next new list
(my $new, $digest) = built('stale', 'new');
is(image($last)->{annotations}{'vnd.mlist.docker'}, $digest, 'replaced');



=== TEST 13: a larger number stays, unless it is from the future
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
built('order');
my $last = last_tag();

for my $case ([10, 1], [1000, 0], [-10, 0]) {
    my ($ahead, $stays) = @$case;
    my $number = (time + $ahead) . '000000';

    changed($last, sub { $_[0] =~ s/mlist.number":"\K\d+/$number/r });
    $other->clear_requests;
    built('order', "ahead $ahead");
    is(scalar($other->requests("^PUT $STORE/manifests/t-")), $stays ? 0 : 1,
       "$ahead seconds ahead");
}



=== TEST 14: what is sent survives proxy's retries
--- http
upstream twice {
    server $TEST_NGINX_OTHER max_fails=0;
    server $TEST_NGINX_OTHER max_fails=0;
    keepalive 4;
}
--- mlist
mlist_auth nginx;
mlist_store http://twice;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $uploads = "$STORE/blobs/uploads/";

$other->on($uploads, method => { POST => { reset => 1 } }, times => 1);
my ($list, $digest) = built('retried');
my $tag = stored('retried', $digest);
is(scalar($other->requests("^POST $uploads")), 3, 'a POST is sent again');

$other->forget("$STORE/manifests/$tag");
$other->on("$STORE/manifests/$tag", status => 404);
$other->on("$STORE/manifests/$tag", method => { PUT => { reset => 1 } },
           status => 404, times => 2);
$other->on($uploads, method => { POST => { status => 202,
           headers => { Location => "${uploads}r" } } });
$other->on("${uploads}r", method => { PUT => { reset => 1 } }, times => 1);
restart_nginx();
$other->clear_requests;
get('/v2/retried/manifests/1');
body_is($list);

my @blobs = map { $_->{body} } grep { $_->{method} eq 'PUT'
                                      && $_->{target} =~ /uploads/ }
            $other->seen;
is(scalar(@blobs), 3, 'a blob is sent again');
is(scalar(grep { !length } @blobs), 0, 'as a whole');
my @manifests = map { $_->{body} } grep { $_->{method} eq 'PUT'
                                          && $_->{target} =~ /$tag/ }
                $other->seen;
is(scalar(@manifests), 2, 'a manifest is sent again');
is($manifests[0], $manifests[1], 'as a whole');
$other->forget($_) for $uploads, "${uploads}r";
read_afresh('retried', $digest);
body_is($list);



=== TEST 15: nobody looks for a child in the store
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_store http://other;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location /pre/v2/ {
    rewrite ^/pre(/.*) $1 break;
    mlist_auth nginx;
    mlist_store http://other;
    mlist_source http://amd64;
    PROXY;
}
--- steps
my ($list, $digest) = built('child');
my ($child) = map { $_->{digest} } entries();

for my $pre ('', '/pre') {
    fetched("$pre/v2/child/manifests/1");
    $other->clear_requests;
    get("$pre/v2/child/manifests/$child", accept => $D2);
    code_is(200);
    asked_of($other);
    $other->down;
    get("$pre/v2/child/manifests/$child", accept => $D2);
    code_is(200, 'while the store is down');
    $other->up;
}

get("/v2/child/manifests/$digest");
body_is($list);
$amd64->forget("child\@$child");
get("/v2/child/manifests/$child", accept => $D2);
code_is(404, 'a child that is gone');
ok(scalar($other->requests("^GET $STORE/manifests/")),
   'then it is looked for there');



=== TEST 16: a front whose neighbour has the same sources, but another store
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_store http://other/one;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
location /pre/v2/ {
    rewrite ^/pre(/.*) $1 break;
    mlist_auth nginx;
    mlist_store http://other/two;
    mlist_source http://amd64;
    mlist_source http://arm;
    PROXY;
}
--- steps
$other->writable;
$amd64->tag('near:1', docker_image('linux/amd64'));
$arm->tag('near:1', docker_image('linux/arm/v7'));
$arm->on('near:1', hold => 'near');
my @fh = map { send_to(nginx_port(), 'GET', "$_/v2/near/manifests/1") }
         '', '/pre', '', '/pre';
ok($arm->wait_for('/v2/near/'), 'a source is asked');
request_to(nginx_port(), 'GET', '/v2/');

# the flight after this one brings another list
$arm->tag('near:1', docker_image('linux/arm/v7', seed => 'new'));
$arm->release('near');
my @digests = map { sha256(answer_of($_, 'GET')->{body}) } @fh;
is($digests[2], $digests[3], 'both have the new list');

for my $i (0 .. 3) {
    get(('', '/pre')[$i % 2] . "/v2/near/manifests/$digests[$i]");
    code_is(200, 'an announced digest');
}

# what each has kept of the tag is in its own store, too
$_->down for $amd64, $arm;
restart_nginx();

for my $prefix ('', '/pre') {
    get("$prefix/v2/near/manifests/1");
    code_is(200, 'an old list');
    is(sha256($res->{body}), $digests[3], 'of each front');
}

$_->up for $amd64, $arm;



=== TEST 17: refused where another writes the same list at that moment
--- mlist
mlist_auth nginx;
mlist_store http://other;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my ($list, $digest) = built('both');
my $tag = stored('both', $digest);

for my $times (1, 2) {
    $other->put("$STORE/manifests/$tag", status => 404);
    $other->on("$STORE/manifests/$tag", times => 2 * $times,
               method => { PUT => { status => 400 } });
    restart_nginx();
    get('/v2/both/manifests/1');

    if ($times == 1) {
        code_is(200, 'refused once');
        body_is($list);
        read_afresh('both', $digest);
        code_is(200, 'it is there');
        next;
    }

    gateway_error('refused again');
    ok(logged(qr/mlist_store: PUT of .* gave status 400/), 'logged');
}
