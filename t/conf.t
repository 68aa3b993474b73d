# Without this: a configuration that cannot work would start, and show at the
# first pull, or as a registry that is open; a message would not say which
# line is meant; or a configuration that is fine would be refused.
# (Spec: "Directives", and the configuration errors it names.)
#
# Plain "nginx -t".  In a configuration the line that a message has to name
# ends with "# here"; PROXY stands for proxy_pass, STORE for mlist_store.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Test::More;

use lib 't/lib';
use Mlist::Nginx;

my $nginx = $ENV{TEST_NGINX_BINARY} // 'nginx';
my $module = $ENV{TEST_NGINX_LOAD_MODULES};
my $dir = abs_path(tempdir('mlist-conf-XXXXXX', TMPDIR => 1, CLEANUP => 1));
my $conf = "$dir/nginx.conf";

write_file($conf, '');
chmod 0755, $dir;
write_file("$dir/htpasswd", "user:{PLAIN}password\n");


sub write_file {
    my ($path, $text) = @_;

    open my $out, '>', $path or die "$path: $!";
    print $out $text;
    close $out or die "$path: $!";
}


# The exit status of "nginx -t", and what it said.
sub nginx_t {
    my ($http) = @_;
    my $text = $module ? "load_module $module;\n" : '';

    $http =~ s/PROXY/proxy_pass \$mlist_upstream;/g;
    $http =~ s/STORE/mlist_store $dir\/store;/g;
    $http =~ s/HTPASSWD/$dir\/htpasswd/g;
    $text .= "pid $dir/nginx.pid;\nerror_log stderr;\n"
             . "events { }\nhttp {\naccess_log off;\n$http\n}\n";
    write_file($conf, $text);

    my $out = `$nginx -t -p $dir/ -e $dir/error.log -c $conf 2>&1`;

    return ($?, $out);
}


sub line_of_here {
    open my $in, '<', $conf or die "$conf: $!";

    while (my $text = <$in>) {
        return $. if $text =~ /# here$/;
    }

    return undef;
}


sub server {
    my ($text) = @_;

    return "server {\nlisten unix:$dir/socket;\n$text\n}\n";
}


# Whether nginx was built with what that configuration needs.
sub can_have {
    my ($name, $http) = @_;
    my $lacks = lacks_for($http);

    SKIP: { skip "$name: nginx has no $lacks", 1 if $lacks }

    return !$lacks;
}


sub refused {
    my ($name, $message, $http) = @_;

    return if !can_have($name, $http);

    my ($status, $out) = nginx_t($http);
    my @lines = grep { /\[emerg\]/ } split /\n/, $out;
    my $line = line_of_here();

    isnt($status, 0, "$name: refused");
    is(scalar @lines, 1, "$name: with one line") or diag($out);
    like($lines[0], $message, "$name: that says what is wrong");
    like($lines[0], qr/ in \Q$conf\E:$line$/, "$name: and where")
        if defined $line;
}


