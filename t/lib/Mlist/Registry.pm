# A registry that does what a test tells it to: it serves a table of answers
# and can lie, stall, truncate, redirect and refuse, and it remembers every
# request.  All registries of a test file live in one process of one event
# loop, which the test drives over a socket pair.
#
#     $amd64->tag('app:1.0', docker_image('linux/amd64'));
#     $amd64->on('app:1.0', status => 503);      changes that answer
#     $amd64->requests                           "HEAD /v2/app/manifests/1.0"
#
# A place is "name:tag", "name@sha256:..." (a manifest), "name#sha256:..." (a
# blob) or a path.  An answer has:
#
#     status, type, body, headers (name => value, undef leaves one out)
#     method (name => answer)  changes for GET or HEAD only
#     times => n               the changes hold for the next n requests only
#     challenge => text        401 with it, unless Authorization equals auth
#     hold => name             answers only after release(name)
#     torn => "close" | "stall" | "nul" | "large"  a header that never is whole
#     delay => seconds, stall => "header" | "body"  (never goes on)
#     cut => n                 n bytes of the body, then the connection closes
#     reset => 1               closes without an answer
#     chunked => 1, unframed => 1 (no length; the close ends it)
#     gzip => 1                Content-Encoding: gzip
#     endless => 1             a chunked body without an end
#     any_accept => 1          the type is served whatever Accept says
#     drip => "header" | "body"  byte by byte from there on, one every "every"
#                              seconds (0.2)
#     raw => bytes             these instead of an answer, and if there is
#     forever => bytes         then those again and again
#
# At the place "*" changes for a number of requests hold for all places.

package Mlist::Registry;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use MIME::Base64 qw(encode_base64 decode_base64);
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC SHUT_RDWR);
use Time::HiRes qw(time);

use Mlist::Client qw(slow);
use Mlist::RegistryServer;

my $JSON = JSON::PP->new->canonical->utf8;
my ($control, $pid, $owner);
my $buffer = '';


