# Without this: a tag list would name what only the first registry has, or
# spellings that nobody asks for, or would silently be shorter than what can
# be pulled.  (Spec: "Everything else of the registry API".)

use lib 't/lib';
use Mlist::Test;

# What a registry lists under a name; %more as of Mlist::Registry's answers.
sub lists {
    my ($registry, $name, $tags, %more) = @_;

    $registry->put("/v2/$name/tags/list", page($name, $tags, %more));
}

sub page {
    my ($name, $tags, %more) = @_;
    my $body = defined $tags ? '[' . join(',', map { qq("$_") } @$tags) . ']'
                             : 'null';

    return (type => 'application/json',
            body => qq({"name":"$name","tags":$body}), %more);
}

# Pages that are given one after the other, each with a Link to the next.
# What is changed afterwards holds for the last one only.
sub pages {
    my ($registry, $name, @pages) = @_;
    my $path = "/v2/$name/tags/list";
    my $last = pop @pages;

    $registry->put($path, page($name, $last));
    $registry->on($path, page($name, $_), times => 1, status => 200,
                  cut => undef, reset => 0, gzip => 0,
                  headers => next_page("$path?last=$_->[-1]&n=1000"))
        for @pages;
}

sub next_page {
    return { Link => "<$_[0]>; rel=\"next\"" };
}

sub tags_are {
    my ($name, @expected) = @_;

    code_is(200);
    body_is('{"name":"' . $name . '","tags":['
            . join(',', map { qq("$_") } @expected) . "]}\n");
}

# What is listed can be pulled; what can be pulled is listed, but for those
# that are a source's spelling of another.
sub listed_as_pulled {
    my ($name, $tags, @spellings) = @_;
    my %spelling = map { $_ => 1 } @spellings;
    my @pulled;

    for my $tag (@$tags) {
        get("/v2/$name/manifests/$tag");
        like($res->{code}, qr/^(?:200|404)$/, "$tag is there or not");
        push @pulled, $tag if $res->{code} == 200 && !$spelling{$tag};
        code_is(200, "$tag as it is spelled") if $spelling{$tag};
    }

    get("/v2/$name/tags/list");
    tags_are($name, sort @pulled);
}

# The registry has these tags, each of that platform, and lists them.
sub holds {
    my ($registry, $name, $platform, @tags) = @_;

    $registry->tag("$name:$_", docker_image($platform)) for @tags;
    lists($registry, $name, \@tags);
}

sub with {
    return (headers => [Authorization => $_[0]]);
}

run_tests();

__DATA__

=== TEST 1: the union, sorted by bytes, each once
--- steps
lists($amd64, 'app', [qw(b 10 9 latest Z)]);
lists($arm, 'app', [qw(latest a _x 10)]);
get('/v2/app/tags/list');
tags_are('app', qw(10 9 Z _x a b latest));
header_is('Content-Type', 'application/json; charset=utf-8');
header_is('Docker-Distribution-Api-Version', 'registry/2.0');
no_header('Link');
asked_of($_, 'GET /v2/app/tags/list?n=1000') for $amd64, $arm;
same_as_get('/v2/app/tags/list');
is(variables('/v2/app/tags/list')->{kind}, 'tags', '$mlist_kind');
get('/v2/app/tags/list?ns=docker.io&x=1');
tags_are('app', qw(10 9 Z _x a b latest));



=== TEST 2: unknown to one is normal, to all is 404; null is empty
--- steps
lists($arm, 'one', [1]);
get('/v2/one/tags/list');
tags_are('one', 1);
get('/v2/none/tags/list');
error_is(404, 'NAME_UNKNOWN');
head('/v2/none/tags/list');
code_is(404);
lists($arm, 'null', undef);
get('/v2/null/tags/list');
tags_are('null');
lists($amd64, 'null', ['x']);
get('/v2/null/tags/list');
tags_are('null', 'x');



