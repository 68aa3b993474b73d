# Pushes new children, straight to the registries, and writes down when.  A
# push ends when the registry has said so: one that a registry's death cut
# off is tried again, and if what it left behind is torn (docker-registry
# does not write its files in one step) given up for a new version.

package Mlist::Chaos::Pusher;

use strict;
use warnings;

use Mlist::Chaos::Caller;
use Mlist::Content qw(docker_image oci_image sha256 $DL $D2 $OI $OM);


# Options: loop, history, random, trace, sources (name => Source), slots
# ([{ slot, registry, name, tag, platform, type }, ...]), pushed (sub that is
# called with a slot after its push).
sub new {
    my ($class, %opt) = @_;

    return bless { %opt, pending => {}, has => {}, count => 0 }, $class;
}


# Pushes one slot's next version, unless one is under way there.
sub push_slot {
    my ($self, $slot) = @_;

    return if $self->{pending}{ $slot->{slot} };

    $self->{pending}{ $slot->{slot} } = 1;
    $self->new_version({ slot => $slot });
}


# Nothing is under way.
sub is_idle {
    my ($self) = @_;

    return !%{ $self->{pending} };
}


# Any slot whose registry is up; one tag rarely, so that it stays the same
# for some time.
sub push_any {
    my ($self) = @_;
    my $slot = $self->{random}->one_of(@{ $self->{slots} });

    return if $slot->{asked} eq '1.0' && !$self->{random}->chance(0.1);
    return unless $self->{sources}{ $slot->{registry} }->is_up;
    $self->push_slot($slot);
}


# Two versions in three have the config of the one before.
sub new_version {
    my ($self, $job) = @_;
    my $slot = $job->{slot};
    my $make = $slot->{type} eq 'oci' ? \&oci_image : \&docker_image;

    $slot->{config}++ if !$slot->{config} || $self->{random}->chance(1 / 3);
    $self->{count}++;

    $job->{image} = $make->(
        $slot->{platform}, seed => "config $slot->{config}",
        layers => ["layer of $slot->{platform}\n"],
        manifest => { annotations => { version => "$self->{count}" } });
    $job->{tries} = 0;
    delete $job->{begun};

    $self->try_push($job);
}


sub try_push {
    my ($self, $job) = @_;
    my $slot = $job->{slot};
    my $source = $self->{sources}{ $slot->{registry} };

    return $self->later($job) unless $source->is_up;

    $job->{caller} = Mlist::Chaos::Caller->new($self->{loop},
                                               $source->{port});
    $self->push_blobs($job, sort keys %{ $job->{image}{blobs} });
}


sub later {
    my ($self, $job) = @_;

    $job->{caller}->leave if $job->{caller};
    $job->{tries}++;
    $self->{loop}->after(0.1, sub { $self->try_push($job) });
}


# After a failure nothing is taken for granted.
sub push_blobs {
    my ($self, $job, @digests) = @_;
    my $digest = shift @digests // return $self->push_manifest($job);
    my $slot = $job->{slot};
    my $key = "$slot->{registry}/$slot->{name} $digest";

    return $self->push_blobs($job, @digests)
        if $self->{has}{$key} && !$job->{tries};

    $self->call($job, 'POST', "/v2/$slot->{name}/blobs/uploads/", {
        body => '',
    }, 202, sub {
        my ($answer) = @_;
        my $where = $answer->{headers}{location} =~ s{^https?://[^/]*}{}r;
        my $join = $where =~ /\?/ ? '&' : '?';

        $self->call($job, 'PUT', "$where${join}digest=$digest", {
            headers => [['Content-Type' => 'application/octet-stream']],
            body => $job->{image}{blobs}{$digest},
        }, 201, sub {
            $self->{has}{$key} = 1;
            $self->push_blobs($job, @digests);
        });
    });
}


sub push_manifest {
    my ($self, $job) = @_;
    my ($slot, $image) = @$job{qw(slot image)};

    if (!$job->{begun}) {
        $self->{history}->push_begins($slot->{slot}, $image,
                                      $self->{loop}->now);
        $job->{begun} = 1;
    }

    $self->call($job, 'PUT', "/v2/$slot->{name}/manifests/$slot->{tag}", {
        headers => [['Content-Type' => $image->{type}]],
        body => $image->{body},
    }, 201, sub {
        return $self->push_done($job) unless $job->{tries};
        $self->verify($job);
    });
}


# After a failure: is it what was pushed?
sub verify {
    my ($self, $job) = @_;
    my ($slot, $image) = @$job{qw(slot image)};
    my $caller = $job->{caller};

    $caller->ask('GET', "/v2/$slot->{name}/manifests/$slot->{tag}", {
        headers => [[Accept => join ', ', $D2, $DL, $OM, $OI]],
        timeout => 5,
    }, sub {
        my ($answer) = @_;

        return $self->later($job) if $answer->{code} == 0;
        return $self->push_done($job)
            if $answer->{code} == 200
               && sha256($answer->{body}) eq $image->{digest};

        $self->give_up($job);
    });
}


# For a new version; nobody knows whether this one came to pass.
sub give_up {
    my ($self, $job) = @_;

    $self->{trace}->("$job->{slot}{slot}: torn, given up");
    $job->{caller}->leave;
    $job->{slot}{config}++;
    $self->new_version($job);
}


sub push_done {
    my ($self, $job) = @_;
    my $slot = $job->{slot};

    $job->{caller}->leave;
    $self->{history}->push_ended($slot->{slot}, $self->{loop}->now);
    $self->{trace}->("$slot->{slot}: pushed $job->{image}{digest}");
    delete $self->{pending}{ $slot->{slot} };
    $self->{pushed}->($slot);
}


# Tries again later unless it is answered with that status.
sub call {
    my ($self, $job, $method, $target, $opt, $code, $call) = @_;

    $job->{caller}->ask($method, $target, { %$opt, timeout => 5 }, sub {
        my ($answer) = @_;

        return $call->($answer)
            if $answer->{code} == $code && !$answer->{error};

        $self->{trace}->("$job->{slot}{slot}: $method $target: "
                         . ($answer->{error} // $answer->{code}));

        return $self->give_up($job)
            if $job->{tries} >= 5 && $answer->{code};

        $self->later($job);
    });
}


1;
