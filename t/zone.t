# Without this: a zone that is full, the usual state of a busy registry, could
# make requests fail, answer one tag with the list of another, or have what is
# cheap to learn again push out lists that clients hold by digest.
# (Spec: mlist_zone, "A tag", "A digest", "Limits and hostile input".)
#
# MLIST_ZONE_TAGS=50000 says how many tags the last block pulls.

use lib 't/lib';
use Mlist::Test;

use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Time::HiRes qw(time);

our $files = tempdir('mlist-zone-XXXXXX', TMPDIR => 1, CLEANUP => 1);
our $smallest = 8 * POSIX::sysconf(POSIX::_SC_PAGESIZE());
our $slow = $ENV{MLIST_TOOL};
our $tags = $ENV{MLIST_ZONE_TAGS} // ($slow ? 500 : 3000);
our $stored = 'mlist_auth nginx; mlist_store ' . store_dir() . ";\n"
              . "mlist_source http://amd64;\nmlist_source http://arm;\n";

# Header lines of the n-th request of get_all, for a block to replace.
our $header = sub { '' };

my $CLIENTS = 8;

chmod 0755, $files;
$ENV{TEST_NGINX_ZONE} = $files;
write_file('htpasswd', 'slow:' . crypt('secret', '$2y$12$' . 'a' x 21 . 'e')
                       . "\nquick:{PLAIN}secret\n");

# A reload needs a master; the debugging log of thousands of requests would
# take longer than they do.
Test::Nginx::Util::master_on();
Test::Nginx::Util::log_level('notice');
run_tests();


sub write_file {
    my ($name, $text) = @_;

    open my $out, '>', "$files/$name" or die "$name: $!";
    print $out $text;
    close $out or die "$name: $!";
}


# Asks for all targets, over a few connections that stay open, and calls
# $done with the number of the target and its answer.
sub get_all {
    my ($targets, $done) = @_;
    my $select = IO::Select->new;
    my $next = 0;
    my (%number, %in);
    my $send = sub {
        my ($fh) = @_;

        return if $next == @$targets;
        $fh //= IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => nginx_port()) // die $!;
        $in{$fh} = '';
        $number{$fh} = $next;
        $select->add($fh);
        syswrite $fh, "GET $targets->[$next] HTTP/1.1\r\nHost: localhost\r\n"
                      . $header->($next) . "\r\n";
        $next++;
    };

    $send->() for 1 .. $CLIENTS;

    while ($select->count) {
        my @ready = $select->can_read(20) or die 'no answer in 20 seconds';

        for my $fh (@ready) {
            sysread $fh, $in{$fh}, 65536, length $in{$fh} or die 'no answer';
            my $answer = whole($in{$fh}) or next;

            $select->remove($fh);
            $done->($number{$fh}, $answer);
            $send->(header_of($answer, 'Connection') eq 'close' ? undef : $fh);
        }
    }
}


# The answer, if all of it has come.
sub whole {
    my ($in) = @_;
    my $end = index $in, "\r\n\r\n";

    return if $end < 0;

    my ($length) = substr($in, 0, $end) =~ /^Content-Length: (\d+)/mi;

    die "no length: $in" unless defined $length;
    return if length $in < $end + 4 + $length;
    return Mlist::Client::parsed($in, 'GET');
}


# Status and digest of what came for each target.  No target's answer is
# anything but a list that has the digest it says, or an error.
sub digests_of {
    my ($targets) = @_;
    my (@digest, %bad);

    get_all($targets, sub {
        my ($n, $answer) = @_;
        my $digest = header_of($answer, 'Docker-Content-Digest') // '';

        $digest[$n] = $answer->{code};
        return if $answer->{code} != 200;
        $digest[$n] .= " $digest";
        $bad{$targets->[$n]} = $digest if $digest ne sha256($answer->{body});
    });

    is(json_text(\%bad), '{}', 'bytes and digests');

    return @digest;
}


# How many answers had which status.
sub codes {
    my (@targets) = @_;
    my %codes;

    get_all(\@targets, sub { $codes{$_[1]{code}}++ });

    return json_text(\%codes);
}


