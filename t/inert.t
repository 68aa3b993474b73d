# Without this: sources set for a whole server would take over locations that
# have a handler of their own.  (Spec: "Directives".)

use lib 't/lib';
use Mlist::Test;

sub answers {
    my ($target, $body) = @_;

    get($target);
    is($res->{body}, $body, $target);
    header_is('X-Kind', '[]');
}

run_tests();

__DATA__

=== TEST 1: inherited sources do nothing beside another handler
--- http
mlist_auth nginx;
mlist_source http://amd64;
mlist_source http://arm;
server {
    listen unix:$TEST_NGINX_SERVER_ROOT/plain.sock;
    return 200 "plain $request_method $request_uri $http_authorization";
}
--- config
add_header X-Kind "[$mlist_kind$mlist_name$mlist_mutable$mlist_upstream]"
           always;
set $plain http://unix:$TEST_NGINX_SERVER_ROOT/plain.sock;
location /v2/constant/ {
    proxy_set_header Authorization "a b";
    proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/plain.sock;
}
location /v2/variable/ {
    proxy_pass $plain;
}
location /v2/return/ {
    return 200 "returned";
}
location /v2/root/ {
    root html;
}
location /v2/off/ {
    mlist off;
    return 200 "off";
}
location /v2/if/ {
    if ($arg_plain) {
        proxy_pass $plain;
    }
    PROXY;
}
--- user_files
>>> v2/root/manifests/1
a file
--- steps
answers('/v2/constant/manifests/1', 'plain GET /v2/constant/manifests/1 a b');
answers('/v2/variable/manifests/1', 'plain GET /v2/variable/manifests/1 ');
answers('/v2/variable/blobs/x?a', 'plain GET /v2/variable/blobs/x?a ');
answers('/v2/return/manifests/1', 'returned');
answers('/v2/root/manifests/1', "a file\n");
answers('/v2/off/manifests/1', 'off');
answers('/v2/if/manifests/1?plain=1', 'plain GET /v2/if/manifests/1?plain=1 ');

get('/v2/root/manifests/2');
code_is(404);
unlike($res->{body}, qr/"errors"/, 'an error there is not of a registry');
is(join(' ', $_->requests), '', $_->name . ' is not asked')
    for $amd64, $arm;

$amd64->tag('if/app:1', docker_image('linux/amd64'));
get('/v2/if/app/manifests/1');
platforms_are('linux/amd64');

