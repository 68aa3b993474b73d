# What a registry of Mlist::RegistryServer does with writes once it has been
# told to take them (Mlist::Registry, "writable"): uploads by POST and PUT,
# mounts of blobs that another of its names has, manifests under a tag and by
# digest, each only where all is there that it names, and deletions of these by
# digest.  It keeps what it takes in the same table that tests fill.

package Mlist::RegistryWrites;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use JSON::PP ();

my $uploads = 0;


# The answer to a write; undef where it is none or the test has an answer of
# its own.
sub answer {
    my ($table, $request) = @_;
    my ($path, $query) = split /\?/, $request->{target}, 2;
    my $method = $request->{method};

    return unless grep { $method eq $_ } qw(POST PUT DELETE);
    return if told($table->{$path}, $method);
    return deleted($table, $path) if $method eq 'DELETE';
    return mounted($table, $path, $query) // begun($path)
        if $method eq 'POST' && $path =~ m{/blobs/uploads/$};
    return blob($table, $1, $query, $request)
        if $path =~ m{^(.*/blobs)/uploads/[^/]+$};
    return manifest($table, $1, $2, $request)
        if $path =~ m{^(.*)/manifests/([^/]+)$};
    return { status => 405 };
}


sub told {
    my ($entry, $method) = @_;

    return $entry && grep { $_->{method} && $_->{method}{$method} }
                     $entry->{base}, $entry->{changes}[0] // {};
}


# A Location as registries give it, with a query of their own.
sub begun {
    my ($path) = @_;

    $uploads++;

    return { status => 202,
             headers => { Location => "$path$uploads?_state=a%2Fb" } };
}


# undef where there is nothing to mount.
sub mounted {
    my ($table, $path, $query) = @_;
    my ($digest) = ($query // '') =~ /(?:^|&)mount=([^&]*)/ or return;
    my ($from) = $query =~ /(?:^|&)from=([^&]*)/ or return;
    my $blob = $table->{"/v2/$from/blobs/$digest"} // return;
    my $place = $path =~ s{uploads/$}{$digest}r;

    $table->{$place} = { %$blob, changes => [] };

    return { status => 201, headers => { Location => $place } };
}


sub blob {
    my ($table, $place, $query, $request) = @_;
    my ($digest) = ($query // '') =~ /(?:^|&)digest=([^&]*)/;

    return refused('DIGEST_INVALID')
        unless ($digest // '') eq digest_of($request->{body});

    put($table, "$place/$digest", body => $request->{body}, digest => $digest,
        type => 'application/octet-stream');

    return { status => 201, headers => { Location => "$place/$digest" } };
}


sub manifest {
    my ($table, $name, $reference, $request) = @_;
    my $data = eval { JSON::PP->new->utf8->decode($request->{body}) }
        // return refused('MANIFEST_INVALID');
    my $digest = digest_of($request->{body});

    for my $named ($data->{config} // (), @{ $data->{layers} // [] }) {
        return refused('BLOB_UNKNOWN')
            unless $table->{"$name/blobs/" . ($named->{digest} // '')};
    }

    for my $named (@{ $data->{manifests} // [] }) {
        return refused('MANIFEST_BLOB_UNKNOWN')
            unless $table->{"$name/manifests/" . ($named->{digest} // '')};
    }

    put($table, "$name/manifests/$_", body => $request->{body},
        digest => $digest, type => $request->{header}{'content-type'})
        for $reference, $digest;

    return { status => 201, headers => { 'Docker-Content-Digest' => $digest,
                             Location => "$name/manifests/$digest" } };
}


# A manifest goes by its digest only, and from all its tags.
sub deleted {
    my ($table, $path) = @_;
    my ($name, $digest) = $path =~ m{^(.*)/manifests/(sha256:[^/]+)$}
        or return refused('DIGEST_INVALID');

    return { status => 404, body => '' } unless $table->{$path};

    for my $place (grep { m{^\Q$name\E/manifests/} } keys %$table) {
        my $there = $table->{$place}{base}{headers}{'Docker-Content-Digest'};

        delete $table->{$place} if ($there // '') eq $digest;
    }

    return { status => 202, body => '' };
}


sub put {
    my ($table, $path, %what) = @_;

    $table->{$path} = {
        changes => [],
        base => { body => $what{body}, type => $what{type},
                  headers => { 'Docker-Content-Digest' => $what{digest} } },
    };
}


sub digest_of {
    my ($bytes) = @_;

    return 'sha256:' . sha256_hex($bytes);
}


sub refused {
    my ($code) = @_;

    return { status => 400, type => 'application/json',
             body => qq({"errors":[{"code":"$code"}]}\n) };
}


1;