sub paths {
    my ($name, @references) = @_;

    return [map { "/v2/$name/manifests/$_" } @references];
}


# Images under tags of a name; what the lists are to hold, by tag.  "entries"
# says of each tag how many platforms the first source has.
sub push_tags {
    my ($name, $n, $entries) = @_;
    my @expected;

    for my $tag (0 .. $n - 1) {
        my $more = $entries ? $entries->($tag) : 1;
        my @first = map { docker_image("linux/a$_", seed => "$name $tag") }
                    1 .. $more;
        my $second = docker_image('linux/arm', seed => "$name $tag");

        $amd64->tag("$name:$tag", $more > 1 ? bare_list(@first) : @first);
        $arm->tag("$name:$tag", $second);
        $expected[$tag] = join ' ', map { $_->{digest} } @first, $second;
    }

    return @expected;
}


# A list whose children nobody asks for.
sub bare_list {
    return { %{ docker_list(@_) }, children => [] };
}


# All tags are answered with the right lists; their digests.
sub pull_tags {
    my ($name, @expected) = @_;
    my (@digest, %bad);

    get_all(paths($name, 0 .. $#expected), sub {
        my ($tag, $answer) = @_;
        my $got = $answer->{code} == 200 ? children_of($answer)
                                         : $answer->{code};

        $digest[$tag] = sha256($answer->{body});
        $bad{$tag} = $got if $got ne $expected[$tag];
    });

    is(json_text(\%bad), '{}', "$name: the lists of " . @expected . ' tags');

    return @digest;
}


# A tag of an image that the registry has.
sub put_tag {
    my ($registry, $place, $image) = @_;

    $registry->put($place, type => $image->{type}, body => $image->{body},
                   headers => Mlist::Registry::manifest_headers($image));
}


sub children_of {
    my ($answer) = @_;

    return join ' ', $answer->{body} =~ /"digest": *"([^"]+)"/g;
}


