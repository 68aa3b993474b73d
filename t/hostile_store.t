# Without this: a registry that keeps lists, or is published to, could make a
# front announce what it does not have, hold up pulls, or answer in its place.
# (Spec: mlist_store, mlist_publish, "Limits and hostile input".)

BEGIN { $ENV{TEST_NGINX_LOG_LEVEL} //= 'info' }

use lib 't/lib';
use Mlist::Hostile;
use Mlist::Test;

our $STORED = 'mlist_auth nginx; mlist_store http://other;
               mlist_source http://amd64; mlist_source http://arm;';
our $PUBLISHED = 'mlist_auth nginx; mlist_publish on;
                  mlist_source http://other tag=*-amd64;
                  mlist_source http://other tag=*-arm;';

# A list that cannot be kept is not announced, whatever goes wrong; what the
# answer to a request is good for is mostly its status.
my %STATUS_IS_ENOUGH = map { $_->{name} => [200, 503] }
                       attacks_of('endless', 'wire', 'headers');


sub store_by {
    my ($method) = @_;

    return {
        name => "$method of the store", alone => 'mlist_store', unnamed => 1,
        always => [503], right => \&right_list, gives => \%STATUS_IS_ENOUGH,
        place => sub {
            my ($name) = @_;
            honest_pair($name);
            return (registry => $other, place => '*', only => $method,
                    target => "/v2/$name/manifests/1");
        },
    };
}

# It comes after the answer and never fails a pull.
sub publish_by {
    my ($method) = @_;

    return {
        name => "$method of what is published", always => [200],
        right => \&right_list,
        place => sub {
            my ($name) = @_;
            $other->tag("$name:1-amd64", docker_image('linux/amd64'));
            $other->tag("$name:1-arm", docker_image('linux/arm/v7'));
            return (registry => $other, place => "$name:1", only => $method,
                    target => "/v2/$name/manifests/1");
        },
    };
}

run_tests();

__DATA__

=== TEST 1: a store that is hostile, in each request of a put
--- config eval: Mlist::Hostile::hostile_location($::STORED)
--- steps
$other->writable;
attack(store_by($_), attacks_of(qw(endless wire headers redirects)))
    for qw(HEAD POST PUT);



=== TEST 2: a store that says nothing, or byte by byte
--- config eval: Mlist::Hostile::hostile_location($::STORED, 1)
--- steps
$other->writable;
attack(store_by($_), (attacks_of('slow'))[0, 2]) for qw(HEAD PUT);



=== TEST 3: a pin that a hostile store has
--- config eval: Mlist::Hostile::hostile_location($::STORED)
--- steps
$other->writable;
honest_pair('pin/x');
get('/v2/pin/x/manifests/1');

my $digest = header_of($res, 'Docker-Content-Digest');
my $list = $res->{body};

for my $attack (attacks_of(qw(endless wire lies names redirects))) {
    restart_nginx();
    $other->on('*', times => 1e6,
               method => { GET => ref $attack->{how} eq 'CODE'
                           ? $attack->{how}->({ label => 'other',
                                                path => '/v2/x' })
                           : $attack->{how} });
    get("/v2/pin/x/manifests/$digest");
    sane($attack->{name});
    ok($res->{code} == 503 || $res->{code} == 502,
       "$attack->{name}: $res->{code}, no miss");
    $other->honest;
    get("/v2/pin/x/manifests/$digest");
    ok($res->{body} eq $list, "$attack->{name}, then honest: the list");
}

# the list itself, with headers that ask for more
my ($kept) = map { m{^PUT (/v2/\S+/manifests/\S+)$} ? $1 : () }
             $other->requests;

for my $attack (attacks_of('headers')) {
    restart_nginx();
    $other->on($kept, times => 1e6, %{ $attack->{how} });
    $other->clear_requests;
    get("/v2/pin/x/manifests/$digest");
    sane($attack->{name});
    is("$res->{code} $res->{body}", "200 $list", "$attack->{name}: the list");
    ok(scalar($other->requests("^GET \Q$kept\E\$")),
       "$attack->{name}: of the store");
    $other->honest;
}

visible_log();



=== TEST 4: a registry that is published to
--- config eval: Mlist::Hostile::hostile_location($::PUBLISHED)
--- steps
$other->writable;
attack(publish_by($_), attacks_of(qw(endless wire headers redirects)))
    for qw(HEAD PUT);
