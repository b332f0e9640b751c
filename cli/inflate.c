/*
 * inflate.c: see inflate.h. libelf decompresses sections only, so the stream is made one: of an ELF file in memory that has
 * nothing else.
 */
#include "inflate.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#define RATIO_MAX 1032 /* of deflate */

static unsigned char *decompressed(Elf *elf, size_t length)
{
	Elf_Scn *scn = elf ? elf_getscn(elf, 1) : NULL;
	Elf_Data *data = scn && elf_compress(scn, 0, 0) >= 0 ? elf_getdata(scn, NULL) : NULL;
	unsigned char *bytes = NULL;
	if (data && data->d_buf && data->d_size == length && (bytes = malloc(length)))
		memcpy(bytes, data->d_buf, length);
	return bytes;
}

unsigned char *ex_inflate(const unsigned char *stream, size_t stream_length, size_t length)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Shdr sections[2];
		Elf64_Chdr compressed;
	} * file;
	if (!length || length / RATIO_MAX > stream_length)
		return NULL;
	size_t file_length = sizeof(*file) + stream_length;
	file = calloc(1, file_length);
	if (!file)
		return NULL;
	memcpy(file->header.e_ident, ELFMAG, SELFMAG);
	file->header.e_ident[EI_CLASS] = ELFCLASS64;
	file->header.e_ident[EI_DATA] = ELFDATA2LSB;
	file->header.e_ident[EI_VERSION] = EV_CURRENT;
	file->header.e_version = EV_CURRENT;
	file->header.e_ehsize = sizeof(file->header);
	file->header.e_shoff = offsetof(__typeof__(*file), sections);
	file->header.e_shentsize = sizeof(file->sections[0]);
	file->header.e_shnum = 2;
	file->sections[1].sh_type = SHT_PROGBITS;
	file->sections[1].sh_flags = SHF_COMPRESSED;
	file->sections[1].sh_offset = offsetof(__typeof__(*file), compressed);
	file->sections[1].sh_size = sizeof(file->compressed) + stream_length;
	file->sections[1].sh_addralign = 8;
	file->compressed.ch_type = ELFCOMPRESS_ZLIB;
	file->compressed.ch_size = length;
	file->compressed.ch_addralign = 1;
	memcpy(file + 1, stream, stream_length);
	elf_version(EV_CURRENT);
	Elf *elf = elf_memory((char *)file, file_length);
	unsigned char *bytes = decompressed(elf, length);
	if (elf)
		elf_end(elf);
	free(file);
	return bytes;
}
