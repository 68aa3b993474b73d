#!/usr/bin/env perl
#
# Makes the fuzzers' seeds: of the cases in t/cases, and of the texts that
# the unit tests have as literals.  Nothing of it is kept in the repository.
#
#     t/fuzz/seeds.pl DIR        makes DIR/TARGET/NUMBER

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname basename);
use File::Path qw(make_path);
use JSON::PP;

use constant {
    DOC    => "\036",                   # fuzz.h
    SOURCE => "\035",
    MAX    => 65536,                    # longer ones only slow it down
};

my $out = shift or die "usage: t/fuzz/seeds.pl DIR\n";
my $t = dirname(dirname(abs_path(__FILE__)));
my $json = JSON::PP->new->canonical;
my %made;


sub seed {
    my ($target, $bytes) = @_;

    return if length $bytes > MAX;

    make_path("$out/$target") unless $made{$target};

    my $file = sprintf '%s/%s/%04d', $out, $target, ++$made{$target};
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $bytes;
    close $fh or die "$file: $!\n";
}


sub content {
    my ($file) = @_;

    open my $fh, '<:raw', $file or return;
    local $/;

    return scalar <$fh>;
}


sub line {
    my ($file) = @_;

    my $text = content($file);
    chomp $text if defined $text;

    return $text // '';
}


sub cases {
    my ($suite) = @_;

    return sort glob "$t/cases/$suite/*";
}


# The string literals of a unit test, those side by side joined.
sub literals {
    my ($test) = @_;

    my $file = "$t/unit/test_$test.c";
    my $cases = '-DMLIST_CASES=""';
    my ($text, $here) = ('', 0);

    open my $fh, '-|', 'cc', '-E', $cases, "-I$t/../src/core", $file
        or die "cc: $!\n";

    while (my $line = <$fh>) {
        if ($line =~ /^# \d+ "(.*?)"/) {
            $here = ($1 eq $file);
        } elsif ($here) {
            $text .= $line;
        }
    }

    close $fh or die "cc cannot preprocess $file\n";

    my @found;

    while ($text =~ /((?:"(?:[^"\\]|\\.)*"\s*)+)/g) {
        my $one = $1;
        push @found, join '', map { unescape($_) }
                              $one =~ /"((?:[^"\\]|\\.)*)"/g;
    }

    return @found;
}


sub unescape {
    my ($s) = @_;

    my %plain = (n => "\n", t => "\t", r => "\r", b => "\b", f => "\f",
                 v => "\013", a => "\a");

    $s =~ s{\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)}{
        my $e = $1;
        $e =~ /^x(.+)/ ? chr hex $1
            : $e =~ /^[0-7]/ ? chr(oct($e) & 255) : $plain{$e} // $e
    }gesx;

    return $s;
}


