# Without this: ci/chaos could find nothing because its checker, its proxy or
# its clients are blind.  Here the checker is shown wrong answers, and must
# find each of them, and right ones, of which it must say nothing; and bytes
# go through the proxy in each way.  No nginx, no registry.

use strict;
use warnings;

use lib 't/lib';
use Test::More;

use Mlist::Chaos::Caller;
use Mlist::Chaos::Checker;
use Mlist::Chaos::History;
use Mlist::Chaos::Ledger;
use Mlist::Chaos::Loop;
use Mlist::Chaos::Proxy;
use Mlist::Chaos::Random;
use Mlist::Chaos::Wire qw(response_of request_of);
use Mlist::Content;

my %front = (name => 'front', slots => [
    { registry => 'amd64', tag => '*', platform => 'linux/amd64' },
    { registry => 'both', tag => '*-arm', platform => 'linux/arm/v7' },
]);

# Three versions of each child: pushed at 10-11, 20-21 and 30-31 for amd64,
# and at 12-13, 22-23 and 32-33 for arm; of the second push of arm to
# app:cut nobody knows whether it came to pass.
my (@amd64, @arm, @cut);
my ($history, $ledger, $checker, @found);


sub version_of {
    my ($platform, $number) = @_;

    return oci_image($platform, manifest => {
        annotations => { version => "$number" } });
}


sub set_up {
    ($history, $ledger, @found) = (Mlist::Chaos::History->new,
                                   Mlist::Chaos::Ledger->new(grace => 3));
    $checker = Mlist::Chaos::Checker->new(
        history => $history, ledger => $ledger,
        found => sub { push @found, $_[0]{what} });

    @amd64 = map { version_of('linux/amd64', $_) } 1 .. 3;
    @arm = map { version_of('linux/arm/v7', $_) } 1 .. 3;

    for my $n (1 .. 3) {
        pushed('amd64/app:1', $amd64[$n - 1], 10 * $n, 10 * $n + 1);
        pushed('both/app:1-arm', $arm[$n - 1], 10 * $n + 2, 10 * $n + 3);
    }
}


sub pushed {
    my ($slot, $image, $begin, $end) = @_;

    $history->push_begins($slot, $image, $begin);
    $history->push_ended($slot, $end) if defined $end;
}


# An answer with a list of these children. Options: the checker's names of
# what was asked, and code, from, to, status, warning, body, digest, error.
sub list_answer {
    my ($children, %opt) = @_;
    my $list = oci_index(@$children);
    my $body = $opt{body} // $list->{body};
    my $answer = {
        code => $opt{code} // 200, body => $body, error => $opt{error},
        begin => $opt{from}, first => $opt{to}, end => $opt{to},
        headers => {
            'content-type' => $opt{type} // $OI,
            'docker-content-digest' => $opt{digest} // $list->{digest},
            'x-cache-status' => $opt{status} // 'MISS',
            defined $opt{warning} ? (warning => $opt{warning}) : (),
        },
    };

    return ($answer, $list->{digest});
}


sub ask {
    my (%opt) = @_;

    return { front => \%front, name => 'app', kind => 'tag',
             reference => '1', method => 'GET', %opt };
}


# What the checker finds in it: findings, in order, joined by "; ".
sub found_is {
    my ($answer, $ask, $expected, $name) = @_;

    @found = ();
    $checker->look($ask, $answer);
    is(join('; ', @found), $expected, $name);
}


