// The processor's own CRC-32C, which Swift has no name for. Only where `dipnet_crc32c_is_fast` says so.
// By the compiler's builtins: the functions of its own headers do not come through a module.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

static inline int dipnet_crc32c_is_fast(void) { return __builtin_cpu_supports("sse4.2"); }

// `crc` as it stands between the initial and the final XOR.
__attribute__((target("sse4.2"))) static inline uint32_t dipnet_crc32c(
    uint32_t crc, const uint8_t *bytes, size_t count) {
    uint64_t wide = crc, word;
    for (; count >= 8; bytes += 8, count -= 8) {
        memcpy(&word, bytes, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; count > 0; bytes++, count--) crc = __builtin_ia32_crc32qi(crc, *bytes);
    return crc;
}

#elif defined(__aarch64__) && defined(__linux__)

#include <asm/hwcap.h>
#include <sys/auxv.h>

static inline int dipnet_crc32c_is_fast(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

__attribute__((target("crc"))) static inline uint32_t dipnet_crc32c(
    uint32_t crc, const uint8_t *bytes, size_t count) {
    uint64_t word;
    for (; count >= 8; bytes += 8, count -= 8) {
        memcpy(&word, bytes, 8);
        crc = __builtin_arm_crc32cd(crc, word);
    }
    for (; count > 0; bytes++, count--) crc = __builtin_arm_crc32cb(crc, *bytes);
    return crc;
}

#else

static inline int dipnet_crc32c_is_fast(void) { return 0; }

static inline uint32_t dipnet_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return crc;
}

#endif