# What a source has, as source.h says: what is named comes after what names.
sub source {
    my ($dir) = @_;

    my $root = content("$dir/input.json") // return;
    my @others = map { { file => $_, body => content($_) } }
                 sort glob "$dir/fetch-*.json";
    my %of = map { sha256_hex($_->{body}) => $_ } @others;
    my @docs = ({ file => "$dir/input.json", body => $root });
    my %placed;

    place($_, \%of, \@docs, \%placed) for @{ named($root, \%of) };
    @docs = ($docs[0], reverse @docs[1 .. $#docs]);

    for my $i (reverse 0 .. $#docs) {
        my $digest = sha256_hex($docs[$i]{body});
        my $letter = $i < 9 ? $i + 1 : chr(ord('a') + $i - 9);

        for my $doc (@docs[0 .. $i - 1]) {
            $doc->{text} //= $doc->{body};
            $doc->{text} =~ s/("digest":\s*)"sha256:$digest"(,\s*"size":\s*)
                              \d+/$1"\@d$letter"$2\@s$letter/gx;
            $doc->{text} =~ s/sha256:$digest/\@d$letter/g;
        }
    }

    return join "\n", line("$dir/platform.txt"),
                -e "$dir/verify.txt" ? 'v' : '',
                join DOC, map { type($_->{file}) . "\n"
                                . ($_->{text} // $_->{body}) } @docs;
}


sub named {
    my ($body, $of) = @_;

    my %seen;

    return [ grep { $_ && !$seen{$_}++ }
             map { $of->{$_} } $body =~ /sha256:([0-9a-f]{64})/g ];
}


# After all that it names itself; the caller turns the order round.
sub place {
    my ($doc, $of, $docs, $placed) = @_;

    return if $placed->{$doc}++;

    place($_, $of, $docs, $placed) for @{ named($doc->{body}, $of) };
    push @$docs, $doc;
}


sub type {
    my ($file) = @_;

    return line(dirname($file) . '/type.txt') if basename($file) eq
                                                 'input.json';
    $file =~ s/\.json$/.type/;

    return line($file);
}


# An object, or nothing.
sub decoded {
    my ($text) = @_;

    my $doc = eval { $json->decode($text) };

    return ref $doc eq 'HASH' ? $doc : undef;
}


sub seed_texts {
    seed('route', $_) for grep { m{^/} } literals('text');
    seed('route', "/v2/a/blobs/uploads/?mount=$_") for literals('challenge');

    my @accept = grep { m{/} } literals('accept');
    seed('accept', $_) for @accept, join("\n", @accept);

    seed('platform', $_) for grep { m{/} } literals('platform');
    seed('digest', "$_\nabc") for grep { /^sha|^md5/ } literals('digest');
    seed('pattern', "$_\n1.0-arm") for grep { /\*|arm/ } literals('text');
    seed('passwd', $_) for grep { /:/ } literals('passwd');
    seed('error', "\x01\x94$_\n$_") for literals('error');
    seed('escape', $_) for literals('escape'), literals('error');
    seed('challenge', content("$_/input.txt")) for cases('challenge');

    my @urls = grep { m{^https?:} } literals('challenge');
    seed('realm', "$urls[$_ - 1]\n$urls[$_]") for 0 .. $#urls;
    seed('location', $_) for literals('location');
}


sub seed_pages {
    my $page = '/v2/a/tags/list?n=2&last=b%2fc';

    for (grep { /</ } literals('link')) {
        seed('link', $_);
        seed('link', s/<T>/<$page>/r);
    }

    seed('link', "<?$_>; rel=\"next\"") for literals('page');
    seed('query', $_) for grep { /=/ } literals('referrers');

    my @bodies = grep { /^\{/ } literals('page');
    push @bodies, '{"name":"a","tags":["1.0-arm","1.0","s1","latest"]}',
         '{"tags":["1.0","2.0"]}', '{"tags":null}',
         '{"repositories":["a","b/c","s"]}';

    for my $i (0 .. $#bodies) {
        my $two = join DOC, $bodies[$i - 1], $bodies[$i];
        seed('tags', chr($i % 64) . "10\n$two");
        seed('tags', chr(8 + $i % 8) . "\n$two");
    }
}


sub seed_documents {
    for my $dir (cases('json'), cases('event'), cases('token'),
                 cases('resolve'))
    {
        my $body = content("$dir/input.json") // next;
        my $suite = basename(dirname($dir));

        seed('json', $body);
        seed($suite, $body) if $suite eq 'event' || $suite eq 'token';
        seed_manifest($dir, $body) if $suite eq 'resolve';
    }
}


sub seed_manifest {
    my ($dir, $body) = @_;

    seed('manifest', line("$dir/type.txt") . "\n$body");

    for my $file (glob "$dir/fetch-*.json") {
        my $doc = decoded(content($file));

        if ($doc && $doc->{mediaType}) {
            seed('manifest', "$doc->{mediaType}\n" . content($file));
        }

        if ($doc && $doc->{architecture}) {
            seed('config', join "\n", line("$dir/platform.txt"),
                 -e "$dir/verify.txt" ? 'v' : '',
                 entry($body) . DOC . content($file));
        }
    }

    my $doc = decoded($body);

    if ($doc && $doc->{manifests} && !$doc->{config}) {
        seed('referrers', "\n$body" . DOC . $body);
        seed('referrers', "application/x\n$body");
    }
}


# The first descriptor of an index, or the config's of an image.
sub entry {
    my ($body) = @_;

    my $doc = decoded($body) // {};
    my $one = ref $doc->{manifests} eq 'ARRAY' ? $doc->{manifests}[0] : $doc->{config};

    return ref $one eq 'HASH' ? $json->encode($one) : '{}';
}


sub seed_sources {
    for my $dir (cases('resolve')) {
        my $source = source($dir) // next;
        seed('resolve', $source);
        seed('list', "a\n$source" . SOURCE . $source);
    }

    for my $dir (cases('list')) {
        my @sources = map { source("$dir/$_") // () } 1 .. 6;
        my $how = line("$dir/type.txt") || 'auto';

        $how = (-e "$dir/drop.txt") ? $how : substr $how, 0, 1;
        seed('list', "$how\n" . join SOURCE, @sources);
    }
}


sub seed_store {
    my $list = 'application/vnd.oci.image.index.v1+json';
    my $served = 'application/vnd.oci.image.manifest.v1+json';
    my $digest = 'sha256:' . sha256_hex('a');
    my $key = sha256_hex('key');
    my $layer = { mediaType => 'application/vnd.oci.image.layer.v1.tar',
                  size => 1, digest => $digest };
    my %common = ('vnd.mlist.format' => '1', 'vnd.mlist.type' => $list);

    my %images = (
        'a/name' => { %common, 'vnd.mlist.name' => 'a/name',
                      'vnd.mlist.digest' => $digest,
                      'vnd.mlist.platforms' => 'linux/amd64,linux/arm/v7' },
        $key => { %common, 'vnd.mlist.tag' => $key,
                  'vnd.mlist.number' => '18446744073709551615',
                  'vnd.mlist.missing' => '4294967295',
                  'vnd.mlist.docker' => '', 'vnd.mlist.oci' => $digest },
    );

    for my $name (sort keys %images) {
        seed('kept', join "\n", $served, $name, $digest, $json->encode({
            schemaVersion => 2, mediaType => $served, layers => [$layer],
            annotations => $images{$name} }));
    }

    seed('last', "$key\nmlist-last 1\nkey: $key\nname: a/name\n"
         . "number: 1735689600000000\ntype: $list\nmissing: 3\n"
         . "docker: \noci: $digest\n");

    for my $bytes ('', '{"schemaVersion":2}') {
        my $is = 'sha256:' . sha256_hex($bytes);

        seed('stored', "a/name\n$is\nmlist-list 1\nname: a/name\n"
             . "type: $list\ndigest: $is\nsize: " . length($bytes)
             . "\nplatforms: linux/amd64,linux/arm/v7\n\n$bytes");
    }
}


# Of the round trip, which takes bytes: any will do.
sub seed_build {
    srand 1;

    for my $n (1 .. 40) {
        seed('build', join '', map { chr int rand 256 } 1 .. 4 * $n);
    }
}


seed_texts();
seed_pages();
seed_documents();
seed_sources();
seed_store();
seed_build();
