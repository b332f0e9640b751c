# confusion.awk: lines "wanted given" as a table: rows what was wanted, columns what was given; order: names of the first ones
{
	n[$1, $2]++
	given[$2]
}
END {
	count = split(order, names)
	for (g in given) {
		known = 0
		for (i = 1; i <= count; i++)
			known += names[i] == g
		if (!known)
			names[++count] = g
	}
	for (i = 1; i <= count; i++) {
		line = sprintf("# %-24s", names[i])
		for (k = 1; k <= count; k++)
			line = line sprintf("%4d", n[names[i], names[k]])
		print line
	}
}
