# shellcheck shell=bash
#
# Results of rows: medians of interleaved samples, the ratio to the reference
# and the noise of that, kept as lines of $WORK/results.  It measures nothing
# itself.

BENCH_ROUNDS=${BENCH_ROUNDS:-8}


# compare THIS REFERENCE: the two commands, which print "VALUE WALL", in
# turn, so that whatever else the machine does hits both; every two pairs with
# new servers, unless BENCH_RENEW is 0.
compare()
{
    local i this reference warm=${BENCH_WARM:-1} BENCH_WARM

    : > "$WORK/samples"

    for ((i = 0; i < BENCH_ROUNDS; i++)); do
        BENCH_WARM=$((warm && i % 2 == 0))

        if ((i % 2)); then
            reference=$("$2") || return 1
            this=$("$1") || return 1
        else
            [ "${BENCH_RENEW:-1}" -eq 0 ] || server_renew || return 1
            this=$("$1") || return 1
            reference=$("$2") || return 1
        fi

        echo "$this $reference" >> "$WORK/samples"
    done
}


# compare_alone THIS REFERENCE: on one core.
compare_alone()
{
    server_cores one
    compare "$1" "$2" || return 1
    server_cores all
}


# result ROW TITLE REFERENCE UNIT ">="|"<=" GOAL: of what compare has seen.
# The ratio is the median of the pairs', its noise their median deviation.
result()
{
    awk -v OFS='\t' -v row="$1" -v title="$2" -v reference="$3" -v unit="$4" \
        -v sense="$5" -v goal="$6" '
        function median(values, n,    i, j, t, sorted) {
            for (i = 1; i <= n; i++) sorted[i] = values[i]
            for (i = 2; i <= n; i++) {
                t = sorted[i]
                for (j = i - 1; j > 0 && sorted[j] > t; j--)
                    sorted[j + 1] = sorted[j]
                sorted[j + 1] = t
            }
            return (sorted[int((n + 1) / 2)] + sorted[int(n / 2) + 1]) / 2
        }
        {
            a[NR] = $1; aw[NR] = $2; b[NR] = $3; bw[NR] = $4
            r[NR] = $1 / $3
        }
        END {
            ratio = median(r, NR)
            for (i = 1; i <= NR; i++)
                d[i] = r[i] > ratio ? r[i] - ratio : ratio - r[i]
            print row, title, reference, unit, median(a, NR), median(b, NR),
                  ratio, median(d, NR), sense, goal, median(aw, NR),
                  median(bw, NR)
        }
    ' "$WORK/samples" >> "$WORK/results"
    result_show
}


# result_value ROW TITLE UNIT ">="|"<=" GOAL VALUE: one without a reference.
result_value()
{
    printf '%s\t%s\t-\t%s\t%s\t-\t%s\t0\t%s\t%s\t-\t-\n' \
        "$1" "$2" "$3" "$6" "$6" "$4" "$5" >> "$WORK/results"
    result_show
}


# The last one, as it comes.
result_show()
{
    tail -n 1 "$WORK/results" | report_line
}