sub tag_is {
    my ($children, $opt, $expected, $name) = @_;
    my ($answer) = list_answer($children, %$opt);

    found_is($answer, ask(%{ $opt->{ask} // {} }), $expected, $name);
}


subtest 'right answers' => sub {
    set_up();
    tag_is([$amd64[0], $arm[0]], { from => 15, to => 16 }, '', 'the first');
    tag_is([$amd64[2], $arm[2]], { from => 40, to => 41 }, '', 'the last');
    tag_is([$amd64[0], $arm[0]], { from => 20.5, to => 20.6 }, '',
           'a push is under way: the one before');
    tag_is([$amd64[1], $arm[0]], { from => 20.5, to => 20.6 }, '',
           'a push is under way: the new one');
    tag_is([$amd64[0], $arm[1]], { from => 20.5, to => 22.5 }, '',
           'one child was read before the other');
    tag_is([$amd64[0]], { from => 11.5, to => 12 }, '',
           'a child that is not there yet');
    tag_is([$amd64[1], $arm[1]], { from => 9, to => 29 }, '', 'a slow one');
};


subtest 'never true, partial, too old' => sub {
    set_up();

    my $old = 'older than what was pushed before';
    my $never = version_of('linux/amd64', 'never');

    tag_is([$amd64[1], $arm[0]], { from => 40, to => 41 }, "$old; $old",
           'two children that are both replaced');
    tag_is([$amd64[2], $arm[1]], { from => 40, to => 41 }, $old,
           'one child that is replaced: a combination never true');
    tag_is([$amd64[0], $arm[0]], { from => 21.001, to => 21.9 }, $old,
           'just after the end of a push');
    tag_is([$amd64[2], $arm[1]], { from => 25, to => 26 },
           'what was pushed only later', 'from the future');
    tag_is([$never, $arm[2]], { from => 40, to => 41 },
           'a child that was never pushed', 'never pushed');
    tag_is([$amd64[2]], { from => 40, to => 41 }, 'a partial list',
           'a child is missing');
    tag_is([$arm[2]], { from => 40, to => 41 }, 'a partial list',
           'the other is missing');
    tag_is([], { from => 40, to => 41 }, 'a partial list; a partial list',
           'an empty list');
    tag_is([@amd64[2, 2], $arm[2]], { from => 40, to => 41 },
           'a platform twice', 'twice the same');
    tag_is([$amd64[2], $arm[2], version_of('linux/s390x', 1)],
           { from => 40, to => 41 }, 'a platform that nobody has',
           'one too many');
    tag_is([{ %{ $amd64[2] }, size => 5 }, $arm[2]], { from => 40, to => 41 },
           'a child described wrongly', 'a wrong size');
    tag_is([$amd64[2], $arm[2]],
           { from => 40, to => 41, status => 'PARTIAL',
             warning => '299 - "both"' }, 'a partial list',
           'says that it is partial');
};


subtest 'a fault excuses no wrong answer' => sub {
    set_up();
    $ledger->begin($_, 'all', 0) for qw(source nginx);
    tag_is([$amd64[2]], { from => 40, to => 41 }, 'a partial list',
           'partial');
    tag_is([$amd64[1], $arm[2]], { from => 40, to => 41 },
           'older than what was pushed before', 'too old');
    tag_is([], { from => 40, to => 41, code => 404 },
           'a tag that exists is not found', 'not found');
};


subtest 'a push that was given up' => sub {
    set_up();
    pushed('amd64/app:1', my $torn = version_of('linux/amd64', 'torn'), 50);
    tag_is([$torn, $arm[2]], { from => 60, to => 61 }, '', 'came to pass');
    tag_is([$amd64[2], $arm[2]], { from => 60, to => 61 }, '', 'or did not');
    pushed('amd64/app:1', my $next = version_of('linux/amd64', 'next'),
           70, 71);
    tag_is([$torn, $arm[2]], { from => 70.5, to => 70.6 }, '',
           'until its successor is there');
    tag_is([$torn, $arm[2]], { from => 72, to => 73 },
           'older than what was pushed before', 'and no longer');
    tag_is([$amd64[2], $arm[2]], { from => 72, to => 73 },
           'older than what was pushed before', 'nor the one before');
    tag_is([$next, $arm[2]], { from => 72, to => 73 }, '', 'the successor');
};


subtest 'old answers that say so' => sub {
    set_up();

    my %late = (from => 40, to => 41);
    my %stale = (%late, status => 'STALE', warning => '299 - "amd64"');

    tag_is([$amd64[1], $arm[1]], { %stale },
           'an old list, though nothing is broken', 'without a reason');
    tag_is([$amd64[1], $arm[1]], { %stale, from => 30.5, to => 30.6 }, '',
           'while it is pushed');
    $ledger->begin('source', 'amd64', 39);
    tag_is([$amd64[1], $arm[1]], { %stale }, '', 'once true');
    tag_is([$amd64[1], $arm[1]], { %late, warning => '299 - "old"' }, '',
           'once true, by its Warning');
    tag_is([$amd64[1], $arm[1]], { %late, status => 'UPDATING' }, '',
           'once true, while it is updated');
    tag_is([$amd64[1], $arm[1]], { %late, status => 'STALE' },
           'it does not say what is wrong with it', 'without a Warning');
    pushed('both/app:1-arm', my $later = version_of('linux/arm/v7', 4), 35,
           36);
    tag_is([$amd64[0], $later], { %stale },
           'an old list that was never true', 'a combination never true');
    tag_is([$amd64[2]], { %stale }, 'an old list that was never true',
           'old and partial');
    tag_is([version_of('linux/amd64', 'never'), $arm[0]], { %stale },
           'a child that was never pushed', 'never pushed');
};


subtest 'old answers and the last complete list' => sub {
    set_up();

    my %stale = (status => 'STALE', warning => '299 - "amd64"');
    my $older = 'older than the last complete list';
    my $span;

    $ledger->begin('source', 'amd64', 26);
    found_is(failure(502, 28, 29), ask(), '', 'there is none yet');
    tag_is([$amd64[1], $arm[1]], { from => 25, to => 26 }, '', 'there is one');
    tag_is([$amd64[0], $arm[0]], { %stale, from => 27, to => 28 }, $older,
           'the one before');
    tag_is([$amd64[1], $arm[1]], { %stale, from => 40, to => 41 }, '', 'it');
    tag_is([$amd64[2], $arm[2]], { %stale, from => 40, to => 41 }, '',
           'one that nobody has seen yet');
    found_is(failure(502, 40, 41), ask(),
             'no old list, though there is one', 'a failure instead');
    found_is(failure(502, 40, 41), ask(front => { %front, name => 'x' }), '',
             'another front');
    $span = $ledger->begin('nginx', 'killed', 45);
    $ledger->end($span, 46);
    found_is(failure(502, 45, 46), ask(), '', 'nginx is killed');

    set_up();
    $ledger->begin('source', 'amd64', 26);
    tag_is([$amd64[1], $arm[1]], { from => 25, to => 26 }, '', 'there is one');
    $checker->told('app', '1', 25.5, 25.6);
    tag_is([$amd64[0], $arm[0]], { %stale, from => 27, to => 28 }, '',
           'of a flight that an event has overtaken nothing is kept');
    $checker->told('app', '2', 25.5, 25.6);
};


# A front with a store of its own, one that is told, and others.
subtest 'what a front may do' => sub {
    my $old = 'older than what was pushed before';

    set_up();

    my %told = (front => { %front, told => 1 });
    my %valid = (front => { %front, valid => 1 });
    my %store = (front => { %front, store => 'store' });
    my %late = (from => 40, to => 41);

    tag_is([$amd64[0], $arm[0]], { %late, ask => { %told } }, '',
           'it was told of nothing');
    $history->told('amd64/app:1', $amd64[1]{digest}, 38);
    tag_is([$amd64[0], $arm[0]], { %late, ask => { %told } }, $old,
           'it was told of one');
    tag_is([$amd64[1], $arm[0]], { %late, ask => { %told } }, '',
           'of this one');
    $history->told('amd64/app:1', $amd64[2]{digest}, 40.5);
    tag_is([$amd64[1], $arm[2]], { %late, ask => { %told } }, '',
           'it is being told');
    tag_is([$amd64[1], $arm[2]], { %late, from => 40.6, ask => { %told } },
           $old, 'and was');
    tag_is([$amd64[1], $arm[1]], { from => 33.5, to => 34, ask => { %valid } },
           $old, 'valid: one is too old');
    tag_is([$amd64[2], $arm[1]], { from => 33.5, to => 34, ask => { %valid } },
           '', 'valid: young enough');
    tag_is([$amd64[1], $arm[1]],
           { %late, status => 'UPDATING',
             ask => { front => { %front, name => 'other',
                                  updating => 1 } } }, '', 'updating');

    $ledger->begin('store', 'store', 39);
    found_is(failure(502, 40, 41), ask(%store), '', 'its store is broken');
    found_is(failure(502, 40, 41), ask(),
             'no old list, though there is one', "another one's store is");

    my ($answer, $digest) = list_answer([$amd64[2], $arm[2]], %late);
    my %list = (kind => 'list', reference => $digest);

    found_is(failure(503, 40, 41), ask(%store, %list), '', 'by digest');
    found_is(failure(404, 40, 41), ask(%store, %list), 'a digest was lost',
             'by digest: not found');
    found_is(failure(503, 40, 41), ask(%list), 'a digest was lost',
             "by digest: another one's store is");
};


subtest 'required and optional' => sub {
    set_up();

    my %front = %front;
    my %partial = (from => 40, to => 41, status => 'PARTIAL',
                   warning => '299 - "both"', ask => { front => \%front });
    my %all = (%partial, status => 'MISS', warning => undef);

    $front{slots} = [{ %{ $front{slots}[0] }, required => 1 },
                     { %{ $front{slots}[1] }, optional => 1 }];

    tag_is([$amd64[2]], { %partial }, 'a partial list', 'without a reason');
    $ledger->begin('source', 'both', 39);
    tag_is([$amd64[2]], { %partial }, '', 'the optional one is missing');
    tag_is([$amd64[2]], { %partial, warning => undef },
           'it does not say what is wrong with it', 'without a Warning');
    tag_is([$amd64[2]], { %all }, 'a partial list', 'does not say so');
    tag_is([$amd64[1]], { %partial }, 'older than what was pushed before',
           'partial and old');
    tag_is([$arm[2]], { %partial }, 'a partial list; a partial list',
           'the other one is missing');
    found_is(failure(404, 5, 6), ask(front => \%front), '',
             'the required one is not there yet');
    found_is(failure(404, 40, 41), ask(front => \%front),
             'a tag that exists is not found', 'it is');
};


subtest 'published' => sub {
    set_up();

    my %by_tag = (ask => { kind => 'published' }, from => 40, to => 41);

    tag_is([$amd64[1], $arm[1]], { %by_tag }, '', 'once true');
    is($checker->published('app', '1'),
       (list_answer([$amd64[1], $arm[1]], %by_tag))[1], 'it is known');
    pushed('amd64/app:1', my $late = version_of('linux/amd64', 4), 50, 51);
    tag_is([$late, $arm[0]], { %by_tag }, 'published, but never true',
           'a combination never true');
    tag_is([$amd64[2]], { %by_tag }, 'published, but never true', 'partial');
    tag_is([$amd64[2], version_of('linux/arm/v7', 'never')], { %by_tag },
           'a child that was never pushed', 'never pushed');
    tag_is([$amd64[2], $arm[2]], { %by_tag, body => '{}' },
           'bytes of another digest', 'other bytes');
    found_is(failure(404, 40, 41), ask(kind => 'published'), '', 'not yet');
};


subtest 'bytes' => sub {
    set_up();

    my %now = (from => 40, to => 41);

    tag_is([$amd64[2], $arm[2]], { %now, body => '{}' },
           'bytes of another digest', 'other bytes');
    tag_is([$amd64[2], $arm[2]], { %now, digest => 'sha256:' . 'a' x 64 },
           'bytes of another digest', 'another digest');
    tag_is([$amd64[2], $arm[2]], { %now, digest => '' }, 'no digest',
           'no digest');
    tag_is([$amd64[2], $arm[2]], { %now, type => $OM },
           'not the type of a list', 'another type');
    tag_is([$amd64[2], $arm[2]], { %now, error => 'body is cut short' },
           'no list, though nothing is broken', 'cut short');
    $ledger->begin('source', 'amd64', 0);
    tag_is([$amd64[2], $arm[2]], { %now, error => 'body is cut short' },
           'no list, though nothing is broken',
           'cut short: no source is an excuse');
};


subtest 'HEAD and 304: known when the digest is read' => sub {
    set_up();

    my %head = (ask => { method => 'HEAD' }, body => '');
    my @old = ([$amd64[0], $arm[0]], { %head, from => 40, to => 41 });
    my ($answer, $digest) = list_answer($old[0], from => 42, to => 43);

    tag_is(@old, '', 'a HEAD');
    found_is($answer, ask(kind => 'list', reference => $digest),
             'older than what was pushed before; '
             . 'older than what was pushed before', 'too old, it turns out');
    tag_is(@old, 'older than what was pushed before; '
                 . 'older than what was pushed before', 'and at once then');

    my %etag = (code => 304, begin => 40, first => 41, end => 41,
                headers => { etag => qq("$digest") });

    found_is({ %etag }, ask(if_none_match => 'sha256:' . 'a' x 64),
             'not modified, but it was', '304 for another one');
    found_is({ %etag }, ask(if_none_match => $digest),
             'older than what was pushed before; '
             . 'older than what was pushed before', '304 for an old one');
};


sub failure {
    my ($code, $from, $to) = @_;

    return { code => $code, headers => {}, body => '', begin => $from,
             first => $to, end => $to, $code ? () : (error => 'closed') };
}


subtest 'failures and what excuses them' => sub {
    set_up();

    my $no_list = 'no list, though nothing is broken';
    my $span;

    found_is(failure($_, 100, 101), ask(), $no_list, "$_, all is well")
        for 0, 429, 500, 502, 503, 504;
    found_is(failure(404, 100, 101), ask(), 'a tag that exists is not found',
             'status 404');

    $span = $ledger->begin('source', 'amd64', 102);
    $ledger->end($span, 103);
    found_is(failure(502, 101, 102.5), ask(), '', 'a source is broken');
    found_is(failure(502, 105, 106), ask(), '', 'shortly after');
    found_is(failure(502, 106.5, 107), ask(), $no_list, 'long after');
    found_is(failure(0, 102, 103), ask(), $no_list,
             'a broken source is no excuse for no answer');
    found_is(failure(400, 102, 103), ask(), $no_list, 'nor for a 400');

    $span = $ledger->begin('nginx', 'killed', 110);
    $ledger->end($span, 111);
    found_is(failure($_, 110, 111), ask(), '', "$_, nginx is killed")
        for 0, 502;

    pushed('amd64/app:1', version_of('linux/amd64', 4), 120, 121);
    found_is(failure(502, 120.5, 120.6), ask(), '', 'while it is pushed');
    found_is(failure(502, 121.5, 121.6), ask(), $no_list, 'no longer');
};


subtest 'lost pins' => sub {
    set_up();

    my ($answer, $digest) = list_answer([$amd64[2], $arm[2]],
                                        from => 40, to => 41);
    my $by_digest = ask(kind => 'list', reference => $digest);

    found_is($answer, ask(), '', 'it is announced');
    is(scalar($checker->pins), 1, 'and remembered');
    found_is({ %$answer, begin => 90, end => 91 }, $by_digest, '',
             'it is there');
    found_is(failure($_, 90, 91), $by_digest, 'a digest was lost', "status $_")
        for 0, 404, 502;
    found_is({ %$answer, body => '{}' }, $by_digest,
             'bytes of another digest', 'other bytes');
    found_is({ %$answer, headers => { %{ $answer->{headers} },
                                      'content-type' => $DL } },
             $by_digest, 'another type', 'another type');

    $ledger->begin('source', 'amd64', 0);
    found_is(failure(502, 90, 91), $by_digest, 'a digest was lost',
             'no source is needed for it');
    $ledger->begin('nginx', 'killed', 0);
    found_is(failure($_, 90, 91), $by_digest, '', "$_, nginx is killed")
        for 0, 503;
    found_is(failure(404, 90, 91), $by_digest, 'a digest was lost',
             '404, nginx is killed');
};


subtest 'children by digest' => sub {
    set_up();

    my $child = ask(kind => 'child', reference => $amd64[0]{digest},
                    type => $OM);
    my $answer = { code => 200, begin => 40, first => 41, end => 41,
                   body => $amd64[0]{body},
                   headers => { 'content-type' => $OM } };

    found_is($answer, $child, '', 'it is there');
    found_is({ %$answer, body => 'x' }, $child, 'bytes of another digest',
             'other bytes');
    found_is(failure($_, 40, 41), $child, 'a child was lost', "status $_")
        for 0, 404, 502;
    $ledger->begin('source', 'amd64', 0);
    found_is(failure(502, 40, 41), $child, '', 'a source is broken');
    found_is(failure(404, 40, 41), $child, 'a child was lost',
             '404, a source is broken');
};


subtest 'messages' => sub {
    my $head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    my $chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    is(response_of("$head$_", 'GET', 0), undef, 'not whole yet')
        for '', 'abcd';
    is(response_of("${head}abcdeNEXT", 'GET', 0)->{rest}, 'NEXT', 'whole');
    is(response_of("${head}abcd", 'GET', 1)->{error}, 'body is cut short',
       'cut short');
    is(response_of($head, 'HEAD', 0)->{body}, '', 'HEAD');
    is(response_of('HTTP/1.1 20', 'GET', 1)->{error}, 'closed in the header',
       'cut in the header');
    is(response_of("${chunks}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 'GET',
                   0)->{body}, 'abcde', 'chunks');
    is(response_of("${chunks}3\r\nabc\r\n", 'GET', 1)->{error},
       'body is cut short', 'chunks cut short');
    is(request_of("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b")->{rest},
       'GET /b', 'a request');
    is(request_of("PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"), undef,
       'a request that is not whole');
};


subtest 'chance' => sub {
    my @draws = map { my $r = Mlist::Chaos::Random->new($_, 'x');
                      join ' ', map { $r->below(1000) } 1 .. 20 }
                qw(one one two);

    is($draws[0], $draws[1], 'the same for the same seed');
    isnt($draws[0], $draws[2], 'another for another');
};


# A registry that always says the same, behind a proxy.
subtest 'the proxy' => sub {
    my $loop = Mlist::Chaos::Loop->new;
    my ($registry, $port) = map { free_port() } 1, 2;
    my $behind = Mlist::Chaos::Proxy->new($loop, $registry, 0);
    my $proxy = Mlist::Chaos::Proxy->new($loop, $port, $registry);

    $behind->{choose} = sub { ['status', 503] };

    my $whole = through($loop, $proxy, 'pass');

    is($whole->{code}, 503, 'pass');
    is(through($loop, $proxy, 'delay', 0.2)->{code}, 503, 'delay');
    is(through($loop, $proxy, 'status', 429)->{code}, 429, 'status');
    is(through($loop, $proxy, 'close')->{error}, 'closed without a word',
       'close');
    is(through($loop, $proxy, 'stall')->{error}, 'no answer in time',
       'stall');
    is(through($loop, $proxy, 'head', 0.5)->{error}, 'closed in the header',
       'head');
    is(through($loop, $proxy, 'body', 0.5)->{error}, 'body is cut short',
       'body');
    is(through($loop, $proxy, 'hang', 0.5)->{error}, 'no answer in time',
       'hang');

    my $short = through($loop, $proxy, 'short', 0.5);

    ok(!$short->{error}, 'short: nobody sees it');
    is(length $short->{body}, int(length($whole->{body}) / 2), 'short');

    my $flipped = through($loop, $proxy, 'flip', 0.5)->{body};

    is(($flipped ^ $whole->{body}) =~ tr/\0//c, 1, 'flip: one byte');
    $proxy->refuse;
    like(through($loop, $proxy, 'pass')->{error}, qr/refused/, 'refuse');
    $proxy->listen;
    is(through($loop, $proxy, 'pass')->{code}, 503, 'and no longer');
};


sub free_port {
    my $fh = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "bind: $!";

    return $fh->sockport;
}


sub through {
    my ($loop, $proxy, @what) = @_;
    my $caller = Mlist::Chaos::Caller->new($loop, $proxy->{port});
    my $answer;

    $proxy->{choose} = sub { [@what] };
    $caller->ask('GET', '/', { timeout => 0.5 }, sub { $answer = $_[0] });
    $loop->run_until(5, sub { $answer }) or die 'no answer';
    $caller->leave;

    return $answer;
}


done_testing();
