/*
 * profraw_tool.h: the installed llvm-profdata. Each reads one version of raw profiles and no other.
 */
#ifndef EX_PROFRAW_TOOL_H
#define EX_PROFRAW_TOOL_H

#include "profraw.h"

#define EX_PROFRAW_TOOLS_MAX 8

/* how to call those that read that version, NULL behind the last; numbered ones first, the newest first */
const char *const *ex_profraw_tools(const struct ex_raw_version *version);
/* what the first installed one that reads the file says: WHOLE or BROKEN; UNKNOWN when none of them knows its version */
enum ex_profraw ex_profraw_tools_ask(const char *path);

#endif
