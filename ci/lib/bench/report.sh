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
               : sprintf("%.3f", x)
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


# A table for the README.
report_markdown()
{
    echo "| row | what | this | reference | ratio | goal |"
    echo "| --- | --- | ---: | ---: | ---: | ---: |"
    awk -F '\t' "$REPORT_MISSED"'
        {
            what = $2 ($3 == "-" ? "" : "; beside it: " $3)
            printf "| %s | %s | %s %s | %s | %s | %s |\n", $1, what,
                number($5), $4, number($6),
                $3 == "-" ? "" : number($7) " ± " sprintf("%.3f", $8),
                $10 == "-" ? "" : ($9 == ">=" ? "≥ " : "≤ ") $10
        }' "$WORK/results"
}


# Each row with a goal as a bar: how many times over it is reached; where the
# bar ends left of the line, it is not.
report_svg()
{
    awk -F '\t' -v machine="$(report_machine)" '
        function text(x, y, anchor, s)
        {
            gsub(/&/, "\\&amp;", s)
            gsub(/</, "\\&lt;", s)
            printf "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
                x, y, anchor, s
        }
        $10 != "-" && $7 > 0 {
            reached = ($9 == ">=") ? $7 / $10 : $10 / $7
            row[++n] = $1
            bar[n] = reached < 3 ? reached : 3
            value = $7 >= 100 ? int($7) : sprintf("%.2f", $7)
            label[n] = value " (goal " $9 " " $10 ")"
        }
        END {
            left = 130; unit = 150; line = 22; top = 40
            printf "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            printf "width=\"820\" height=\"%d\" font-family=\"sans-serif\" ",
                top + n * line + 20
            print "font-size=\"12\">"
            print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
            text(10, 20, "start", "How far each goal is reached; " machine)
            for (i = 1; i <= n; i++) {
                y = top + (i - 1) * line
                text(left - 8, y + 14, "end", row[i])
                printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"16\" ",
                    left, y + 2, bar[i] * unit
                print "fill=\"" (bar[i] < 1 ? "#c60" : "#4a8") "\"/>"
                text(left + bar[i] * unit + 6, y + 14, "start", label[i])
            }
            printf "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" ",
                left + unit, left + unit, top, top + n * line
            print "stroke=\"black\"/>"
            print "</svg>"
        }
    ' "$WORK/results"
}
