# The process behind Mlist::Registry: one event loop for all registries of a
# test file.  It ends when the test's end of the socket pair is closed.

package Mlist::RegistryServer;

use strict;
use warnings;

use Compress::Zlib ();
use IO::Select;
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use POSIX ();
use Socket qw(SHUT_RDWR);
use Time::HiRes qw(time);

use Mlist::RegistryWrites;

my $JSON = JSON::PP->new->canonical->utf8;

my (%listen, %table, %log, %released, %writable);
my (%conn, @timers);
my ($reads, $writes, $control);
my $control_in = '';

my %REASON = (200 => 'OK', 206 => 'Partial Content', 304 => 'Not Modified',
              307 => 'Temporary Redirect', 401 => 'Unauthorized',
              404 => 'Not Found', 429 => 'Too Many Requests');


sub serve {
    my ($socket, $listeners) = @_;

    $SIG{PIPE} = 'IGNORE';
    $SIG{INT} = 'IGNORE';
    $control = $socket;
    %listen = %$listeners;
    $reads = IO::Select->new($control, values %listen);
    $writes = IO::Select->new;
    $_->blocking(0) for values %listen;

    while (1) {
        my ($r, $w) = IO::Select->select($reads, $writes, undef, next_timer());

        run_timers();
        read_event($_) for @{ $r // [] };
        write_event($_) for @{ $w // [] };
    }
}


sub next_timer {
    my ($first) = sort { $a <=> $b } map { $_->[0] } @timers;

    return undef unless defined $first;

    my $wait = $first - time;
    return $wait > 0 ? $wait : 0;
}


sub run_timers {
    my $now = time;
    my @due = grep { $_->[0] <= $now } @timers;

    @timers = grep { $_->[0] > $now } @timers;
    $_->[1]->() for @due;
}


sub read_event {
    my ($fh) = @_;

    return control_event() if $fh == $control;

    for my $name (keys %listen) {
        return accept_event($name) if $fh == $listen{$name};
    }

    my $c = $conn{$fh} or return;
    my $n = sysread $fh, $c->{in}, 65536, length $c->{in};

    return if !defined $n && $!{EAGAIN};
    return drop($c) unless $n;

    request_event($c);
}


sub accept_event {
    my ($name) = @_;
    my $fh = $listen{$name}->accept or return;

    $fh->blocking(0);
    $conn{$fh} = { fh => $fh, registry => $name, in => '', out => '',
                    endless => '' };
    $reads->add($fh);
}


sub drop {
    my ($c) = @_;

    $reads->remove($c->{fh});
    $writes->remove($c->{fh});
    delete $conn{$c->{fh}};
    $c->{dead} = 1;
    close $c->{fh};
}


sub write_event {
    my ($fh) = @_;
    my $c = $conn{$fh} or return;

    $c->{out} .= $c->{endless}
        if length $c->{endless} && length $c->{out} < 65536;

    my $n = syswrite $fh, $c->{out}, 65536;

    return if !defined $n && $!{EAGAIN};
    return drop($c) unless defined $n;

    substr $c->{out}, 0, $n, '';
    return if length $c->{out} || length $c->{endless};

    $writes->remove($fh);
    return drop($c) if $c->{close};

    $c->{busy} = 0 unless $c->{stalled};
    request_event($c);
}


sub request_event {
    my ($c) = @_;

    return if $c->{busy} || $c->{stalled};
    return unless $c->{in} =~ /^(.*?)\r\n\r\n/s;

    my $head = $1;
    my $head_len = length($head) + 4;
    my ($line, @lines) = split /\r\n/, $head;
    my ($method, $target, $version) = split / /, $line;
    my @headers = map { [split /:\s*/, $_, 2] } @lines;
    my %header = map { lc $_->[0] => $_->[1] } @headers;
    my ($body, $len) = request_body($c->{in}, $head_len, \%header);

    return unless defined $body;

    substr $c->{in}, 0, $head_len + $len, '';
    $c->{busy} = 1;

    my $request = { method => $method, target => $target, version => $version,
                    headers => \@headers, header => \%header, body => $body };

    push @{ $log{$c->{registry}} }, $request;
    answer($c, $request);
}


# The body and how many bytes it took; undef as long as it is not all there.
sub request_body {
    my ($in, $start, $header) = @_;

    if (lc($header->{'transfer-encoding'} // '') eq 'chunked') {
        my ($body, $pos) = ('', $start);

        while (substr($in, $pos) =~ /^([0-9a-f]+)[^\r]*\r\n/i) {
            my ($size, $skip) = (hex $1, length $&);

            return if length $in < $pos + $skip + $size + 2;
            $body .= substr $in, $pos + $skip, $size;
            $pos += $skip + $size + 2;
            return ($body, $pos - $start) if $size == 0;
        }

        return;
    }

    my $len = $header->{'content-length'} // 0;
    return if length $in < $start + $len;

    return (substr($in, $start, $len), $len);
}


sub answer {
    my ($c, $request) = @_;
    my ($path) = split /\?/, $request->{target};
    my $answer = everywhere($table{$c->{registry}}{'*'}, $request->{method});

    $answer //= Mlist::RegistryWrites::answer($table{$c->{registry}} //= {},
                                            $request)
        if $writable{$c->{registry}};
    $answer //= effective($table{$c->{registry}}{$path}, $request->{method});

    if (!$answer) {
        $answer = $path eq '/v2/' ? { status => 200, body => '{}',
                                      type => 'application/json' }
                                  : error_answer(404, unknown_code($path));
    }

    if (defined $answer->{hold} && !$released{$answer->{hold}}) {
        $c->{held} = [$request, $answer];
        return;
    }

    if ($answer->{delay}) {
        push @timers, [time + $answer->{delay},
                       sub { send_answer($c, $request, $answer) }];
        return;
    }

    send_answer($c, $request, $answer);
}


# A change for a number of requests that holds whatever is asked for, by that
# method or by all.
sub everywhere {
    my ($entry, $method) = @_;
    my $change = $entry && $entry->{changes}[0] or return;

    return if $change->{method} && !$change->{method}{$method};
    return effective($entry, $method);
}


# What holds now: changes for a number of requests, then for a method.
sub effective {
    my ($entry, $method) = @_;

    return unless $entry;

    my %answer = %{ $entry->{base} };
    my $change = $entry->{changes}[0];

    if ($change) {
        %answer = (%answer, %$change);
        shift @{ $entry->{changes} } if --$change->{times} == 0;
    }

    %answer = (%answer, %{ $answer{method}{$method} })
        if $answer{method} && $answer{method}{$method};

    return \%answer;
}


sub unknown_code {
    my ($path) = @_;

    return $path =~ m{/blobs/} ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN';
}


sub error_answer {
    my ($status, $code) = @_;

    return { status => $status, type => 'application/json; charset=utf-8',
             body => qq({"errors":[{"code":"$code","message":"as told"}]}\n) };
}


# distribution: an OCI type is served only to those who name it, and a Docker
# type likewise (there it would be converted, which is of no use to us).
sub unacceptable {
    my ($request, $answer) = @_;

    return if $answer->{any_accept};
    return unless ($answer->{type} // '')
        =~ m{^application/vnd\.(?:docker\.distribution|oci\.image)\..*\+json$};

    my $accept = join ',', map { $_->[1] }
                 grep { lc $_->[0] eq 'accept' } @{ $request->{headers} };

    return $accept !~ /\Q$answer->{type}\E(?=[\s,;]|$)/;
}


# distribution compares with one entity tag only, before it looks at Accept.
sub unchanged {
    my ($request, $answer) = @_;
    my $etag = $answer->{headers}{Etag} // return;
    my $known = $request->{header}{'if-none-match'} // return;

    return $known eq $etag || qq{"$known"} eq $etag;
}


sub send_answer {
    my ($c, $request, $answer) = @_;

    return if $c->{dead};
    return drop($c) if $answer->{reset};
    return send_bytes($c, $answer->{raw}, $answer) if defined $answer->{raw};

    if ($answer->{challenge}
        && ($request->{header}{authorization} // '')
           ne ($answer->{auth} // ''))
    {
        my $challenge = $answer->{challenge};

        $answer = error_answer(401, 'UNAUTHORIZED');
        $answer->{headers} = { 'WWW-Authenticate' => $challenge };

    } elsif (($answer->{status} // 200) == 200
             && unchanged($request, $answer))
    {
        $answer = { %$answer, status => 304, body => '' };

    } elsif (($answer->{status} // 200) == 200
             && $request->{target} =~ m{/manifests/}
             && unacceptable($request, $answer))
    {
        $answer = error_answer(404, 'MANIFEST_UNKNOWN');
    }

    my ($status, $body, $more) = ranged($request, $answer);
    my $framed = framed($request, $answer, $status, $body, $more);

    if (($answer->{stall} // '') eq 'header') {
        $c->{stalled} = 1;
        return;
    }

    my $torn = $answer->{torn} // '';

    $c->{stalled} = 1 if ($answer->{stall} // '') eq 'body'
                         || $torn eq 'stall';
    $c->{close} = 1 if defined $answer->{cut} || $answer->{unframed}
                       || $torn eq 'close'
                       || !$c->{stalled} && says_close($request);
    $c->{endless} = chunk(' ' x 16384)
        if $answer->{endless} && $request->{method} ne 'HEAD';
    return drip($c, $framed, $answer) if $answer->{drip};
    $c->{out} .= $framed;
    $writes->add($c->{fh});
}


# Exactly these bytes and no others; the connection goes with them, unless
# they are followed by others without an end or without haste.
sub send_bytes {
    my ($c, $bytes, $answer) = @_;

    $c->{endless} = $answer->{forever} // '';
    $c->{close} = 1;

    return drip($c, $bytes, $answer) if $answer->{drip};
    $c->{out} .= $bytes;
    $writes->add($c->{fh});
}


# Byte by byte, from the first one on or from that of the body.
sub drip {
    my ($c, $bytes, $answer) = @_;
    my $start = index($bytes, "\r\n\r\n") + 4;
    my $now = $answer->{drip} eq 'body' ? substr $bytes, 0, $start, '' : '';

    $c->{stalled} = 1;
    $c->{close} = 0;
    $c->{out} .= $now;
    $writes->add($c->{fh}) if length $now;
    drop_by_drop($c, $bytes, $answer->{every} // 0.2);
}


sub drop_by_drop {
    my ($c, $bytes, $every) = @_;

    return if $c->{dead} || !length $bytes;
    $c->{out} .= substr $bytes, 0, 1, '';
    $writes->add($c->{fh});
    push @timers, [time + $every, sub { drop_by_drop($c, $bytes, $every) }];
}


sub says_close {
    my ($request) = @_;

    return lc($request->{header}{connection} // '') eq 'close';
}


sub ranged {
    my ($request, $answer) = @_;
    my $status = $answer->{status} // 200;
    my $body = $answer->{body} // '';
    my $range = $request->{header}{range} // '';

    return ($status, $body, {})
        unless $status == 200 && $request->{target} =~ m{/blobs/};
    return ($status, $body, { 'Accept-Ranges' => 'bytes' })
        unless $range =~ /^bytes=(\d+)-(\d*)$/;

    my $total = length $body;

    return (416, '', { 'Content-Range' => "bytes */$total" })
        if $1 >= $total;

    my $last = length $2 && $2 < $total ? $2 : $total - 1;

    return (206, substr($body, $1, $last - $1 + 1),
            { 'Accept-Ranges' => 'bytes',
              'Content-Range' => "bytes $1-$last/$total" });
}


# The answer's bytes.
sub framed {
    my ($request, $answer, $status, $body, $more) = @_;

    $body = Compress::Zlib::memGzip($body) if $answer->{gzip};

    my $sent = defined $answer->{cut} ? substr($body, 0, $answer->{cut})
             : ($answer->{stall} // '') eq 'body'
                                      ? substr($body, 0, length($body) / 2)
             :                          $body;
    my $chunked = $answer->{chunked} || $answer->{endless};
    my %headers = (
        'Docker-Distribution-Api-Version' => 'registry/2.0',
        'Content-Type' => $answer->{type},
        'Content-Encoding' => $answer->{gzip} ? 'gzip' : undef,
        'Content-Length' => $chunked || $answer->{unframed} ? undef
                                                            : length $body,
        'Transfer-Encoding' => $chunked ? 'chunked' : undef,
        'Connection' => $answer->{unframed} || says_close($request) ? 'close'
                                                          : undef,
        %$more,
        %{ $answer->{headers} // {} },
    );

    my $line = "HTTP/1.1 $status " . ($REASON{$status} // 'Status') . "\r\n";

    return $line . torn($answer->{torn}) if $answer->{torn};

    my $head = $line
             . join('', map { header_lines($_, $headers{$_}) }
                        sort keys %headers)
             . "\r\n";

    return $head if $request->{method} eq 'HEAD' || $status == 304;
    return $head . chunk($sent) if $answer->{endless} || $chunked
                                   && (defined $answer->{cut}
                                       || defined $answer->{stall});
    return $head . chunk($sent) . "0\r\n\r\n" if $chunked;
    return $head . $sent;
}


# After a whole status line: what no proxy can take for a header.
sub torn {
    my ($how) = @_;

    return "Content-Type: text/plain\r\n"
         . ($how eq 'nul'   ? "X-Torn: a\0b\r\n\r\n"
          : $how eq 'large' ? 'X-Torn: ' . ('a' x 70000) . "\r\n\r\n"
          :                   '');
}


sub header_lines {
    my ($name, $value) = @_;

    return '' unless defined $value;

    return join '', map { "$name: $_\r\n" } ref $value ? @$value : $value;
}


sub chunk {
    my ($bytes) = @_;

    return length $bytes ? sprintf("%x\r\n%s\r\n", length $bytes, $bytes) : '';
}


sub control_event {
    my $n = sysread $control, $control_in, 1 << 20, length $control_in;

    POSIX::_exit(0) unless $n;

    while ($control_in =~ s/^(.*)\n//) {
        my $result = eval { { result => command($JSON->decode($1)) } }
                     // { error => "$@" };
        my $line = $JSON->encode($result) . "\n";

        $control->blocking(1);
        syswrite $control, $line;
    }
}


sub command {
    my ($command) = @_;
    my $registry = $command->{registry};
    my $do = $command->{do};

    return change($table{$registry} //= {}, $command)
        if $do eq 'put' || $do eq 'on';
    return [map { my %r = %$_; delete $r{header}; \%r }
            @{ $log{$registry} // [] }] if $do eq 'log';

    if ($do eq 'writable') {
        $writable{$registry} = 1;

    } elsif ($do eq 'forget') {
        delete $table{$registry}{$command->{path}};

    } elsif ($do eq 'honest') {
        $_->{changes} = [] for values %{ $table{$registry} };

    } elsif ($do eq 'clear') {
        $log{$registry} = [];

    } elsif ($do eq 'release') {
        release($command->{name});

    } elsif ($do eq 'down') {
        shutdown $listen{$registry}, SHUT_RDWR;
        $reads->remove($listen{$registry});
        drop($_) for grep { $_->{registry} eq $registry } values %conn;

    } elsif ($do eq 'up') {
        CORE::listen $listen{$registry}, 128 or die "listen: $!";
        $reads->add($listen{$registry});

    } else {
        die "no command $do";
    }

    return 1;
}


sub unpacked {
    my ($answer) = @_;

    for (qw(body raw forever)) {
        $answer->{$_} = decode_base64($answer->{$_}) if defined $answer->{$_};
    }

    unpacked($_) for values %{ $answer->{method} // {} };

    return $answer;
}


sub change {
    my ($paths, $command) = @_;
    my $answer = unpacked($command->{answer});
    my $path = $command->{path};
    my $entry = $paths->{$path};

    if ($command->{do} eq 'put' || !$entry) {
        $entry = $paths->{$path} = { base => {}, changes => [] };
    }

    if ($answer->{times}) {
        push @{ $entry->{changes} }, $answer;
        return 1;
    }

    $answer->{headers} = { %{ $entry->{base}{headers} // {} },
                           %{ $answer->{headers} } } if $answer->{headers};
    $entry->{base} = { %{ $entry->{base} }, %$answer };

    return 1;
}


sub release {
    my ($name) = @_;

    $released{$name} = 1;

    for my $c (values %conn) {
        my $held = $c->{held} or next;

        next unless $held->[1]{hold} eq $name;
        delete $c->{held};
        send_answer($c, @$held);
    }
}


1;
