# shellcheck shell=bash
#
# What the bench prints and writes: a line a row, JSON, and the plot for the
# README.  It reads $WORK/results only; "missed" is decided here.

# A line of results: row, title, reference, unit, this, reference's, ratio,
# noise, sense, goal, this by the clock, reference by the clock.

REPORT_MISSED='
    function missed(ratio, noise, sense, goal) {
        if (goal == "-") return 0
        return sense == ">=" ? ratio + noise < goal : ratio - noise > goal
    }
    function number(x) {
        if (x == "-") return x
        return x >= 1000 ? sprintf("%d", x) : x >= 10 ? sprintf("%.1f", x) \
               : sprintf(x <= 0 || x >= 0.01 ? "%.3f" : "%.5f", x)
    }'


report_head()
{
    printf '%-14s %11s %11s %17s %9s %10s %10s  %s\n' row this reference \
        ratio goal 'clock:this' reference what
}


# A line of results from standard input.
report_line()
{
    awk -F '\t' "$REPORT_MISSED"'
        {
            printf "%-14s %11s %11s %8s +-%6.3f %2s %6s %10s %10s  %s%s\n",
                $1, number($5), number($6), number($7), $8, $9, $10,
                number($11), number($12), $2 ", " $4 \
                ($3 == "-" ? "" : "; to " $3),
                missed($7, $8, $9, $10) ? "  MISSED" : ""
        }'
}


report_all()
{
    report_head
    report_line < "$WORK/results"
}


report_missed()
{
    awk -F '\t' "$REPORT_MISSED"'
        missed($7, $8, $9, $10) { n++ } END { print n + 0 }
    ' "$WORK/results"
}


report_machine()
{
    local cpu

    cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    printf '%s, %s cores, Linux %s, %s\n' "$cpu" "$(nproc)" "$(uname -r)" \
        "$("$NGINX_BINARY" -v 2>&1 | sed 's/.*: //')"
}


report_json()
{
    jq -R -n --arg machine "$(report_machine)" '
        def value: tonumber? // null;
        { machine: $machine,
          rows: [inputs | split("\t")
                 | { row: .[0], what: .[1], reference: .[2], unit: .[3],
                     this: (.[4] | value), of_reference: (.[5] | value),
                     ratio: (.[6] | value), noise: (.[7] | value),
                     sense: .[8], goal: (.[9] | value),
                     clock: (.[10] | value),
                     clock_of_reference: (.[11] | value) }
                 | .missed = if .goal == null then false
                             elif .sense == ">="
                             then .ratio + .noise < .goal
                             else .ratio - .noise > .goal end] }
    ' < "$WORK/results"
}


# The machine and a table, for the README.
report_markdown()
{
    echo "Measured on: $(report_machine)."
    echo
    echo "| row | what | measured | reference | ratio | goal |"
    echo "| --- | --- | ---: | ---: | ---: | ---: |"
    awk -F '\t' "$REPORT_MISSED"'
        {
            what = $2 ($3 == "-" ? "" : "; reference: " $3)
            ratio = number($7) " ± " sprintf("%.3f", $8)
            printf "| `%s` | %s | %s %s | %s | %s | %s |\n", $1, what,
                $3 == "-" ? $5 + 0 : number($5), $4,
                $3 == "-" ? "" : number($6), $3 == "-" ? "" : ratio,
                $10 == "-" ? "" : ($9 == ">=" ? "≥ " : "≤ ") $10
        }' "$WORK/results"
}


# Each row with a goal as a bar: how many times over it is reached, three
# times at most; it has another colour if it is missed by more than the noise.
report_svg()
{
    awk -F '\t' -v machine="$(report_machine)" -f "$BENCH/plot.awk" \
        "$WORK/results"
}


# Puts the table and the plot where the README has them.
report_figures()
{
    local readme=$ROOT/README.md

    sed -i -e '/^<!-- figures of ci\/bench -->$/,/^<!-- end -->$/{
        //!d
    }' -e "/^<!-- figures of ci\/bench -->\$/r $BUILD_ROOT/bench.md" "$readme"
    cp "$BUILD_ROOT/bench.svg" "$ROOT/examples/pictures/bench.svg"
}
