# One client that goes through what pulls do not: blobs and their ranges,
# pushes by platform, deletions, lists of tags and repositories, referrers,
# wrong passwords, uploads that are cut off.  It alone writes into its
# repository, so that it knows what that holds; and docker-registry answers a
# deletion with 500 where another tag of the repository is written just then.

package Mlist::Soak::Walker;

use strict;
use warnings;

use Mlist::Chaos::Caller;
use Mlist::Content;

my @TYPES = map { [Accept => $_] } $D2, $DL, $OM, $OI;
my @PLATFORMS = qw(linux/amd64 linux/arm/v7);

my $BLOB = 300_000;

my %ACT = (
    push    => \&push_one,
    pull    => \&pull,
    drop    => \&drop_one,
    erase   => \&erase_list,
    blob    => \&read_blob,
    range   => \&read_range,
    leave   => \&leave_blob,
    cut     => \&cut_upload,
    tags    => \&list_tags,
    catalog => \&list_names,
    refer   => \&referrers,
    refuse  => \&refused,
    absent  => \&absent,
);


# Options: loop, random, number (its own), port (of the front that takes its
# pushes), front (Mlist::Chaos::Fronts', with a password), amd64 (a port),
# broken (sub: begin, end), count (a scalar's reference), found (sub: what,
# seen, expected, asked).
sub new {
    my ($class, %opt) = @_;

    return bless { %opt, callers => {}, done => {},
                   name => "soak/walk$opt{number}",
                   tags => [map { "t$_" } 1 .. 5] }, $class;
}


sub start {
    my ($self) = @_;

    $self->{busy} = 1;
    $self->make_blob(sub { $self->make_subject(sub { $self->done }) });
}


sub stop {
    $_[0]{stopped} = 1;
}


sub is_idle {
    my ($self) = @_;

    return $self->{stopped} && !$self->{busy};
}


sub next_act {
    my ($self) = @_;

    return if $self->{stopped};

    my $act = $self->{random}->weighted(
        push => 12, pull => 20, drop => 4, erase => 3, blob => 8, range => 12,
        leave => 6, cut => 5, tags => 10, catalog => 5, refer => 5,
        refuse => 3, absent => 7);

    $self->{busy} = 1;
    $self->{done}{$act}++;
    $ACT{$act}->($self);
}


sub done {
    my ($self) = @_;

    $self->{busy} = 0;
    $self->{loop}->after($self->{random}->between(0, 0.2),
                         sub { $self->next_act });
}


# Asks and calls with the answer, if it has one of those statuses.  Only a
# source that is broken excuses another one.
sub ask {
    my ($self, $port, $method, $target, $opt, $codes, $call) = @_;
    my $caller = $self->{callers}{$port}
        //= Mlist::Chaos::Caller->new($self->{loop}, $port);

    $caller->ask($method, $target, $opt, sub {
        my ($answer) = @_;

        ${ $self->{count} }++;
        return $call->($answer)
            if !$answer->{error} && grep { $_ == $answer->{code} } @$codes;

        $self->found("$method $target", $answer->{error}
                     // "status $answer->{code}: "
                        . substr($answer->{body}, 0, 200),
                     'status ' . join ' or ', @$codes)
            unless $answer->{code} != 404
                   && $self->{broken}->(@$answer{qw(begin end)});

        return $self->done;
    });
}


sub found {
    my ($self, $asked, $seen, $expected) = @_;

    $self->{found}->('a wrong answer', $seen, $expected, $asked);
}


