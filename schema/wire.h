/*
 * wire.h: what lies on disk, byte for byte. Shared by the library that writes and the CLI that reads.
 *
 * A trace is a directory: one `metadata` file (CTF 1.8 text) and stream files
 *     s.PID.IMAGE.SLOT.PART          numbers in decimal, IMAGE = start of the process image in ns
 * plus `.ledger`, which CTF readers skip because of its dot. A stream file is made whole under a dot name, every
 * packet of it stamped, and then renamed: no reader ever sees a packet without its magic number. It never grows.
 *
 * Commit rule: an event exists when content_size covers it. The writer stores the event first and content_size
 * last, with release order; a reader takes content_size as it finds it. What a killed writer left beyond does not exist.
 */
#ifndef EX_WIRE_H
#define EX_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define EXEUNT_VERSION "0.1.0"

#define EX_TRACE_VERSION 1 /* raised when an old reader would misread a new trace */
#define EX_MAGIC 0xC1FC1FC1u
#define EX_PACKET_BYTES 65536u
#define EX_FIRST_PACKET_BYTES 16384u /* the first file of a stream; a packet's own header says its size */
#define EX_EVENT_MAX_BYTES 20480u    /* larger than any event: 12 KiB of stack, registers, paths */
#define EX_TEXT_MAX_BYTES 4096u	     /* a longer TEXT is cut */
#define EX_ARGV_MAX_BYTES 2048u
#define EX_STACK_MAX_BYTES 12288u
#define EX_REGS_MAX 33u		    /* registers in DWARF order; x86-64 uses 17 */
#define EX_OPTION_MAX_BYTES 1024u   /* one value in the EXEUNT variable, with its NUL; the trace's path is one */
#define EX_SKIP_MAX 8		    /* handlers that one skip=, defer= or first= may name */
#define EX_ENTER_MAX 16		    /* functions that enter= may name */
#define EX_RETURNS_MAX 8	    /* functions that value-profile= may name */
#define EX_SIGNAL_MAX 64	    /* largest flush=signal: */
#define EX_FLUSH_EVERY_MAX_S 86400u /* largest flush=every: */
#define EX_HOST_MAPPINGS 65530	    /* vm.max_map_count where nobody has changed it */
#define EX_BALLAST_MAX 16777216	    /* largest ballast=: 64 GiB of pages */
/* treatment scribble */
#define EX_SCRIBBLE_FRESH 0xaa
#define EX_SCRIBBLE_FREED 0x55
#define EX_SCRIBBLE_BYTES (1u << 20)	      /* of one block */
#define EX_STACK_SIZE_MAX_BYTES (64ull << 20) /* Linux leaves the main thread's stack 128 MiB to grow into */
#define EX_GUARD_SITES_MAX 16		      /* sites that one guard=site: may name */
#define EX_GUARD_FRAMES 4
#define EX_GUARD_FRAMES_MAX 16
#define EX_KEEP_LIMIT_BYTES (16ull << 30)
#define EX_ARENAS_MAX 4096		     /* largest arenas= */
#define EX_GROW_STEP_MIN_BYTES 4096ull	     /* bounds of grow-step=, besides 0 */
#define EX_GROW_STEP_MAX_BYTES (32ull << 20) /* half a heap of glibc's: a larger step would never fit */
#define EX_DELAY_MAX_US 1000000u	     /* largest delay= */
#define EX_SIZE_CLASSES                                                                                                \
	48 /* of counters: class 0 is size 0, class k sizes up to 2^k - 1 with k bits; the last has the rest */
#define EX_CLONES_MAX 32u	    /* largest clones= */
#define EX_CLONE_SLOTS 64u	    /* of a process; more than live, so that what became of the last ones can be read */
#define EX_CLONE_LIFE_MAX_S 604800u /* largest clone-life= */
#define EX_CLONES_NAME ".clones."   /* and PID.IMAGE, as in the names of streams: struct ex_clones */
#define EX_LEDGER_NAME ".ledger"
#define EX_METADATA_NAME "metadata"
#define EX_LIBRARY_NAME "libexeunt.so"
#define EX_LIBRARY_HEAP_NAME "libexeunt-heap.so" /* with the malloc family wrapped; lies beside the other */

