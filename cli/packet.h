/*
 * packet.h: decoding one packet. The public form is ex_trace_packet in trace.h.
 */
#ifndef EX_PACKET_H
#define EX_PACKET_H

#include "trace.h"

/* as ex_trace_packet; sets *damaged when committed bytes do not decode, else leaves it */
int ex_packet_decode(const unsigned char *bytes, size_t length, void (*emit)(void *arg, const struct ex_event *event),
		     void *arg, unsigned *damaged);

#endif
