# A token service as registries with "auth: token" name it: it checks a user's
# password, and grants what that user may do of the scopes asked for, as a
# JWT that the registry takes (RS256, with the certificate in x5c).  It
# answers GET with Basic, and the POST form of OAuth2; without a user it gives
# a token that grants nothing.
#
#     my $tokens = Mlist::TokenServer->start(
#         dir => $dir,                     with the service's key and log
#         users => { ann => [wonder => 'pull,push,delete,catalog'],
#                    bob => [builder => 'pull'] });
#     $tokens->realm                       http://127.0.0.1:PORT/token
#     $tokens->certificate                 for the registry's rootcertbundle
#     $tokens->requests                    one line each: method, user, status,
#                                          scopes; never a password
#     $tokens->expire_next                 whatever it says, the next token is
#                                          good for two seconds
#
# More options: port, service, issuer, expires (seconds; also what it says in
# expires_in), field ("token" or "access_token", in answers to GET), and tls_crt
# and tls_key for https.
# From a shell: t/clients/tokens.pl.

package Mlist::TokenServer;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use IO::Socket::INET;
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64 encode_base64url);
use POSIX ();

my $JSON = JSON::PP->new->canonical->utf8;
my $LONGEST = 65536;
my $LEEWAY = 60;         # that registries give to a token's end


# Starts it as a process of its own.
sub start {
    my ($class, %option) = @_;
    my $self = $class->new(%option);

    defined($self->{pid} = fork) or die "fork: $!";
    $self->{owner} = $$;

    if ($self->{pid} == 0) {
        $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP);
        close_others($self->{listen});
        $self->serve;
        POSIX::_exit(0);
    }

    close delete $self->{listen};

    return $self;
}


# Of the test, whose other processes end when it closes a socket of theirs.
sub close_others {
    my ($listen) = @_;

    opendir my $dir, '/proc/self/fd' or die "/proc/self/fd: $!";

    for my $fd (grep { /^\d+$/ } readdir $dir) {
        POSIX::close($fd) if $fd > 2 && $fd != fileno $listen;
    }
}


# Listens, with a key of its own; serve does the rest.
sub new {
    my ($class, %option) = @_;
    my $self = bless { service => 'registry.test', issuer => 'tokens.test',
                       expires => 300, field => 'token', port => 0,
                       users => {}, %option }, $class;

    make_key($self->{dir});
    open my $log, '>>', "$self->{dir}/log" or die "$self->{dir}/log: $!";

    $self->{listen} = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $self->{port}, Listen => 64,
        ReuseAddr => 1) or die "listen on port $self->{port}: $!";
    $self->{port} = $self->{listen}->sockport;

    require IO::Socket::SSL if $self->{tls_crt};

    return $self;
}


sub make_key {
    my ($dir) = @_;

    return if -s "$dir/crt";

    mkdir $dir;
    system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 "
           . "-subj '/CN=mlist test tokens' -keyout '$dir/key.new' "
           . "-out '$dir/crt.new' > '$dir/openssl.log' 2>&1") == 0
        or die "openssl gave no key: see $dir/openssl.log";
    rename "$dir/$_.new", "$dir/$_" or die "$dir/$_: $!" for qw(key crt);
}


sub realm {
    my ($self) = @_;

    return ($self->{tls_crt} ? 'https' : 'http')
         . "://127.0.0.1:$self->{port}/token";
}


sub certificate {
    my ($self) = @_;

    return "$self->{dir}/crt";
}


# The "auth" part of docker-registry's configuration.
sub registry_auth {
    my ($self) = @_;

    return "auth:\n  token:\n    realm: " . $self->realm . "\n"
         . "    service: $self->{service}\n    issuer: $self->{issuer}\n"
         . "    rootcertbundle: " . $self->certificate . "\n";
}


sub requests {
    my ($self, $pattern) = @_;

    $pattern //= '';
    open my $log, '<', "$self->{dir}/log" or return;
    chomp(my @lines = <$log>);

    return grep { /$pattern/ } @lines;
}


sub expire_next {
    my ($self) = @_;

    open my $sign, '>', "$self->{dir}/expired" or die "$self->{dir}: $!";
}


sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    kill TERM => $pid;
    waitpid $pid, 0;
}


