// Tells Thread Sanitizer of Swift's `Mutex`; loaded before the tests by `Tools/test --races`.
//
// What `Mutex` does without waiting is compiled into our code, where the sanitizer sees it. Where two threads meet, one
// waits in Swift's library, which is built without it: what they then hand to each other would be taken for a race.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define HANDLE "$s15Synchronization12_MutexHandleV"
#define LOCK HANDLE "9_lockSlowyys6UInt32VF"
#define UNLOCK HANDLE "11_unlockSlowyyF"

// Of the sanitizer; there is none in the processes that start the tests.
extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

SWIFT void lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void unlock(SELF) __asm__(UNLOCK);

SWIFT void lock(uint32_t thread, SELF) {
    ((SWIFT void (*)(uint32_t, SELF))dlsym(RTLD_NEXT, LOCK))(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlock(SELF) {
    if (__tsan_release) __tsan_release(self);
    ((SWIFT void (*)(SELF))dlsym(RTLD_NEXT, UNLOCK))(self);
}
