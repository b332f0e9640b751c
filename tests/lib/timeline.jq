# timeline.jq: reports as lines, one field behind a tab each. usage: jq -rn -f timeline.jq VARIANT/PID.json…
#   VARIANT row KIND MODULE OFFSET SYMBOL "in thread"|"" "did not return"|""
#   VARIANT thread MODULE OFFSET SYMBOL
#   VARIANT ends KIND STATUS|SIGNAL          behind the rows of its image; `env` in front of the program is left out
def text: if . == null then "?" else tostring end;
reduce inputs as $report ({}; .[input_filename | split("/")[0]] += [$report])
| to_entries[] | .key as $variant | .value as $reports
| [$reports[0].processes[] | select(.exe | test("/env$") | not)] as $images
| range($images | length) as $i | $images[$i] as $image
| ([$images[$i + 1:][] | select(.pid == $image.pid)] == []) as $is_last
| ([$reports[] | select(.pid == $image.pid)][0]) as $report
| (if $is_last | not then empty
   elif $report == null then [$variant, "row", "no-report", "?", "?", "?", "", ""]
   else
	($report.teardown[:-1][] | [$variant, "row", .kind, (.module | text), (.offset | text), (.symbol | text),
		(if .thread != $image.pid then "in thread" else "" end), (if .duration_ns == null then "did not return" else "" end)]),
	($report.teardown[-1] | select(.kind != "end") | [$variant, "row", "last-row-is-" + .kind, "?", "?", "?", "", ""]),
	([$report.teardown[].n | select(. > 0)] | select(. != unique)
		| [$variant, "row", "numbers-not-in-order", "?", "?", "?", "", ""]),
	([$report.teardown[].begin_ns | select(. != null)] | select(. != sort)
		| [$variant, "row", "times-not-in-order", "?", "?", "?", "", ""]),
	($report.threads_at_exit[] | [$variant, "thread", (.module | text), (.offset | text), (.symbol | text)])
   end),
  [$variant, "ends", ($image.end.kind | text), (if $image.end.signal != null then $image.end.signal else ($image.end.status // "" | tostring) end)]
| join("\t")
