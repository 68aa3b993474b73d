# What registries hold: images, indexes and artifacts, made on the spot and
# the same in every run.  Pure: no files, no sockets.  Used by Mlist::Registry
# and by the tests themselves.
#
# A manifest is a hash: type, body, digest, blobs (digest => bytes), children
# (manifests that an index names).

package Mlist::Content;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use JSON::PP ();

our @EXPORT = qw(
    sha256 json_text json_data
    docker_image oci_image image_of docker_list oci_index raw_manifest
    attestation entry_of without_platform
    $D1 $D1J $D2 $DL $OM $OI $OCI_CONFIG $DOCKER_CONFIG
);

our $D1  = 'application/vnd.docker.distribution.manifest.v1+json';
our $D1J = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
our $D2  = 'application/vnd.docker.distribution.manifest.v2+json';
our $DL  = 'application/vnd.docker.distribution.manifest.list.v2+json';
our $OM  = 'application/vnd.oci.image.manifest.v1+json';
our $OI  = 'application/vnd.oci.image.index.v1+json';

our $OCI_CONFIG    = 'application/vnd.oci.image.config.v1+json';
our $DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';

my $DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
my $OCI_LAYER    = 'application/vnd.oci.image.layer.v1.tar+gzip';

my $JSON = JSON::PP->new->canonical->utf8;


sub sha256 {
    my ($bytes) = @_;

    return 'sha256:' . sha256_hex($bytes);
}


sub json_text {
    my ($data) = @_;

    return $JSON->encode($data);
}


sub json_data {
    my ($text) = @_;

    return $JSON->decode($text);
}


# "linux/arm/v7" as the members of a config or of a descriptor's platform.
# More members ("os.version") are taken as they are.
sub platform_members {
    my ($platform, %more) = @_;
    my ($os, $arch, $variant) = split m{/}, $platform;
    my %p = (os => $os, architecture => $arch, %more);

    $p{variant} = $variant if defined $variant;

    return \%p;
}


# An image of one platform.  Options: seed (images of different seeds differ),
# layers (bytes, a list), layer_type, config (members to add to the config),
# config_type, config_bytes (instead of all that), manifest (members to add).
sub image_of {
    my ($type, $platform, %opt) = @_;
    my $oci    = $type eq $OM;
    my $seed   = $opt{seed} // 'one';
    my @layers = @{ $opt{layers} // ["layer $platform $seed\n"] };
    my $config = $opt{config_bytes} // json_text({
        %{ platform_members($platform) },
        config => { Labels => { seed => $seed } },
        rootfs => { type => 'layers',
                    diff_ids => [map { sha256($_) } @layers] },
        %{ $opt{config} // {} },
    });

    my %blobs = map { sha256($_) => $_ } $config, @layers;
    my $body  = json_text({
        schemaVersion => 2,
        mediaType     => $type,
        config        => {
            mediaType => $opt{config_type}
                         // ($oci ? $OCI_CONFIG : $DOCKER_CONFIG),
            size      => length $config,
            digest    => sha256($config),
        },
        layers => [map { {
            mediaType => $opt{layer_type}
                         // ($oci ? $OCI_LAYER : $DOCKER_LAYER),
            size      => length $_,
            digest    => sha256($_),
        } } @layers],
        %{ $opt{manifest} // {} },
    });

    return { type => $type, body => $body, digest => sha256($body),
             size => length $body, platform => $platform, blobs => \%blobs,
             config => sha256($config), layer => sha256($layers[0]) };
}


sub docker_image {
    my ($platform, %opt) = @_;

    return image_of($D2, $platform, %opt);
}


sub oci_image {
    my ($platform, %opt) = @_;

    return image_of($OM, $platform, %opt);
}


# Any manifest from its members or its bytes.
sub raw_manifest {
    my ($type, $what, %blobs) = @_;
    my $body = ref $what ? json_text($what) : $what;

    return { type => $type, body => $body, digest => sha256($body),
             size => length $body,
             blobs => { map { sha256($_) => $_ } values %blobs } };
}


# What buildx writes beside an image: named by the digest of its subject.
# The second element is the descriptor that goes into the index.
sub attestation {
    my ($subject) = @_;
    my $layer  = '{"predicateType":"https://slsa.dev/provenance/v0.2",'
                 . '"of":"' . $subject->{digest} . '"}';
    my $image  = oci_image('unknown/unknown', layers => [$layer],
                           layer_type => 'application/vnd.in-toto+json');

    return [$image, {
        'vnd.docker.reference.type'   => 'attestation-manifest',
        'vnd.docker.reference.digest' => $subject->{digest},
    }];
}


# The descriptor of a manifest as an entry of an index: of
# [manifest, annotations] or [manifest, annotations, platform members] too.
sub entry_of {
    my ($what) = @_;
    my ($m, $annotations, $platform) = ref $what eq 'ARRAY' ? @$what : $what;
    my %entry = (mediaType => $m->{type}, size => $m->{size},
                 digest => $m->{digest});

    $platform //= platform_members($m->{platform}) if defined $m->{platform};
    $entry{platform} = $platform if defined $platform;
    $entry{annotations} = $annotations if defined $annotations;

    return \%entry;
}


# A manifest that an index names without a platform.
sub without_platform {
    my ($m) = @_;

    return { %$m, platform => undef };
}


sub index_of {
    my ($type, $members, @what) = @_;
    my $body = json_text({
        schemaVersion => 2,
        mediaType     => $type,
        manifests     => [map { entry_of($_) } @what],
        %$members,
    });

    return { type => $type, body => $body, digest => sha256($body),
             size => length $body, blobs => {},
             children => [map { ref $_ eq 'ARRAY' ? $_->[0] : $_ } @what] };
}


# The first argument may be a hash: more members of the index.
sub docker_list {
    my $members = ref $_[0] eq 'HASH' && !exists $_[0]{digest} ? shift : {};

    return index_of($DL, $members, @_);
}


sub oci_index {
    my $members = ref $_[0] eq 'HASH' && !exists $_[0]{digest} ? shift : {};

    return index_of($OI, $members, @_);
}


1;