=== TEST 3: suffixes are folded back
--- mlist
mlist_auth nginx;
mlist_source http://other tag=*-amd64;
mlist_source http://other tag=*-arm;
--- steps
lists($other, 'fold', [qw(1.0-amd64 1.0-arm 2.0-arm plain 1.0 -arm
                          3.0-s390x 4-arm-amd64), 'sha256-' . 'a' x 64,
                       'sha256-' . 'b' x 64 . '.sig']);
get('/v2/fold/tags/list');
tags_are('fold', qw(1.0 2.0 3.0-s390x 4-arm-amd64 plain),
         'sha256-' . 'a' x 64, 'sha256-' . 'b' x 64 . '.sig');
asked_of($other, 'GET /v2/fold/tags/list?n=1000');



=== TEST 4: a spelling at another registry than its source's
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm tag=*-arm;
--- steps
lists($amd64, 'where', [qw(1 2-arm 3)]);
lists($arm, 'where', [qw(1-arm 4-arm 5)]);
get('/v2/where/tags/list');
tags_are('where', qw(1 3 4 5));

my $m = $amd64->tag('where:2-arm', docker_image('linux/arm/v7'));
get('/v2/where/manifests/2-arm');
code_is(404, 'what is not listed cannot be pulled');



=== TEST 5: required
--- mlist
mlist_auth nginx;
mlist_source http://other tag=*-amd64 required;
mlist_source http://other tag=*-arm;
mlist_source http://arm;
--- steps
lists($other, 'need', [qw(both-amd64 both-arm arm-arm amd-amd64 plain)]);
lists($arm, 'need', [qw(both third)]);
get('/v2/need/tags/list');
tags_are('need', qw(amd both plain));



=== TEST 6: a source without a star has every tag
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm tag=base required;
--- steps
lists($amd64, 'star', [qw(1 2)]);
lists($arm, 'star', [qw(other)]);
get('/v2/star/tags/list');
tags_are('star', 'other');
lists($arm, 'star', [qw(other base)]);
get('/v2/star/tags/list');
tags_are('star', qw(1 2 base other));



=== TEST 7: tags outside mlist_tags as they stand
--- mlist
mlist_auth nginx;
mlist_source http://other tag=*-amd64 required;
mlist_source http://other tag=*-arm;
mlist_tags ~^v !~-debug$;
--- steps
lists($other, 'out', [qw(v1-amd64 v1-arm v2-arm v3-debug-arm latest 7-arm)]);
get('/v2/out/tags/list');
tags_are('out', qw(7-arm latest v1 v3-debug-arm));



=== TEST 8: name= and names=
--- mlist
mlist_auth nginx;
mlist_source http://amd64 name=amd64/*;
mlist_source http://arm name=arm32v7/* names=~^debian$;
--- steps
lists($amd64, 'amd64/debian', [qw(11 12)]);
lists($arm, 'arm32v7/debian', [qw(12 13)]);
get('/v2/debian/tags/list');
tags_are('debian', qw(11 12 13));
lists($amd64, 'amd64/alpine', [1]);
lists($arm, 'arm32v7/alpine', [2]);
get('/v2/alpine/tags/list');
tags_are('alpine', 1);



=== TEST 9: pages here: n and last
--- steps
lists($amd64, 'paged', [qw(a c e g)]);
lists($arm, 'paged', [qw(b d f)]);
get('/v2/paged/tags/list?n=3');
tags_are('paged', qw(a b c));
header_is('Link', '</v2/paged/tags/list?last=c&n=3>; rel="next"');
get('/v2/paged/tags/list?last=c&n=3');
tags_are('paged', qw(d e f));
header_is('Link', '</v2/paged/tags/list?last=f&n=3>; rel="next"');
same_as_get('/v2/paged/tags/list?last=c&n=3');
get('/v2/paged/tags/list?last=f&n=3');
tags_are('paged', 'g');
no_header('Link');
get('/v2/paged/tags/list?n=7');
no_header('Link');
get('/v2/paged/tags/list?n=99999999999999999999999');
tags_are('paged', qw(a b c d e f g));
get('/v2/paged/tags/list?n=2&last=cc');
tags_are('paged', qw(d e));
get('/v2/paged/tags/list?last=%65');
tags_are('paged', qw(f g));
get('/v2/paged/tags/list?last=z');
tags_are('paged');
get('/v2/paged/tags/list?n=');
tags_are('paged', qw(a b c d e f g));
get('/v2/paged/tags/list?n=0');
tags_are('paged');
no_header('Link');
get('/v2/paged/tags/list?n=0&last=c');
tags_are('paged');
get('/v2/unknown/tags/list?n=0');
error_is(404, 'NAME_UNKNOWN');
$amd64->clear_requests;