# How many of what was asked, by method.
sub asked_by_method {
    my ($registry) = @_;
    my %asked;

    $asked{s/ .*//r}++ for $registry->requests;
    $registry->clear_requests;

    return json_text(\%asked);
}


sub nothing_asked {
    my ($what) = @_;

    is(asked_by_method($_), '{}', $_->name . " is not asked: $what")
        for $amd64, $arm;
}


# Each digest is a list still.
sub all_there {
    my ($what, $name, @digest) = @_;
    my %bad;

    $_->clear_requests for $amd64, $arm;

    my @got = digests_of(paths($name, @digest));

    $got[$_] eq "200 $digest[$_]" or $bad{$_} = $got[$_] for 0 .. $#digest;
    is(json_text(\%bad), '{}', "$what: " . @digest . ' lists by digest');
    nothing_asked($what);
}


sub credentials {
    my ($user, $password) = @_;
    my $basic = encode_base64("$user:$password", '');

    return "Authorization: Basic $basic\r\n";
}


# Makes a running nginx read its configuration again; its old worker ends.
sub reload {
    my ($pid_file, $log) = @_;
    my $before = () = text_of($log) =~ /worker process \d+ exited/g;

    kill 'HUP', text_of($pid_file);
    ok(eventually(sub {
        (() = text_of($log) =~ /worker process \d+ exited/g) > $before
    }), 'the old worker ends');
}


sub eventually {
    my ($what) = @_;
    my $end = time + ($slow ? 60 : 20);

    while (time < $end) {
        return 1 if $what->();
        select undef, undef, undef, 0.02;
    }

    return 0;
}


sub text_of {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;

    return <$in> // '';
}


sub replace_in {
    my ($file, $from, $to) = @_;
    my $text = text_of($file);

    $text =~ s/$from/$to/ or die "no $from in $file";
    open my $out, '>', $file or die "$file: $!";
    print $out $text;
    close $out or die "$file: $!";
}


# What a full zone must not say; alerts are looked for after each block.
sub no_complaint {
    is(join('', log_lines(qr/no memory|\[error\]/)), '', 'no complaint');
}


__DATA__

=== TEST 1: the smallest zone, with a store
--- mlist eval: $main::stored
--- zone eval: $main::smallest
--- steps
# the largest do not fit at all
my @expected = push_tags('stored', 90, sub { (1, 20, 150)[$_[0] % 3] });
my @digest = pull_tags('stored', @expected);

is(json_text([pull_tags('stored', @expected)]), json_text(\@digest), 'again');
all_there('from the store', 'stored', @digest);
all_there('in any order', 'stored', reverse @digest);
no_complaint();



=== TEST 2: the smallest zone, without a store
--- zone eval: $main::smallest
--- steps
my @expected = push_tags('unstored', 90, sub { (1, 20, 150)[$_[0] % 3] });
my @digest = pull_tags('unstored', @expected);
my @got = digests_of(paths('unstored', @digest));
my %bad = map { $_ => $got[$_] }
          grep { $got[$_] ne 404 && $got[$_] ne "200 $digest[$_]" }
          0 .. $#digest;

is(json_text(\%bad), '{}', 'the list itself, or none');
is($got[0], 404, 'the oldest is gone');
get("/v2/unstored/manifests/$digest[0]");
error_is(404, 'MANIFEST_UNKNOWN');

is((pull_tags('unstored', $expected[0]))[0], $digest[0], 'made again');
all_there('which brings it back', 'unstored', $digest[0]);
no_complaint();



=== TEST 3: a reload keeps what tags were answered with
--- steps
my @expected = push_tags('kept', 100);
my @digest = pull_tags('kept', @expected);
my $logs = "$Test::Nginx::Util::ServRoot/logs";

$_->clear_requests for $amd64, $arm;
reload("$logs/nginx.pid", "$logs/error.log");
is(json_text([pull_tags('kept', @expected)]), json_text(\@digest), 'the same');
is(asked_by_method($_), '{"HEAD":100}', $_->name . ' is asked for no more')
    for $amd64, $arm;
all_there('after the reload', 'kept', @digest);



=== TEST 4: another size on reload
--- allowed_log: "mlist_zone" is too small, it must be .*/second/nginx.conf
--- steps
$amd64->tag('resized:1', docker_image('linux/amd64'));
$arm->tag('resized:1', docker_image('linux/arm/v7'));
$amd64->tag('resized:held', docker_image('linux/amd64', seed => 2));
$arm->tag('resized:held', docker_image('linux/arm/v7', seed => 2));
$arm->on('resized:held', hold => 'resized');

my @second = (to => second_nginx());
my ($root) = $second[1] =~ /^(?:unix:)?(.*)\//;
my ($pid, $log, $conf)
    = map { "$root/$_" } 'logs/nginx.pid', 'logs/error.log', 'nginx.conf';

ok(eventually(sub { text_of($pid) =~ /\d\n/ }), 'another nginx');

my $list = fetched('/v2/resized/manifests/1', @second)->{body};
my @asked = map { asked_by_method($_) } $amd64, $arm;
my $path = '/v2/resized/manifests/' . sha256($list);

# refused
replace_in($conf, qr/^mlist_zone 1m;/m, 'mlist_zone 8k;');
kill 'HUP', text_of($pid);
ok(eventually(sub { text_of($log) =~ /"mlist_zone" is too small/ }),
   'a size that is too small is refused');
get($path, @second);
body_is($list, 'and the list is still there');

# begins empty, with a request under way that goes on in the old one
my $fh = send_to($second[1], 'GET', '/v2/resized/manifests/held');

ok($arm->wait_for('/held'), 'a source is asked');
replace_in($conf, qr/^mlist_zone 8k;/m, 'mlist_zone 2m;');
kill 'HUP', text_of($pid);
ok(eventually(sub { text_of($log) =~ /gracefully shutting down/ }), 'reload');
$arm->release('resized');
$res = answer_of($fh, 'GET');
code_is(200, 'what was under way');
ok(eventually(sub { text_of($log) =~ /exited with code 0/ }), 'ends well');

get($path, @second);
error_is(404, 'MANIFEST_UNKNOWN', 'the list is gone');
$_->clear_requests for $amd64, $arm;
get('/v2/resized/manifests/1', @second);
body_is($list, 'the tag is answered as before');
is(json_text([map { asked_by_method($_) } $amd64, $arm]), json_text(\@asked),
   'and asked for as the first time');

# the smallest there is
replace_in($conf, qr/^mlist_zone 2m;/m, "mlist_zone $main::smallest;");
reload($pid, $log);
fetched('/v2/resized/manifests/1', @second);
get($path, @second);
body_is($list, 'by digest');
unlike(text_of($log), qr/\[(?:alert|crit)\]/, 'no alert');
stop_second();



=== TEST 5: locations of other sources, the same tags
--- http
server {
    listen unix:$TEST_NGINX_ZONE/swapped.sock;
    location /v2/ {
        mlist_auth nginx;
        mlist_source http://arm;
        mlist_source http://amd64;
        PROXY;
    }
}
server {
    listen unix:$TEST_NGINX_ZONE/other.sock;
    location /v2/ {
        mlist_auth nginx;
        mlist_source http://amd64;
        mlist_source http://other;
        PROXY;
    }
}
--- steps
my %where = (both => nginx_port(), swapped => "$files/swapped.sock",
             other => "$files/other.sock");
my @names = map { "mixed$_" } 1 .. 10;
my (%expected, %digest);

for my $name (@names) {
    my ($a, $b, $c) = map { docker_image($_, seed => $name) }
                      'linux/amd64', 'linux/arm/v7', 'linux/s390x';

    $amd64->tag("$name:1", $a);
    $arm->tag("$name:1", $b);
    $other->tag("$name:1", $c);
    $expected{$name} = { both => "$a->{digest} $b->{digest}",
                         swapped => "$b->{digest} $a->{digest}",
                         other => "$a->{digest} $c->{digest}" };
}

for my $round (1 .. 3) {
    my %bad;

    for my $name (@names) {
        for my $where (sort keys %where) {
            get("/v2/$name/manifests/1", to => $where{$where});
            $digest{$name}{$where} = sha256($res->{body});
            $bad{"$name at $where"} = $res->{body}
                if children_of($res) ne $expected{$name}{$where};
        }
    }

    is(json_text(\%bad), '{}', "round $round");
    is(asked_by_method($other), '{"HEAD":10}', "a HEAD in round $round")
        if $round > 1;
    $other->clear_requests;
}

# what only the zone holds belongs to one set of sources
for my $from (sort keys %where) {
    for my $to (sort keys %where) {
        get("/v2/mixed1/manifests/$digest{mixed1}{$from}", to => $where{$to});
        code_is($from eq $to ? 200 : 404, "of $from, asked of $to");
    }
}



=== TEST 6: locations of one store that take different things of one index
--- http
mlist_store $TEST_NGINX_ZONE/store;
server {
    listen unix:$TEST_NGINX_ZONE/less.sock;
    location /v2/ {
        mlist_auth nginx;
        mlist_source http://amd64 platform=linux/arm64;
        mlist_source http://arm;
        PROXY;
    }
}
--- steps
my ($a, $b, $c) = map { docker_image($_) }
                  'linux/amd64', 'linux/arm64', 'linux/arm/v7';
my @less = (to => "$files/less.sock");

$amd64->tag('chosen:1', docker_list($a, $b));
$arm->tag('chosen:1', $c);

for my $round (1 .. 3) {
    get('/v2/chosen/manifests/1');
    digests_are($a, $b, $c);
    get('/v2/chosen/manifests/1', @less);
    digests_are($b, $c);
}



=== TEST 7: what is cheap to learn again pushes out no list
--- zone: 128k
--- steps
my @digest = pull_tags('whole', push_tags('whole', 40));

# each of them more than the zone holds
my @blobs = map { $amd64->blob('whole', "blob $_") } 1 .. 2000;

is(codes(map { "/v2/whole/blobs/$_" } @blobs), '{"200":2000}', 'blobs');
all_there('after 2000 routes', 'whole', @digest);
is(codes(map { '/v2/whole/blobs/' . sha256("none $_") } 1 .. 2000),
   '{"404":2000}', 'digests of nothing');
is(codes(map { '/v2/whole/manifests/' . sha256("none $_") } 1 .. 2000),
   '{"404":2000}', 'manifests that are not there');
all_there('after 4000 digests of nothing', 'whole', @digest);
no_complaint();



=== TEST 8: a full zone takes credentials, and these push out no list
--- zone: 128k
--- mlist
mlist_source http://amd64;
mlist_source http://arm;
mlist_htpasswd $TEST_NGINX_ZONE/htpasswd;
--- steps
local $main::header = sub { credentials('quick', 'secret') };
my @digest = pull_tags('guarded', push_tags('guarded', 40));
my @slow = (headers => [split /: |\r\n/, credentials('slow', 'secret')]);
my $wrong = sub { credentials('quick', "wrong $_[0]") };

$main::header = $wrong;
is(codes(('/v2/') x 2000), '{"401":2000}', 'wrong passwords');
$main::header = sub { credentials('quick', 'secret') };
all_there('after 2000 wrong passwords', 'guarded', @digest);

# the zone is full of lists before and after one checks in
pull_tags('full', push_tags('full', 200));
my $start = time;
get('/v2/', @slow);
code_is(200);
my $check = time - $start;

pull_tags('full', push_tags('full', 200));
$main::header = $wrong;
codes(('/v2/') x 2000);
$start = time;
get('/v2/', @slow) for 1 .. 10;
code_is(200);
ok(time - $start < 5 * $check, 'ten answers without a check');
is(join('', log_lines(qr/no memory/)), '', 'no complaint');



=== TEST 9: lists that nobody asks for any more make room for tags
--- zone: 256k
--- mlist
mlist_auth nginx;
mlist_valid 1h;
mlist_source http://amd64;
mlist_source http://arm;
--- steps
pull_tags('dead', push_tags('dead', 600));

my @live = push_tags('live', 50);
my @digest = pull_tags('live', @live);

$_->clear_requests for $amd64, $arm;
pull_tags('live', @live);
nothing_asked('50 tags beside what 600 tags have left');
all_there('of these tags', 'live', @digest);
no_complaint();



=== TEST 10: one megabyte and very many tags
--- steps
# any two of these make a list that no other two make
my $n = int(sqrt($main::tags)) + 1;
my @a = map { docker_image('linux/amd64', seed => $_) } 1 .. $n;
my @b = map { docker_image('linux/arm/v7', seed => $_) } 1 .. $n;
my $start = time;
my (@digest, %bad);

$amd64->manifest('tags', $_) for @a;
$arm->manifest('tags', $_) for @b;

for (my $first = 0; $first < $main::tags; $first += 1000) {
    my $last = ($first + 1000 < $main::tags ? $first + 1000 : $main::tags) - 1;

    put_tag($amd64, "tags:$_", $a[$_ % $n]) for $first .. $last;
    put_tag($arm, "tags:$_", $b[$_ / $n]) for $first .. $last;

    get_all(paths('tags', $first .. $last), sub {
        my ($tag, $answer) = ($first + $_[0], $_[1]);
        my $expected = "$a[$tag % $n]{digest} $b[$tag / $n]{digest}";

        $digest[$tag] = sha256($answer->{body});
        $bad{$tag} = "$answer->{code} $answer->{body}"
            if children_of($answer) ne $expected
               || header_of($answer, 'Docker-Content-Digest')
                  ne $digest[$tag];
    });

    # the process with the registries shall not be what grows
    for my $registry ($amd64, $arm) {
        $registry->clear_requests;
        next if $last == $main::tags - 1;
        $registry->forget("tags:$_") for $first .. $last;
    }
}

is(json_text(\%bad), '{}', 'each tag has its list');
Test::More::diag(sprintf '%d tags in %.1f seconds', $main::tags,
                 time - $start);

my %different = map { $_ => 1 } @digest;

is(scalar(keys %different), $main::tags, 'all of them different');
get('/v2/tags/manifests/' . $digest[-1]);
code_is(200, 'the last one by its digest');
get('/v2/tags/manifests/' . ($main::tags - 1));
is(asked_by_method($_), '{"HEAD":1}', $_->name . ' is asked by HEAD only')
    for $amd64, $arm;
no_complaint();