# Warnings are compared as a whole: there must be as many as patterns.
sub accepted {
    my ($name, $http, @warnings) = @_;

    return if !can_have($name, $http);

    my ($status, $out) = nginx_t($http);
    my @lines = grep { /\[(?:warn|error|crit|alert)\]/ } split /\n/, $out;

    is($status, 0, "$name: accepted") or diag($out);
    is(scalar @lines, scalar @warnings, "$name: as many warnings as expected")
        or diag($out);
    like(shift @lines // '', shift @warnings, "$name: warning")
        while @warnings;
}


# The same for what stands in a location that is active otherwise.
sub refused_in {
    my ($name, $message, $text) = @_;

    refused($name, $message, server("location /v2/ {\nSTORE\n$text\nPROXY\n}"));
}


sub accepted_in {
    my ($name, $text) = @_;

    accepted($name, server("location /v2/ {\nSTORE\n$text\nPROXY\n}"));
}


# mlist_source with these arguments.
sub source_refused {
    my ($args, $message) = @_;

    refused_in("mlist_source $args", $message, "mlist_source $args; # here");
}


sub source_accepted {
    my ($args) = @_;

    accepted_in("mlist_source $args", "mlist_source $args;");
}


sub test_urls {
    source_accepted($_) for 'http://127.0.0.1', 'http://127.0.0.1/',
        'https://127.0.0.1:5000', 'HTTP://localhost:5000', 'http://[::1]:5000',
        'http://[::1]';

    source_refused($_, qr/invalid URL "\Q$_\E" in "mlist_source"/)
        for '127.0.0.1:5000', 'ftp://127.0.0.1', 'http://', 'http:///',
            'http://127.0.0.1/v2', 'http://127.0.0.1/v2/', 'http://127.0.0.1//',
            'http://127.0.0.1?ns=a', 'http://user@127.0.0.1',
            'http://user:pass@127.0.0.1', 'http://127.0.0.1#a',
            'http://$host', 'http://127.0.0.1%2f', 'http:/127.0.0.1';

    source_refused('""', qr/invalid URL "" in "mlist_source"/);
    source_refused('"http://a b"', qr/invalid URL "http:\/\/a b"/);
    source_refused($_, qr/invalid port in URL "\Q$_\E"/)
        for 'http://127.0.0.1:0', 'http://127.0.0.1:65536', 'http://a:b',
            'http://127.0.0.1:', 'http://a:1:2', 'http://[::1]:x';
    source_refused($_, qr/(?:invalid|no) (?:host|IPv6 address) in URL "\Q$_\E"/)
        for 'http://:5000', 'http://[::1', 'http://[zz]', 'http://unix:a';
    source_refused('http://no-such-host.invalid',
                   qr/host not found in upstream "no-such-host\.invalid"/);
}


sub test_parameters {
    source_accepted("http://127.0.0.1 $_")
        for 'platform=linux/amd64', 'platform=linux/arm/v7',
            'platform=Linux/AARCH64', 'platform=windows/amd64',
            'tag=*-arm', 'tag=arm-*', 'tag=1.*-arm', 'tag=latest', 'tag=*',
            'name=arm32v7/*', 'name=*/arm', 'name=library/app', 'name=a-*-b',
            'names=~^library/', 'names=~*^LIBRARY/', 'names=~a$',
            '"label=the arm registry (2)"', 'label=arm',
            'name=arm/* tag=*-arm platform=linux/arm names=~a label=b',
            'required', 'optional', 'denied=missing',
            'required denied=missing', 'denied=missing optional';

    source_refused("http://127.0.0.1 $_", qr/invalid platform "/)
        for 'platform=', 'platform=linux', 'platform=linux/', 'platform=/arm',
            'platform=linux/arm/v7/x', 'platform=linux//v7', '"platform=a b/c"',
            'platform=linux/' . 'a' x 64;

    source_refused("http://127.0.0.1 $_", qr/invalid pattern "/)
        for 'tag=', 'tag=**', 'tag=*-*', 'name=', 'name=*/*';

    source_refused("http://127.0.0.1 $_", qr/can make no valid tag/)
        for 'tag=-*', 'tag=.*', 'tag=*/a', '"tag=* a"', 'tag=*:1',
            'tag=*-' . 'a' x 127;

    source_refused("http://127.0.0.1 $_",
                   qr/can make no valid repository name/)
        for 'name=Arm/*', 'name=/*', 'name=*/', 'name=*-', 'name=_*',
            'name=a//*', 'name=a/../*', 'name=' . 'a/' x 128 . '*';

    source_refused("http://127.0.0.1 $_", qr/invalid parameter "names=/)
        for 'names=', 'names=library', 'names=!~a';
    source_refused('http://127.0.0.1 names=~', qr/empty regex "~"/);
    source_refused('http://127.0.0.1 names=~*', qr/empty regex "~\*"/);
    source_refused('http://127.0.0.1 names=~(', qr/pcre2?_compile\(\) failed/);

    source_refused("http://127.0.0.1 $_", qr/invalid label "/)
        for 'label=', '"label=a,b"', "'label=a\"b'", '"label=a\\\\b"',
            "label=\xc3\xa9", "\"label=a\tb\"";

    source_refused("http://127.0.0.1 $_", qr/unknown parameter "\Q$_\E"/)
        for qw(trusted=yes resolve=on weight=1 Trusted platform tag trusted1
               linux/amd64 required=yes optional=on optional1 denied);

    source_refused("http://127.0.0.1 $_",
                   qr/"required" contradicts "optional"/)
        for 'required optional', 'optional tag=*-a required';
    source_refused("http://127.0.0.1 $_",
                   qr/invalid parameter "\Q$_\E".* must be denied=missing/)
        for qw(denied= denied=error denied=missing1 denied=Missing);

    source_refused("http://127.0.0.1 $_ $_", qr/duplicate parameter "\Q$_\E"/)
        for qw(platform=linux/arm tag=*-a name=a/* names=~a label=a trusted
               resolve required optional denied=missing);
    source_refused('http://127.0.0.1 tag=*-a tag=*-b',
                   qr/duplicate parameter "tag=\*-b"/);

    refused_in('mlist_source alone', qr/invalid number of arguments/,
               'mlist_source; # here');
}


sub sources {
    my ($n) = @_;

    return join '', map { "mlist_source http://127.0.0.1 tag=*-$_;\n" } 1 .. $n;
}


sub test_many_sources {
    my $a = 'mlist_source http://127.0.0.1';

    accepted_in('32 sources', sources(32));
    refused_in('33 sources', qr/more than 32 "mlist_source"/,
               sources(32) . "$a; # here");

    for my $args ('', ' tag=*-a', ' platform=linux/amd64', ' names=~a',
                  ' name=a/*')
    {
        refused_in("equal sources$args", qr/duplicate "mlist_source"/,
                   "$a$args;\n$a$args; # here");
    }

    refused_in('equal but for the label', qr/duplicate "mlist_source"/,
               "$a label=a;\n$a label=b; # here");
    refused_in("equal but for $_", qr/duplicate "mlist_source"/,
               "$a;\n$a $_; # here")
        for qw(required optional denied=missing);
    refused_in('equal but for how it is written', qr/duplicate "mlist_source"/,
               "mlist_source http://localhost platform=linux/arm64;\n"
               . 'mlist_source HTTP://LOCALHOST/ platform=linux/aarch64/v8;'
               . ' # here');

    accepted_in("sources that differ in $_->[0]", "$a $_->[1];\n$a $_->[2];")
        for ['tag', 'tag=*', 'tag=*-a'], ['name', 'name=a/*', 'name=b/*'],
            ['platform', 'platform=linux/arm', 'platform=linux/arm/v6'],
            ['names and label', 'names=~a label=a', 'names=~b'];

    accepted_in('sources that are all optional: each may fail alone',
                "$a tag=*-a optional; $a tag=*-b optional;");

    accepted_in('http and https', "mlist_auth nginx;\n"
                . 'mlist_source http://127.0.0.1;'
                . 'mlist_source https://127.0.0.1;');
    refused_in('equal labels', qr/label "a" of two "mlist_source"/,
               "$a label=a;\n$a tag=*-b label=a; # here");
    refused_in('a label that is the default of another',
               qr/label "127\.0\.0\.1" of two "mlist_source"/,
               "mlist_auth nginx;\n$a;\n"
               . 'mlist_source http://[::1] label=127.0.0.1; # here');
    refused_in('sources that differ in names only have no default label',
               qr/made unique with "label="/,
               "$a names=~a;\n$a names=~b; # here");
}


sub test_upstreams {
    my $upstream = 'upstream u { server 127.0.0.1:5000; }';
    my $use = server("location /v2/ { STORE mlist_source http://u; PROXY }");

    accepted('an upstream before', $upstream . $use);
    accepted('an upstream after', $use . $upstream);
    accepted('an upstream by https', $upstream . $use =~ s/http:/https:/r);
    accepted('an upstream by name and slash', $upstream . $use =~ s/u;/u\/;/r);

    refused('an upstream with a port', qr/upstream "u" may not have port 80/,
            "$upstream\n"
            . server("location /v2/ { STORE\nmlist_source http://u:80; # here\n"
                     . 'PROXY }'));
    refused('the same, the upstream being after',
            qr/upstream "u" may not have port 80/,
            server("location /v2/ { STORE\nmlist_source http://u:80; # here\n"
                   . 'PROXY }') . $upstream);
}


sub test_resolve {
    my $source = 'mlist_source http://no-such-host.invalid resolve;';
    my $resolver = 'resolver 127.0.0.1;';
    my $use = "location /v2/ { STORE\n$source # here\nPROXY }";

    accepted('resolve', server("$resolver $use"));
    accepted('resolve, the resolver being in the location',
             server($use =~ s/STORE/STORE $resolver/r));
    refused('resolve without a resolver', qr/"resolve" .*needs a "resolver"/,
            server($use));
    refused('resolve of an address', qr/"resolve" contradicts the address/,
            server("$resolver location /v2/ { STORE\n"
                   . "mlist_source http://127.0.0.1 resolve; # here\nPROXY }"));
    refused('resolve of an upstream',
            qr/"resolve" contradicts the upstream "u"/,
            server("$resolver location /v2/ { STORE\n"
                   . "mlist_source http://u resolve; # here\nPROXY }")
            . 'upstream u { server 127.0.0.1; }');
    refused('resolve of what a proxy_pass resolves',
            qr/"resolve" contradicts the upstream "localhost"/,
            server("$resolver location /v2/ { STORE\n"
                   . "mlist_source http://localhost resolve; # here\nPROXY }\n"
                   . 'location / { proxy_pass http://localhost; }'));
    accepted('the same host with another port',
             server("$resolver location /v2/ { STORE\n"
                    . "mlist_source http://localhost:5000 resolve; PROXY }\n"
                    . 'location / { proxy_pass http://localhost; }'));
    refused('resolve in one place only', qr/"resolve" everywhere or nowhere/,
            server("$resolver location /v2/ { STORE\n"
                   . "mlist_source http://localhost; PROXY }\n"
                   . "location /w/ { STORE\n"
                   . "mlist_source http://localhost resolve; # here\nPROXY }"));
}


sub test_values {
    my $source = 'mlist_source http://127.0.0.1;';
    my $invalid = qr/invalid\ (?:value|number|parameter|platform|URL|port
                                |repository)|regex
                     |must\ not\ be\ 0|must\ be\ equal\ to\ or\ greater
                     |off\ contradicts/x;

    for (['mlist_type', [qw(auto docker oci)], [qw(list on)]],
         ['mlist_attestations', [qw(keep drop)], [qw(on off)]],
         ['mlist_verify', [qw(on off)], [qw(yes 1)]],
         ['mlist_auth', [qw(nginx registry)], [qw(off both)]],
         ['mlist_max_manifest_size', [qw(1 64k 8m)], [qw(-1 1x 0)]],
         ['mlist_valid', [qw(0 1 90s 1h30m 1d)], [qw(-1 1x 1ms off), '""']],
         ['mlist_use_stale',
          ['error', 'timeout', 'updating', 'off', 'error timeout updating'],
          [qw(on http_500), 'off error', 'timeout off', '""']],
         ['mlist_flights', [qw(1 512 100000)], [qw(0 -1 1k off)]],
         ['mlist_publish', [qw(off)], [qw(yes 1)]],
         ['mlist_push', [qw(off http://127.0.0.1 https://[::1]:5000/ $arg_a
                            http://$host)],
          ['""', qw(on ftp://127.0.0.1 http:// http://127.0.0.1/a)]],
         ['mlist_redirect', [qw(pass follow)], [qw(on off), '""']],
         ['mlist_default_platform',
          [qw(off linux/arm/v7 linux/x86_64 $arg_p linux/$arg_a)],
          [qw(linux on linux/arm/v7/x / a//b)]],
         ['mlist_names', [qw(~a !~a ~*a), '~a !~b ~c'],
          [qw(a !a ~ !~ !), '~a b']],
         ['mlist_tags', [qw(~^v !~-rc !~*-RC), '~a !~b'], [qw(v* !v ~*)]],
         ['mlist_store', [qw(off http://127.0.0.1 http://127.0.0.1:5000/
                             https://127.0.0.1/a/b-c http://[::1]/a)],
          ['""', qw(ftp://127.0.0.1 http:// http:///a http://127.0.0.1/A
                    http://127.0.0.1//a http://127.0.0.1/a/
                    http://127.0.0.1/a?b http://u@127.0.0.1/a
                    http://127.0.0.1/a:b http://127.0.0.1:99999/a)]])
    {
        my ($name, $good, $bad) = @$_;
        my $store = $name eq 'mlist_store' ? '' : 'STORE';

        for my $value (@$good) {
            my $http = server("location /v2/ { $store $source\n"
                              . "$name $value;\nPROXY }");

            next if !can_have("$name $value", $http);

            my ($status, $out) = nginx_t($http);

            is($status, 0, "$name $value: accepted") or diag($out);
        }

        for my $value (@$bad) {
            refused("$name $value", $invalid,
                    server("location /v2/ { $store $source\n"
                           . "$name $value; # here\nPROXY }"));
        }

        refused("$name without a value", qr/invalid number of arguments/,
                server("location /v2/ { $source\n$name; # here\nPROXY }"));

        next if $name =~ /names|tags/;

        refused("$name twice", qr/"\Q$name\E" directive is duplicate/,
                server("location /v2/ { $source\n$name $good->[0];\n"
                       . "$name $good->[0]; # here\nPROXY }"));
    }

    accepted_in('mlist_names in two lines',
                "$source mlist_names ~a; mlist_names !~b;");
    refused_in('mlist_names ~(', qr/pcre2?_compile\(\) failed/,
               "$source\nmlist_names ~a ~(; # here");
    test_store_parameters();
    refused('a store that cannot be created', qr/no-such-dir/,
            server("location /v2/ { $source\n"
                   . "mlist_store $dir/no-such-dir/s; # here\nPROXY }"));
}


sub test_store_parameters {
    my $source = 'mlist_source http://127.0.0.1;';
    my $at = sub { server("location /v2/ { $source\nmlist_store @_; # here\n"
                          . 'PROXY }') };
    my %bad = ('size=1m' => qr/unknown parameter "size=1m"/,
               'inactive' => qr/unknown parameter "inactive"/,
               (map { $_ => qr/invalid parameter "\Q$_\E"/ }
                qw(inactive= inactive=0 inactive=x inactive=-1
                   max_size= max_size=0 max_size=1y max_size=-1)),
               'inactive=1d inactive=2d' =>
                   qr/duplicate parameter "inactive=2d"/,
               'max_size=1g max_size=1g' =>
                   qr/duplicate parameter "max_size=1g"/);

    for my $p (sort keys %bad) {
        refused("mlist_store DIR $p", $bad{$p}, $at->("$dir/s $p"));
    }

    refused('mlist_store off with a parameter',
            qr/"mlist_store off" takes no parameter "inactive=1d"/,
            $at->('off inactive=1d'));
    refused('mlist_store URL with a parameter',
            qr{"mlist_store http://127.0.0.1" takes no parameter "max_size=1m"},
            $at->('http://127.0.0.1 max_size=1m'));
    refused('one directory with different parameters',
            qr{mlist_store "\Q$dir\E/s" has other parameters in \Q$conf\E:\d},
            server("mlist_store $dir/s inactive=1d;\n"
                   . "location /v2/ { $source\n"
                   . "mlist_store $dir/s/ max_size=1m; # here\nPROXY }"));
    accepted("mlist_store DIR $_",
             server("mlist_store $dir/s $_; location /v2/ { $source\n"
                    . "mlist_store $dir/s/ $_; PROXY }"))
        for '', 'inactive=30d', 'max_size=2g', 'inactive=30d max_size=2g';
    accepted('mlist_store in any order',
             server("mlist_store $dir/s inactive=1d max_size=1m;\n"
                    . "location /v2/ { $source\n"
                    . "mlist_store $dir/s max_size=1024k inactive=24h;\n"
                    . 'PROXY }'));
}


sub test_zone {
    my $use = server('location /v2/ { STORE mlist_source http://127.0.0.1; '
                     . 'PROXY }');

    accepted('mlist_zone', "mlist_zone 1m; $use");
    accepted('mlist_zone without sources', 'mlist_zone 1m;');
    refused('a small mlist_zone', qr/"mlist_zone" is too small/,
            "mlist_zone 8k; # here\n$use");
    refused('mlist_zone twice', qr/is duplicate/,
            "mlist_zone 1m;\nmlist_zone 1m; # here\n$use");
    refused('mlist_zone of no size', qr/invalid value/, "mlist_zone x; # here");
    refused('mlist_zone in a server', qr/not allowed here/,
            server('mlist_zone 1m; # here'));
    refused('mlist_zone in a location', qr/not allowed here/,
            server("location / {\nmlist_zone 1m; # here\n}"));
}


sub test_contexts {
    my %value = (
        mlist => 'off', mlist_source => 'http://127.0.0.1',
        mlist_store => 'off', mlist_auth => 'nginx',
        mlist_htpasswd => 'off', mlist_names => '~a', mlist_tags => '~a',
        mlist_type => 'oci', mlist_default_platform => 'off',
        mlist_attestations => 'drop', mlist_verify => 'on',
        mlist_max_manifest_size => '1m', mlist_valid => '1h',
        mlist_use_stale => 'updating', mlist_flights => '1',
        mlist_publish => 'on', mlist_redirect => 'follow',
        mlist_push => 'http://127.0.0.1',
    );

    for my $name (sort keys %value) {
        my $text = "$name $value{$name};";

        accepted("$name in http", $text);
        accepted("$name in server", server($text));
        accepted("$name in location", server("location / { $text }"))
            unless $name eq 'mlist_source';

        refused("$name in if", qr/directive is not allowed here/,
                server("location / { if (\$arg_a) {\n$text # here\n} }"));
        refused("$name in limit_except", qr/directive is not allowed here/,
                server("location / { limit_except GET {\n$text # here\n} }"));
        refused("$name outside of http", qr/directive is not allowed here/,
                "}\n$text # here\nevents {");
    }
}


sub test_auth {
    my $one = 'mlist_source http://127.0.0.1;';
    my $two = "$one\nmlist_source http://[::1];";
    my $refused = qr/must be of the registry of "127\.0\.0\.1" or be "trusted"/;

    accepted_in('one registry', "$one mlist_source http://127.0.0.1 tag=*-a;");
    refused_in('two registries', $refused, "$two # here");
    refused_in('two registries by name', $refused,
               "mlist_auth registry; $two # here");
    accepted_in('two registries, decided in nginx', "mlist_auth nginx; $two");
    accepted_in('two registries with htpasswd',
                "mlist_htpasswd HTPASSWD; $two");
    accepted_in('two registries, one trusted', $two =~ s/\];/] trusted;/r);
    accepted_in('two registries, the first trusted', $two =~ s/1;/1 trusted;/r);
    refused_in('all trusted', qr/one source must not be "trusted"/,
               $two =~ s/1;/1 trusted; # here/r =~ s/\];/] trusted;/r);
    refused_in('three registries, one trusted', $refused,
               $two =~ s/\];/] trusted;/r
               . "\nmlist_source http://[::2]; # here");
    refused_in('mlist_auth registry and htpasswd', qr/mlist_htpasswd/,
               "$one mlist_htpasswd HTPASSWD;\nmlist_auth registry; # here");
    refused_in('htpasswd and mlist_auth registry', qr/mlist_htpasswd/,
               "$one mlist_auth registry;\nmlist_htpasswd HTPASSWD; # here");
    accepted_in('htpasswd and mlist_auth nginx',
                "$two mlist_htpasswd HTPASSWD; mlist_auth nginx;");
    accepted_in('mlist_auth nginx and htpasswd',
                "$two mlist_auth nginx; mlist_htpasswd HTPASSWD;");
    accepted_in('htpasswd off and mlist_auth registry',
                "$one mlist_htpasswd off; mlist_auth registry;");
    refused_in('mlist_auth after it was implied twice', qr/is duplicate/,
               "$one mlist_htpasswd HTPASSWD; mlist_auth nginx;\n"
               . 'mlist_auth nginx; # here');
}


# Two registries that do not trust each other show which mode there is.
sub test_auth_inherited {
    my $source = "mlist_source http://127.0.0.1;\n"
                 . 'mlist_source http://[::1]; # here';
    my $location = 'location /v2/ { STORE INNER PROXY }';
    my $refused = qr/with "mlist_auth registry"/;

    for (['mlist_auth nginx;', '', 1],
         ['mlist_htpasswd HTPASSWD;', '', 1],
         ['mlist_htpasswd HTPASSWD;', 'mlist_auth registry;', 0],
         ['mlist_htpasswd HTPASSWD;', 'mlist_auth nginx;', 1],
         ['mlist_htpasswd HTPASSWD;', 'mlist_htpasswd off;', 0],
         ['mlist_htpasswd HTPASSWD;', 'mlist_htpasswd off; mlist_auth nginx;',
          1],
         ['mlist_auth nginx; mlist_htpasswd HTPASSWD;', 'mlist_htpasswd off;',
          1],
         ['mlist_auth registry;', 'mlist_htpasswd HTPASSWD;', 1],
         ['mlist_auth registry;', 'mlist_auth nginx;', 1],
         ['mlist_auth nginx;', 'mlist_auth registry;', 0])
    {
        my ($outer, $inner, $works) = @$_;
        my $http = "$outer\n" . server("$source\n$location");

        $http =~ s/INNER/$inner/;

        if ($works) {
            accepted("'$inner' within '$outer'", $http);
        } else {
            refused("'$inner' within '$outer'", $refused, $http);
        }
    }

    accepted('htpasswd three levels below',
             "mlist_htpasswd HTPASSWD;\n"
             . server("$source location /v2 { "
                      . $location =~ s/INNER//r . ' }'));
}


sub test_publish {
    my $on = 'mlist_publish on;';
    my $a = 'mlist_source http://127.0.0.1';
    my $other = "$a tag=*-a;\n"
                . 'mlist_source http://[::1] tag=*-b trusted; # here';
    my $registry = qr/needs\ all\ sources\ at\ one\ registry:\ give\ the
                      \ source\ "\[::1\]"\ the\ URL\ "http:\/\/127\.0\.0\.1"
                      \ or\ switch\ it\ off/x;
    my $name = qr/needs all sources in the repository asked for: remove "name=/;
    my $tag = qr/would overwrite the source "127\.0\.0\.1", .*: give it "tag="/;

    accepted_in('publish of suffixed tags',
                "$on $a tag=*-a platform=linux/amd64; $a tag=*-b optional;");
    accepted_in('publish of what stands before the tag',
                "$on $a tag=a-*; $a tag=b-* required;");
    accepted_in('publish of tags that say it at both ends', "$on $a tag=v*-a;");
    accepted_in('publish of some repositories',
                "$on $a tag=*-a names=~^a; $a tag=*-b name=*;");
    accepted_in('no publish of two registries', "mlist_publish off; $other");

    refused_in('publish of two registries', $registry, "$on\n$other");
    refused_in('the same, decided in nginx', $registry,
               "mlist_auth nginx; $on\n" . $other =~ s/ trusted//r);
    refused_in('publish of http and https', qr/needs all sources at one/,
               "mlist_auth nginx; $on $a tag=*-a;\n"
               . 'mlist_source https://127.0.0.1 tag=*-b; # here');
    refused_in('publish of another repository', $name,
               "$on $a tag=*-a;\n$a tag=*-b name=arm/*; # here");
    refused_in('publish of another repository for all', $name,
               "$on\n$a tag=*-a name=c/*; # here\n$a tag=*-b name=c/*;");
    refused_in('publish of one fixed tag', qr/every tag that a client makes up/,
               "$on $a tag=*-a;\n$a tag=edge platform=linux/arm64; # here");
    refused_in('publish of one fixed repository', $name,
               "$on\n$a tag=*-a name=app; # here");
    refused_in('publish over the only source', $tag, "$on\n$a; # here");
    refused_in('publish over a source', $tag,
               "$on $a tag=*-a;\n$a label=127.0.0.1; # here");
    refused_in('the same, written out', $tag,
               "$on\n$a tag=*; # here\n$a tag=*-b;");
}


sub test_push {
    my $a = 'mlist_source http://127.0.0.1';
    my $b = 'mlist_source http://[::1] trusted';
    my $by = 'mlist_push http://127.0.0.1 by=platform;';

    accepted_in('push to no source', "mlist_push http://[::1]/; $a;");
    accepted_in('push off', "mlist_push off; $a;");
    accepted_in('push to a variable', "mlist_push http://\$host; $a;");
    accepted_in('push by platform',
                "$by $a tag=*-a platform=linux/amd64; $b;");
    accepted_in('push by platform to a variable', "mlist_push \$host "
                . "by=platform; $a platform=linux/amd64;");
    accepted_in('push to a source with resolve', 'resolver 127.0.0.1;'
                . 'mlist_source http://a.test resolve;'
                . 'mlist_push http://a.test;');

    refused_in('push off with a parameter', qr/takes no parameter "by=/,
               "$a; mlist_push off by=platform; # here");
    refused_in('push by something else', qr/must be "by=platform"/,
               "$a; mlist_push http://[::1] by=arch; # here");
    refused_in('push by platform twice', qr/duplicate parameter/,
               "$a platform=linux/amd64;\n" . $by =~ s/;/ by=platform; # here/r);
    refused_in('push twice', qr/is duplicate/,
               "$a; mlist_push off;\nmlist_push off; # here");
    refused_in('push to a path', qr/invalid URL "http:\/\/a\/b" in "mlist_push"/,
               "$a; mlist_push http://a/b; # here");
    refused_in('push to no URL', qr/invalid URL "a" in "mlist_push"/,
               "$a; mlist_push a; # here");

    refused_in('push by platform, a source has none',
               qr/by=platform" in .* needs "platform=" of the source/,
               "$by $a tag=*-b platform=linux/amd64;\n$a tag=*-a; # here");
    refused_in('push by platform to a variable, one has none',
               qr/by=platform" in .* needs "platform=" of the source "\[::1\]"/,
               "mlist_push \$host by=platform; $a platform=linux/amd64;\n"
               . "$b; # here");
    refused_in('push by platform, no source', qr/needs a source at that regi/,
               "$a platform=linux/amd64;\n"
               . 'mlist_push http://[::1] by=platform; # here');

    for my $push ('off', 'http://[::1]', '$host') {
        refused_in("publish and push $push",
                   qr/"mlist_publish" needs "mlist_push http:\/\/127/,
                   "mlist_publish on; mlist_push $push;\n$a tag=*-a; # here");
    }

    refused('push without a resolver', qr/needs a "resolver"/,
            server('resolver 127.0.0.1; location /v2/ { STORE '
                   . "mlist_source http://a.test resolve; PROXY }")
            . "server { location /v2/ { STORE $a;\n"
            . "mlist_push http://a.test; # here\nPROXY } }");
    accepted_in('publish and push to the same', 'mlist_publish on; '
                . "mlist_push http://127.0.0.1/; $a tag=*-a;");
}


sub test_publish_inherited {
    my $source = 'mlist_source http://127.0.0.1; # here';
    my $pass = 'STORE PROXY';
    my $refused = qr/"mlist_publish" would overwrite the source/;

    refused('publish of http', $refused, "mlist_publish on;\n"
            . server("$source\nlocation /v2/ { $pass }"));
    refused('publish of the location around', $refused,
            server("$source\nlocation /v2 { mlist_publish on;\n"
                   . "location /v2/ { $pass } }"));
    refused('publish of a location with limit_except: once', $refused,
            server("$source\nlocation /v2/ { mlist_publish on; $pass\n"
                   . "if (\$arg_a) { set \$b 1; }\n"
                   . 'limit_except GET { deny all; } }'));
    accepted('publish switched off inside', "mlist_publish on;\n"
             . server("$source\nlocation /v2/ { mlist_publish off; $pass }"));
    accepted('publish where no source is active', "mlist_publish on;\n"
             . server("$source\nlocation / { proxy_pass http://127.0.0.1; }"));
}


sub test_locations {
    my $source = 'mlist_source http://127.0.0.1;';
    my $pass = '"proxy_pass \$mlist_upstream"';
    my $needs = qr/"mlist_source" needs $pass in location "\/v2\/"/;

    refused('a source without proxy_pass', qr/$needs in /,
            server("location /v2/ {\n$source # here\n}"));

    for my $other ('proxy_pass http://127.0.0.1;', 'proxy_pass $arg_url;',
                   'proxy_pass http://$mlist_upstream;',
                   'proxy_pass $mlist_upstream$uri;', 'stub_status;',
                   'fastcgi_pass 127.0.0.1:9000;',
                   'PROXY fastcgi_pass 127.0.0.1:9000;')
    {
        refused("a source beside $other", qr/$needs, which has another handler/,
                server("location /v2/ {\n$source # here\n$other\n}"));
    }

    refused("a source beside $_", qr/$needs in /,
            server("location /v2/ {\n$source # here\n$_\n}"))
        for 'return 200;', 'root /tmp;',
            'if ($arg_a) { proxy_pass $mlist_upstream; }',
            'location /v2/a { proxy_pass $mlist_upstream; }';

    accepted("proxy_pass $_", server("location /v2/ { STORE $source\n"
                                     . "proxy_pass $_; }"))
        for '"${mlist_upstream}"', '$MLIST_upstream', "'\$mlist_upstream'";
    accepted('fastcgi_pass, then proxy_pass',
             server("location /v2/ { STORE $source\n"
                    . 'fastcgi_pass 127.0.0.1:9000; PROXY }'));

    accepted("inherited sources beside '$_'",
             server("$source\nlocation /v2/ { $_ }"))
        for 'proxy_pass http://127.0.0.1;', 'proxy_pass $arg_url;',
            'return 200;', 'root /tmp;', 'stub_status;', '',
            'mlist_type oci;', 'mlist off; proxy_pass http://127.0.0.1;';
    accepted('what would be wrong of them does not matter there',
             server("mlist_source http://127.0.0.1;\n"
                    . "mlist_source http://[::1];\n"
                    . 'mlist_source http://localhost resolve;'
                    . 'location /v2/ { proxy_pass http://127.0.0.1; }'));

    accepted("a location $_",
             server("$source STORE location $_ { PROXY }"))
        for '/', '= /v2/', '^~ /v2/', '~ ^/v2/', '@v2';
    accepted('a nested location',
             server("$source STORE location /v2 { location /v2/ { PROXY } }"));
    accepted('an if with proxy_pass, beside another handler',
             server("$source STORE location / { if (\$arg_a) { PROXY }\n"
                    . 'proxy_pass http://127.0.0.1; }'));
    accepted('an if with another handler, beside proxy_pass',
             server("location / { STORE $source PROXY\n"
                    . 'if ($arg_a) { proxy_pass http://127.0.0.1; } }'));

    refused('proxy_pass without a source', qr/needs "mlist_source"/,
            server("location /v2/ {\nPROXY # here\n}"));
    refused('the same in an if', qr/needs "mlist_source"/,
            server("location /v2/ { if (\$arg_a) {\nPROXY # here\n} }"));
    refused('the same in limit_except', qr/needs "mlist_source"/,
            server("location /v2/ { limit_except GET {\nPROXY # here\n} }"));
}


sub test_off {
    my $source = 'mlist_source http://127.0.0.1;';

    accepted('mlist off', server("$source location /v2/ { mlist off; }"));
    refused('mlist on', qr/invalid value "on" in "mlist"/,
            server("location /v2/ {\nmlist on; # here\n}"));
    refused('mlist off twice', qr/is duplicate/,
            server("location /v2/ { mlist off;\nmlist off; # here\n}"));
    refused('mlist off and a source', qr/contradicts "mlist off"/,
            server("location /v2/ { mlist off;\n$source # here\nPROXY }"));
    refused('a source and mlist off', qr/off contradicts "mlist_source"/,
            server("location /v2/ { $source\nmlist off; # here\nPROXY }"));
    refused('mlist off and proxy_pass', qr/contradicts "mlist off"/,
            server("$source location /v2/ { mlist off;\nPROXY # here\n}"));
    refused('the same, inherited', qr/contradicts "mlist off"/,
            "$source\n" . server("mlist off;\nlocation / {\nPROXY # here\n}"));
    accepted('a source of its own within mlist off',
             "mlist off;\n" . server("location /v2/ { STORE $source PROXY }"));
}


# The settings of the proxy module that would break the front.
sub test_proxy {
    my $source = 'mlist_source http://127.0.0.1;';

    for my $text ('proxy_store on;', 'proxy_store $uri;',
                  'proxy_pass_request_headers off;')
    {
        my ($name) = $text =~ /(proxy_\w+)/;
        my $use = "location /v2/ { STORE $source\nPROXY # here\n";

        refused($text, qr/"$name.*contradicts/, server("$use$text }"));
        refused("$text, inherited", qr/"$name.*contradicts/,
                server("$text\n$use}"));
        accepted("$text elsewhere",
                 server("location / { proxy_pass http://127.0.0.1; $text }\n"
                        . "$use}"));
    }

    accepted_in('proxy_store off', "$source proxy_store off;");
    accepted_in($_, "$source $_")
        for 'proxy_ignore_headers X-Accel-Redirect;', 'proxy_buffering off;',
            'proxy_intercept_errors on;', 'if ($arg_a) { set $b 1; }',
            'limit_except GET { deny all; }';
}


sub test_warnings {
    my $source = 'mlist_source http://127.0.0.1;';
    my $store = qr/without "mlist_store" .* in \Q$conf\E:\d+$/;
    my $open = qr/"mlist_htpasswd" protects nothing in location "\/"/;

    accepted('no store', server("location /v2/ { $source PROXY }"), $store);
    accepted('mlist_store off',
             server("$source STORE location /v2/ { mlist_store off; PROXY }"),
             $store);
    accepted('no store, with if and limit_except: once',
             server("location /v2/ { $source PROXY\n"
                    . "if (\$arg_a) { set \$b 1; }\n"
                    . 'limit_except GET { deny all; } }'), $store);
    accepted('no store in two locations',
             server("$source location /a/ { PROXY } location /b/ { PROXY }"),
             $store, $store);
    accepted('no store, but no list either',
             server("$source location / { proxy_pass http://127.0.0.1; }"));
    accepted('an inherited store', "STORE\n"
             . server("location /v2/ { $source PROXY }"));
    accepted('htpasswd where it does nothing',
             server('location / { mlist_htpasswd HTPASSWD; root /tmp; }'),
             $open);
    accepted('htpasswd inherited by such a location',
             server("$source STORE mlist_htpasswd HTPASSWD;\n"
                    . 'location / { root /tmp; } location /v2/ { PROXY }'));
}


sub test_notify {
    my $open = qr/"mlist_notify" in location "\/e" has no access control.* in \Q$conf\E:\d+$/;
    my $front = 'location /v2/ { mlist_source http://127.0.0.1; STORE PROXY }';

    accepted('mlist_notify open to all',
             server("$front location /e { mlist_notify; }"), $open);
    accepted("mlist_notify with $_",
             server("$front location /e { mlist_notify; $_ }"), $open)
        for 'allow 127.0.0.1;', 'auth_basic off;', 'satisfy any;',
            'if ($arg_a) { set $b 1; }', 'limit_except POST { deny all; }',
            'limit_except GET { allow all; }',
            'location /e/deep { deny all; }';
    accepted("mlist_notify with $_",
             server("$front location /e { mlist_notify; $_ }"))
        for 'deny all;', 'allow 127.0.0.1; deny all;', 'auth_basic x;',
            'auth_request /ask;', 'mlist_htpasswd HTPASSWD;', 'internal;',
            'limit_except GET { deny all; }', 'deny all; if ($arg_a) { }';
    accepted("mlist_notify below $_",
             server("$_\n$front location /e { mlist_notify; }"))
        for 'deny all;', 'auth_basic x;', 'auth_request /ask;',
            'ssl_verify_client on;';
    accepted("mlist_notify below $_->[0], with $_->[1]",
             server("$_->[0]\n$front location /e { mlist_notify; $_->[1] }"),
             $open)
        for ['deny all;', 'allow all;'], ['auth_basic x;', 'auth_basic off;'],
            ['auth_request /ask;', 'auth_request off;'],
            ['mlist_htpasswd HTPASSWD;', 'mlist_htpasswd off;'],
            ['ssl_verify_client optional;', ''];
    accepted('mlist_notify is not inherited',
             server("$front location /e { mlist_notify; deny all;\n"
                    . 'location /e/deep { proxy_pass http://127.0.0.1; } }'));
    accepted('mlist_notify, with a handler in an if',
             server("$front location /e { mlist_notify; deny all;\n"
                    . 'if ($arg_a) { proxy_pass http://127.0.0.1; } }'));

    refused("mlist_notify with $_", qr/"mlist_notify" .* another handler/,
            server("$front location /e { deny all; $_\nmlist_notify; # here\n}"))
        for 'proxy_pass http://127.0.0.1;', 'stub_status;',
            'fastcgi_pass 127.0.0.1:9000;';
    refused('mlist_notify twice', qr/"mlist_notify" directive is duplicate/,
            server("location /e { deny all; mlist_notify;\n"
                   . "mlist_notify; # here\n}"));
    refused('mlist_notify in a server', qr/"mlist_notify" .* not allowed here/,
            server("mlist_notify; # here\n"));
    refused('mlist_notify on', qr/invalid number of arguments/,
            server("location /e { mlist_notify on; # here\n}"));
}


sub test_status {
    my $front = 'location /v2/ { mlist_source http://127.0.0.1; STORE PROXY }';

    accepted('mlist_status without sources',
             server('location /s { mlist_status; }'));
    accepted("mlist_status with $_",
             server("$front location /s { mlist_status; $_ }"))
        for 'deny all;', 'mlist_htpasswd HTPASSWD;',
            'if ($arg_a) { set $b 1; }', 'limit_except GET { deny all; }',
            'location /s/deep { proxy_pass http://127.0.0.1; }',
            'if ($arg_a) { proxy_pass http://127.0.0.1; }';
    refused("mlist_status with $_", qr/"mlist_status" .* another handler/,
            server("$front location /s { $_\nmlist_status; # here\n}"))
        for 'proxy_pass http://127.0.0.1;', 'stub_status;';
    refused('mlist_status with mlist_notify',
            qr/"mlist_status" .* which has "mlist_notify"/,
            server("location /s { deny all; mlist_notify;\n"
                   . "mlist_status; # here\n}"));
    refused('mlist_status twice', qr/"mlist_status" directive is duplicate/,
            server("location /s { mlist_status;\nmlist_status; # here\n}"));
    refused('mlist_status in a server', qr/"mlist_status" .* not allowed here/,
            server("mlist_status; # here\n"));
    refused('mlist_status on', qr/invalid number of arguments/,
            server("location /s { mlist_status on; # here\n}"));
}


# A location of one source with these directives.
sub login {
    my ($text, $source) = @_;

    $source //= 'http://127.0.0.1:1';

    return server("location /v2/ { mlist_auth nginx; STORE\n"
                  . "mlist_source $source;\n$text\nPROXY }");
}


sub test_login {
    my $url = 'http://127.0.0.1:1';

    write_file("$dir/secret", "secret\n");
    write_file("$dir/empty", "\nsecret\n");
    write_file("$dir/control", "a\tb\n");

    accepted('mlist_login', login("mlist_login $url u $dir/secret;"));
    accepted('mlist_login, another spelling',
             login("mlist_login HTTP://127.0.0.1:1/ u $dir/secret;"));
    accepted('mlist_login with a realm, quoted',
             login("mlist_login $url u $dir/secret "
                   . 'realm="http://127.0.0.1:2/token";'));
    accepted('mlist_login for the store of clients with credentials',
             server("location /v2/ { mlist_store $url/s;\n"
                    . "mlist_login $url u $dir/secret;\n"
                    . "mlist_source $url;\nPROXY }"));

    refused('mlist_login without a file', qr/invalid number of arguments/,
            login("mlist_login $url u; # here"));
    refused("mlist_login: $_->[0]", $_->[1],
            login("mlist_login $_->[2]; # here"))
        for ['no such file', qr/password file "\S+" cannot be opened/,
             "$url u $dir/none"],
            ['an empty password', qr/password file "\S+" has no password/,
             "$url u $dir/empty"],
            ['a directory', qr/password file "\S+" is not a regular file/,
             "$url u $dir"],
            ['a control character', qr/has a control character/,
             "$url u $dir/control"],
            ['a user with a colon', qr/invalid user "a:b"/,
             "$url a:b $dir/secret"],
            ['a URL with a path', qr/invalid URL/, "$url/x u $dir/secret"],
            ['another parameter', qr/invalid parameter "relm=x"/,
             "$url u $dir/secret relm=x"],
            ['a realm that is no URL', qr/invalid "realm=token"/,
             "$url u $dir/secret realm=token"],
            ['a realm with a query', qr/invalid "realm=/,
             "$url u $dir/secret realm=http://127.0.0.1/t?a"];
    refused('two logins', qr/there is a "mlist_login" for .* already/,
            login("mlist_login $url u $dir/secret;\n"
                  . "mlist_login $url v $dir/secret; # here"));
    refused("with mlist_auth registry$_", qr/needs "mlist_auth nginx"/,
            server("location /v2/ { STORE\n"
                   . "mlist_source http://127.0.0.1:2;\n"
                   . "mlist_source $url trusted;\n"
                   . "mlist_login http://127.0.0.1:$_ u $dir/secret; # here\n"
                   . 'PROXY }'))
        for 1, 2;
    refused('with an Authorization too', qr/contradicts "proxy_set_header Auth/,
            login("proxy_set_header authorization x;\n"
                  . "mlist_login $url u $dir/secret; # here"));
    accepted('with an Authorization that is taken away',
             login("proxy_set_header Authorization '';\n"
                   . "mlist_login $url u $dir/secret;"));

    accepted('mlist_login in the clear',
             login("mlist_login http://10.0.0.1 u $dir/secret;",
                   'http://10.0.0.1'),
             qr/is sent to "\S+" in the clear/);
    accepted('mlist_login to a realm in the clear',
             login("mlist_login $url u $dir/secret "
                   . 'realm=http://10.0.0.1/token;'),
             qr{is sent to "http://10.0.0.1" in the clear});
    accepted('mlist_login unverified',
             login("mlist_login https://127.0.0.1 u $dir/secret;",
                   'https://127.0.0.1'),
             qr/to whoever answers/);
    accepted('mlist_login of no use',
             login("mlist_login http://127.0.0.2 u $dir/secret;"),
             qr/is of no use/);
}


# The module watches proxy_pass and others; nobody else must notice.
sub test_other_locations {
    accepted('without any of our directives',
             server('location / { proxy_pass http://127.0.0.1; }'));
    refused("proxy_pass's own errors are as ever",
            qr/"proxy_pass" directive is duplicate/,
            server("location / { proxy_pass http://127.0.0.1;\n"
                   . "proxy_pass http://127.0.0.1; # here\n}"));
    refused("and those of its URL", qr/invalid URL prefix/,
            server("location / {\nproxy_pass 127.0.0.1; # here\n}"));
    refused("deny's own errors", qr/invalid parameter "nobody"/,
            server("location / { deny nobody; # here\n}"));
}


# The one thing that is refused because of how nginx was built.
sub test_without_pcre {
    return if nginx_has('pcre');

    for my $text ('mlist_source http://127.0.0.1:1 names=~a; # here',
                  "mlist_names ~a; # here\nmlist_source http://127.0.0.1:1;",
                  "mlist_tags !~a; # here\nmlist_source http://127.0.0.1:1;")
    {
        my ($status, $out) = nginx_t(server("location /v2/ {\nSTORE\n$text\n"
                                            . 'PROXY }'));
        my $line = line_of_here();

        isnt($status, 0, "no PCRE: $text");
        like($out, qr/using regex "!?~a" requires PCRE library in .*:$line$/m,
             'says so');
    }
}


test_urls();
test_parameters();
test_many_sources();
test_upstreams();
test_resolve();
test_values();
test_zone();
test_contexts();
test_auth();
test_auth_inherited();
test_publish();
test_publish_inherited();
test_push();
test_locations();
test_off();
test_proxy();
test_warnings();
test_notify();
test_status();
test_login();
test_other_locations();
test_without_pcre();

done_testing();