# Starts the process; the registries, in the order of their names.  A name
# may say where it listens ("outside@127.0.0.2").
sub start {
    my ($class, @where) = @_;
    my %address = map { m/^(.*)@(.*)$/ ? ($1 => $2) : ($_ => '127.0.0.1') }
                  @where;
    my @names = map { s/@.*//r } @where;
    my %listen = map { $_ => listen_socket($address{$_}) } @names;
    my %ports  = map { $_ => $listen{$_}->sockport } @names;

    socketpair(my $mine, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC)
        or die "socketpair: $!";
    defined($pid = fork) or die "fork: $!";

    if ($pid == 0) {
        close $mine;
        Mlist::RegistryServer::serve($theirs, \%listen);
    }

    close $theirs;
    close $_ for values %listen;
    $control = $mine;
    $owner = $$;

    return map { bless { name => $_, port => $ports{$_},
                         address => $address{$_} }, $class } @names;
}


# The port is bound a second time by its number: only then does it stay ours
# while the registry is down.
sub listen_socket {
    my ($address) = @_;
    my $any = IO::Socket::INET->new(LocalAddr => $address, Listen => 1)
        or die "bind: $!";
    my $port = $any->sockport;

    close $any;

    return IO::Socket::INET->new(LocalAddr => $address, ReuseAddr => 1,
                                 LocalPort => $port, Listen => 128)
        // die "bind $port: $!";
}


sub stop {
    return unless defined $pid && $owner == $$;

    close $control;
    waitpid $pid, 0;
    undef $pid;
}


END { my $code = $?; stop(); $? = $code }


sub command {
    my (%command) = @_;
    my $line = $JSON->encode(\%command) . "\n";

    for (my $sent = 0; $sent < length $line; ) {
        my $n = syswrite $control, $line, length($line) - $sent, $sent;
        die "registry process is gone: $!" unless $n;
        $sent += $n;
    }

    until ($buffer =~ /\n\z/) {
        sysread $control, $buffer, 65536, length $buffer
            or die 'registry process is gone';
    }

    my $answer = $JSON->decode($buffer);

    $buffer = '';
    die "registry process: $answer->{error}" if $answer->{error};

    return $answer->{result};
}


sub place {
    my ($place) = @_;

    return "/v2/$1/blobs/$2"     if $place =~ /^([^\/].*)#(.*)$/;
    return "/v2/$1/manifests/$2" if $place =~ /^([^\/].*)\@(.*)$/;
    return "/v2/$1/manifests/$2" if $place =~ /^([^\/].*):(.*)$/;
    return $place;
}


sub packed {
    my (%answer) = @_;

    for (qw(body raw forever)) {
        $answer{$_} = encode_base64($answer{$_}, '') if defined $answer{$_};
    }

    $answer{method} = { map { $_ => { packed(%{ $answer{method}{$_} }) } }
                            keys %{ $answer{method} } } if $answer{method};

    return %answer;
}


# Replaces what is at a place.
sub put {
    my ($self, $place, %answer) = @_;

    command(do => 'put', registry => $self->{name}, path => place($place),
            answer => { packed(%answer) });
}


# Changes what is at a place.
sub on {
    my ($self, $place, %answer) = @_;

    command(do => 'on', registry => $self->{name}, path => place($place),
            answer => { packed(%answer) });
}


# An error with a registry's body at a place.
sub fail {
    my ($self, $place, $status, %more) = @_;
    my $code = $status == 429 ? 'TOOMANYREQUESTS'
             : $status == 401 ? 'UNAUTHORIZED'
             : $status == 403 ? 'DENIED' : 'UNKNOWN';

    $self->put($place, status => $status, type => 'application/json',
               body => qq({"errors":[{"code":"$code"}]}), %more);
}


# Forgets what is at a place (404 from then on).
sub forget {
    my ($self, $place) = @_;

    command(do => 'forget', registry => $self->{name}, path => place($place));
}


# All changes for a number of requests end now.
sub honest {
    my ($self) = @_;

    command(do => 'honest', registry => $self->{name});
}


# Takes uploads and manifests from now on.
sub writable {
    my ($self) = @_;

    command(do => 'writable', registry => $self->{name});
}


# A manifest by its digest, with what it names.
sub manifest {
    my ($self, $name, $m) = @_;

    $self->manifest($name, $_) for @{ $m->{children} // [] };
    $self->blob($name, $m->{blobs}{$_}) for sort keys %{ $m->{blobs} // {} };
    $self->put("$name\@$m->{digest}", type => $m->{type}, body => $m->{body},
               headers => manifest_headers($m));

    return $m;
}


sub manifest_headers {
    my ($m) = @_;

    return { 'Docker-Content-Digest' => $m->{digest},
             'Etag' => qq{"$m->{digest}"} };
}


# A manifest under a tag too.
sub tag {
    my ($self, $place, $m) = @_;
    my ($name) = $place =~ /^(.*):/;

    $self->manifest($name, $m);
    $self->put($place, type => $m->{type}, body => $m->{body},
               headers => manifest_headers($m));

    return $m;
}


sub blob {
    my ($self, $name, $bytes) = @_;
    my $digest = Mlist::Content::sha256($bytes);

    $self->put("$name#$digest", type => 'application/octet-stream',
               body => $bytes,
               headers => { 'Docker-Content-Digest' => $digest });

    return $digest;
}


# All that was asked since the last clear_requests, as "METHOD path"; with a
# pattern only the matching ones.
sub requests {
    my ($self, $pattern) = @_;
    my @seen = map { "$_->{method} $_->{target}" } $self->seen;

    return defined $pattern ? grep { /$pattern/ } @seen : @seen;
}


# The same as hashes: method, target, headers ([name, value], ...), body.
sub seen {
    my ($self) = @_;

    return @{ command(do => 'log', registry => $self->{name}) };
}


# The values of one header of the requests that match the pattern.
sub seen_header {
    my ($self, $pattern, $header) = @_;

    return map  { $_->[1] }
           grep { lc $_->[0] eq lc $header }
           map  { @{ $_->{headers} } }
           grep { "$_->{method} $_->{target}" =~ /$pattern/ } $self->seen;
}


sub clear_requests {
    my ($self) = @_;

    command(do => 'clear', registry => $self->{name});
}


# Lets go what is held under a name; from then on it holds nobody.
sub release {
    my ($self, $name) = @_;

    command(do => 'release', name => $name);
}


# Waits until n requests have come that match the pattern, 10 seconds unless
# told.
sub wait_for {
    my ($self, $pattern, $n, $most) = @_;
    my $end = time + slow($most // 10);

    $n //= 1;

    while (time < $end) {
        my @seen = $self->requests($pattern);
        return 1 if @seen >= $n;
        select undef, undef, undef, 0.01;
    }

    return 0;
}


# Refuses connections and drops those there are, until up.
sub down {
    my ($self) = @_;

    command(do => 'down', registry => $self->{name});
}


sub up {
    my ($self) = @_;

    command(do => 'up', registry => $self->{name});
}


# "address:port"
sub address {
    my ($self) = @_;

    return "$self->{address}:$self->{port}";
}


sub name {
    my ($self) = @_;

    return $self->{name};
}


1;