for my $n (qw(-1 x 1x +1 1.5 %31)) {
    get("/v2/paged/tags/list?n=$n");
    error_is(400, 'PAGINATION_NUMBER_INVALID', "n=$n");
}

asked_of($amd64);



=== TEST 10: a registry's pages, in whatever order
--- steps
pages($amd64, 'many', [qw(c b)], [qw(a z)], ['m']);
lists($arm, 'many', ['k']);
get('/v2/many/tags/list');
tags_are('many', qw(a b c k m z));
is(join(',', $amd64->requests), join(',', map { "GET /v2/many/tags/list?$_" }
   'n=1000', 'last=b&n=1000', 'last=z&n=1000'), 'one after the other');



=== TEST 11: forms of Link
--- steps
my $path = '/v2/link/tags/list';
my $own = $amd64->address;
my %forms = (
    'two headers' => ["<$path>; rel=prev", "<$path?last=a>; rel=\"next\""],
    'two in one' => ["<$path>; rel=\"first\", <$path?last=a>; rel=next"],
    'no quotes, more parameters' => ["<$path?last=a>;title=\"a, b;\"; rel=next"],
    'several relations' => ["<$path?last=a> ; REL=\"last Next\""],
    'absolute' => ["<http://amd64$path?last=a>; rel=\"next\""],
    'another scheme' => ["<https://amd64$path?last=a>; rel=\"next\""],
    'a query alone' => ['<?last=a>; rel="next"'],
    'the Host that was asked for' =>
        ["<http://localhost$path?last=a>; rel=\"next\""],
);

lists($arm, 'link', []);

for my $form (sort keys %forms) {
    lists($amd64, 'link', ['b']);
    $amd64->on($path, page('link', ['a']), times => 1,
               headers => { Link => $forms{$form} });
    $amd64->clear_requests;
    get($path);
    tags_are('link', qw(a b));
    is(($amd64->requests)[1], "GET $path?last=a", $form);
}

lists($amd64, 'link', ['b']);
$amd64->on($path, page('link', ['a']), times => 1,
           headers => next_page("$path?next_page=x%2fy%3D%26&last=a+b=c&&n"));
get($path);
is(($amd64->requests)[-1],
   "GET $path?next_page=x%2Fy%3D%26&last=a%20b%3Dc&n", 'made anew');

lists($amd64, 'link', ['b'], headers => { Link => "<$path>; rel=\"prev\"" });
get($path);
tags_are('link', 'b');



=== TEST 12: a Link that leads elsewhere
--- steps
my $path = '/v2/away/tags/list';
my $there = $other->address;

lists($arm, 'away', ['x']);

for my $link ("<http://$there$path?n=1>; rel=\"next\"",
              "<//$there$path?n=1>; rel=\"next\"",
              "<http://amd64\@$there$path?n=1>; rel=\"next\"",
              '</v2/other/tags/list?n=1>; rel="next"',
              '</v2/away/tags/list/?n=1>; rel="next"',
              '</v2/away/tags/../tags/list?n=1>; rel="next"',
              '</v2/_catalog?n=1>; rel="next"',
              "<$path>; rel=\"next\"", "<list?n=1>; rel=\"next\"",
              "<$path?n=%zz>; rel=\"next\"", "<$path?n=1#f>; rel=\"next\"",
              "<$path?n=1", "$path?n=1; rel=next", '<>; rel=next',
              "<$path?" . 'a' x 2100 . '>; rel="next"')
{
    lists($amd64, 'away', ['a'], headers => { Link => $link });
    get($path);
    error_is(502, 'UNAVAILABLE', substr($link, 0, 60));
    like($res->{body}, qr/source \\"amd64\\": the Link/, 'the reason');
}

