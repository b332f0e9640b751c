# timeline.awk: holds one program's timelines against the head of its source, its own marks, and the dynamic linker.
# usage: awk -f timeline.awk -v program=NAME  NAMES SOURCE ROWS MARKS [LINKER] [TEXT]
#   NAMES   nm -A: what an offset is called; variants that end in "-stripped" are named by it alone
#   SOURCE  its head says what is expected, see tests/zoo/exit/parts.h
#   ROWS    of timeline.jq;  MARKS  VARIANT TAB line of output;  LINKER  names of objects, in finalizing order;  TEXT  a report
# Prints what differs, and ends with 1 if anything does.
BEGIN { FS = "\t" }
FILENAME == names_file {
	if (!match($0, /:[0-9a-f]+ [A-Za-z] /))
		next
	module = substr($0, 1, RSTART - 1)
	sub(/.*\//, "", module)
	offset = substr($0, RSTART + 1)
	sub(/ .*/, "", offset)
	sub(/^0+/, "", offset)
	kind = substr($0, RSTART + RLENGTH - 2, 1)
	if (kind ~ /[tTwW]/ && !((module, offset) in symbol_at))
		symbol_at[module, offset] = substr($0, RSTART + RLENGTH)
	next
}
FILENAME == source_file {
	if (match($0, /^\/\/ (row|thread|ends): /))
		want = want substr($0, 4) "\n"
	else if (match($0, /^\/\/ says: /))
		says = substr($0, 10)
	else if (match($0, /^\/\/ closed before exit: /))
		closed[substr($0, 24)] = 1
	else if ($0 ~ /^\/\/ no linker: /)
		no_linker = 1
	next
}
FILENAME == rows_file {
	variant = $1
	variants[variant] = 1
	if ($2 == "ends") {
		flush_row(variant)
		got[variant] = got[variant] threads[variant] "ends: " $3 ($4 == "" ? "" : " " $4) "\n"
		threads[variant] = ""
		images[variant]++
		if ($3 != "exec")
			whose[variant] = "child: "
		next
	}
	name = called(variant, $2 == "thread" ? $3 : $4, $2 == "thread" ? $4 : $5, $2 == "thread" ? $5 : $6)
	if ($2 == "thread") {
		threads[variant] = threads[variant] "thread: " name "\n"
		next
	}
	if ($3 == "fini" && variant == "glibc" && !images_ended() && $6 != "_dl_fini" && $4 != seen_last) {
		seen_last = $4
		if (!($4 in seen))
			finalized = finalized $4 "\n"
		seen[$4] = 1
	}
	if (!is_own($4, $3) || name == "_fini" || name == "__do_global_dtors_aux")
		next
	row = "row: " $3 " " name ($7 == "" ? "" : " " $7) ($8 == "" ? "" : " " $8)
	if (row != held[variant]) {
		flush_row(variant)
		held[variant] = row
	}
	count[variant]++
	if ($3 != "main-end")
		order[variant, whose[variant]] = order[variant, whose[variant]] name "\n"
	next
}
FILENAME == marks_file {
	if (match($2, /^mark: /))
		marks[$1, ""] = marks[$1, ""] substr($2, 7) "\n"
	else if (match($2, /^child: /))
		marks[$1, "child: "] = marks[$1, "child: "] substr($2, 8) "\n"
	next
}
FILENAME == linker_file {
	if (!($0 in closed))
		linker = linker $0 "\n"
	next
}
FILENAME == text_file {
	if (FNR == 1 && match($0, /\(process [0-9]+\) /))
		said = substr($0, RSTART + RLENGTH)
	else if (match($0, /^ *#[0-9]+ +[0-9.]+ [nmu]?s +end +/) && substr($0, RLENGTH + 1) != said)
		said = said ", but its row " substr($0, RLENGTH + 1)
}
END {
	if (want == "")
		differ("all", "the head of " source_file, "// ends: …", "")
	for (variant in variants) {
		differ(variant, "the head of its source (left) and exeunt's rows (right)", want, got[variant])
		differ(variant, "its own marks (left) and exeunt's rows (right)", marks[variant, ""], order[variant, ""])
		differ(variant, "marks of children (left) and exeunt's rows (right)", marks[variant, "child: "], order[variant, "child: "])
		seen_variants++
	}
	if (seen_variants != expected)
		differ("all", "variants that were compared", expected, seen_variants)
	if (!no_linker)
		differ("glibc", "order of finalizers, LD_DEBUG=files (left) and exeunt's rows (right)", linker, finalized)
	differ("glibc", "the end in words, source (left) and text report (right)", says == "" ? words() : says, said)
	# the same in several variants is shown once
	for (text in who)
		print who[text] ": " text
	exit bad
}
# of the first process: the rest of `want` is other processes'
function words(    n, parts) {
	if (!match(want, /ends: [^e][^\n]*\n|ends: exit [^\n]*\n/))
		return "?"
	n = split(substr(want, RSTART, RLENGTH - 1), parts, " ")
	if (parts[2] == "exit")
		return (substr(want, 1, RSTART) ~ /row: main-end/ ? "main returned, " : "") "exit status " parts[n]
	if (parts[2] == "_exit")
		return "left by _exit with status " parts[n] ": exit handlers did not run"
	if (parts[2] == "quick_exit")
		return "left by quick_exit with status " parts[n] ": only at_quick_exit handlers run"
	return parts[2] == "abort" ? "called abort()" : "died of " parts[n]
}
function images_ended() { return whose["glibc"] != "" }
function is_own(module, kind) { return (module == "?" && kind ~ /handler|fini|dtor|-report|last-row|-in-order/) || module == program || module ~ /^lib.*_dso\.so$/ }
function called(variant, module, offset, symbol) {
	sub(/^0x0*/, "", offset)
	if (variant ~ /-stripped$/)
		return ((module, offset) in symbol_at) ? symbol_at[module, offset] : module "+" offset
	return symbol
}
function flush_row(variant) {
	if (count[variant])
		got[variant] = got[variant] held[variant] (count[variant] > 1 ? " x" count[variant] : "") "\n"
	held[variant] = ""
	count[variant] = 0
}
function differ(variant, what, left, right,    l, r, n, m, i, text) {
	if (left == right)
		return
	bad = 1
	text = what "\n"
	n = split(left, l, "\n")
	m = split(right, r, "\n")
	for (i = 1; i <= n || i <= m; i++)
		if (l[i] != "" || r[i] != "")
			text = text sprintf("  %s %-50s %s\n", l[i] == r[i] ? " " : "!", l[i], r[i])
	who[text] = who[text] (who[text] == "" ? "" : ", ") variant
}
