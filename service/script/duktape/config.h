/* SPDX-License-Identifier: Apache-2.0 */
/* Duktape's configuration: Debian's own, and what a parsing script (HEX-4) needs otherwise. Included before
   anything of Duktape, whose own #include of duk_config.h then finds it done. */
#ifndef XGATE_SCRIPT_DUKTAPE_CONFIG_H
#define XGATE_SCRIPT_DUKTAPE_CONFIG_H

#include <duk_config.h>

#ifdef __cplusplus
extern "C" {
#endif
/* interpreter.cpp */
int xgate_script_is_out_of_time(void* udata);
double xgate_script_now(void* context);
double xgate_script_random(void);
int xgate_script_zone_offset(double time);
#ifdef __cplusplus
}
#endif

/* An endless loop ends, also inside try and finally. */
#define DUK_USE_INTERRUPT_COUNTER
#define DUK_USE_EXEC_TIMEOUT_CHECK(udata) xgate_script_is_out_of_time(udata)

/* A script sees its input and nothing else: the clock stands at the message's time, the zone is the platform's, and
   random numbers are the same in every call. */
#undef DUK_USE_DATE_GET_NOW
#define DUK_USE_DATE_GET_NOW(context) xgate_script_now(context)
#undef DUK_USE_GET_RANDOM_DOUBLE
#define DUK_USE_GET_RANDOM_DOUBLE(udata) xgate_script_random()
#undef DUK_USE_DATE_GET_LOCAL_TZOFFSET
#define DUK_USE_DATE_GET_LOCAL_TZOFFSET(time) xgate_script_zone_offset(time)
#undef DUK_USE_DATE_TZO_GMTIME_R
#undef DUK_USE_DATE_PRS_STRPTIME
#undef DUK_USE_DATE_FMT_STRFTIME

#endif
