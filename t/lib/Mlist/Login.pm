# What the tests of mlist_login share: password files, registries that want
# credentials, and a token service that one of them plays.

package Mlist::Login;

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);
use MIME::Base64 qw(encode_base64);

use Mlist::Content;

our @EXPORT = qw(password password_file basic wants_basic wants_token gives
                 image_at authorizations secrets_in_logs);

my $dir = tempdir('mlist-login-XXXXXX', TMPDIR => 1, CLEANUP => 1);

chmod 0755, $dir;


# Writes a password file, at once and whole; its path.
sub password {
    my ($name, $text) = @_;
    my $path = password_file($name);

    open my $out, '>', "$path.new" or die "$path: $!";
    print $out $text;
    close $out or die "$path: $!";
    rename "$path.new", $path or die "$path: $!";

    return $path;
}


sub password_file {
    my ($name) = @_;

    return "$dir/$name";
}


# The Authorization of a user and password.
sub basic {
    my ($user, $password) = @_;

    return 'Basic ' . encode_base64("$user:$password", '');
}


# From now on a registry wants Basic credentials, for all of these places.
sub wants_basic {
    my ($registry, $authorization, @places) = @_;

    $registry->on($_, challenge => 'Basic realm="registry"',
                  auth => $authorization) for '/v2/', @places;
}


# The same, a token of a realm.
sub wants_token {
    my ($registry, $realm, $token, @places) = @_;

    $registry->on($_, auth => "Bearer $token",
                  challenge => qq{Bearer realm="$realm",service="reg istry",}
                               . 'scope="repository:x:pull"')
        for '/v2/', @places;
}


# From now on a path of a registry gives who says this a token.
sub gives {
    my ($registry, $path, $authorization, $token, %more) = @_;
    my $life = delete $more{life} // 300;

    $registry->put($path, type => 'application/json', challenge => 'Basic',
                   auth => $authorization,
                   body => qq({"token":"$token","expires_in":$life}), %more);
}


# An image under name:1, and all places that it is at.
sub image_at {
    my ($registry, $name, $platform) = @_;
    my $image = $registry->tag("$name:1",
                               docker_image($platform // 'linux/amd64',
                                            seed => $name));

    return ($image, "$name:1", "$name\@$image->{digest}",
            map { "$name#$_" } keys %{ $image->{blobs} });
}


# All that was sent as Authorization with requests of that pattern.
sub authorizations {
    my ($registry, $pattern) = @_;

    return join ',', $registry->seen_header($pattern, 'Authorization');
}


# The lines of all logs, that of level debug included, with one of these.
sub secrets_in_logs {
    my (@secrets) = @_;
    my @found;

    for my $file (glob "$Test::Nginx::Util::ServRoot/logs/*.log") {
        open my $in, '<', $file or die "$file: $!";
        while (my $line = <$in>) {
            push @found, $line if grep { index($line, $_) >= 0 } @secrets;
        }
    }

    return join '', @found;
}


1;
