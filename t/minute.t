# Without this: whoever had a password once could read on for as long as
# mlist_valid lasts, which with notifications is hours.  (Spec: mlist_auth.)
# It takes a minute, so it has a file of its own.

use lib 't/lib';
use Mlist::Test;
use Time::HiRes ();

our $GOOD = 'Basic Z29vZDpvbmU=';
our $ALSO = 'Basic YWxzbzpvbmU=';

# All that is read of the tag is for these credentials only.
sub guard {
    my ($auth, @m) = @_;

    $other->on($_, challenge => 'Basic realm="x"', auth => $auth)
        for (map { "minute:$_" } qw(1 1-amd64 1-arm)),
            map { my $m = $_; ("minute\@$m->{digest}",
                               map { "minute#$_" } keys %{ $m->{blobs} }) } @m;
}

run_tests();

__DATA__

=== TEST 1: a check lasts a minute at most
--- mlist
mlist_valid 1h;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
my $target = '/v2/minute/manifests/1';
my @m = map { docker_image($_) } qw(linux/amd64 linux/arm/v7);
my @with = (headers => [Authorization => $GOOD]);

$other->tag('minute:1-amd64', $m[0]);
$other->tag('minute:1-arm', $m[1]);
guard($GOOD, @m);

my $begun = Time::HiRes::time();
my $list = fetched($target, @with)->{body};
my $by = '/v2/minute/manifests/' . sha256($list);

# good no more
guard($ALSO, @m);
get($target, @with);
body_is($list, 'still known');
select undef, undef, undef, 0.25
    while Time::HiRes::time() < $begun + 75
          && get($by, @with)->{code} == 200;
code_is(401, 'by digest');
get($target, @with);
code_is(401, 'by tag');

my $lasted = Time::HiRes::time() - $begun;

ok($lasted > 55 && $lasted < 65, "a minute: $lasted");
get($target, headers => [Authorization => $ALSO]);
body_is($list, 'the list is there all the time');