# True if it is; otherwise that is found.
sub same {
    my ($self, $asked, $seen, $expected) = @_;

    $self->found($asked, $seen // 'nothing', $expected)
        if ($seen // '') ne $expected;
}


# At the front that takes pushes.
sub at_walk {
    my ($self, $method, $target, @more) = @_;

    $self->ask($self->{port}, $method, "/v2/$self->{name}/$target", @more);
}


# At the front with a password.
sub at_two {
    my ($self, $method, $target, $headers, @more) = @_;

    $self->ask($self->{front}{port}, $method, $target, {
        headers => [[Authorization => $self->{front}{authorization}],
                    @$headers],
    }, @more);
}


sub upload {
    my ($self, $port, $name, $bytes, $call) = @_;

    $self->ask($port, 'POST', "/v2/$name/blobs/uploads/", { body => '' },
               [202], sub {
        my ($answer) = @_;
        my $where = $answer->{headers}{location} =~ s{^https?://[^/]*}{}r;
        my $join = $where =~ /\?/ ? '&' : '?';

        $self->ask($port, 'PUT', "$where${join}digest=" . sha256($bytes), {
            headers => [['Content-Type' => 'application/octet-stream']],
            body => $bytes,
        }, [201], sub { $call->() });
    });
}


# What ranges are read of; the same in every run.
sub make_blob {
    my ($self, $call) = @_;

    $self->{blob} = join '', map { pack 'NN', $self->{number}, $_ }
                    1 .. $BLOB / 8;
    $self->{blob_digest} = sha256($self->{blob});
    $self->upload($self->{port}, $self->{name}, $self->{blob}, $call);
}


# An image at the registry for amd64, and what clients keep beside it where
# a registry does not know referrers.
sub make_subject {
    my ($self, $call) = @_;
    my $image = oci_image('linux/amd64', seed => "subject $self->{number}");
    my $index = oci_index({}, $self->{artifact} = oci_image('linux/amd64',
        seed => "artifact $self->{number}"));

    $self->{subject} = $image->{digest};
    $self->put_image($self->{amd64}, 'app', "s$self->{number}", $image, sub {
        $self->put_image($self->{amd64}, 'app', "a$self->{number}",
                         $self->{artifact}, sub {
            $self->put($self->{amd64}, 'app',
                       $self->{subject} =~ s/:/-/r, $index, $call);
        });
    });
}


sub put_image {
    my ($self, $port, $name, $tag, $image, $call) = @_;
    my @blobs = sort keys %{ $image->{blobs} };
    my $next;

    $next = sub {
        my $digest = shift @blobs
            // return $self->put($port, $name, $tag, $image, $call);

        $self->upload($port, $name, $image->{blobs}{$digest}, $next);
    };
    $next->();
}


sub put {
    my ($self, $port, $name, $reference, $manifest, $call) = @_;
    my $target = "/v2/$name/manifests/$reference";

    $self->ask($port, 'PUT', $target, {
        headers => [['Content-Type' => $manifest->{type}]],
        body => $manifest->{body},
    }, [201], sub {
        my ($answer) = @_;

        $self->same("PUT $target",
                    $answer->{headers}{'docker-content-digest'},
                    $manifest->{digest});
        $call->();
    });
}


sub some_tag {
    my ($self) = @_;

    return $self->{random}->one_of(@{ $self->{tags} });
}


# A push by platform, and a pull of what it makes.
sub push_one {
    my ($self) = @_;
    my $tag = $self->some_tag;
    my $platform = $self->{random}->one_of(@PLATFORMS);
    my $image = oci_image($platform, seed => $self->{number}, manifest => {
        annotations => { version => "$self->{number} " . ++$self->{pushes} },
    });

    $self->put_image($self->{port}, $self->{name}, $tag, $image, sub {
        $self->{has}{$tag}{$platform} = $image->{digest};
        $self->pull_tag($tag);
    });
}


sub pull {
    my ($self) = @_;

    $self->pull_tag($self->some_tag);
}


# It holds just what was pushed last and has not been deleted.
sub pull_tag {
    my ($self, $tag) = @_;
    my $has = $self->{has}{$tag} // {};

    return $self->at_walk('GET', "manifests/$tag", { headers => \@TYPES },
                          [404], sub { $self->done }) unless %$has;

    $self->at_walk('GET', "manifests/$tag", { headers => \@TYPES }, [200],
                   sub {
        my ($answer) = @_;
        my $list = eval { json_data($answer->{body}) } // {};
        my $expected = join ' ', map { "$_=$has->{$_}" } sort keys %$has;
        my $seen = join ' ', sort map {
            my $p = $_->{platform};

            join('/', grep { defined } @$p{qw(os architecture variant)})
                . "=$_->{digest}";
        } @{ $list->{manifests} // [] };

        $self->same("GET $self->{name}:$tag", $seen, $expected);
        $self->same("GET $self->{name}:$tag", sha256($answer->{body}),
                    $answer->{headers}{'docker-content-digest'} // 'none');
        $self->pull_child($tag, $self->{random}->one_of(sort keys %$has));
    });
}


sub pull_child {
    my ($self, $tag, $platform) = @_;
    my $digest = $self->{has}{$tag}{$platform};

    $self->at_walk('GET', "manifests/$digest", { headers => \@TYPES }, [200],
                   sub {
        my ($answer) = @_;

        $self->same("GET $self->{name}\@$digest", sha256($answer->{body}),
                    $digest);
        $self->done;
    });
}


# A child is deleted; the list goes on without it.
sub drop_one {
    my ($self) = @_;
    my $tag = $self->some_tag;
    my $has = $self->{has}{$tag} // {};
    my $platform = $self->{random}->one_of(sort keys %$has)
        // return $self->done;
    my $digest = delete $has->{$platform};

    $self->at_walk('DELETE', "manifests/$digest", {}, [202],
                   sub { $self->pull_tag($tag) });
}


# A list is deleted, is gone, and comes back with its tag.
sub erase_list {
    my ($self) = @_;
    my $tag = $self->some_tag;

    return $self->done unless %{ $self->{has}{$tag} // {} };

    $self->at_walk('HEAD', "manifests/$tag", { headers => \@TYPES }, [200],
                   sub {
        my $digest = $_[0]{headers}{'docker-content-digest'};

        $self->at_walk('DELETE', "manifests/$digest", {}, [202], sub {
            $self->at_walk('GET', "manifests/$digest", {}, [404],
                           sub { $self->pull_tag($tag) });
        });
    });
}


sub read_blob {
    my ($self) = @_;
    my $method = $self->{random}->one_of('GET', 'HEAD');

    $self->at_walk($method, "blobs/$self->{blob_digest}", {}, [200], sub {
        my ($answer) = @_;

        $self->same("$method of a blob",
                    $answer->{headers}{'content-length'}, $BLOB);
        $self->same("GET of a blob", sha256($answer->{body}),
                    $self->{blob_digest}) if $method eq 'GET';
        $self->done;
    });
}


sub read_range {
    my ($self) = @_;
    my $from = $self->{random}->below($BLOB - 1);
    my $to = $from + $self->{random}->below($BLOB - $from);

    $self->at_walk('GET', "blobs/$self->{blob_digest}", {
        headers => [[Range => "bytes=$from-$to"]],
    }, [206], sub {
        my ($answer) = @_;

        $self->same("bytes $from-$to of a blob", sha256($answer->{body}),
                    sha256(substr $self->{blob}, $from, $to - $from + 1));
        $self->done;
    });
}


# In the middle of an answer.
sub leave_blob {
    my ($self) = @_;
    my $caller = Mlist::Chaos::Caller->new($self->{loop}, $self->{port});

    $caller->ask('GET', "/v2/$self->{name}/blobs/$self->{blob_digest}", {},
                 sub { });
    ${ $self->{count} }++;
    $self->{loop}->after($self->{random}->between(0, 0.02), sub {
        $caller->leave;
        $self->done;
    });
}


# In the middle of what it sends.
sub cut_upload {
    my ($self) = @_;

    $self->at_walk('POST', 'blobs/uploads/', { body => '' }, [202], sub {
        my ($answer) = @_;
        my $where = $answer->{headers}{location} =~ s{^https?://[^/]*}{}r;
        my $caller = Mlist::Chaos::Caller->new($self->{loop}, $self->{port});

        $caller->ask('PATCH', $where, { headers => [
            ['Content-Type' => 'application/octet-stream'],
            ['Content-Length' => 1_000_000], ['Content-Range' => '0-999999'],
        ] }, sub { });
        ${ $self->{count} }++;
        $self->{loop}->after($self->{random}->between(0, 0.05), sub {
            $caller->leave;
            $self->done;
        });
    });
}


sub list_tags {
    my ($self) = @_;
    my $pushed = grep { %$_ } values %{ $self->{has} // {} };

    return $self->done unless $pushed;

    $self->at_walk('GET', 'tags/list', {}, [200], sub {
        my ($answer) = @_;
        my $list = eval { json_data($answer->{body}) } // {};

        my @expected = grep { %{ $self->{has}{$_} // {} } }
                       @{ $self->{tags} };

        $self->same("tags of $self->{name}", "@{ $list->{tags} // [] }",
                    "@expected");
        $self->done;
    });
}


# By pages of one name.
sub list_names {
    my ($self, $last, @seen) = @_;
    my $target = '/v2/_catalog?n=1' . (defined $last ? "&last=$last" : '');

    $self->at_two('GET', $target, [], [200], sub {
        my ($answer) = @_;
        my $names = (eval { json_data($answer->{body}) } // {})
                    ->{repositories} // [];

        push @seen, @$names;
        return $self->list_names($names->[0], @seen)
            if @$names && $answer->{headers}{link} && @seen < 100;

        $self->same('the catalog', "@seen", 'app team/web');
        $self->done;
    });
}


sub referrers {
    my ($self) = @_;

    $self->at_two('GET', "/v2/app/referrers/$self->{subject}", [], [200],
                  sub {
        my ($answer) = @_;
        my $list = eval { json_data($answer->{body}) } // {};

        $self->same('referrers', join(' ', map { $_->{digest} }
                                           @{ $list->{manifests} // [] }),
                    $self->{artifact}{digest});
        $self->done;
    });
}


sub refused {
    my ($self) = @_;
    my $wrong = $self->{random}->one_of('Basic cHVsbGVyOndyb25n', undef);

    $self->ask($self->{front}{port}, 'GET', '/v2/app/manifests/1.0', {
        headers => [@TYPES, defined $wrong ? [Authorization => $wrong] : ()],
    }, [401], sub { $self->done });
}


# What is nowhere, and what is no name or digest.
sub absent {
    my ($self) = @_;
    my ($target, $code) = @{ $self->{random}->one_of(
        ['/v2/app/manifests/none', 404],
        ["/v2/app/blobs/sha256:" . '0' x 64, 404],
        ["/v2/app/manifests/sha256:" . '1' x 64, 404],
        ['/v2/app/blobs/sha256:zz', 400], ['/v2/APP/tags/list', 400],
        ['/v2/app/../app/tags/list', 400],
        ['/v2/no/such/tags/list', 404]) };

    $self->at_two('GET', $target, \@TYPES, [$code], sub { $self->done });
}


1;
