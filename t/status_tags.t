# Without this: nobody learns why a platform is missing from a tag, which
# source is to blame, or that a pinned list cannot be pulled any more; and the
# JSON that scripts read would change unseen.  (Spec: "Metrics".)

use lib 't/lib';
use Mlist::Test;

use JSON::PP ();

our $front = <<'EOT';
location = /status { mlist_status; }
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64 label=amd64;
    mlist_source http://arm label=arm platform=linux/arm/v7;
    mlist_source http://other label=other optional names=~^opt;
    PROXY;
}
EOT

run_tests();


sub status {
    my ($args) = @_;

    get('/status?format=json' . ($args // ''));

    return JSON::PP::decode_json($res->{body});
}


# What is said of a tag, and of it what each source said.
sub tag {
    my ($name, $tag) = @_;
    my $all = status("&name=$name&tag=$tag")->{tags};

    return $all->[0] // {};
}


sub said {
    my ($tag) = @_;

    return { map { ($_->{source} => $_->{said}) } @{ $tag->{sources} } };
}


__DATA__

=== TEST 1: a list, and from where its platforms came
--- config eval: $main::front
--- steps
my $a = $amd64->tag('whole:1', docker_image('linux/amd64'));
my $b = $arm->tag('whole:1', docker_image('linux/arm/v7'));
fetched('/v2/whole/manifests/1');
my $body = $res->{body};
my $tag = tag('whole', 1);

header_is('Content-Type', 'application/json; charset=utf-8');
is($tag->{verdict}, 'list', 'a list');
is($tag->{digest}, sha256($body), 'its digest');
is($tag->{size}, length $body, 'its size');
is(json_text($tag->{platforms}), json_text([
    { platform => 'linux/amd64', digest => $a->{digest},
      size => length $a->{body}, source => 'amd64' },
    { platform => 'linux/arm/v7', digest => $b->{digest},
      size => length $b->{body}, source => 'arm' }]), 'its platforms');
is(json_text(said($tag)), json_text({ amd64 => 'present', arm => 'present',
                                      other => 'not_asked' }), 'the sources');
is($tag->{sources}[1]{platform}, 'linux/arm/v7', 'what one is for');
is($tag->{sources}[1]{digest}, $b->{digest}, 'what it has');
like($tag->{when}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'when');

fetched('/v2/whole/manifests/1');
my $again = tag('whole', 1);
is($again->{verdict}, 'unchanged', 'asked again');
is(json_text($again->{platforms}), json_text($tag->{platforms}),
   'the same platforms');



=== TEST 2: why a platform is missing
--- config eval: $main::front
--- steps
$amd64->tag('lacks:1', docker_image('linux/amd64'));
get('/v2/lacks/manifests/1');
my $tag = tag('lacks', 1);
is(said($tag)->{arm}, 'not_found', '404');
is($tag->{sources}[1]{status}, 404, 'its status');
like($tag->{sources}[1]{text}, qr/has not this tag/, 'in words');

$amd64->tag('lacks:2', docker_image('linux/amd64'));
$arm->tag('lacks:2', docker_list(docker_image('linux/s390x')));
get('/v2/lacks/manifests/2');
$tag = tag('lacks', 2);
is(said($tag)->{arm}, 'no_platform', 'nothing for it');
like($tag->{sources}[1]{text}, qr{nothing for linux/arm/v7}, 'in words');

$amd64->tag('opt/lacks:1', docker_image('linux/amd64'));
$other->on('opt/lacks:1', status => 503);
get('/v2/opt/lacks/manifests/1');
$tag = tag('opt/lacks', 1);
is($tag->{verdict}, 'partial', 'without an optional one');
is(said($tag)->{other}, 'status', 'which failed');
is($tag->{sources}[2]{status}, 503, 'with that');
like($tag->{sources}[2]{text}, qr/503; it is optional/, 'in words');



=== TEST 3: errors, and what is left in spite of them
--- config eval: $main::front
--- steps
my $a = $amd64->tag('bad:1', docker_image('linux/amd64'));
$arm->tag('bad:1', docker_image('linux/arm/v7'));
fetched('/v2/bad/manifests/1');
$arm->on('bad:1', reset => 1);
get('/v2/bad/manifests/1');
my $tag = tag('bad', 1);
is($tag->{verdict}, 'stale', 'the last one');
is(said($tag)->{arm}, 'failed', 'no answer');
is(scalar @{ $tag->{platforms} }, 2, 'of two platforms');

$amd64->tag('bad:2', docker_image('linux/amd64'));
$arm->on('bad:2', status => 500);
get('/v2/bad/manifests/2');
code_is(502);
$tag = tag('bad', 2);
is($tag->{verdict}, 'error', 'none that could be given');
is($tag->{status}, 502, 'what a client got');
like($tag->{text}, qr/502: .*arm.*500/, 'and why');
is(json_text($tag->{platforms}), '[]', 'no platform');

$amd64->tag('bad:3', raw_manifest($OM, { schemaVersion => 2, mediaType => $OM,
    config => { mediaType => 'application/vnd.cncf.helm.config.v1+json',
                digest => sha256('{}'), size => 2 }, layers => [] }));
get('/v2/bad/manifests/3');
is(tag('bad', 3)->{verdict}, 'artifact', 'no image');

get('/v2/bad/manifests/never');
code_is(404);
status('&name=bad&tag=never');
code_is(404, 'nothing is kept of what never was');
is($res->{body} =~ /"tags":\[\]/ ? 1 : 0, 1, 'and said so');

my $kept = status()->{zone}{kept}{records}{count};

for my $made_up (1 .. 5) {
    $arm->on("bad:made-up-$made_up", status => 503);
    get("/v2/bad/manifests/made-up-$made_up");
    code_is(502);
}

is(status()->{zone}{kept}{records}{count}, $kept,
   'nor of what no source has said it has, while one is down');



=== TEST 4: the whole of it
--- config eval: $main::front
--- steps
$amd64->tag("all:$_", docker_image('linux/amd64')) for 1 .. 3;
get("/v2/all/manifests/$_") for 1 .. 3;
my $all = status();
my @names = map { "$_->{name}:$_->{tag}" } @{ $all->{tags} };

is(join(' ', @names[0 .. 2]), 'all:3 all:2 all:1', 'the newest first');
is(scalar @{ status('&limit=1')->{tags} }, 1, 'as many as are asked for');
is(scalar @{ status('&limit=0')->{tags} }, 0, 'or none');
is(scalar @{ $all->{sources} }, 3, 'sources');
is($all->{sources}[0]{url}, 'http://amd64', 'where they are');
is(ref $all->{sources}[0]{latency_ms}{up_to}, 'ARRAY', 'latency');
ok($all->{zone}{kept}{lists}{count} >= 3, 'lists');
my $records = $all->{zone}{kept}{records};

ok($records->{count} >= 3, 'records');
ok($records->{bytes} <= 400 * $records->{count}, 'of some 300 bytes');
is($all->{flights}{total} > 0, 1, 'flights');

my ($n) = map { $_->{count} }
          grep { $_->{kind} eq 'list' && $_->{status} eq '200' }
          @{ $all->{requests} };
ok($n >= 3, 'requests');

get("/status?format=json&$_") && code_is(400, $_)
    for 'limit=x', 'limit=-1', 'name=a', 'tag=1', 'name=..&tag=1',
        'name=a&tag=..', 'name=a&tag=%3Cscript%3E',
        'name=' . 'a' x 300 . '&tag=1';



=== TEST 5: a pin that no longer resolves
--- config eval: $main::front
--- steps
my $a = $amd64->tag('pin:1', docker_image('linux/amd64'));
my $b = $arm->tag('pin:1', docker_image('linux/arm/v7'));
my $list = sha256(fetched('/v2/pin/manifests/1')->{body});
my $broken = sub {
    get('/status?format=prometheus');
    return $res->{body} =~ /^mlist_pins_broken (\d+)$/m ? $1 : undef;
};

is($broken->(), 0, 'none');
get("/v2/pin/manifests/sha256:" . '0' x 64);
code_is(404);
is($broken->(), 0, 'what was never in a list is none');

$arm->forget("pin\@$b->{digest}");
$arm->forget('pin:1');
get("/v2/pin/manifests/$list");
code_is(200);
get("/v2/pin/manifests/$b->{digest}");
code_is(404);
is($broken->(), 1, 'one');

my ($pin) = @{ status()->{pins_broken} };
is($pin->{list}, $list, 'of that list');
is($pin->{digest}, $b->{digest}, 'that child');
is($pin->{name}, 'pin', 'of that name');
is($pin->{platform}, 'linux/arm/v7', 'of that platform');
is(scalar log_lines(qr/of a list that is kept, is at no source any more/), 1,
   'logged');

$arm->tag('pin:1', $b);
get("/v2/pin/manifests/$b->{digest}");
code_is(200);
is($broken->(), 0, 'it is back');



=== TEST 6: suffixed tags, one registry
--- config
location = /status { mlist_status; }
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64 tag=*-amd64;
    mlist_source http://amd64 tag=*-arm platform=linux/arm/v7;
    PROXY;
}
--- steps
my $a = $amd64->tag('suffix:1-amd64', docker_image('linux/amd64'));
my $b = $amd64->tag('suffix:1-arm', docker_image('linux/arm/v7'));
fetched('/v2/suffix/manifests/1');
my $tag = tag('suffix', 1);
is(join(' ', map { "$_->{platform} $_->{source}" } @{ $tag->{platforms} }),
   'linux/amd64 amd64 tag=*-amd64 linux/arm/v7 amd64 tag=*-arm', 'sources');



=== TEST 7: what the registry decides
--- config
location = /status { mlist_status; }
location /v2/ {
    mlist_auth registry;
    mlist_source http://amd64;
    PROXY;
}
--- steps
$amd64->tag('secret:1', docker_image('linux/amd64'));
get('/v2/secret/manifests/1', headers => [Authorization => 'Basic eDp5']);
code_is(200);
is(tag('secret', 1)->{verdict}, 'list', 'a list');
unlike($res->{body}, qr/eDp5/, 'no credentials');

$amd64->on('secret:1', status => 401,
           headers => { 'WWW-Authenticate' => 'Basic realm="x"' });
get('/v2/secret/manifests/1');
code_is(401);
is(tag('secret', 1)->{verdict}, 'list', 'a refusal says nothing of the tag');
is(json_text(status()->{auth_checks}),
   '{"accepted":1,"busy":0,"failed":0,"refused":1}', 'both are counted');
$amd64->on('secret:2', status => 401,
           headers => { 'WWW-Authenticate' => 'Basic realm="x"' });
get('/v2/secret/manifests/2');
status('&name=secret&tag=2');
code_is(404, 'nor of another');
