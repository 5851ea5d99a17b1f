#pragma once
// What Linux has and the module of the C library does not show: it is declared for whoever asks for GNU's
// extensions only. The declarations are those of sched.h and pthread.h.
#include <pthread.h>
#include <stddef.h>

int sched_getaffinity(int process, size_t size, void *processors);
int sched_setaffinity(int process, size_t size, const void *processors);
int pthread_setname_np(pthread_t thread, const char *name);
