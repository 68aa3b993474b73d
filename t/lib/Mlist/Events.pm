# Events as docker-registry writes them, posted to a location that has
# mlist_notify; and what the front says of them.  Used by the tests of
# notifications.

package Mlist::Events;

use strict;
use warnings;

use Exporter qw(import);

use Mlist::Client;
use Mlist::Content;

our @EXPORT = qw(event pushed notify drops);

my $EVENTS = 'application/vnd.docker.distribution.events.v1+json';


# An event, of the members of its target.
sub event {
    my ($action, %target) = @_;

    return { id => 'x', timestamp => '2026-11-24T13:51:33.70475753Z',
             action => $action, target => \%target,
             request => { addr => '127.0.0.1:43088', method => 'PUT' },
             actor => {}, source => { addr => 'vm:5000' } };
}


# The push of "name:tag"; its digest, if that matters.
sub pushed {
    my ($place, $digest) = @_;
    my ($name, $tag) = split /:/, $place;

    return event('push', mediaType => $D2, repository => $name, tag => $tag,
                 digest => $digest // sha256($place), size => 4);
}


# Posts an envelope, of events or of the bytes given, to /events.
sub notify {
    my ($what, %opt) = @_;

    Mlist::Test::ask('POST', '/events', headers => ['Content-Type' => $EVENTS],
                     body => ref $what ? json_text({ events => $what })
                                       : $what, %opt);
}


# How often something was dropped for a place.
sub drops {
    my ($place) = @_;

    return scalar
        Mlist::Test::log_lines(qr/\[info\].*mlist \w+ of "\Q$place\E"/);
}


1;
