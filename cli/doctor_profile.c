/*
 * doctor_profile.c: the LLVM profile in one file: whether its records are as one runtime reads them, and by which
 * treatments it can be had. Reads the file only.
 */
#include "doctor.h"

#include "scan_file.h"
#include "scan_profile.h"
#include "text.h"

/* what cannot help is not offered: the runtime's own writer stumbles over such records however early it is called */
static const char *treatments(const struct ex_scan_profile *profile, const struct ex_elf_file *file)
{
	if (profile->unread != EX_SCAN_READ || !profile->data_bytes)
		return "; -s flush=POINT can write it early, salvage cannot";
	if (!ex_scan_profile_is_wrong(profile))
		return "; -s flush=POINT can write it early, -s salvage=yes at any end";
	if (!ex_scan_profile_misread_sites(profile))
		return "; -s salvage=yes writes it all the same";
	if (ex_elf_file_symbol(file, "__llvm_profile_instrument_target"))
		return "; -s salvage=yes -s value-profile=off writes it all the same";
	return "; -s salvage=yes -s value-profile=off,MODULE+0xOFFSET writes it all the same, with the offsets of the "
	       "functions that record values: exeunt diagnose finds the one that dies";
}

void ex_doctor_profile(struct ex_doctor *doctor, const char *path)
{
	struct ex_scan_profile profile = {.is_there = 0};
	struct ex_elf_file file;
	unsigned char *bytes;
	size_t length;
	/* stays mapped and open: what was read points into it */
	if (ex_scan_file_map(path, &bytes, &length) || !ex_elf_file_open(&file, bytes, length)) {
		ex_doctor_add(doctor, EX_FINDING_NOTE, "LLVM profile", "in %s, which cannot be read", path);
		return;
	}
	ex_scan_profile_read(&profile, &file);
	ex_doctor_add(doctor, ex_scan_profile_is_wrong(&profile) ? EX_FINDING_NOTE : EX_FINDING_OK, "LLVM profile",
		      "in %s: %s%s", path, ex_scan_profile_verdict(&profile),
		      profile.is_there ? treatments(&profile, &file) : "");
}
