# What stands in a store's directory (Mlist::Test::store_dir), and how tests
# write there themselves.

package Mlist::Store;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use File::Path qw(make_path);

use Mlist::Content;
use Mlist::Test ();

our @EXPORT = qw(file_of record_file write_record
                 bytes_of write_to names_in tree_of);


# Where the store keeps a list.
sub file_of {
    my ($name, $digest) = @_;
    my $hex = sha256_hex("$name\n$digest");

    return Mlist::Test::store_dir() . '/v1/lists/' . substr($hex, 0, 2)
           . "/$hex";
}


sub bytes_of {
    open my $in, '<:raw', $_[0] or return undef;
    local $/;

    return <$in> // '';
}


sub write_to {
    my ($path, $bytes) = @_;

    open my $out, '>:raw', $path or die "$path: $!";
    print $out $bytes;
    close $out or die "$path: $!";
}


# The names in a directory.
sub names_in {
    my ($path) = @_;

    opendir my $dir, $path or return;

    return sort grep { !/^\.\.?\z/ } readdir $dir;
}


# All paths below a directory; no link is followed.
sub tree_of {
    my ($path) = @_;

    return map { -d "$path/$_" && !-l "$path/$_"
                 ? ("$path/$_", tree_of("$path/$_")) : "$path/$_" }
           names_in($path);
}


# Where it keeps what is the last complete list of the tag of that key.
sub record_file {
    my ($key) = @_;

    return Mlist::Test::store_dir() . '/v1/tags/' . substr($key, 0, 2)
           . "/$key";
}


# Writes such a record, of a Docker list; its path.
sub write_record {
    my ($key, $name, $digest) = @_;
    my $file = record_file($key);
    my $text = "mlist-last 1\nkey: $key\nname: $name\nnumber: 1\n"
               . "type: $DL\nmissing: 0\ndocker: $digest\noci: \n";

    make_path($file =~ s{/[^/]*\z}{}r);
    write_to($file, $text . 'check: ' . sha256($text) . "\n");

    return $file;
}


1;
