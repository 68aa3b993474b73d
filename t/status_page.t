# Without this: the page that people look at could be made to run what a
# source or a client wants, be framed or kept by others, show registry clients
# HTML, or show a browser what its user may not see.  (Spec: "Metrics",
# "Everything else of the registry API".)

use lib 't/lib';
use File::Temp qw(tempdir);

use Mlist::Test;

BEGIN {
    $ENV{TEST_NGINX_STATUS} = tempdir('mlist-status-XXXXXX', TMPDIR => 1,
                                      CLEANUP => 1);
    chmod 0755, $ENV{TEST_NGINX_STATUS};
}

our $HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,'
            . '*/*;q=0.8';

our $sources = <<'EOT';
    mlist_source http://amd64 label=amd64;
    mlist_source http://arm 'label=<b>arm</b>&' platform=linux/arm/v7;
    PROXY;
EOT
our $front = <<"EOT";
location = /status { mlist_status; allow 127.0.0.1; deny all; }
location = /open { mlist_status; }
location /v2/ {
    mlist_auth nginx;
$sources}
location /v2/kept/ {
    mlist_auth nginx;
    mlist_valid 1h;
$sources}
EOT

run_tests();


# A page as a browser asks for it; kept for who wants to look at it.
sub page {
    my ($path, $file) = @_;

    get($path, accept => $main::HTML);

    if ($ENV{MLIST_PAGES} && $file) {
        open my $out, '>', "$ENV{MLIST_PAGES}/$file.html" or die $!;
        print $out $res->{body};
        close $out or die $!;
    }

    return $res->{body};
}


# The text of a page, tags taken out; entities stay.
sub text {
    return $_[0] =~ s/<(style|script)\b.*?<\/\1>//gsr =~ s/<[^>]*>/ /gr
                 =~ s/\s+/ /gr;
}


# Elements are closed in the order in which they were opened.
sub unbalanced {
    my ($html) = @_;
    my @open;

    $html =~ s/<(style|script)\b.*?<\/\1>//gs;

    while ($html =~ /<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g) {
        next if $2 =~ /^(?:meta|input)$/;
        if (!$1) {
            push @open, $2;
        } elsif ((pop @open // '') ne $2) {
            return "</$2>";
        }
    }

    return "@open";
}


__DATA__

=== TEST 1: the page of all
--- config eval: $main::front
--- steps
my $a = $amd64->tag('app/web:1.0', docker_image('linux/amd64'));
my $b = $arm->tag('app/web:1.0', docker_image('linux/arm/v7'));
$amd64->tag('app/web:1.1', docker_image('linux/amd64'));
fetched('/v2/app/web/manifests/1.0');
my $digest = header_of($res, 'Docker-Content-Digest');
get('/v2/app/web/manifests/1.1');

my $page = page('/status', 'all');
my $text = text($page);

code_is(200);
header_is('Content-Type', 'text/html; charset=utf-8');
header_is('Cache-Control', 'no-store');
header_is('X-Content-Type-Options', 'nosniff');
header_is('Referrer-Policy', 'no-referrer');
is(unbalanced($page), '', 'well-formed');

my ($nonce) = $page =~ /<style nonce="([^"]{20,})">/;
my $policy = header_of($res, 'Content-Security-Policy');

is($policy, "default-src 'none'; style-src 'nonce-$nonce'; "
            . "script-src 'nonce-$nonce'; connect-src 'self'; "
            . "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
   'the policy');
is(scalar(() = $page =~ /<script/g), 1, 'one script');
unlike($page, qr/<[^>]+ (?:src|style|on\w+)=/, 'nothing from elsewhere');
unlike($page, qr/<(?:link|img|iframe|object)/, 'nor loaded');
page('/status');
unlike($res->{body}, qr/\Q$nonce/, 'a nonce is used once');

like($text, qr{app/web:1\.0 linux/amd64 linux/arm/v7}, 'platforms');
like($text, qr{app/web:1\.1 linux/amd64 no linux/arm/v7: not found},
     'and what lacks');
like($page, qr{title="\Q$digest\E"}, 'a digest');
like($page, qr{href="\?name=app/web&amp;tag=1\.0"}, 'a link');
like($page, qr/<th scope="row">&lt;b&gt;arm&lt;\/b&gt;&amp;/, 'escaped');
unlike($page, qr/<b>arm/, 'everywhere');
like($page, qr/title="&lt;b&gt;arm&lt;\/b&gt;&amp; has not this tag/,
     'in attributes too');



=== TEST 2: a tag's own page
--- config eval: $main::front
--- steps
my $a = $amd64->tag('own:1', docker_image('linux/amd64'));
my $b = $arm->tag('own:1', docker_image('linux/arm/v7'));
fetched('/v2/own/manifests/1');
my $digest = header_of($res, 'Docker-Content-Digest');
my $page = page('/status?name=own&tag=1', 'tag');
my $text = text($page);

