# Without this: one large list in a zone that is full of small things could
# keep every worker waiting while all of these go.
# (Spec: "Limits and hostile input": memory is bounded by the zone.)

use lib 't/lib';
use Mlist::Test;
use Mlist::Faults;

# How many of these came, a hundred over each connection.
sub get_blobs {
    my (@digests) = @_;
    my $got = 0;

    while (my @some = splice @digests, 0, 100) {
        my $fh = Mlist::Client::connect_to(nginx_port());
        my $last = pop @some;
        my $in = '';

        syswrite $fh, join '', (map { "GET /v2/full/blobs/$_ HTTP/1.1\r\n"
                                      . "Host: localhost\r\n\r\n" } @some),
                      "GET /v2/full/blobs/$last HTTP/1.1\r\n"
                      . "Host: localhost\r\nConnection: close\r\n\r\n";
        1 while sysread $fh, $in, 65536, length $in;
        $got += () = $in =~ m{HTTP/1\.1 200 }g;
    }

    return $got;
}

run_tests();

__DATA__

=== TEST 1: a large list in a zone that is full of routes
--- zone: 256k
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
my $n = 4000;
my $text = 'x' x 90_000;
my $m = oci_image('linux/arm/v7');
my $index = oci_index([$m, undef, { os => 'linux', architecture => 'arm',
                                    variant => 'v7' }]);
my $data = json_data($index->{body});

$data->{manifests}[0]{annotations} = { 'a' => $text };
$amd64->tag('large:1', oci_image('linux/amd64'));
$arm->manifest('large', $m);
$arm->tag('large:1', { %{ raw_manifest($OI, $data) }, children => [] });

is(get_blobs(map { $amd64->blob('full', "blob $_") } 1 .. $n), $n, 'blobs');

my $before = Mlist::Faults::look();

is(sha256(get('/v2/large/manifests/1')->{body}),
   header_of($res, 'Docker-Content-Digest'), 'a list');
ok(length $res->{body} > length $text, 'a large one');

my $digest = sha256($res->{body});

get("/v2/large/manifests/$digest");
code_is(200, 'which is kept');

my $state = Mlist::Faults::look();

# what is evicted, and a list that was begun
ok($state->{freed} <= 256 + 64,
   "pieces freed at once: $before->{freed}, then $state->{freed}");
Test::More::diag('microseconds of one hold: '
                 . "$before->{longest}, then $state->{longest}");
