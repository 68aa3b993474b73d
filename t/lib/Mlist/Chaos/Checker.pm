# Looks at every answer and finds what must never be: an answer that was
# never true, a list that lacks what was there, one that is older than what
# was pushed before it was asked for, a digest that is no longer readable,
# and a failure where nothing was broken, or where an old list could be given.
# Pure: it knows what was pushed (Mlist::Chaos::History), what was answered
# before (Mlist::Chaos::Last) and what was broken (Mlist::Chaos::Ledger), and
# times only as numbers.
#
# What was asked is a hash: front, name, kind ("tag", "list" or "child", the
# latter two by digest; "published", by tag at a registry), reference, method,
# if_none_match, type (of a child).  A front is Mlist::Chaos::Fronts'.  An
# answer is Mlist::Chaos::Caller's.

package Mlist::Chaos::Checker;

use strict;
use warnings;

use Mlist::Chaos::Last;
use Mlist::Content qw(sha256 json_data $DL $OI);

# The longest time, in seconds, between the first and the last question that
# a source is asked for one list.
my $FLIGHT = 10;


# found: called with each finding, a hash: what, asked, seen, expected.
sub new {
    my ($class, %opt) = @_;

    return bless { history => $opt{history}, ledger => $opt{ledger},
                   found => $opt{found}, pins => {}, lists => {},
                   later => {}, counts => {}, statuses => {}, strict => 0,
                   last => Mlist::Chaos::Last->new }, $class;
}


sub look {
    my ($self, $ask, $answer) = @_;
    my %by_kind = (tag => \&look_tag, list => \&look_list,
                   child => \&look_child, published => \&look_published);

    $self->{counts}{ "$ask->{kind} $answer->{code}" }++;
    $answer->{broken} = $self->broken($answer, 'source', 'nginx',
                                      store_of($ask));
    $self->{strict}++ unless $answer->{broken};
    $by_kind{ $ask->{kind} }->($self, $ask, $answer);
}


# What a front keeps its lists in may be broken, too.
sub store_of {
    my ($ask) = @_;

    return $ask->{front}{store} ? 'store' : ();
}


sub finding {
    my ($self, $ask, $answer, $what, $seen, $expected) = @_;

    $self->{found}->({ what => $what, ask => $ask, answer => $answer,
                       seen => $seen, expected => $expected });
}


# How many answers there were, by what was asked and status; of them, those
# that nothing excused, because nothing was broken.
sub counts {
    my ($self) = @_;

    return ($self->{counts}, $self->{strict});
}


# How often each cache status stood on a list that was read by tag.
sub statuses {
    my ($self) = @_;

    return %{ $self->{statuses} };
}


# The digest that was last given for a tag at a front.
sub newest_digest {
    my ($self, $front, $name, $tag) = @_;

    return $self->{newest}{"$front->{name} $name:$tag"} // 'none';
}


# Everything that was announced: [front, name, digest, type], ...
sub pins {
    my ($self) = @_;

    return values %{ $self->{pins} };
}


# The entries of a known list: platform => entry.
sub children_of {
    my ($self, $digest) = @_;

    return $self->{lists}{$digest} // {};
}


sub slot_name {
    my ($slot, $name, $tag) = @_;

    return "$slot->{registry}/$name:" . $slot->{tag} =~ s/\*/$tag/r;
}


# A read by tag

