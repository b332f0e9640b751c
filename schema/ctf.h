/*
 * ctf.h: the tables as CTF 1.8 metadata, one string literal put together by the preprocessor, so that the library
 * can write it without formatting anything. Only the clock's offset is not known before run time: the text ends
 * before it, see EX_CTF_CLOCK. Read back in the tests by babeltrace2.
 */
#ifndef EX_CTF_H
#define EX_CTF_H

#define EX_CTF_INT(bits, sign, base_)                                                                                  \
	"integer { size = " #bits "; align = 8; signed = " sign "; base = " base_ "; byte_order = le; }"

#define EX_CTF_TYPES                                                                                                   \
	"typealias " EX_CTF_INT(                                                                                       \
		8, "false",                                                                                            \
		"10") " := u8;\n"                                                                                      \
		      "typealias " EX_CTF_INT(                                                                         \
			      16, "false",                                                                             \
			      "10") " := u16;\n"                                                                       \
				    "typealias " EX_CTF_INT(                                                           \
					    32, "false",                                                               \
					    "10") " := u32;\n"                                                         \
						  "typealias " EX_CTF_INT(                                             \
							  64, "false",                                                 \
							  "10") " := u64;\n"                                           \
								"typealias " EX_CTF_INT(                               \
									32, "true",                                    \
									"10") " := i32;\n"                             \
									      "typealias " EX_CTF_INT(                 \
										      64, "false",                     \
										      "16") " := ptr;\n"               \
											    "typealias " EX_CTF_INT(   \
												    8, "false",        \
												    "16") " := "       \
													  "byte;\n"

#define EX_CTF_HEAD                                                                                                    \
	"/* CTF 1.8 */\n"                                                                                              \
	"/* written by exeunt " EXEUNT_VERSION "; the tables are in its schema folder */\n" EX_CTF_TYPES               \
	"trace {\n\tmajor = 1; minor = 8; byte_order = le;\n"                                                          \
	"\tpacket.header := struct { u32 magic; u32 stream_id; };\n};\n"                                               \
	"env {\n\ttracer_name = \"exeunt\";\n\texeunt_trace_version = 1;\n\texeunt_version = \"" EXEUNT_VERSION        \
	"\";\n};\n"

/* the offset, 20 digits with leading blanks, and EX_CTF_CLOCK_END follow */
#define EX_CTF_CLOCK                                                                                                   \
	"clock {\n\tname = monotonic;\n\tdescription = \"CLOCK_MONOTONIC\";\n\tfreq = 1000000000;\n\toffset = "
#define EX_CTF_CLOCK_DIGITS 20
#define EX_CTF_CLOCK_END                                                                                               \
	";\n};\n"                                                                                                      \
	"typealias integer { size = 64; align = 8; signed = false; byte_order = le; map = clock.monotonic.value; } "   \
	":= time_ns;\n"                                                                                                \
	"stream {\n\tid = 0;\n"                                                                                        \
	"\tpacket.context := struct { u64 content_size; u64 packet_size; u64 image; u32 pid; u32 lost; };\n"           \
	"\tevent.header := struct { u16 id; time_ns timestamp; };\n"                                                   \
	"\tevent.context := struct { u32 tid; };\n};\n"

/* the rest: kinds and events, as one literal in the file that includes this header with EX_CTF_TEXT wanted */
#define EX_CTF_ROW(set, NAME, value, text, doc) " \"" text "\" = " #value ","
#define EX_CTF_SET(set, doc, ...)                                                                                      \
	"enum " #set " : integer { size = 8; align = 8; signed = false; byte_order = le; } {" __VA_ARGS__ " };\n"
#define EX_CTF_FIELD(type, name, unit, doc) " " #type " " #name ";"
#define EX_CTF_KIND(set, name, doc) " enum " #set " " #name ";"
#define EX_CTF_STRING(name, doc) " string " #name ";"
#define EX_CTF_BLOB(name, doc) " u16 " #name "_bytes; byte " #name "[" #name "_bytes];"
#define EX_CTF_EVENT(id_, NAME, name_, since, doc, ...)                                                                \
	"event {\n\tid = " #id_ ";\n\tname = \"" #name_ "\";\n\tstream_id = 0;\n"                                      \
	"\tfields := struct {" __VA_ARGS__ " };\n};\n"

#endif
