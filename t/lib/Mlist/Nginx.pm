# What the nginx that is tested was built with: "threads", "http2", "pcre".
# Some of what the tests configure cannot be had without.

package Mlist::Nginx;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(nginx_has lacks_for);

my $version;

# What a configuration says that nginx does not know then.  The rewrite module
# goes with PCRE.
my %word = (
    threads => qr/\baio\s+threads\b/,
    http2 => qr/\bhttp2\b/,
    pcre => qr/~|^\s*(?:return|rewrite|if|set)\b/m,
);


sub nginx_has {
    my ($what) = @_;
    my $nginx = $ENV{TEST_NGINX_BINARY} // 'nginx';

    $version //= `$nginx -V 2>&1`;

    return $version !~ /--without-pcre\b/ if $what eq 'pcre';
    return $version =~ /--with-http_v2_module\b/ if $what eq 'http2';
    return $version =~ /--with-$what\b/;
}


# What of that a configuration needs, or is named, and nginx lacks; '' if
# nothing.
sub lacks_for {
    my ($text, @needs) = @_;
    my %needs = map { $_ => 1 } @needs;

    $text =~ s/#.*//g;

    return join ' ', grep { !nginx_has($_) }
                     grep { $needs{$_} || $text =~ $word{$_} }
                     sort keys %word;
}


1;