sub DESTROY {
    my ($self) = @_;

    local $?;
    $self->stop if ($self->{owner} // 0) == $$;
}


# A process for each connection: clients open some that they do not use.
sub serve {
    my ($self) = @_;

    $SIG{CHLD} = 'IGNORE';
    $SIG{PIPE} = 'IGNORE';

    while (1) {
        my $connection = $self->{listen}->accept or next;
        my $pid = fork;

        if (defined $pid && $pid == 0) {
            $SIG{CHLD} = 'DEFAULT';
            alarm 20;
            $self->converse($connection);
            POSIX::_exit(0);
        }
    }
}


sub converse {
    my ($self, $connection) = @_;
    my ($head, $body);

    if ($self->{tls_crt}) {
        $connection = IO::Socket::SSL->start_SSL(
            $connection, SSL_server => 1, SSL_cert_file => $self->{tls_crt},
            SSL_key_file => $self->{tls_key}) or return;
    }

    ($head, $body) = receive($connection) or return;

    my ($line, @lines) = split /\r\n/, $head;
    my ($method, $target) = split / /, $line;
    my %header = map { /^([^:]+):\s*(.*)$/ ? (lc $1 => $2) : () } @lines;
    my ($status, $answer) = $self->answer($method, $target, \%header, $body);

    $answer = $JSON->encode($answer);
    print $connection "HTTP/1.1 $status Status\r\n",
        ($status == 401 ? qq{WWW-Authenticate: Basic realm="tokens"\r\n} : ''),
        "Content-Type: application/json\r\nConnection: close\r\n",
        'Content-Length: ', length $answer, "\r\n\r\n", $answer;
    close $connection;
}


# The header and the whole body.
sub receive {
    my ($connection) = @_;
    my $in = '';

    while (length $in < $LONGEST) {
        if ($in =~ /^(.*?)\r\n\r\n(.*)$/s) {
            my ($head, $body) = ($1, $2);
            my ($len) = $head =~ /^content-length:\s*(\d+)/im;

            return ($head, $body) if length $body >= ($len // 0);
        }

        sysread $connection, $in, 4096, length $in or return;
    }

    return;
}


# Status and body.
sub answer {
    my ($self, $method, $target, $header, $body) = @_;
    my ($path, $query) = split /\?/, $target, 2;
    my %form = form($method eq 'POST' ? $body : $query);
    my ($user, $password) = credentials($method, $header, \%form);
    my $known = defined $user ? $self->{users}{$user} : undef;
    my $status = $path ne '/token'                           ? 404
               : defined $user
                 && !($known && $known->[0] eq $password)    ? 401
               : ($form{service}[0] // '') ne $self->{service} ? 400
               :                                               200;
    my @scopes = map { split / / } @{ $form{scope} // [] };

    $self->note($method, $user, $status, @scopes);

    return ($status, { details => "status $status" }) if $status != 200;

    my $field = $method eq 'POST' ? 'access_token' : $self->{field};

    return (200, { $field => $self->token($user, @scopes),
                   expires_in => $self->{expires},
                   issued_at => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ',
                                                gmtime) });
}


sub form {
    my ($text) = @_;
    my %form;

    for (split /&/, $text // '') {
        my ($name, $value) = map { unescaped($_) } split /=/, $_, 2;

        push @{ $form{$name} }, $value // '';
    }

    return %form;
}


sub unescaped {
    my ($text) = @_;

    $text =~ tr/+/ /;

    return $text =~ s/%([0-9a-f]{2})/chr hex $1/gier;
}


sub credentials {
    my ($method, $header, $form) = @_;

    return ($form->{username}[0], $form->{password}[0] // '')
        if $method eq 'POST' && $form->{username};
    return unless ($header->{authorization} // '') =~ /^Basic\s+(\S+)$/i;

    my ($user, $password) = split /:/, decode_base64($1), 2;

    return ($user, $password // '');
}


# Nothing that a client sends can break a line of the log.
sub note {
    my ($self, $method, $user, $status, @scopes) = @_;
    my $line = join ' ', $method, $user // '-', $status, @scopes;

    open my $log, '>>', "$self->{dir}/log" or return;
    syswrite $log, $line =~ s/[^\x20-\x7e]/?/gr . "\n";
}


sub token {
    my ($self, $user, @scopes) = @_;
    my $now = time;
    my $end = unlink("$self->{dir}/expired") ? $now + 2 - $LEEWAY
                                             : $now + $self->{expires};
    my $certificate = join '', grep { !/-----/ } read_file("$self->{dir}/crt");
    my %claims = (iss => $self->{issuer}, sub => $user // '',
                  aud => $self->{service}, iat => $now, nbf => $now - 10,
                  exp => $end,
                  jti => sha256_hex("$$ $now " . rand),
                  access => [map { $self->granted($user, $_) } @scopes]);
    my $text = join '.', map { encode_base64url($JSON->encode($_)) }
                         { typ => 'JWT', alg => 'RS256',
                           x5c => [$certificate =~ s/\s//gr] },
                         \%claims;

    return "$text." . encode_base64url($self->signature($text));
}


# Of "repository:NAME:pull,push" what this user may do.
sub granted {
    my ($self, $user, $scope) = @_;

    return unless $scope =~ /^(repository|registry):(.+):([a-z,*]*)$/;

    my ($type, $name, $asked) = ($1, $2, $3);
    my %may = map { $_ => 1 }
              split /,/, defined $user ? $self->{users}{$user}[1] : '';
    my @actions = grep { $may{$type eq 'registry' ? 'catalog' : $_} }
                  split /,/, $asked;

    return unless @actions;
    return { type => $type, name => $name, actions => \@actions };
}


sub signature {
    my ($self, $text) = @_;
    my $file = "$self->{dir}/text.$$";

    open my $out, '>', $file or die "$file: $!";
    print $out $text;
    close $out;

    my $command = "openssl dgst -sha256 -sign '$self->{dir}/key' '$file'";
    my $signature = `$command`;
    unlink $file;

    return $signature;
}


sub read_file {
    my ($path) = @_;

    open my $file, '<', $path or die "$path: $!";

    return <$file>;
}


1;
