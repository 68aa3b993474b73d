# Without this: what is streamed to clients and back, blobs, children, uploads
# and pushes, would be a way past what this front allows a registry to say.
# (Spec: "Blobs", "Writes", "Limits and hostile input".)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use Mlist::Hostile;
use Mlist::Test;

our $SOURCES = <<'CONF';
mlist_auth nginx;
mlist_redirect follow;
mlist_source http://amd64;
mlist_source http://arm;
mlist_push http://arm;
CONF

# What nginx's proxy makes of an answer's body is between it and the client.
our %STREAMED = map { $_ => 1 }
    'a body without an end, in chunks', 'a body without an end or a length',
    'a body of 8 EB', 'chunks of one byte without an end';


sub heads_of {
    return grep { !$STREAMED{ $_->{name} } } attacks_of(@_);
}


# What has a header that is HTTP is passed on, as HTTP; what breaks off before
# a byte has gone to the client ends the connection (0).
my %PASSED = map { $_ => [0, 200, 201, 202, 204, 206, 502] }
    'a status of 204', 'a status of 206',
    'a length that is negative', 'a length of 2^64 and 2',
    'a length that is hexadecimal', 'two lengths', 'a length and chunks',
    'a chunk of 2^64 and 2', 'a chunk whose size is no number',
    'a body that is cut short', 'chunks that are cut short',
    'a body in gzip', 'a second answer behind the first';


# Whatever these were, they were of one answer, and are no more than that.
sub bytes_right {
    my ($name, $what) = @_;

    return ok($res->{body} !~ /X-Evil/, "$what: one answer")
        if $PASSED{ $what =~ s/^[^:]*: //r };
    is("$res->{code} $res->{body}", "200 bytes of $name", "$what: its bytes")
        || Mlist::Test::show();
}


sub blob_at {
    my ($name, $only) = @_;
    my $digest = $arm->blob($name, "bytes of $name");

    return (registry => $arm, place => "$name#$digest", only => $only,
            target => "/v2/$name/blobs/$digest");
}

our $BLOB = {
    name => 'GET of a blob', right => \&bytes_right, gives => \%PASSED,
    unnamed => 1, place => sub { blob_at($_[0], 'GET') },
};

# Asked by HEAD who has it: all that is no 404 and no 200 is a failure.
our $BLOB_ASKED = {
    name => 'HEAD of a blob', right => \&bytes_right, unnamed => 1,
    gives => { map { $_ => [200, 502] } keys %PASSED, keys %STREAMED },
    place => sub { blob_at($_[0], 'HEAD') },
};

our $CHILD = {
    name => 'GET of a child', gives => \%PASSED, unnamed => 1,
    right => sub {
        my ($name, $what) = @_;
        return ok($res->{body} !~ /X-Evil/, "$what: one answer")
            if $PASSED{ $what =~ s/^[^:]*: //r };
        is($res->{body},
           docker_image('linux/arm/v7', seed => $name)->{body},
           "$what: its bytes") || Mlist::Test::show();
    },
    place => sub {
        my ($name) = @_;
        my $m = honest_pair($name);
        return (registry => $arm, place => "$name\@$m->{digest}",
                only => 'GET',
                options => { headers => [Accept => $D2] },
                target => "/v2/$name/manifests/$m->{digest}");
    },
};


# A write is one request, told once, with the registry's own answer.
sub write_to {
    my ($what, $method, $path, $status, $location, %more) = @_;

    return {
        name => $what, gives => \%PASSED, unnamed => 1, status => $status,
        right => sub {
            my ($name, $what) = @_;
            return ok($res->{body} !~ /X-Evil/, "$what: one answer")
                if $PASSED{ $what =~ s/^[^:]*: //r };
            is($res->{code}, $status, "$what: $status")
                || Mlist::Test::show();
        },
        place => sub {
            my ($name) = @_;
            my %headers = (Location => "/v2/$name/$location");
            $arm->put("/v2/$name/$path", status => $status, body => '',
                      headers => \%headers);
            return (registry => $arm, place => "/v2/$name/$path",
                    target => "/v2/$name/$path" . ($more{query} // ''),
                    method => $method, headers => \%headers,
                    options => { body => 'bytes',
                                 headers => $more{headers} // [] });
        },
    };
}

my $UPLOAD = 'blobs/uploads/1';

our @WRITES = (
    write_to('POST of an upload', 'POST', 'blobs/uploads/', 202, $UPLOAD),
    write_to('a mount', 'POST', 'blobs/uploads/', 202, $UPLOAD,
             query => '?from=a/b&mount=' . sha256('x')),
    write_to('PATCH of an upload', 'PATCH', $UPLOAD, 202, $UPLOAD),
    write_to('PUT of an upload', 'PUT', $UPLOAD, 201, 'blobs/x',
             query => '?digest=' . sha256('bytes')),
    write_to('PUT of a manifest', 'PUT', 'manifests/sha256-' . 'a' x 64, 201,
             'manifests/x', headers => ['Content-Type' => $OM]),
);


# Where a write is answered by a redirect: it goes to the client, and is
# followed by nobody here; so is what asks for credentials.
sub for_writes {
    return grep { $_->{name} !~ /redirect|^all of X-Accel/ } heads_of(@_);
}


# A write is not sent again where a registry has just closed what was kept.
sub without_keepalive {
    return $_[0] =~ s/Connection ""/Connection "close"/r;
}


run_tests();

__DATA__

=== TEST 1: blobs
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::BLOB, heads_of(qw(endless wire headers redirects)));
attack($::BLOB_ASKED, attacks_of(qw(endless wire headers)));



=== TEST 2: children
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::CHILD, heads_of(qw(endless wire headers redirects)));



=== TEST 3: writes
--- config eval: ::without_keepalive(Mlist::Hostile::hostile_location($::SOURCES))
--- steps
attack($_, for_writes(qw(endless wire headers))) for @::WRITES;



=== TEST 4: no answer to them
--- config eval: Mlist::Hostile::hostile_location($::SOURCES, 1)
--- steps
my ($silent) = attacks_of('slow');

attack($_, $silent) for $::BLOB, $::BLOB_ASKED, $::CHILD, @::WRITES;



=== TEST 5: bodies without an end, while clients read them
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
my @endless = grep { $::STREAMED{ $_->{name} } } attacks_of('endless');
my @open;
my $before = memory();

for my $i (0 .. 3) {
    my %case = ::blob_at("forever$i", 'GET');
    my $attack = $endless[$i % @endless];

    $arm->on($case{place}, times => 1e6, method => { GET => $attack->{how} });
    push @open, Mlist::Client::send_to(nginx_port(), 'GET', $case{target});
}

for my $fh (@open) {
    my ($in, $got) = ('', 0);

    while ($got < 1 << 20) {
        my $n = sysread $fh, $in, 65536 or last;
        $got += $n;
    }

    ok($got > 0, "streamed: $got bytes");
}

ok(peak() - $before < 16_384, "memory: $before to " . peak() . ' KB')
    if memory_counts();
close $_ for @open;
$arm->honest;

my %case = ::blob_at('after', 'GET');
get($case{target});
body_is('bytes of after', 'the next one');