code_is(200);
is(unbalanced($page), '', 'well-formed');
like($page, qr/<h1>own:1<\/h1>/, 'a title');
like($page, qr/<code id="digest">$digest</, 'its digest');
like($text, qr/own\@$digest/, 'as a pin');
like($text, qr{linux/amd64 amd64 $a->{digest}}, 'a platform');
like($text, qr{linux/arm/v7 &lt;b&gt;arm&lt;/b&gt;&amp; $b->{digest}},
     'the other');
like($text, qr/amd64 any platform present has it/, 'what a source said');
like($page, qr/<form method="post"/, 'it can be dropped');

unlike(page('/open?name=own&tag=1'), qr/<form/, 'not where all may come');

page('/status?name=own&tag=none', 'none');
code_is(404);
like($res->{body}, qr/Nothing is known/, 'of another tag');

page('/status?name=%3Cscript%3E&tag=1');
code_is(400);
unlike($res->{body}, qr/<script>/, 'nothing is said after');

ask('POST', '/status', accept => $main::HTML,
    body => 'name=own&tag=1');
code_is(303);
is(header_of($res, 'Location'), '?name=own&tag=1', 'back to its page');



=== TEST 3: a browser at a tag's URL
--- config eval: $main::front
--- steps
my $a = $amd64->tag('kept/browsed:1', docker_image('linux/amd64'));
my $b = $arm->tag('kept/browsed:1', docker_image('linux/arm/v7'));

for my $round (1 .. 2) {
    my $page = page('/v2/kept/browsed/manifests/1', 'browsed');

    code_is(200);
    header_is('Content-Type', 'text/html; charset=utf-8');
    header_is('Vary', 'Accept');
    header_is('Cache-Control', 'no-store');
    no_header('Docker-Content-Digest');
    is(unbalanced($page), '', 'well-formed');
    like(text($page), qr{linux/arm/v7 .* $b->{digest}}, 'the platforms');
    unlike($page, qr/<form|href="\?"/, 'nothing to post, nowhere to go');
}

my @clients = (
    "$DL, $D2, $OI, $OM, */*", $DL, '*/*', 'application/json', '',
    "$DL, text/html", "text/html, $D2", 'text/html;q=0.5, text/plain',
    'text/html;q=0');

for my $accept (@clients) {
    get('/v2/kept/browsed/manifests/1', accept => $accept);
    unlike(header_of($res, 'Content-Type') // '', qr/html/,
           "a client that accepts \"$accept\"");
}

get('/v2/kept/browsed/manifests/1', headers => []);
header_is('Content-Type', $DL, 'and one that says nothing');

page('/v2/kept/none/manifests/1');
code_is(404);

$arm->on('kept/broken:1', status => 500);
$amd64->tag('kept/broken:1', docker_image('linux/amd64'));
my $page = page('/v2/kept/broken/manifests/1', 'broken');
code_is(502);
like(text($page), qr/error the answer was an error, 502/, 'what went wrong');
like(text($page), qr/answered with status 500/, 'and where');



=== TEST 4: no status in the server, no page
--- config
location /v2/ {
    mlist_auth nginx;
    mlist_source http://amd64;
    PROXY;
}
--- http
server {
    listen unix:$TEST_NGINX_STATUS/other.sock;
    location = /status { mlist_status; }
}
--- steps
$amd64->tag('plain:1', docker_image('linux/amd64'));
get('/v2/plain/manifests/1', accept => $main::HTML);
code_is(200);
header_is('Content-Type', $DL);



=== TEST 5: with the registry's own access control
--- config
location = /status { mlist_status; }
location /v2/ {
    mlist_auth registry;
    mlist_valid 1h;
    mlist_source http://amd64;
    PROXY;
}
--- steps
my @right = (headers => [Authorization => 'Basic cmlnaHQ6cmlnaHQ=']);

$amd64->tag('private:1', docker_image('linux/amd64'));
get('/v2/private/manifests/1', accept => $main::HTML, @right);
code_is(200);
like($res->{body}, qr/<h1>private:1/, 'a page');

$amd64->on('private:1', status => 401,
           headers => { 'WWW-Authenticate' => 'Basic realm="x"' });
get('/v2/private/manifests/1', accept => $main::HTML,
    headers => [Authorization => 'Basic d3Jvbmc6d3Jvbmc=']);
code_is(401);
header_is('WWW-Authenticate', 'Basic realm="x"');
unlike($res->{body}, qr/html|sha256/, 'nothing for the wrong password');

$amd64->on('private:1', status => 503);
for my $who ([], [headers => [Authorization => 'Basic d3Jvbmc6d3Jvbmc=']]) {
    get('/v2/private/manifests/1', accept => $main::HTML, @$who);
    code_is(502);
    unlike($res->{body}, qr/html|sha256/, 'a source that fails lets nobody in');
}