struct ex_packet_header {
	uint32_t magic;
	uint32_t stream_id;    /* class of the stream; 0 is the only one so far */
	uint64_t content_bits; /* the commit word: bits of the packet that are valid, header included */
	uint64_t packet_bits;  /* whole packet */
	uint64_t image_ns;     /* with pid: the process image that wrote it */
	uint32_t pid;
	uint32_t lost; /* events of this process image lost so far */
};

struct ex_event_header {
	uint16_t id;
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	uint32_t tid;
} __attribute__((packed));

/*
 * One page that all processes of a trace share and that is allocated before they start, so that losses are counted
 * even when the disk is full. All counters are atomic, in events or bytes.
 */
struct ex_ledger {
	char magic[8]; /* "exledger" */
	uint32_t trace_version;
	uint32_t clones;	 /* made so far; their numbers */
	uint64_t bytes;		 /* stream files made so far */
	uint64_t limit_bytes;	 /* 0 = none */
	uint64_t images;	 /* process images that began */
	uint64_t lost_no_file;	 /* events lost: no stream file could be made (disk, permission, descriptors, gone) */
	uint64_t lost_limit;	 /* events lost: the size limit was reached */
	uint64_t lost_too_large; /* events lost: larger than a packet */
	uint64_t lost_reentry;	 /* events lost: the library was interrupted by itself (a signal inside a hook) */
};

/*
 * What the copies of a process (treatment clone-at), the process, and the command that asks them share: a file beside the
 * streams, mapped by all of them. A copy waits on its slot's word `asked`; whoever asks holds a lock on the file (flock).
 */
enum ex_clone_state { EX_CLONE_NONE, EX_CLONE_WAITS, EX_CLONE_RUNS, EX_CLONE_ENDED };
enum ex_clone_wish { EX_CLONE_NOTHING, EX_CLONE_RERUN, EX_CLONE_END };
enum ex_clone_over { EX_CLONE_NOT_OVER, EX_CLONE_OVER, EX_CLONE_EXEC };

struct ex_clone_slot {
	uint32_t pid;	 /* the copy, 0 = none was made */
	uint32_t state;	 /* ex_clone_state */
	uint32_t number; /* as in event CLONE */
	uint32_t n;	 /* how often the point had come */
	uint64_t time_ns;
	uint32_t replaced, missing;
	uint64_t shared_bytes;
	uint32_t asked;	   /* raised with each wish */
	uint32_t answered; /* what asked was, when the last wish was done */
	uint32_t wish;	   /* ex_clone_wish */
	uint32_t asker;	   /* process whose descriptors out and err are the re-run's standard output and error */
	int32_t out, err;
	uint32_t rerun;	     /* process that runs now, 0 */
	int32_t status;	     /* wait status of the last one, or -errno: none could be made */
	uint32_t reruns;     /* so far */
	uint32_t was_silent; /* of the last one: out and err could not be opened, and are /dev/null */
	uint64_t reserved[4];
};

struct ex_clones {
	char magic[8]; /* "exclones" */
	uint32_t trace_version;
	uint32_t pid; /* with image_ns: the process that the copies are of */
	uint64_t image_ns;
	uint32_t over;	/* ex_clone_over: how far that process came */
	uint32_t point; /* EX_point_* */
	uint32_t made;	/* slot of a copy: how many were made before it, modulo EX_CLONE_SLOTS */
	uint32_t life_s;
	char text[EX_OPTION_MAX_BYTES]; /* the setting */
	char out[EX_OPTION_MAX_BYTES];	/* folder of the trace that the next re-run writes, "" = this one */
	struct ex_clone_slot slots[EX_CLONE_SLOTS];
};

_Static_assert(sizeof(struct ex_clone_slot) == 112, "no padding: two programs read it");
_Static_assert(sizeof(struct ex_packet_header) == 40, "packet header is part of the format");
_Static_assert(sizeof(struct ex_event_header) == 14, "event header is part of the format");
_Static_assert(sizeof(struct ex_ledger) <= 4096, "the ledger is one page");

#endif
