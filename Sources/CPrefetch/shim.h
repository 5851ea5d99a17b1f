#pragma once

// Asks the processor to fetch the line of memory around an address, which may be anything; Swift has no name
// for that.
static inline void dipnet_prefetch(const void *address) { __builtin_prefetch(address); }
