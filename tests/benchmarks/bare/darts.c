/* The darts of numba-simd in C: SplitMix64's finaliser over a Weyl sequence, all in whole numbers.
 * Reads "SAMPLES SEED" lines, answers CPU seconds and hits. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static uint64_t darts(uint64_t start, uint64_t samples)
{
    uint64_t hits = 0;
    for (uint64_t i = 0; i < samples; i++) {
        uint64_t word = (start + i) * UINT64_C(0x9E3779B97F4A7C15);
        word = (word ^ (word >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        word = (word ^ (word >> 27)) * UINT64_C(0x94D049BB133111EB);
        word ^= word >> 31;
        uint64_t x = word >> 33, y = word & UINT64_C(0x7FFFFFFF);
        hits += (x * x + y * y) >> 62 == 0;
    }
    return hits;
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

int main(void)
{
    uint64_t samples, seed;
    while (scanf("%" SCNu64 " %" SCNu64, &samples, &seed) == 2) {
        double start = cpu_s();
        uint64_t hits = darts(seed << 32 | seed >> 32, samples);
        printf("%.9f %" PRIu64 "\n", cpu_s() - start, hits);
        fflush(stdout);
    }
    return 0;
}