asked_of($other);



=== TEST 13: a source that fails, on the first page or a later one
--- steps
my %failures = (
    500 => { status => 500 }, 429 => { status => 429 },
    403 => { status => 403 }, cut => { cut => 10 }, reset => { reset => 1 },
    'no JSON' => { body => 'x' }, 'no object' => { body => '["a"]' },
    'no tags' => { body => '{"name":"fail"}' },
    'an object' => { body => '{"tags":{"a":1}}' },
    'a number' => { body => '{"tags":["a",1]}' },
    'twice' => { body => '{"tags":["a"],"tags":["b"]}' },
    'more behind it' => { body => '{"tags":[]}{}' },
    'a NUL' => { body => '{"tags":["a\u0000"]}' },
    deep => { body => '{"tags":' . '[' x 100 . ']' x 100 . '}' },
    gzip => { gzip => 1 },
);

for my $where (qw(first second)) {
    for my $what (sort keys %failures) {
        lists($arm, 'fail', ['x']);
        pages($amd64, 'fail', ['a'], ['b']) if $where eq 'second';
        $amd64->put('/v2/fail/tags/list', page('fail', ['b']),
                    %{ $failures{$what} }) if $where eq 'first';
        $amd64->on('/v2/fail/tags/list', %{ $failures{$what} })
            if $where eq 'second';

        $amd64->clear_requests;
        get('/v2/fail/tags/list');
        error_is($what eq '429' ? 429 : 502,
                 $what eq '429' ? 'TOOMANYREQUESTS' : 'UNAVAILABLE',
                 "$what, $where page");
        like($res->{body}, qr/amd64/, 'it names the source');
        ok(scalar($amd64->requests('list\\?last=a')), 'as far as that')
            if $where eq 'second';
    }
}

pages($amd64, 'fail', ['a'], ['b']);
$amd64->on('/v2/fail/tags/list', status => 404);
get('/v2/fail/tags/list');
error_is(502, 'UNAVAILABLE', 'a 404 for a later page');
lists($amd64, 'fail', ['a'], status => 429,
      headers => { 'Retry-After' => 7 });
get('/v2/fail/tags/list');
header_is('Retry-After', 7);
lists($amd64, 'fail', ['a'], stall => 'header');
get('/v2/fail/tags/list');
error_is(504, 'UNAVAILABLE', 'a timeout');
$amd64->down;
get('/v2/fail/tags/list');
error_is(502, 'UNAVAILABLE', 'down');
$amd64->up;
lists($amd64, 'fail', ['a']);
get('/v2/fail/tags/list');
tags_are('fail', qw(a x));



=== TEST 14: a failure is no shorter list with "optional" either
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm optional;
--- steps
lists($amd64, 'opt', ['a']);
lists($arm, 'opt', ['b'], status => 500);
get('/v2/opt/tags/list');
error_is(502, 'UNAVAILABLE');



=== TEST 15: denied=missing
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm denied=missing;
--- steps
lists($amd64, 'den', ['a']);

for my $status (401, 403) {
    lists($arm, 'den', ['b'], status => $status);
    get('/v2/den/tags/list');
    tags_are('den', 'a');
}

lists($arm, 'den', ['b'], status => 500);
get('/v2/den/tags/list');
error_is(502, 'UNAVAILABLE');
pages($arm, 'den', ['b'], ['c']);
$arm->on('/v2/den/tags/list', status => 403);
get('/v2/den/tags/list');
error_is(502, 'UNAVAILABLE', 'it has given a page');



=== TEST 16: endless pages, and a page that is too large
--- steps
my $path = '/v2/endless/tags/list';

lists($arm, 'endless', ['x']);
lists($amd64, 'endless', ['a'], headers => next_page("$path?last=a"));
get($path);
error_is(502, 'UNAVAILABLE');
like($res->{body}, qr/more pages than are allowed/, 'the reason');
is(scalar($amd64->requests), 256, 'bounded');

$amd64->clear_requests;

for (1 .. 200) {
    $amd64->on($path, page('endless', [$_]), times => 1,
               headers => next_page("$path?last=$_")) for qw(b a);
}