sub look_tag {
    my ($self, $ask, $answer) = @_;
    my $code = $answer->{code};

    return $self->tag_failed($ask, $answer)
        if $code != 200 && $code != 304 || $answer->{error};

    my $digest = $code == 304 ? ($answer->{headers}{etag} // '') =~ s/"//gr
                              : $answer->{headers}{'docker-content-digest'};

    return $self->finding($ask, $answer, 'no digest', $digest,
                          'Docker-Content-Digest')
        unless ($digest // '') =~ /^sha256:[0-9a-f]{64}$/;
    return $self->finding($ask, $answer, 'not modified, but it was', $digest,
                          $ask->{if_none_match})
        if $code == 304 && $digest ne ($ask->{if_none_match} // '');

    $self->{statuses}{ $answer->{headers}{'x-cache-status'} // 'none' }++;
    $self->{newest}{ tag_of($ask) } = $digest;
    $self->announced($ask, $answer, $digest) if $code == 200;

    if ($code == 200 && $ask->{method} eq 'GET') {
        return unless $self->bytes_are($ask, $answer, $digest);
        $self->learn($ask, $answer, $digest);
    }

    # What a HEAD announced is known when its digest has been read.
    return $self->judge($ask, $answer, $self->{lists}{$digest})
        if $self->{lists}{$digest};
    push @{ $self->{later}{$digest} }, [$ask, $answer];
}


sub tag_failed {
    my ($self, $ask, $answer) = @_;
    my $code = $answer->{code};
    my @broken = $self->broken($answer, 'nginx');

    if ($code != 200 && ($code >= 500 || $code == 429)) {
        push @broken, $self->broken($answer, store_of($ask));

        # Then an old list is the answer.
        return $self->finding($ask, $answer, 'no old list, though there is '
                              . 'one', "status $code", 'status 200, STALE')
            if !@broken && $self->least($ask, $answer);

        push @broken, $self->broken($answer, 'source');

        # A registry does not write a tag's file in one step.
        push @broken, 'a push'
            if $code == 502 && $self->is_pushed($ask, $answer);
    }

    return if @broken && ($code == 0 || $code == 200 || $code >= 429);
    return if $code == 404 && $self->may_lack_required($ask, $answer);

    return $self->finding($ask, $answer, 'a tag that exists is not found',
                          'status 404', 'a list, or 5xx while something is '
                                        . 'broken') if $code == 404;
    $self->finding($ask, $answer, 'no list, though nothing is broken',
                   $answer->{error} // "status $code", 'status 200');
}


sub broken {
    my ($self, $answer, @kinds) = @_;

    return $self->{ledger}->broken(@$answer{qw(begin end)}, @kinds);
}


sub is_pushed {
    my ($self, $ask, $answer) = @_;

    return scalar grep {
        $self->{history}->is_pushed(
            slot_name($_, @$ask{qw(name reference)}),
            @$answer{qw(begin end)})
    } @{ $ask->{front}{slots} };
}


# A required source possibly has had nothing.
sub may_lack_required {
    my ($self, $ask, $answer) = @_;

    return scalar grep { !$_->{image} } map {
        $self->possible($ask, $answer,
                        slot_name($_, @$ask{qw(name reference)}))
    } grep { $_->{required} } @{ $ask->{front}{slots} };
}


# What a slot can have held for an answer that does not say that it is old.
sub possible {
    my ($self, $ask, $answer, $name) = @_;
    my $front = $ask->{front};
    my ($begin, $end) = @$answer{qw(begin first)};

    return $self->{history}->possible_heard($name, $begin, $end)
        if $front->{told};
    return $self->{history}->possible($name, $begin - ($front->{valid} // 0),
                                      $end);
}


# What every old answer must reach: see Mlist::Chaos::Last.
sub least {
    my ($self, $ask, $answer) = @_;

    return $self->{last}->least(
        tag_of($ask), "$ask->{name}:$ask->{reference}", $answer->{begin});
}


# nginx took the event of a push to that tag; as Mlist::Chaos::Last's.
sub told {
    my ($self, @event) = @_;

    $self->{last}->told(@event);
}


sub announced {
    my ($self, $ask, $answer, $digest) = @_;
    my $type = $answer->{headers}{'content-type'} // '';
    my $pin = "$ask->{front}{name} $ask->{name} $digest";

    $self->finding($ask, $answer, 'not the type of a list', $type,
                   "$DL or $OI") unless $type eq $DL || $type eq $OI;
    $self->{pins}{$pin} //= [$ask->{front}, $ask->{name}, $digest, $type];
}


sub bytes_are {
    my ($self, $ask, $answer, $digest) = @_;
    my $seen = sha256($answer->{body});

    return 1 if $seen eq $digest;

    $self->finding($ask, $answer, 'bytes of another digest', $seen, $digest);
    return 0;
}


# Remembers what a list holds: platform => its entry.
sub learn {
    my ($self, $ask, $answer, $digest) = @_;
    my $data = eval { json_data($answer->{body}) };
    my %list;

    return $self->finding($ask, $answer, 'not a list', $answer->{body},
                          'JSON with manifests')
        unless ref $data eq 'HASH' && ref $data->{manifests} eq 'ARRAY';

    for my $entry (@{ $data->{manifests} }) {
        my $p = $entry->{platform} // {};
        my $platform = join '/', grep { defined }
                       @$p{qw(os architecture variant)};

        $self->finding($ask, $answer, 'a platform twice', $platform, 'once')
            if $list{$platform};
        $list{$platform} = $entry;
    }

    $self->{lists}{$digest} = \%list;

    for my $waits (@{ delete $self->{later}{$digest} // [] }) {
        $self->judge(@$waits, \%list);
    }
}


# What a tag was answered with, against what it can have held meanwhile.
sub judge {
    my ($self, $ask, $answer, $list) = @_;
    my $status = $answer->{headers}{'x-cache-status'} // '';
    my $is_warned = ($answer->{headers}{warning} // '') =~ /^299 /;
    my $is_partial = $status eq 'PARTIAL';
    my $is_old = $status =~ /^(STALE|UPDATING)$/
                 || $is_warned && !$is_partial;
    my @slots = @{ $ask->{front}{slots} };
    my %known = map { $_->{platform} => 1 } @slots;
    my @versions;

    $self->finding($ask, $answer, 'it does not say what is wrong with it',
                   $status, 'a Warning')
        if $answer->{code} == 200 && !$is_warned
           && $status =~ /^(STALE|PARTIAL)$/;
    $self->finding($ask, $answer, 'a platform that nobody has', $_,
                   join ', ', sort keys %known)
        for grep { !$known{$_} } sort keys %$list;

    @slots = $self->judge_partial($ask, $answer, $list, @slots)
        if $is_partial;

    for my $slot (@slots) {
        my ($name, $entry, $version) = $self->version_of($ask, $list, $slot);

        push @versions, $version;
        $self->judge_entry($ask, $answer, $name, $entry, $version)
            and !$is_old
            and $self->judge_time($ask, $answer, $name, $version);
    }

    return if $is_partial || grep { !$_ } @versions;
    return $self->judge_old($ask, $answer, $status, @versions) if $is_old;

    $self->{last}->shown(tag_of($ask), @$answer{qw(begin end)},
                         map { $_->{number} } @versions);
}


# A tag at a front.
sub tag_of {
    my ($ask) = @_;

    return "$ask->{front}{name} $ask->{name}:$ask->{reference}";
}


# A slot's name, its entry in a list, and which version that is.
sub version_of {
    my ($self, $ask, $list, $slot) = @_;
    my $name = slot_name($slot, @$ask{qw(name reference)});
    my $entry = $list->{ $slot->{platform} };

    return ($name, $entry,
            $self->{history}->version($name, $entry && $entry->{digest}));
}


# What has to be there all the same.
sub judge_partial {
    my ($self, $ask, $answer, $list, @slots) = @_;
    my @missing = grep { $_->{optional} && !$list->{ $_->{platform} } }
                  @slots;

    $self->finding($ask, $answer, 'a partial list', 'PARTIAL', 'a whole one')
        unless @missing
               && ($answer->{broken} || $self->is_pushed($ask, $answer));

    return grep { !$_->{optional} || $list->{ $_->{platform} } } @slots;
}


# False if it is nothing that was ever pushed.
sub judge_entry {
    my ($self, $ask, $answer, $name, $entry, $version) = @_;

    if (!$version) {
        $self->finding($ask, $answer, 'a child that was never pushed',
                       "$name is $entry->{digest}",
                       expected($name, $self->{history}->newest($name)));
        return 0;
    }

    return 1 unless $entry;

    my $image = $version->{image};

    $self->finding($ask, $answer, 'a child described wrongly',
                   "$name: $entry->{mediaType}, $entry->{size} bytes",
                   "$image->{type}, $image->{size} bytes")
        if $entry->{mediaType} ne $image->{type}
           || $entry->{size} != $image->{size};

    return 1;
}


sub judge_time {
    my ($self, $ask, $answer, $name, $version) = @_;
    my ($begin, $end) = @$answer{qw(begin first)};

    my @possible = $self->possible($ask, $answer, $name);

    return if grep { $_ == $version } @possible;

    my $seen = "$name has version $version->{number}";

    return $self->finding($ask, $answer, 'a partial list',
                          "$name is missing", expected($name, @possible))
        unless $version->{image};

    if ($version->{from} > $end) {
        return $self->finding($ask, $answer, 'what was pushed only later',
                              $seen, expected($name, @possible));
    }

    $seen .= sprintf ', replaced %.3f s before it was asked for',
                     $begin - $version->{until};
    $seen .= sprintf ', told of %.3f s before', $begin - $version->{heard}
        if defined $version->{heard};
    $self->finding($ask, $answer, 'older than what was pushed before', $seen,
                   expected($name, @possible));
}


# An answer that says it is old must be whole, have been true once, and be
# the last one that was complete.
sub judge_old {
    my ($self, $ask, $answer, $status, @versions) = @_;
    my $may_update = $status eq 'UPDATING' && $ask->{front}{updating};
    my @least = $self->least($ask, $answer);
    my $numbers = join ', ', map { $_->{number} } @versions;

    $self->finding($ask, $answer, 'an old list, though nothing is broken',
                   $status, 'a fresh one')
        unless $may_update || $answer->{broken}
               || $self->is_pushed($ask, $answer);
    $self->finding($ask, $answer, 'an old list that was never true',
                   "versions $numbers", 'versions that met')
        unless have_met(@versions);
    $self->finding($ask, $answer, 'older than the last complete list',
                   "versions $numbers", 'versions ' . join ', ', @least)
        if grep({ $versions[$_]{number} < $least[$_] } 0 .. $#least)
           && !$self->may_not_be_noted($ask, $answer);
}


# A pull is answered though a store that is broken cannot note that its list
# is the last complete one; a restart then loses that.
sub may_not_be_noted {
    my ($self, $ask, $answer) = @_;

    return store_of($ask)
           && $self->{ledger}->broken(0, $answer->{end}, store_of($ask));
}


# One flight can have seen them all.
sub have_met {
    my (@versions) = @_;
    my ($from) = sort { $b <=> $a } map { $_->{from} } @versions;
    my ($until) = sort { $a <=> $b } map { $_->{until} } @versions;

    return $from <= $until + $FLIGHT;
}


sub expected {
    my ($name, @versions) = @_;

    return "$name has version " . join ' or ', map {
        $_->{image} ? "$_->{number} ($_->{image}{digest})" : 'none'
    } @versions;
}


# A read by digest

sub look_list {
    my ($self, $ask, $answer) = @_;
    my ($code, $digest) = ($answer->{code}, $ask->{reference});

    if ($code != 200 || $answer->{error}) {
        my @broken = $self->broken($answer, 'nginx');

        push @broken, $self->broken($answer, store_of($ask))
            if $code >= 500;

        return if @broken && ($code == 0 || $code == 200 || $code >= 500);

        return $self->finding($ask, $answer, 'a digest was lost',
                              $answer->{error} // "status $code",
                              'status 200 for ever after');
    }

    my $seen = $answer->{headers}{'docker-content-digest'} // '';
    my $type = $answer->{headers}{'content-type'} // '';
    my $pin = $self->{pins}{"$ask->{front}{name} $ask->{name} $digest"};

    $self->finding($ask, $answer, 'another digest', $seen, $digest)
        if $seen ne $digest;
    $self->finding($ask, $answer, 'another type', $type, $pin->[3])
        if $pin && $type ne $pin->[3];

    return if $ask->{method} ne 'GET'
              || !$self->bytes_are($ask, $answer, $digest);
    $self->learn($ask, $answer, $digest) unless $self->{lists}{$digest};
}


# A list that a front has put under its tag, straight from the registry; it
# may be old, but must have been whole and true when it was put there.
sub look_published {
    my ($self, $ask, $answer) = @_;
    my $digest = $answer->{headers}{'docker-content-digest'} // '';
    my @versions;

    return if $answer->{code} != 200 || $answer->{error}
              || !$self->bytes_are($ask, $answer, $digest);

    $self->learn($ask, $answer, $digest) unless $self->{lists}{$digest};

    for my $slot (@{ $ask->{front}{slots} }) {
        my ($name, $entry, $version) =
            $self->version_of($ask, $self->{lists}{$digest}, $slot);

        push @versions, $version;
        $self->judge_entry($ask, $answer, $name, $entry, $version) or return;
    }

    $self->{published}{"$ask->{name}:$ask->{reference}"} = $digest;
    $self->finding($ask, $answer, 'published, but never true',
                   'versions ' . join(', ', map { $_->{number} } @versions),
                   'versions that met') unless have_met(@versions);
}


# The digest that was last seen under a tag at the registry.
sub published {
    my ($self, $name, $tag) = @_;

    return $self->{published}{"$name:$tag"};
}


sub look_child {
    my ($self, $ask, $answer) = @_;
    my $code = $answer->{code};
    my @broken = $self->broken($answer, 'nginx', $code ? 'source' : ());

    # An unknown digest is looked for among the lists.
    push @broken, $self->broken($answer, store_of($ask)) if $code >= 500;

    return $self->finding($ask, $answer, 'a child was lost',
                          $answer->{error} // "status $code", 'status 200')
        if $code == 404
           || !@broken && ($code != 200 || $answer->{error});

    # Its bytes are passed on as the registry sends them.
    return if @broken || $ask->{method} ne 'GET';

    my $type = $answer->{headers}{'content-type'} // '';

    $self->bytes_are($ask, $answer, $ask->{reference});
    $self->finding($ask, $answer, 'another type', $type, $ask->{type})
        if $type ne $ask->{type};
}


1;
