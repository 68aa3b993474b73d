# shellcheck shell=bash
#
# Shows soak/judge.sh what has grown and what has not: it must tell one from
# the other.  No nginx, no registry.


selftest()
{
    selftest_memory 'that stays' good '2200'
    selftest_memory 'that goes up and down' good '2200 + 600 * (t % 100 > 50)'
    selftest_memory 'that rises at first' good 't < 150 ? 1000 + 8 * t : 2200'
    selftest_memory 'that rises by 2 kB a second' bad '2200 + 2 * t'
    selftest_memory 'that doubles later' bad 't < 600 ? 2200 : 4400'

    selftest_masters 'that stays' good 800 1000 1010
    selftest_masters 'that rises with the first reload' good 800 2000 2010
    selftest_masters 'that rises with each reload' bad 800 1600 2400
}


# selftest_memory WHAT good|bad EXPRESSION: kB after t of 800 seconds.
selftest_memory()
{
    awk "BEGIN { for (t = 0; t <= 800; t += 5)
                     print t, 3, \"worker\", 77, $3, 9000, 30 }" \
        > "$WORK/samples"
    selftest_is "memory $1" "$2" judge_fit 77
}


# selftest_masters WHAT good|bad KB...: of one generation after the other.
selftest_masters()
{
    local what=$1 verdict=$2 g=0 kb

    shift 2

    for kb in "$@"; do
        echo "$((++g * 100)) $g master 7 $kb 9000 30"
    done > "$WORK/samples"

    selftest_is "a master's memory $what" "$verdict" judge_master
}


selftest_is()
{
    local seen=good what=$1 expected=$2

    shift 2
    "$@" > /dev/null || seen=bad
    check_equal "$what is $expected" "$expected" "$seen"
}
