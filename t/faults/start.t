# Without this: want of memory while a configuration is read could end nginx
# otherwise than with a refusal, and a reload could end the nginx that serves.
# (Spec: "Directives".)

use lib 't/lib';
use Mlist::Faults;
use Mlist::Login;
use Mlist::Test;

password('password', "s3cret\n");
password('users', "user:{PLAIN}secret\n");

our $HERE = password_file('');
our $STORE = store_dir();

# Each directive, and each kind of value.
our $ALL = <<"CONF";
location /v2/ {
    mlist_auth nginx;
    mlist_names ~^f !~^g;
    mlist_tags ~. !~^latest;
    mlist_source http://amd64 tag=*-amd64 platform=linux/amd64 required;
    mlist_source http://amd64 tag=*-arm label=arms names=~^f;
    mlist_source http://dead name=lib/* optional;
    mlist_login http://amd64 ci ${HERE}password realm=http://other/token;
    mlist_store $STORE inactive=1d max_size=10m;
    mlist_valid 1h;
    mlist_use_stale error timeout updating;
    mlist_type docker;
    mlist_default_platform linux/\$arg_arch;
    mlist_attestations drop;
    mlist_verify on;
    mlist_push http://amd64;
    mlist_publish off;
    mlist_redirect follow;
    mlist_flights 8;
    mlist_max_manifest_size 1m;
    PROXY;
}
location /users/v2/ {
    mlist_htpasswd ${HERE}users realm=here valid=1m;
    mlist_store http://other/mlist-store;
    mlist_source https://127.0.0.1:1;
    mlist_push \$arg_push;
    PROXY;
}
location /checked/v2/ {
    mlist_source http://arm trusted;
    mlist_source http://amd64;
    mlist_push off;
    PROXY;
    location /checked/v2/off/ {
        mlist off;
    }
}
location = /events {
    allow 127.0.0.1;
    deny all;
    mlist_notify;
}
location = /status {
    allow 127.0.0.1;
    deny all;
    mlist_status;
}
CONF

sub get_list {
    $amd64->tag("$_[0]:1-amd64", docker_image('linux/amd64'));

    return get("/v2/$_[0]/manifests/1");
}

# a reload needs a master
master_on();
run_tests();

__DATA__

=== TEST 1: what is read at the start
--- http: map $uri $nothing { default ""; }
--- config eval: $::ALL
--- steps
each_start_fault('nginx -t');



=== TEST 2: what is read by an nginx that runs
--- http: map $uri $nothing { default ""; }
--- config eval: $::ALL
--- steps
each_fault('reload', plain => 1, request => sub {
    reloaded();
    get_list($_[0]);
}, again => \&get_list, only_right => 1);
