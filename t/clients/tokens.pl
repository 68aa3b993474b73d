#!/usr/bin/env perl
#
# Mlist::TokenServer from a shell, until it is ended by a signal:
#
#   tokens.pl dir=DIR port=PORT [NAME=VALUE...] USER:PASSWORD:ACTIONS...
#
# ACTIONS are what the user may do: pull,push,delete,catalog.  The names and
# values are the options of Mlist::TokenServer->start.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Mlist::TokenServer;

my (%option, %users);

for (@ARGV) {
    if (/^([^:=]+)=(.*)$/) {
        $option{$1} = $2;

    } elsif (/^([^:]+):(.*):([^:]*)$/) {
        $users{$1} = [$2, $3];

    } else {
        die "tokens.pl: neither NAME=VALUE nor USER:PASSWORD:ACTIONS: $_\n";
    }
}

Mlist::TokenServer->new(%option, users => \%users)->serve;
