# TLS for tests: an authority, certificates that it has signed and one that
# it has not, and registries behind TLS.  These are servers in the nginx that
# is tested; they pass everything on to the registries that tests make up,
# and say what they have learned of the connection in X-Tls-Name (its SNI)
# and X-Tls-Client (the name in the client's certificate).  All listen on one
# socket, so that only the SNI tells them apart.

package Mlist::Tls;

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);

our @EXPORT = qw(tls_file tls_registry tls_strangers);

my $dir = tempdir('mlist-tls-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $dir;


# The path of NAME.crt or NAME.key, which are made when they are first asked
# for; "ca.crt" is the authority, "stranger" is signed by nobody.
sub tls_file {
    my ($file) = @_;
    my ($name) = $file =~ /^(.*)\.(?:crt|key)$/ or die $file;

    make($name) unless -e "$dir/$name.crt";

    return "$dir/$file";
}


sub make {
    my ($name) = @_;
    my $new = 'openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1'
              . " -nodes -keyout $dir/$name.key -subj '/CN=$name'";
    my $self = '-x509 -days 2';
    my $alt = "-addext subjectAltName=DNS:$name";

    return run("$new $self $alt -out $dir/$name.crt")
        if $name eq 'ca' || $name eq 'stranger';

    tls_file('ca.crt');
    open my $out, '>', "$dir/$name.ext" or die "$name.ext: $!";
    print $out "subjectAltName=DNS:$name\n";
    close $out or die "$name.ext: $!";

    run("$new -out $dir/$name.csr");
    run("openssl x509 -req -in $dir/$name.csr -CA $dir/ca.crt"
        . " -CAkey $dir/ca.key -CAcreateserial -days 2"
        . " -extfile $dir/$name.ext -out $dir/$name.crt");
}


sub run {
    my ($command) = @_;
    my $out = `$command 2>&1`;

    die "$command: $out" if $? != 0;
}


# For http{}: the upstream NAME, and a server of that name before REGISTRY.
# Options: certificate => whose (default NAME), client => 1 (asks for a
# certificate of the authority's), keepalive => 0 (each fetch shakes hands).
sub tls_registry {
    my ($name, $registry, %opt) = @_;
    my $subject = $opt{certificate} // $name;
    my ($crt, $key) = pair($subject);
    my $ca = tls_file('ca.crt');
    my $client = $opt{client}
                 ? "ssl_verify_client on; ssl_client_certificate $ca;" : '';
    my $closes = $opt{keepalive} // 1 ? '' : 'keepalive_timeout 0;';

    return <<"CONF";
upstream $name { server unix:$dir/socket; keepalive 8; }
server {
    listen unix:$dir/socket ssl;
    server_name $name $subject;
    ssl_certificate $crt;
    ssl_certificate_key $key;
    client_max_body_size 0;
    $client
    $closes
    location / {
        proxy_pass http://$registry;
        proxy_http_version 1.1;
        proxy_request_buffering off;
        proxy_set_header Connection "";
        proxy_set_header Host \$http_host;
        proxy_set_header X-Tls-Name \$ssl_server_name;
        proxy_set_header X-Tls-Client \$ssl_client_s_dn;
    }
}
CONF
}


sub pair {
    my ($name) = @_;

    return (tls_file("$name.crt"), tls_file("$name.key"));
}


# For http{}, before all others: who answers where no name is given.
sub tls_strangers {
    my ($crt, $key) = pair('stranger');

    return <<"CONF";
server {
    listen unix:$dir/socket ssl default_server;
    ssl_certificate $crt;
    ssl_certificate_key $key;
    return 404;
}
CONF
}


1;