get($path);
error_is(502, 'UNAVAILABLE', 'two that lead to each other');
is(scalar($amd64->requests), 256, 'bounded');

lists($amd64, 'endless', undef, body => ' ' x (4 << 20) . '{"tags":[]}');
get($path);
error_is(502, 'UNAVAILABLE', 'too large');
lists($amd64, 'endless', undef, endless => 1);
get($path);
error_is(502, 'UNAVAILABLE', 'without an end');

my @long = map { sprintf '%s%06d', 'x' x 120, $_ } 1 .. 30000;

lists($amd64, 'endless', \@long, headers => next_page("$path?last=a"));
get($path);
error_is(502, 'UNAVAILABLE', 'many pages of many tags');
like($res->{body}, qr/lists more than is allowed/, 'the reason');



=== TEST 17: what is no tag is not listed
--- steps
lists($amd64, 'odd', ['ok', '', '.x', 'a/b', 'x' x 129, 'a\\"b', 'a b',
                      '\\u00e4', '\\n']);
lists($arm, 'odd', []);
get('/v2/odd/tags/list');
tags_are('odd', 'ok');



=== TEST 18: a registry that refuses a large n
--- steps
my $path = '/v2/small/tags/list';

lists($arm, 'small', ['x']);
pages($amd64, 'small', ['b']);
$amd64->put($path, page('small', ['c']));
$amd64->on($path, status => 400, times => 1, body => '{}');
$amd64->on($path, page('small', ['a']), times => 1,
           headers => next_page("$path?last=a&n=100"));
get($path);
tags_are('small', qw(a c x));
asked_of($amd64, "GET $path?n=1000", "GET $path",
         "GET $path?last=a&n=100");
$amd64->put($path, page('small', ['c'], status => 400));
get($path);
error_is(502, 'UNAVAILABLE');



=== TEST 19: 5,000 tags at each of two registries
--- steps
my @amd64 = map { "a$_" } 1 .. 5000;
my @arm = map { $_ % 2 ? "a$_" : "b$_" } 1 .. 5000;
my %all = map { $_ => 1 } @amd64, @arm;
my @sorted = sort keys %all;
my $path = '/v2/big/tags/list';

lists($amd64, 'big', [reverse @amd64]);
pages($arm, 'big', map { [@arm[$_ * 1000 .. $_ * 1000 + 999]] } 0 .. 4);
get($path);
tags_are('big', @sorted);
no_header('Link');

pages($arm, 'big', map { [@arm[$_ * 1000 .. $_ * 1000 + 999]] } 0 .. 4);
my @got;
my $next = "$path?n=1999";

while (defined $next) {
    pages($arm, 'big', map { [@arm[$_ * 1000 .. $_ * 1000 + 999]] } 0 .. 4);
    get($next);
    my $tags = json_data($res->{body})->{tags};
    ok(@$tags == 1999 || !header_of($res, 'Link'), 'a whole page');
    push @got, @$tags;
    ($next) = (header_of($res, 'Link') // '') =~ /^<(.*)>; rel="next"$/;
}

is(join(',', @got), join(',', @sorted), 'page by page');



=== TEST 20: more than the largest page
--- steps
my @tags = map { sprintf 't%05d', $_ } 1 .. 10003;

lists($amd64, 'huge', \@tags);
lists($arm, 'huge', []);

get('/v2/huge/tags/list?n=20000');
is(scalar(@{ json_data($res->{body})->{tags} }), 10000, 'capped');
header_is('Link', '</v2/huge/tags/list?last=t10000&n=10000>; rel="next"');

get('/v2/huge/tags/list');
tags_are('huge', @tags);
no_header('Link');

get('/v2/huge/tags/list?last=t10000&n=10000');
tags_are('huge', qw(t10001 t10002 t10003));



=== TEST 21: mlist_auth registry: the client's credentials, and challenges
--- mlist
mlist_source http://amd64;
mlist_source http://arm trusted;
--- steps
my $auth = 'Basic Z29vZDpvbmU=';
my $challenge = 'Bearer realm="https://auth.example/token",service="r"';

lists($amd64, 'auth', ['a'], status => 500);
lists($arm, 'auth', ['b'], challenge => $challenge, auth => $auth);
get('/v2/auth/tags/list');
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', $challenge);
lists($amd64, 'auth', ['a'], challenge => 'Basic realm="x"', auth => $auth);
get('/v2/auth/tags/list');
error_is(401, 'UNAUTHORIZED');
header_is('WWW-Authenticate', 'Basic realm="x"');
head('/v2/auth/tags/list');
code_is(401);
get('/v2/auth/tags/list', with($auth));
tags_are('auth', qw(a b));
get('/v2/auth/tags/list', with('Basic YmFkOm9uZQ=='));
code_is(401, 'nothing is kept');
lists($arm, 'auth', ['b'], status => 403);
get('/v2/auth/tags/list', with($auth));
error_is(403, 'DENIED');
pages($arm, 'auth', ['b'], ['c']);
get('/v2/auth/tags/list', with($auth));
tags_are('auth', qw(a b c));
is(join(',', $arm->seen_header('last=b', 'Authorization')), $auth,
   'for later pages too');



=== TEST 22: proxy_intercept_errors, error_page, gzip and try_files
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    mlist_source http://arm;
    proxy_intercept_errors on;
    error_page 404 500 = /page;
    gzip on;
    gzip_min_length 1;
    gzip_types *;
    PROXY;
}

