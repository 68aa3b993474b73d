# Without this: a registry that sends too much, or a zone too small for what
# is asked, would take nginx's memory or make requests fail.
# (Spec: mlist_max_manifest_size, "Limits and hostile input".)

use lib 't/lib';
use Mlist::Test;

sub padded {
    my ($size) = @_;
    my %image = (annotations => { pad => '' });
    my $m = oci_image('linux/arm64', manifest => \%image);

    $image{annotations}{pad} = 'x' x ($size - $m->{size});

    return oci_image('linux/arm64', manifest => \%image);
}

run_tests();

__DATA__

=== TEST 1: mlist_max_manifest_size
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_max_manifest_size 8k;
--- steps
my $a = docker_image('linux/amd64');
my $b = padded(8192);

is($b->{size}, 8192, 'the test itself');
$_->[0]->tag('size:fits', $_->[1]) for [$amd64, $a], [$arm, $b];
get('/v2/size/manifests/fits');
whole_answer($OI);
digests_are($a, $b);

$amd64->tag('size:more', $a);
$arm->tag('size:more', padded(8193));
get('/v2/size/manifests/more');
gateway_error('one byte more');

# whether it is announced or not
$amd64->tag('size:chunked', $a);
$b = $arm->tag('size:chunked', padded(20000));
$arm->on($_, chunked => 1) for 'size:chunked', "size\@$b->{digest}";
get('/v2/size/manifests/chunked');
gateway_error('chunked');



=== TEST 2: bodies without an end
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
$amd64->tag('endless:1', docker_image('linux/amd64'));
my $b = $arm->tag('endless:1', docker_image('linux/arm/v7'));
$arm->on($_, method => { GET => { endless => 1 } })
    for 'endless:1', "endless\@$b->{digest}";
get('/v2/endless/manifests/1');
gateway_error('a manifest');

$amd64->tag('endless:2', docker_image('linux/amd64', seed => 2));
$b = $arm->tag('endless:2', docker_image('linux/arm/v7', seed => 2));
$arm->on("endless#$b->{config}", endless => 1);
get('/v2/endless/manifests/2');
gateway_error('a config');

$arm->fail('endless:3', 404, method => { GET => { endless => 1 },
                                         HEAD => { endless => 1 } });
get('/v2/endless/manifests/3');
ok($res->{code} == 404 || $res->{code} >= 502, "an error: $res->{code}");

# and nginx goes on
get('/v2/');
code_is(200);



=== TEST 3: a list that is larger than the limit
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
mlist_max_manifest_size 8k;
--- steps
sub many {
    my ($prefix, $n) = @_;

    return docker_list(map { docker_image("linux/$prefix$_") } 1 .. $n);
}

my ($a, $b) = (many('a', 30), many('b', 30));
ok($a->{size} < 8192, 'the test itself');
$amd64->tag('sum:1', $a);
$arm->tag('sum:1', $b);
get('/v2/sum/manifests/1');
complete_or_error('two indexes that are larger together',
                  map { $_->{platform} } @{ $a->{children} },
                                         @{ $b->{children} });



=== TEST 4: indexes of very many entries
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $a = docker_list(map { docker_image("linux/a$_") } 1 .. 300);
$amd64->tag('many:1', $a);
$arm->tag('many:1', docker_image('linux/arm/v7'));
get('/v2/many/manifests/1');
complete_or_error('300 entries',
                  (map { $_->{platform} } @{ $a->{children} }), 'linux/arm/v7');

my $entry = Mlist::Content::entry_of($a->{children}[0]);
my $body = json_text({ schemaVersion => 2, mediaType => $DL,
                       manifests => [($entry) x 10_000] });
$amd64->manifest('many', $a->{children}[0]);
$amd64->tag('many:2', raw_manifest($DL, $body));
$arm->tag('many:2', docker_image('linux/arm/v7'));
get('/v2/many/manifests/2');
ok($res->{code} >= 502 || $res->{code} == 200 && $res->{body} =~ /"arm"/,
   "10,000 equal entries: $res->{code}");



=== TEST 5: 1,000 tags with a zone that is too small for them
--- zone: 128k
--- mlist
mlist_source http://other tag=*-amd64 platform=linux/amd64;
mlist_source http://other tag=*-arm platform=linux/arm/v7;
--- steps
my %bad;

for my $i (1 .. 1000) {
    my $m = docker_image('linux/amd64', seed => $i);

    $other->put("thousand:$i-amd64", type => $D2, body => $m->{body},
                headers => Mlist::Registry::manifest_headers($m));
    $other->put("thousand\@$m->{digest}", type => $D2, body => $m->{body},
                headers => Mlist::Registry::manifest_headers($m));
    get("/v2/thousand/manifests/$i");
    $bad{$res->{code}}++ if $res->{code} != 200
                            || (entries())[0]{digest} ne $m->{digest};
}

is(json_text(\%bad), '{}', 'all are answered');

# the latest ones are remembered
my $digest = sha256($res->{body});
get("/v2/thousand/manifests/$digest");
is(whole_answer($DL), $digest, 'the last list by its digest');
get('/v2/thousand/manifests/1');
code_is(200, 'the first tag again');



=== TEST 6: the same where the store keeps the lists
--- zone: 128k
--- mlist eval
"mlist_store " . Mlist::Test::store_dir() . ";\n"
. "mlist_source http://other tag=*-amd64 platform=linux/amd64;\n"
--- steps
my (%bad, @digests);

for my $i (1 .. 300) {
    my $m = docker_image('linux/amd64', seed => "stored $i");

    $other->put("stored:$i-amd64", type => $D2, body => $m->{body},
                headers => Mlist::Registry::manifest_headers($m));
    $other->put("stored\@$m->{digest}", type => $D2, body => $m->{body},
                headers => Mlist::Registry::manifest_headers($m));
    get("/v2/stored/manifests/$i");
    $bad{$res->{code}}++ if $res->{code} != 200;
    push @digests, sha256($res->{body});
}

for my $digest (@digests) {
    get("/v2/stored/manifests/$digest");
    $bad{"digest $res->{code}"}++ if sha256($res->{body}) ne $digest;
}

is(json_text(\%bad), '{}', 'all are answered, by tag and by digest');



=== TEST 7: many blobs: routes are bounded too
--- zone: 128k
--- steps
my %bad;

for my $i (1 .. 500) {
    my $digest = $arm->blob('routes', "blob $i");

    get("/v2/routes/blobs/$digest");
    $bad{$res->{code}}++ if $res->{body} ne "blob $i";
}

is(json_text(\%bad), '{}', 'all are found');
