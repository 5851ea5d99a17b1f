// Measures what this machine can do at most, with nothing but the libraries: public-key recoveries by
// libsecp256k1 on all cores, puts by LevelDB, and a 4 KiB append with fdatasync.
//
//   limits FOLDER SECONDS [recoveries|appends]
//
// prints one JSON object, with 0 for what was not asked for; FOLDER is on the disk to be measured.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <leveldb/c.h>
#include <pthread.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIGNATURES 256
#define BATCH 10000

static secp256k1_context *context;
static secp256k1_ecdsa_recoverable_signature signatures[SIGNATURES];
static unsigned char hashes[SIGNATURES][32];
static double seconds;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    fprintf(stderr, "limits: %s\n", what);
    exit(1);
}

static uint64_t state = 88172645463325252ULL;
static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void *recover(void *counted) {
    uint64_t done = 0;
    double end = now() + seconds;
    secp256k1_pubkey key;
    while (now() < end) {
        for (int i = 0; i < SIGNATURES; i++)
            if (!secp256k1_ecdsa_recover(context, &key, &signatures[i], hashes[i])) fail("recovery failed");
        done += SIGNATURES;
    }
    *(uint64_t *)counted = done;
    return NULL;
}

static double recoveries(void) {
    context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
    for (int i = 0; i < SIGNATURES; i++) {
        unsigned char secret[32];
        for (int k = 0; k < 32; k += 8) {
            uint64_t a = next_random() >> 1, b = next_random();
            memcpy(secret + k, &a, 8);
            memcpy(hashes[i] + k, &b, 8);
        }
        secret[0] = 1;
        if (!secp256k1_ecdsa_sign_recoverable(context, &signatures[i], hashes[i], secret, NULL, NULL))
            fail("signing failed");
    }
    int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t *threads = calloc(cores, sizeof *threads);
    uint64_t *counts = calloc(cores, sizeof *counts), sum = 0;
    double start = now();
    for (int i = 0; i < cores; i++) pthread_create(&threads[i], NULL, recover, &counts[i]);
    for (int i = 0; i < cores; i++) pthread_join(threads[i], NULL);
    double elapsed = now() - start;
    for (int i = 0; i < cores; i++) sum += counts[i];
    return sum / elapsed;
}

static double puts_per_second(const char *folder) {
    char path[4096], *error = NULL;
    snprintf(path, sizeof path, "%s/limits-leveldb", folder);
    leveldb_options_t *options = leveldb_options_create();
    leveldb_options_set_create_if_missing(options, 1);
    leveldb_options_set_write_buffer_size(options, 16 << 20);
    leveldb_options_set_compression(options, leveldb_no_compression);
    leveldb_t *db = leveldb_open(options, path, &error);
    if (error) fail(error);
    leveldb_writeoptions_t *write = leveldb_writeoptions_create();
    leveldb_writebatch_t *batch = leveldb_writebatch_create();
    uint64_t done = 0;
    double start = now(), end = start + seconds;
    while (now() < end) {
        leveldb_writebatch_clear(batch);
        for (int i = 0; i < BATCH; i++) {
            char key[25] = {1}, value[32] = {0};
            uint64_t a = next_random(), b = next_random();
            memcpy(key + 5, &a, 8);
            memcpy(key + 13, &b, 8);
            memcpy(value, &b, 8);
            leveldb_writebatch_put(batch, key, sizeof key, value, sizeof value);
        }
        leveldb_write(db, write, batch, &error);
        if (error) fail(error);
        done += BATCH;
    }
    double elapsed = now() - start;
    leveldb_writebatch_destroy(batch);
    leveldb_close(db);
    leveldb_destroy_db(options, path, &error);
    return done / elapsed;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

// With a rest before each append, as an idle node has it: the processor slept, and its caches are others'.
static double fdatasync_median(const char *folder, useconds_t rest) {
    enum { ROUNDS = 300 };
    static double times[ROUNDS];
    static char block[4096];
    char path[4096];
    snprintf(path, sizeof path, "%s/limits-sync", folder);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
    if (file < 0) fail(strerror(errno));
    memset(block, 0x5a, sizeof block);
    for (int i = 0; i < ROUNDS; i++) {
        if (rest > 0) usleep(rest);
        double start = now();
        if (write(file, block, sizeof block) != sizeof block || fdatasync(file) != 0) fail(strerror(errno));
        times[i] = (now() - start) * 1000;
    }
    close(file);
    unlink(path);
    qsort(times, ROUNDS, sizeof *times, compare);
    return times[ROUNDS / 2];
}

int main(int count, char **arguments) {
    if (count < 3 || count > 4 || (seconds = atof(arguments[2])) <= 0)
        fail("usage: limits FOLDER SECONDS [recoveries|appends]");
    const char *only = count == 4 ? arguments[3] : "";
    double recover_rate = 0, put_rate = 0, sync = 0, rested = 0;
    if (strcmp(only, "appends") != 0) recover_rate = recoveries();
    if (*only == 0) put_rate = puts_per_second(arguments[1]);
    if (strcmp(only, "recoveries") != 0) {
        sync = fdatasync_median(arguments[1], 0);
        rested = fdatasync_median(arguments[1], 2000);
    }
    printf("{\"recoverPerSecond\":%.0f,\"putsPerSecond\":%.0f,\"fdatasyncMilliseconds\":%.4f,"
           "\"restedFdatasyncMilliseconds\":%.4f}\n",
           recover_rate, put_rate, sync, rested);
    return 0;
}