location = /page {
    return 418 "page";
}
--- steps
lists($arm, 'icept', ['x']);
get('/v2/icept/tags/list', headers => ['Accept-Encoding' => 'gzip']);
tags_are('icept', 'x');
no_header('Content-Encoding');
lists($amd64, 'icept', ['a'], status => 500);
get('/v2/icept/tags/list');
error_is(502, 'UNAVAILABLE');



=== TEST 23: a client that leaves
--- steps
lists($amd64, 'leave', ['a'], hold => 'leave');
lists($arm, 'leave', ['b']);
my $fh = send_to(nginx_port(), 'GET', '/v2/leave/tags/list');
ok($amd64->wait_for('/v2/leave/tags/list'), 'it is asked');
close $fh;
$amd64->release('leave');
get('/v2/leave/tags/list');
tags_are('leave', qw(a b));



=== TEST 24: what is listed can be pulled, suffixes at one registry
--- mlist
mlist_auth nginx;
mlist_source http://other tag=*-amd64 required;
mlist_source http://other tag=*-arm;
mlist_tags !~^raw;
--- steps
my @tags = qw(1-amd64 1-arm 2-amd64 3-arm 4 raw raw-arm 5-arm-amd64);

holds($other, 'pull', 'linux/amd64', @tags);
listed_as_pulled('pull', [@tags, qw(1 2 3 5-arm 5 6)],
                 qw(1-amd64 1-arm 2-amd64 3-arm));



=== TEST 25: what is listed can be pulled, spellings at several registries
--- mlist
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm tag=*-arm;
mlist_source http://other name=arm64v8/* tag=v*;
--- steps
my @amd64 = qw(1 2-arm v3 4 v5-arm);
my @arm = qw(1-arm 6-arm 7 v8);
my @other = qw(v1 v9 10 v11-arm);

holds($amd64, 'pull', 'linux/amd64', @amd64);
holds($arm, 'pull', 'linux/arm/v7', @arm);
holds($other, 'arm64v8/pull', 'linux/arm64', @other);
listed_as_pulled('pull', [@amd64, @arm, @other, qw(3 5 5-arm 6 8 9 11 11-arm)],
                 qw(1-arm 6-arm v1 v9));



=== TEST 26: last is any text
--- steps
lists($amd64, 'text', [qw(a b)]);
lists($arm, 'text', []);

for my $last ('%00', 'A%22%0d%0aX:%20y', '%', '/', '!' x 2000) {
    get("/v2/text/tags/list?last=$last&n=1");
    tags_are('text', 'a');
    header_is('Link', '</v2/text/tags/list?last=a&n=1>; rel="next"');
}

get('/v2/text/tags/list?last=%FF');
tags_are('text');
