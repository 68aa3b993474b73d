# Without this: an operator whose registry has a namespace for each
# architecture (amd64/app, arm32v7/app) would see the names of the registry in
# one answer and those of clients in another, or be given what another
# repository has.  Here all kinds of requests meet all kinds of patterns; what
# each does for itself is in the files of lists, tags, referrers and so on.
# (Spec: name=.)

use lib 't/lib';
use Mlist::Test;

our $CONF = <<'EOT';
mlist_auth nginx;
mlist_source http://other name=amd64/*;
mlist_source http://other name=arm32v7/* platform=linux/arm/v7;
EOT

# In three repositories of one registry; what the third has is nobody's.
sub repositories {
    my ($name) = @_;
    my @m = map { docker_image($_, seed => $name) }
            qw(linux/amd64 linux/arm/v7 linux/s390x);

    $other->tag("amd64/$name:1", $m[0]);
    $other->tag("arm32v7/$name:1", $m[1]);
    $other->tag("$name:1", $m[2]);

    return @m;
}

# All that was asked, by the repository's name.
sub only_asked {
    my ($name, $what) = @_;
    my @strange = grep { !m{^\w+ /v2/(?:amd64|arm32v7)/\Q$name\E/} }
                  $other->requests;

    is(join("\n", @strange), '', "$what: under the registry's names only");
}

run_tests();

__DATA__

=== TEST 1: lists, pins, children and blobs
--- mlist eval: $::CONF
--- steps
my @m = repositories('app');

get('/v2/app/manifests/1');
my $pin = whole_answer($DL);
digests_are(@m[0, 1]);
same_as_get("/v2/app/manifests/$pin");

for my $m (@m[0, 1]) {
    get("/v2/app/manifests/$m->{digest}", accept => $D2);
    body_is($m->{body}, 'a child');

    for my $blob ($m->{config}, $m->{layer}) {
        get("/v2/app/blobs/$blob");
        body_is($m->{blobs}{$blob}, 'a blob');
        get("/v2/app/blobs/$blob", headers => [Range => 'bytes=2-5']);
        body_is(substr($m->{blobs}{$blob}, 2, 4), 'a part of it');
    }
}

only_asked('app', 'reads');

# what lies under the client's own name is another repository
get("/v2/app/manifests/$m[2]{digest}", accept => $D2);
error_is(404, 'MANIFEST_UNKNOWN');
get("/v2/app/blobs/$m[2]{layer}");
error_is(404, 'BLOB_UNKNOWN');



=== TEST 2: a child is read by whoever wants one platform only
--- mlist eval: $::CONF
--- steps
my @m = repositories('single');
same_as_get('/v2/single/manifests/1', accept => $D2);
body_is($m[0]{body});
header_is('Docker-Content-Digest', $m[0]{digest});



=== TEST 3: deep names, and one that has the namespace in it
--- mlist eval: $::CONF
--- steps
my @m = repositories('team/deep/app');
get('/v2/team/deep/app/manifests/1');
digests_are(@m[0, 1]);
only_asked('team/deep/app', 'deep');

# asked for by its name at the registry it is another name here
$other->clear_requests;
get('/v2/arm32v7/team/deep/app/manifests/1');
error_is(404, 'MANIFEST_UNKNOWN');
ok(!grep({ !m{ /v2/(?:amd64|arm32v7)/arm32v7/team/} } $other->requests),
   'which is spelled as any');



=== TEST 4: a name that is too long at one registry only
--- mlist eval: $::CONF
--- steps
my $name = join '/', ('n' x 62) x 3, 'n' x 60;
my $m = $other->tag("amd64/$name:1", docker_image('linux/amd64'));

get("/v2/$name/manifests/1");
digests_are($m);
ok(!grep({ m{ /v2/arm32v7/} } $other->requests), 'it is never cut short');



=== TEST 5: tags and the catalog speak the clients' names
--- mlist eval: $::CONF
--- steps
$other->put("/v2/$_->[0]/tags/list", type => 'application/json',
            body => json_text({ name => $_->[0], tags => $_->[1] }))
    for ['amd64/app', ['1', '2']], ['arm32v7/app', ['2', '3']],
        ['app', ['strange']];
get('/v2/app/tags/list');
is(json_text(json_data($res->{body})),
   json_text({ name => 'app', tags => ['1', '2', '3'] }), 'tags');

$other->put('/v2/_catalog', type => 'application/json', body => json_text({
    repositories => ['amd64/app', 'amd64/only', 'app', 'arm32v7/app',
                     'arm32v7/team/app', 's390x/app'] }));
get('/v2/_catalog');
is(json_text(json_data($res->{body})),
   json_text({ repositories => [qw(app only team/app)] }), 'the catalog');



=== TEST 6: referrers, and signatures under tags
--- mlist eval: $::CONF
--- steps
my @m = repositories('signed');
my %of = map { $_->[0] => oci_image('linux/amd64', seed => $_->[1]) }
         ['amd64', 'a'], ['arm32v7', 'b'];

for my $place (sort keys %of) {
    $other->put("/v2/$place/signed/referrers/$m[1]{digest}", type => $OI,
                body => json_text({ schemaVersion => 2, mediaType => $OI,
                                    manifests => [entry_of($of{$place})] }));
}

get("/v2/signed/referrers/$m[1]{digest}");
digests_are(@of{qw(amd64 arm32v7)});
only_asked('signed', 'referrers');

my $hex = $m[1]{digest} =~ s/:/-/r;
$other->tag("arm32v7/signed:$hex.sig", $of{arm32v7});
$other->clear_requests;
get("/v2/signed/manifests/$hex.sig", accept => $OM);
body_is($of{arm32v7}{body}, 'a signature');
get("/v2/signed/manifests/$of{arm32v7}{digest}", accept => $OM);
body_is($of{arm32v7}{body}, 'by its digest');
only_asked('signed', 'signatures');
get("/v2/signed/manifests/$hex.att", accept => $OM);
error_is(404, 'MANIFEST_UNKNOWN');



=== TEST 7: a pattern around the name, a fixed name, and tags besides
--- mlist
mlist_auth nginx;
mlist_source http://other name=mirror/*/amd64;
mlist_source http://other name=the/one tag=*-arm names=~^app$;
--- steps
my $m = $other->tag('mirror/app/amd64:1', docker_image('linux/amd64'));
my $n = $other->tag('the/one:1-arm', docker_image('linux/arm/v7'));
my $o = $other->tag('mirror/else/amd64:1', docker_image('linux/amd64'));

get('/v2/app/manifests/1');
digests_are($m, $n);
get("/v2/app/blobs/$n->{layer}");
body_is($n->{blobs}{$n->{layer}}, 'of the fixed name');
get('/v2/else/manifests/1');
digests_are($o);
get("/v2/else/blobs/$n->{layer}");
error_is(404, 'BLOB_UNKNOWN', 'of another name it is not');



=== TEST 8: a repository that fails is not one that is absent
--- mlist eval: $::CONF
--- steps
my @m = repositories('fails');
my $blob = sha256('somewhere');

$other->fail("arm32v7/fails:1", 500);
get('/v2/fails/manifests/1');
gateway_error('a list');
$other->fail("arm32v7/fails#$blob", 500);
get("/v2/fails/blobs/$blob");
gateway_error('a blob');
$other->fail("/v2/arm32v7/fails/tags/list", 500);
get('/v2/fails/tags/list');
gateway_error('tags');
