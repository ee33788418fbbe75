// SPDX-License-Identifier: Apache-2.0
// Preloaded, and linked -z initfirst, when Mosquitto runs with a sanitized plugin. libasan starts at the first
// malloc, and its start ends in gettext (dlerror). Where that malloc is made by another library's constructor
// inside newlocale() or bindtextdomain(), libc's lock for it is held, gets unlocked twice, and the next thread that
// wants it waits for ever. So the first malloc is made here, before any other constructor.
#include <stdlib.h>

__attribute__((constructor)) static void first_malloc(void) {
  volatile char* memory = malloc(1);
  free((void*)memory);
}
