# JSON that is not what a reader hopes for: the same document broken in many
# ways, each with a name.  Pure: no files, no sockets.  Used by the tests
# t/hostile_*.t.

package Mlist::HostileJson;

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();
use Storable qw(dclone);

use Mlist::Content;

our @EXPORT = qw(broken_json broken_values);

my $EVIL = "x\r\nX-Evil: 1\r\n\r\n";

# Instead of a value; [bytes] stands in the text as it is.
my %VALUES = (
    'null' => undef,
    'true' => JSON::PP::true,
    'an object' => {},
    'an array' => [],
    'nested arrays' => [[[[]]]],
    'empty text' => '',
    'text' => 'x',
    'a line break' => $EVIL,
    'a NUL' => "x\0y",
    'an escape' => "\x1b[31m\x7f",
    'a path' => '../../../../etc/passwd',
    'a digest that is a path' => 'sha256:../../../../../../../../etc/passwd',
    'a path as long as a digest' => 'sha256:' . '../' x 21 . 'a',
    'a digest in capitals' => 'sha256:' . 'A' x 64,
    'a digest of no algorithm' => ':' . 'a' x 64,
    'a query' => 'x?y#z%2f..',
    '70 KB' => 'x' x 70_000,
    'a quote' => '"</script><script>alert(1)</script>',
    'half a pair' => ['"\ud800"'],
    'zero' => ['0'],
    'minus one' => ['-1'],
    'a fraction' => ['1.5'],
    '2^31' => ['2147483648'],
    '2^63 - 1' => ['9223372036854775807'],
    '2^63' => ['9223372036854775808'],
    '-2^63' => ['-9223372036854775808'],
    '10^400' => ['1e400'],
    '400 digits' => ['1' x 400],
    'minus zero' => ['-0'],
);


# The text of an object broken as a whole: [name, bytes], ...
sub broken_json {
    my ($text) = @_;
    my $in = substr $text, 0, -1;           # without the last brace
    my ($first) = $text =~ /^\{("[^"]*":(?:"[^"]*"|\d+|\[|\{))/;
    my $twice = ($first // '') =~ /[\[{]$/ ? '"x":1,"x":2' : $first;

    return (
        ['nothing', ''],
        ['no object', 'null'], ['an array', "[$text]"], ['a text', '"x"'],
        ['a number', '1e999'],
        ['cut short', substr $text, 0, length($text) / 2],
        ['more behind it', "$text\n{}"],
        ['a NUL behind it', "$text\0"],
        ['a BOM before it', "\xef\xbb\xbf$text"],
        ['UTF-16', join '', map { "$_\0" } split //, $text],
        ['arrays 100,000 deep', "$in,\"x\":" . '[' x 100_000],
        ['arrays 100,000 deep, and closed',
         "$in,\"x\":" . '[' x 100_000 . ']' x 100_000 . '}'],
        ['objects 100,000 deep', '{"x":' x 100_000],
        ['arrays 33 deep', "$in,\"x\":" . '[' x 33 . ']' x 33 . '}'],
        ['300,000 values', "$in,\"x\":[" . join(',', (0) x 300_000) . ']}'],
        ['100,000 names',
         "$in," . join(',', map { "\"x$_\":0" } 1 .. 100_000) . '}'],
        ['a name twice', '{' . ($twice // '"x":1,"x":2') . ',' . substr $text, 1],
        ['a name twice within', "$in,\"x\":{\"y\":1,\"y\":2}}"],
        ['a name twice, once escaped', "$in,\"x\":1,\"\\u0078\":2}"],
        ['no UTF-8', "$in,\"x\":\"\xff\xfe\"}"],
        ['UTF-8 too long', "$in,\"x\":\"\xc0\xaf\"}"],
        ['a surrogate in UTF-8', "$in,\"x\":\"\xed\xa0\x80\"}"],
        ['a NUL in a text', "$in,\"x\":\"a\0b\"}"],
        ['a NUL in a name', "$in,\"a\\u0000b\":1}"],
        ['a line break in a text', "$in,\"x\":\"a\nb\"}"],
        ['a name of 100 KB', "$in,\"" . 'x' x 100_000 . '":1}'],
        ['a comment', "/* */$text"],
        ['a comma', "$in,}"],
    );
}


# A document with each value in turn at each of these places
# ("manifests.0.size"): [name, bytes], ...
sub broken_values {
    my ($data, @places) = @_;
    my @broken;

    for my $place (@places) {
        push @broken, map { ["$place: $_", with($data, $place, $VALUES{$_})] }
                      sort keys %VALUES;
        push @broken, ["$place: not there", with($data, $place)];
    }

    return @broken;
}


# Without a value it is left out.
sub with {
    my ($data, $place, @value) = @_;
    my $copy = dclone($data);
    my @path = split /\./, $place;
    my $last = pop @path;
    my $at = $copy;
    my $raw = @value && ref $value[0] eq 'ARRAY' && @{ $value[0] } == 1
              && !ref $value[0][0] ? $value[0][0] : undef;

    $at = ref $at eq 'ARRAY' ? $at->[$_] : $at->{$_} for @path;

    my $new = defined $raw ? 'RAW-VALUE' : $value[0];

    if (ref $at eq 'ARRAY') {
        @value ? ($at->[$last] = $new) : splice @$at, $last, 1;

    } else {
        @value ? ($at->{$last} = $new) : delete $at->{$last};
    }

    my $text = json_text($copy);

    $text =~ s/"RAW-VALUE"/$raw/ if defined $raw;

    return $text;
}


1;
