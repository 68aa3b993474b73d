# The plot of the bench's results, as SVG, light or dark as the reader has it;
# see report.sh.  Given: machine.

BEGIN { FS = "\t"; left = 120; unit = 100; most = 3; line = 22; top = 52 }

function escape(s)
{
    gsub(/&/, "\\&amp;", s)
    gsub(/</, "\\&lt;", s)
    return s
}

function text(x, y, anchor, s)
{
    printf "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
        x, y, anchor, escape(s)
}

function number(x)
{
    return x >= 100 ? sprintf("%d", x) : sprintf("%.2f", x)
}

# How far the goal is reached: 1 is just.
function reached(value, sense, goal)
{
    if (sense == ">=") return value / goal
    return value * most > goal ? goal / value : most
}

$10 != "-" {
    row[++n] = $1
    bar[n] = reached($7, $9, $10)
    noise = $9 == ">=" ? $8 : -$8
    missed[n] = reached($7 + noise, $9, $10) < 1
    sign = $9 == ">=" ? "≥" : "≤"
    label[n] = $3 == "-" ? $7 + 0 " " $4 : number($7) " × " $3
    label[n] = label[n] " (goal " sign " " $10 ")"
}

END {
    bottom = top + n * line
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" "
    printf "viewBox=\"0 0 800 %d\" font-family=\"sans-serif\" ", bottom + 12
    print "font-size=\"12\">"
    print "<style>"
    print "rect { fill: #3b9471 } .page { fill: #fff } .miss { fill: #d2601a }"
    print "text { fill: #24292f } line { stroke: #24292f }"
    print "@media (prefers-color-scheme: dark) {"
    print ".page { fill: #16191d } text { fill: #e6e9ec }"
    print "line { stroke: #e6e9ec } }"
    print "</style>"
    print "<rect class=\"page\" width=\"100%\" height=\"100%\"/>"
    text(12, 20, "start", "How far each goal is reached: " machine)
    text(left + unit, top - 8, "middle", "the goal")

    for (i = 1; i <= n; i++) {
        y = top + (i - 1) * line
        width = (bar[i] < most ? bar[i] : most) * unit
        text(left - 8, y + 15, "end", row[i])
        printf "<rect %sx=\"%d\" y=\"%d\" width=\"%.0f\" height=\"16\"/>\n",
            missed[i] ? "class=\"miss\" " : "", left, y + 3, width
        text(left + (width > unit ? width : unit) + 8, y + 15, "start",
            label[i])
    }

    printf "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n",
        left + unit, left + unit, top, bottom
    print "</svg>"
}
