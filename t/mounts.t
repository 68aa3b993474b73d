# What begins an upload at the registry is made anew of what this front
# understands.  Without these whoever may push to one repository reads every
# blob of the registry, by mounting it from a name that is not served here.

use strict;
use warnings;

use lib 't/lib';
use Mlist::Test;

our $Digest = sha256('secret');

sub start_upload {
    my ($query, %opt) = @_;

    $other->clear_requests;
    ask('POST', '/v2/public/t/blobs/uploads/' . $query, body => '', %opt);
    code_is(202);

    my @asked = $other->requests('^POST');

    return $asked[0] =~ s{^POST /v2/public/t/blobs/uploads/}{}r;
}

run_tests();

__DATA__

=== TEST 1: a mount from a name that is not served is a plain upload
--- mlist
mlist_auth nginx;
mlist_source http://other;
mlist_names ~^public/;
--- steps
$other->put('/v2/public/t/blobs/uploads/', status => 202, body => '',
            headers => { Location => '/v2/public/t/blobs/uploads/u1' });

for my $query ("?mount=$Digest&from=secret/y",
               "?mount=$Digest&from=secret%2Fy",
               "?mount=$Digest&%66rom=secret/y",
               "?mount=$Digest&FROM=public/x&from=secret/y",
               "?mount=$Digest&from=public/x&from=secret/y",
               "?mount=$Digest&from=secret/y&from=public/x",
               "?mount=$Digest&from=public/%zzx&from=secret/y",
               "?mount=$Digest&from=public/x;from=secret/y",
               "?mount=$Digest&from=public/x%26from=secret/y",
               "?mount=$Digest&from=",
               "?mount=$Digest&from",
               "?mount=$Digest",
               "?mount=nonsense&from=public/x",
               "?%6dount=$Digest&from=secret/y")
{
    is(start_upload($query), '', $query);
}



=== TEST 2: one from a name that is, is a mount
--- mlist
mlist_auth nginx;
mlist_source http://other;
mlist_names ~^public/;
--- steps
$other->put('/v2/public/t/blobs/uploads/', status => 202, body => '',
            headers => { Location => '/v2/public/t/blobs/uploads/u1' });

is(start_upload("?mount=$Digest&from=public/x"),
   "?mount=$Digest&from=public/x", 'as it is written');
is(start_upload("?from=public%2Fx&mount=" . $Digest =~ s/:/%3A/r),
   "?mount=$Digest&from=public/x", 'as clients escape it');
is(start_upload("?digest=$Digest"), "?digest=$Digest",
   'an upload in one request');
is(start_upload('?digest-algorithm=sha512'), '?digest-algorithm=sha512',
   'another algorithm');
is(start_upload('?ns=docker.io&x=y'), '', 'nothing else');



=== TEST 3: what the sources are not asked for is not mounted either
--- mlist
mlist_auth nginx;
mlist_source http://other names=~^public/;
--- steps
$other->put('/v2/public/t/blobs/uploads/', status => 202, body => '',
            headers => { Location => '/v2/public/t/blobs/uploads/u1' });

is(start_upload("?mount=$Digest&from=secret/y"), '', 'no source serves it');
is(start_upload("?mount=$Digest&from=public/x"),
   "?mount=$Digest&from=public/x", 'one does');



=== TEST 4: nor by a form in the body
--- mlist
mlist_auth nginx;
mlist_source http://other;
mlist_names ~^public/;
--- steps
$other->put('/v2/public/t/blobs/uploads/', status => 202, body => '',
            headers => { Location => '/v2/public/t/blobs/uploads/u1' });

for my $type ('application/x-www-form-urlencoded',
              'Application/X-WWW-Form-Urlencoded; charset=utf-8',
              'multipart/form-data; boundary=x')
{
    $other->clear_requests;
    ask('POST', '/v2/public/t/blobs/uploads/',
        body => "mount=$Digest&from=secret/y",
        headers => ['Content-Type' => $type]);
    code_is(202);
    is(join(',', $other->seen_header('^POST', 'Content-Type')),
       'application/octet-stream', $type);
}



=== TEST 5: the name that it is from is spelled as the registry has it
--- mlist
mlist_auth nginx;
mlist_source http://other name=lib/*;
--- steps
$other->put('/v2/lib/public/t/blobs/uploads/', status => 201, body => '',
            headers => { Location => "/v2/lib/public/t/blobs/$Digest" });
ask('POST', "/v2/public/t/blobs/uploads/?mount=$Digest&from=public/x",
    body => '');
code_is(201);
header_is('Location', "/v2/public/t/blobs/$Digest");
asked_of($other,
   "POST /v2/lib/public/t/blobs/uploads/?mount=$Digest&from=lib/public/x");

my $long = join '/', ('n' x 62) x 4;
ask('POST', "/v2/public/t/blobs/uploads/?mount=$Digest&from=$long",
    body => '');
asked_of($other,
   "POST /v2/lib/public/t/blobs/uploads/?mount=$Digest&from=lib/$long");



=== TEST 6: nothing is mounted from what name= keeps out
--- mlist
mlist_auth nginx;
mlist_source http://other name=arm32v7/*;
mlist_source http://other name=amd64/*;
--- steps
$other->put('/v2/public/t/blobs/uploads/', status => 202, body => '',
            headers => { Location => '/v2/public/t/blobs/uploads/u1' });
is(start_upload("?mount=$Digest&from=secret/y"), '', 'but uploaded');
