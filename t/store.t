# Without this: a digest that was announced could be lost with the zone; a
# file that a disk has damaged would be served, or stand for ever in the way
# of the good one; two nginx of one directory could spoil each other's lists;
# or a path could be made of what a client sends.  (Spec: mlist_store, "A
# digest", "Limits and hostile input", "For operators".)

use lib 't/lib';
use Mlist::Store;
use Mlist::Test;

use File::Basename qw(basename dirname);

our $mlist = 'mlist_auth nginx; mlist_store ' . store_dir() . ";\n"
             . "mlist_source http://amd64;\nmlist_source http://arm;\n";


sub fan_out_of {
    return dirname(file_of(@_));
}


sub push_to {
    my ($name, $tag, %opt) = @_;

    $amd64->tag("$name:$tag", docker_image('linux/amd64', %opt));
    $arm->tag("$name:$tag", docker_image('linux/arm/v7', %opt));
}


# A list of this name is synthesized and its digest announced; its bytes.
sub announced {
    my ($name) = @_;

    push_to($name, 1, seed => $name);

    return fetched("/v2/$name/manifests/1")->{body};
}


# The temporary files that are there.
sub temps {
    return join ' ', names_in(store_dir() . '/v1/tmp');
}


# Exactly so many lines of the error log match.
sub logged {
    my ($n, $pattern, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @lines = log_lines($pattern);

    ok(@lines == $n, "$what: logged $n times, got " . @lines)
        || Test::More::diag(@lines);
}


sub same_list {
    my ($name, $list, $what, %opt) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    get("/v2/$name/manifests/" . sha256($list), %opt);
    code_is(200, $what);
    body_is($list, "$what: the same bytes");
}


sub registries {
    my ($state) = @_;

    $_->$state for $amd64, $arm;
}


# What a disk, or somebody at it, does to a list's file, and what the log
# then says was seen.
our %damage = (
    'truncated' => [sub { truncate $_[0], (-s $_[0]) - 10 or die $! },
                    qr/size expected "\d+", seen "\d+"/],
    'cut in its header' => [sub { truncate $_[0], 40 or die $! },
                            qr/header expected ".*", seen "mlist-list 1/],
    'flipped' => [sub { write_to($_[0], bytes_of($_[0]) =~ s/\}\z/]/r) },
                  qr/content expected "sha256:.*", seen "sha256:/],
    'empty' => [sub { write_to($_[0], '') }, qr/header expected .*seen ""/],
    'another list' => [sub { write_to($_[0], bytes_of($_[0])
                                             =~ s/^name: ./name: x/mr) },
                       qr/name expected ".*", seen "x/],
    'longer' => [sub { write_to($_[0], bytes_of($_[0]) . 'x' x 9000) },
                 qr/size expected "\d+", seen "\d+"/],
    'not text' => [sub { write_to($_[0], "\e[2J\r\nHTTP/1.1 200 OK\n") },
                   qr/seen "\?\[2J\?\?HTTP/],
    'a directory' => [sub { unlink $_[0]; mkdir $_[0] or die $! },
                      qr/expected "regular", seen ".*directory/],
    'a link' => [sub { rename $_[0], "$_[0].good" or die $!;
                       symlink "$_[0].good", $_[0] or die $! },
                 qr/expected "regular", seen "link/],
    'a pipe' => [sub { unlink $_[0]; system('mkfifo', $_[0]) == 0 or die },
                 qr/expected "regular", seen ".*special/],
);


# Damages the files of lists, one way each, while no nginx runs.
sub damaged {
    my ($prefix) = @_;
    my $n = 0;
    my %list;

    for my $how (sort keys %damage) {
        my $name = $prefix . $n++;

        $list{$how} = [$name, announced($name)];
    }

    restart_nginx('QUIT', sub {
        for my $how (sort keys %damage) {
            my ($name, $list) = @{ $list{$how} };

            $damage{$how}[0]->(file_of($name, sha256($list)));
        }
    });

    return %list;
}


# The tag gives the list again, and now its digest lasts.
sub heals {
    my (%list) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    for my $how (sort keys %list) {
        my ($name, $list) = @{ $list{$how} };

        get("/v2/$name/manifests/1");
        body_is($list, "$how: the tag gives the list");
    }

    restart_nginx('QUIT');
    registries('down');

    for my $how (sort keys %list) {
        my ($name, $list) = @{ $list{$how} };

        same_list($name, $list, "$how: and is mended");
        ok(!-l file_of($name, sha256($list)), "$how: a file of its own");
    }

    registries('up');
}


run_tests();

__DATA__

=== TEST 1: a digest outlives a stop and a start, with every registry down
--- mlist eval: $main::mlist
--- steps
my %list;

for my $type ($DL, $OI) {
    my $name = $type eq $DL ? 'docker' : 'oci';

    push_to($name, 1, seed => $name);
    get("/v2/$name/manifests/1", accept => $type);
    is(whole_answer($type), header_of($res, 'Docker-Content-Digest'), $name);
    $list{$name} = [$type, $res->{body}];
}

restart_nginx('QUIT');
registries('down');

for my $name (sort keys %list) {
    my ($type, $list) = @{ $list{$name} };
    my $target = "/v2/$name/manifests/" . sha256($list);

    # HEAD comes first: nothing has brought the list into the zone
    head($target);
    code_is(200, "$name: HEAD");
    header_is('Content-Type', $type);
    header_is('Content-Length', length $list);
    header_is('Docker-Content-Digest', sha256($list));

    for my $accept ($DL, $OI, $D2, "$OM, text/plain;q=0.1", 'text/html', []) {
        same_as_get($target, accept => $accept);
        is(whole_answer($type), sha256($list), "$name: its digest");
        body_is($list, "$name: its bytes");
    }
}

registries('up');



=== TEST 2: a file that is damaged is a miss, told once, and replaced
--- mlist eval: $main::mlist
--- steps
my %list = damaged('damaged');

for my $how (sort keys %list) {
    my ($name, $list) = @{ $list{$how} };
    my $digest = sha256($list);
    my $file = file_of($name, $digest);

    for my $time (1, 2) {
        get("/v2/$name/manifests/$digest");
        error_is(404, 'MANIFEST_UNKNOWN', "$how, asked $time times");
    }

    logged(1, qr/\Q$file\E" is damaged .*$damage{$how}[1]/, $how);
    logged(1, qr/\[error\].*\Q$file\E/, "$how, in all");
    ok(!-e $file && !-l $file, "$how: the file is gone");
    ok(bytes_of("$file.good") =~ /\Q$list\E\z/, 'what it led to is not')
        if $how eq 'a link';
}

logged(0, qr/\[error\].*[^\x20-\x7e\n]/, 'bytes of a file');
heals(%list);



=== TEST 3: nor does it pass for the good one when its tag comes first
--- mlist eval: $main::mlist
--- steps
heals(damaged('unread'));



=== TEST 4: a fan-out directory that is a link is not followed, but replaced
--- mlist eval: $main::mlist
--- steps
my $away = store_dir() . '.away';

for my $name ('fan', 'fan-unread') {
    my $list = announced($name);
    my $digest = sha256($list);
    my $fan_out = fan_out_of($name, $digest);
    my %good;

    restart_nginx('QUIT', sub {
        rename $fan_out, $away or die $!;
        symlink $away, $fan_out or die $!;
        %good = map { $_ => bytes_of($_) } tree_of($away);
    });

    if ($name eq 'fan') {
        for (1, 2) {
            get("/v2/$name/manifests/$digest");
            error_is(404, 'MANIFEST_UNKNOWN');
        }
    }

    get("/v2/$name/manifests/1");
    body_is($list, "$name: the tag gives the list");
    logged(1, qr/\Q$fan_out\E.*is damaged .*expected "directory", seen "link/,
           $name);
    ok(-d $fan_out && !-l $fan_out, "$name: a directory again");
    is(json_text({ map { $_ => bytes_of($_) } tree_of($away) }),
       json_text(\%good), "$name: what it led to is as it was");

    restart_nginx('QUIT');
    same_list($name, $list, $name);
    unlink tree_of($away);
    rmdir $away or die $!;
}



=== TEST 5: no digest is announced that could not be stored
--- mlist eval: $main::mlist
--- steps
my $v1 = store_dir() . '/v1';
my $n = 0;

announced('before');

for my $place ("$v1/tmp", "$v1/lists", $v1, store_dir()) {
    my $name = 'unstored' . $n++;
    my $what = basename($place);
    my $seen = log_lines(qr/\[error\].*mlist_store .* failed/);

    push_to($name, 1, seed => $name);
    rename $place, "$place.away" or die $!;
    write_to($place, '');

    for my $method ('GET', 'HEAD') {
        ask($method, "/v2/$name/manifests/1");
        code_is(503, "$what: $method is refused");
        no_header('Docker-Content-Digest');
        no_header('ETag');
    }

    get("/v2/$name/manifests/1");
    error_is(503, 'UNAVAILABLE', $what);
    logged($seen + 3, qr/\[error\].*mlist_store .* failed/, $what);

    # a digest that may be there is not said to be nowhere
    get("/v2/$name/manifests/" . sha256($name));
    ok($what eq 'tmp' ? $res->{code} == 404
                      : $res->{code} != 404 && $res->{code} != 200,
       "$what: by digest: $res->{code}");

    unlink $place or die $!;
    rename "$place.away", $place or die $!;

    my $list = fetched("/v2/$name/manifests/1")->{body};

    ok(bytes_of(file_of($name, sha256($list))) =~ /\Q$list\E\z/,
       "$what: mended, it is stored");
    is(temps(), '', "$what: no temporary file is left");
}



=== TEST 6: directories that are missing are made again
--- mlist eval: $main::mlist
--- steps
my $store = store_dir();

rename "$store/v1", "$store.v1" or die $!;
my $list = announced('second');

ok(bytes_of(file_of('second', sha256($list))) =~ /\Q$list\E\z/, 'stored');
is(join(' ', map { sprintf '%o', (stat)[2] & 07777 }
             "$store/v1", "$store/v1/tmp", "$store/v1/lists",
             fan_out_of('second', sha256($list)),
             file_of('second', sha256($list))),
   '700 700 700 700 600', 'for the user of the workers only');



=== TEST 7: a format that is not known is refused
--- mlist eval: $main::mlist
--- steps
my $file = store_dir() . '/format';
my $root = $Test::Nginx::Util::ServRoot;
my $command = "$Test::Nginx::Util::NginxBinary -t -p $root/"
              . " -e $root/logs/test.log -c $Test::Nginx::Util::ConfFile 2>&1";
my $good = bytes_of($file);

is($good, "mlist-store 1\n", 'the format there is');

my @other = (["mlist-store 2\n", 'mlist-store 2'],
             ["mlist-store 10\n", 'mlist-store 10'],
             ['mlist-store 1', 'mlist-store 1'],
             ["mlist-store 1\n\n", 'mlist-store 1'],
             ["\e[2J\n", ''], ['x' x 5000, 'x' x 64]);

for my $other (@other) {
    my ($bytes, $shown) = @$other;

    write_to($file, $bytes);

    my @lines = split /\n/, `$command`;
    my $status = $?;
    my @emerg = grep { /\[emerg\]/ } @lines;

    ok($status != 0, "$shown: refused");
    is(scalar(@emerg), 1, "$shown: one line");
    like($emerg[0], qr/ has the format "\Q$shown\E", .*"mlist-store 1".*:\d+$/,
         "$shown: the line");
    ok(bytes_of($file) eq $bytes, "$shown: left as it is");
}

unlink $file;
symlink store_dir() . '.format', $file or die $!;
ok(`$command` =~ /\[emerg\].*mlist_store/ && $? != 0, 'a link: refused');
unlink $file;
write_to($file, $good);
`$command`;
ok($? == 0, 'and accepted again');



=== TEST 8: two nginx write one directory at the same time
--- mlist eval: $main::mlist
--- steps
my @where = (nginx_port(), second_nginx());
my (%bad, %announced);

for my $round (1 .. 4) {
    my (@names, @fh);

    # "both" is asked of both, "one0" of the first only, "one1" of the second
    for my $i (1 .. 10) {
        push @names, map { "$_-$round-$i" } qw(both one0 one1);
    }

    push_to($_, 1, seed => $_) for @names;

    for my $name (@names) {
        for my $n ($name =~ /one(\d)/ ? $1 : (0, 1)) {
            push @fh, [$name, $n, send_to($where[$n], 'GET',
                                          "/v2/$name/manifests/1")];
        }
    }

    for my $asked (@fh) {
        my ($name, $n, $fh) = @$asked;
        my $answer = answer_of($fh, 'GET');
        my $digest = header_of($answer, 'Docker-Content-Digest') // 'none';

        $bad{"$name at $n: $answer->{code}"}++
            if sha256($answer->{body}) ne $digest;
        $announced{$name}{$digest}{$n} = $answer->{body};
    }
}

is(json_text(\%bad), '{}', 'all are answered');
is(scalar(grep { keys %$_ != 1 } values %announced), 0,
   'both give a list the same digest');
is(temps(), '', 'no temporary file is left');

registries('down');

for my $name (sort keys %announced) {
    my ($digest) = keys %{ $announced{$name} };
    my ($body) = values %{ $announced{$name}{$digest} };

    for my $n (0, 1) {
        get("/v2/$name/manifests/$digest", to => $where[$n]);
        $bad{"$name by digest at $n: $res->{code}"}++
            if $res->{code} != 200 || $res->{body} ne $body;
    }
}

registries('up');
is(json_text(\%bad), '{}', 'each digest can be read at both');
stop_second();



=== TEST 9: two nginx find one file damaged, and it is replaced
--- mlist eval: $main::mlist
--- steps
my @names = map { "torn-$_" } 1 .. 10;
my %list = map { $_ => announced($_) } @names;
my @where;

restart_nginx('QUIT', sub {
    for (@names) {
        my $file = file_of($_, sha256($list{$_}));

        write_to($file, bytes_of($file) =~ s/\}\z/]/r);
    }
});
@where = (nginx_port(), second_nginx());

my @fh = map { my $name = $_;
               map { send_to($_, 'GET', "/v2/$name/manifests/1") } @where }
         @names;
my %seen;

$seen{sha256(answer_of($_, 'GET')->{body})}++ for @fh;
is(json_text(\%seen), json_text({ map { sha256($_) => 2 } values %list }),
   'both give the lists');
restart_nginx('QUIT');
same_list($_, $list{$_}, $_) for @names;
stop_second();



=== TEST 10: what a killed writer left disturbs nobody
--- mlist eval: $main::mlist
--- steps
my $list = announced('left');
my $digest = sha256($list);
my $file = file_of('left', $digest);
my $tmp = store_dir() . '/v1/tmp';
my $outside = store_dir() . '.outside';
my $name = basename($file);

write_to($outside, 'outside');

restart_nginx('KILL', sub {
    rename $file, "$tmp/$name" or die $!;
    write_to("$tmp/1-young", substr bytes_of("$tmp/$name"), 0, 50);
    write_to("$tmp/1-old", 'x');
    symlink $outside, "$tmp/1-link" or die $!;
    mkdir "$tmp/1-dir" or die $!;
    utime 1, time - 7200, "$tmp/1-old" or die $!;
    utime 1, 1, $outside or die $!;
});

get("/v2/left/manifests/$digest");
error_is(404, 'MANIFEST_UNKNOWN');
get('/v2/left/manifests/1');
body_is($list);

my $other = announced('left-other');

is(temps(), join(' ', sort '1-dir', '1-link', '1-young', $name),
   'what is old is removed, what may belong to a living writer is not');
is(bytes_of($outside), 'outside', 'what a link leads to is left alone');
restart_nginx('QUIT');
same_list('left', $list, 'the list');
same_list('left-other', $other, 'another one');



=== TEST 11: no name and no digest of a client leads anywhere
--- mlist eval: $main::mlist
--- steps
my $parent = dirname(store_dir());
my $list = announced('inside');
my $digest = sha256($list);
my $hex = $digest =~ s/.*://r;
my $key = basename(file_of('inside', $digest));
my $fan_out = substr $key, 0, 2;

write_to("$parent/secret", $list);

my @references = (
    map { ("sha256:$_", $_) }
    '../' x 8 . 'etc/passwd', '..%2f' x 8 . 'etc%2fpasswd',
    '%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret', '..', '../format', '.', '/',
    "$parent/secret", "../../../secret", "${fan_out}/$key", '', '*', '%00',
    $hex . '%00', $hex . '/', "$hex/../$hex", "$hex%0a", "$hex%20", uc $hex,
    substr($hex, 1), "${hex}0", "../$hex", '..\\..\\secret', "%c0%ae%c0%ae/x",
    'a' x 5000,
);
my @targets = (
    (map { "/v2/inside/manifests/$_" } @references,
     "sha512:$hex$hex", "sha512:../../secret", "md5:$hex", "SHA256:$hex",
     ":$hex", "sha256:sha256:$hex", "sha256+x:$hex", $key),
    (map { "/v2/$_/manifests/$digest" }
     '..', '../..', 'inside/..', 'inside/../../inside', '%2e%2e', '.', '',
     '%2e%2e%2f%2e%2e%2ftmp', 'in%00side', "inside%0a$digest", '/inside',
     'inside/', 'Inside', "v1/lists/$fan_out", '..\\inside', '~root',
     'in%2fside', '%ff', 'a' x 300, 'inside%0asha256:' . '0' x 64),
);

restart_nginx('QUIT');

my @before = tree_of($parent);
my %bad;

for my $target (@targets) {
    my $shown = length $target > 100 ? substr $target, 0, 100 : $target;

    for my $method ('GET', 'HEAD', 'PUT', 'DELETE') {
        my $answer = ask($method, $target,
                         $method eq 'PUT' ? (body => $list) : ());

        $bad{"$method $shown: $answer->{code}"}++
            unless $answer->{code} =~ /\A4\d\d\z/
                   && ($method ne 'GET' || $answer->{code} =~ /\A40[04]\z/);
        $bad{"$method $shown: the list"}++ if $answer->{body} eq $list;
    }
}

is(json_text(\%bad), '{}', 'all are refused');
is(join("\n", tree_of($parent)), join("\n", @before),
   'nothing is made, nothing is removed');
same_list('inside', $list, 'the list');
