# Without this: a registry could hold up, shorten or fill with its own words
# what there is to pull here: tags, repositories, and what refers to an image.
# (Spec: "Everything else of the registry API", "Limits and hostile input".)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use Mlist::Hostile;
use Mlist::HostileJson;
use Mlist::Test;

our $SOURCES = <<'CONF';
mlist_auth nginx;
mlist_redirect follow;
mlist_source http://amd64;
mlist_source http://arm;
CONF

our $SUBJECT = sha256('subject');


sub tags_of {
    my ($registry, $name, @tags) = @_;

    $registry->put("/v2/$name/tags/list", type => 'application/json',
                   body => json_text({ name => $name, tags => \@tags }));
}


sub repositories_of {
    my ($registry, @names) = @_;

    $registry->put('/v2/_catalog', type => 'application/json',
                   body => json_text({ repositories => \@names }));
}


sub referrers_of {
    my ($registry, $name, @what) = @_;

    $registry->put("/v2/$name/referrers/$SUBJECT", type => $OI,
                   body => referrers_text(@what));
}


sub referrers_text {
    return json_text({ schemaVersion => 2, mediaType => $OI,
                       manifests => [map { { mediaType => $OM, size => 7,
                                             artifactType => 'a/b',
                                             digest => sha256($_) } } @_] });
}


sub next_page {
    my ($path) = @_;

    return { Link => "<$path?last=b>; rel=\"next\"" };
}


sub body_right {
    my ($expected) = @_;

    return sub {
        my ($name, $what) = @_;
        local $Test::Builder::Level = $Test::Builder::Level + 2;

        is("$res->{code} $res->{body}", '200 ' . $expected->($name),
           "$what: all of it") || Mlist::Test::show();
    };
}

my $both_tags = body_right(sub { qq({"name":"$_[0]","tags":["a","b"]}\n) });
my $both_names = body_right(sub { qq({"repositories":["a","b"]}\n) });


sub both_referrers {
    my ($name, $what) = @_;

    is(join(' ', $res->{code}, map { $_->{digest} } Mlist::Test::entries()),
       join(' ', 200, map { sha256($_) } 'a', 'b'), "$what: all of them")
        || Mlist::Test::show();
}

our $TAGS = {
    name => 'tags/list', right => $both_tags,
    place => sub {
        my ($name) = @_;
        tags_of($amd64, $name, 'a');
        tags_of($arm, $name, 'b');
        return (registry => $arm, place => "/v2/$name/tags/list",
                target => "/v2/$name/tags/list");
    },
};

our $SECOND_PAGE = {
    %$TAGS, name => 'page 2 of tags/list',
    place => sub {
        my ($name) = @_;
        my $path = "/v2/$name/tags/list";
        my %case = $TAGS->{place}->($name);
        $arm->on($path, times => 1, headers => next_page($path));
        return %case;
    },
};

our $CATALOG = {
    name => '_catalog', right => $both_names, alone => '_catalog',
    place => sub {
        repositories_of($amd64, 'a');
        repositories_of($arm, 'b');
        return (registry => $arm, place => '/v2/_catalog',
                target => '/v2/_catalog');
    },
};

our $REFERRERS = {
    name => 'referrers', right => \&both_referrers,
    place => sub {
        my ($name) = @_;
        my $path = "/v2/$name/referrers/$SUBJECT";
        referrers_of($amd64, $name, 'a');
        referrers_of($arm, $name, 'b');
        return (registry => $arm, place => $path, target => $path);
    },
};

# Where a registry has no referrers API.
our $REFERRERS_TAG = {
    %$REFERRERS, name => 'the tag of referrers',
    place => sub {
        my ($name) = @_;
        my $tag = $SUBJECT =~ s/:/-/r;
        referrers_of($amd64, $name, 'a');
        $arm->put("$name:$tag", type => $OI, body => referrers_text('b'));
        return (registry => $arm, place => "$name:$tag",
                target => "/v2/$name/referrers/$SUBJECT");
    },
};


# Broken JSON is a failure, or does not matter; never less than there is.
sub all_or_nothing {
    my (@expected) = @_;

    return sub {
        my ($what) = @_;
        my $got = $res->{body};

        return ok(1, "$what: 502") if $res->{code} == 502;
        ok($res->{code} == 200 && $got !~ /[\x00-\x09\x0b-\x1f]/
           && !grep({ index($got, $_) < 0 } @expected), "$what: all of it")
            || Mlist::Test::show();
    };
}

run_tests();

__DATA__

=== TEST 1: tags
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::TAGS, attacks_of(qw(endless wire headers redirects)));
attack($::SECOND_PAGE, attacks_of(qw(endless wire headers redirects)));



=== TEST 2: repositories
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::CATALOG, attacks_of(qw(endless wire headers redirects)));



=== TEST 3: referrers
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
attack($::REFERRERS, attacks_of(qw(endless wire headers redirects)));
attack($::REFERRERS_TAG, attacks_of(qw(endless wire headers redirects)));



=== TEST 4: all of them slowly
--- config eval: Mlist::Hostile::hostile_location($::SOURCES, 1)
--- steps
attack($_, attacks_of('slow'))
    for $::TAGS, $::SECOND_PAGE, $::REFERRERS, $::REFERRERS_TAG;
attack($::CATALOG, (attacks_of('slow'))[3]);



=== TEST 5: JSON
--- config eval: Mlist::Hostile::hostile_location($::SOURCES)
--- steps
sub tags_there {
    my ($name, $bytes) = @_;
    my $path = "/v2/$name/tags/list";

    tags_of($amd64, $name, 'honest');
    $arm->put($path, type => 'application/json', body => $bytes);

    return $path;
}

sub referrers_there {
    my ($name, $bytes) = @_;
    my $path = "/v2/$name/referrers/$::SUBJECT";

    referrers_of($amd64, $name, 'honest');
    $arm->put($path, type => $OI, body => $bytes);

    return $path;
}

my $tags = { name => 'x', tags => ['a'] };
my $index = json_data(referrers_text('a'));

broken('tags', \&tags_there, all_or_nothing('"honest"'),
       broken_json(json_text($tags)),
       broken_values($tags, qw(name tags tags.0)));
broken('referrers', \&referrers_there, all_or_nothing(sha256('honest')),
       broken_json(json_text($index)),
       broken_values($index, qw(schemaVersion mediaType manifests manifests.0
                                manifests.0.mediaType manifests.0.digest
                                manifests.0.size manifests.0.artifactType)));

repositories_of($amd64, 'honest');

for my $way (broken_json('{"repositories":["a"]}'),
             broken_values({ repositories => ['a'] },
                           qw(repositories repositories.0))) {
    $arm->put('/v2/_catalog', type => 'application/json', body => $way->[1]);
    get('/v2/_catalog');
    sane("repositories, $way->[0]");
    all_or_nothing('"honest"')->("repositories, $way->[0]");
}

visible_log();
