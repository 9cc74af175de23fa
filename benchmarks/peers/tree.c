/* One HH or passive cell on a tree, or LANES of them side by side: what one core does in plain C.
 *
 *   gcc -O3 -march=native -ffast-math -mprefer-vector-width=512 -DREAL=double -DLANES=1 tree.c -o tree -lm
 *   tree INPUT TRACE REPEATS
 *
 * Backward Euler as NEURON's fixed step: voltage from the gates of the last step, then the gates from the new voltage.
 * The lane is the fastest index. Blocks of LANES cells run one after the other, each over the whole time, so that a
 * block stays in the cache.
 *
 * INPUT, binary: int32 n_node, n_comp, n_probe, batch, hh, steps; int32 parent[n_node], comp_node[n_comp], probe[n_probe];
 * double dt, v0, amp, start, stop, gk, g_rest, i_rest, ena, ek; double cap[n_comp] nF, area[n_comp] in S/cm2 -> uS,
 * g[n_node] uS, gna[batch]. Parents stand before their children; node 0 is the root and carries the stimulus.
 * TRACE: float per step and probe, of the middle cell of the batch. One line of JSON: CPU seconds of each repetition.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef REAL
#define REAL double
#endif
#ifndef LANES
#define LANES 1
#endif
#define L LANES
typedef REAL real;
#define C(x) ((real)(x))
#define EXP(x) (sizeof(real) == 8 ? C(exp(x)) : C(expf(x)))

typedef struct {
    int32_t n, nc, np, batch, hh, steps;
} Size;
typedef struct {
    double dt, v0, amp, start, stop, gk, g_rest, i_rest, ena, ek;
} Number;

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_mb(void) {
    double kb = 0;
    char line[256];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %lf", &kb) == 1) break;
    if (f) fclose(f);
    return kb / 1024;
}

static void *room(size_t bytes) {
    void *p = NULL;
    if (posix_memalign(&p, 64, bytes + 64)) exit(1);
    memset(p, 0, bytes);
    return p;
}

static void take(void *to, size_t bytes, FILE *f) {
    if (fread(to, 1, bytes, f) != bytes) exit(2);
}

/* x / (exp(x) - 1), finite at 0 without a branch; the series is exact to 2e-10 where it is used */
static inline real ratio(real x) {
    const real y = fabs(x) < C(0.02) ? C(1) : x;
    return fabs(x) < C(0.02) ? 1 - x * C(0.5) + x * x * C(1.0 / 12) : y / (EXP(y) - 1);
}

static inline void rates(real v, real *restrict am, real *restrict bm, real *restrict ah, real *restrict bh,
                         real *restrict an, real *restrict bn) {
    *am = ratio((-40 - v) * C(0.1));
    *bm = 4 * EXP((-65 - v) * C(1.0 / 18));
    *ah = C(0.07) * EXP((-65 - v) * C(1.0 / 20));
    *bh = 1 / (EXP((-35 - v) * C(0.1)) + 1);
    *an = C(0.1) * ratio((-55 - v) * C(0.1));
    *bn = C(0.125) * EXP((-65 - v) * C(1.0 / 80));
}

static inline real advanced(real x, real a, real b, real dt) {
    const real s = a + b, inf = a / s;
    return inf + (x - inf) * EXP(-dt * s);
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    FILE *f = fopen(argv[1], "rb");
    if (!f) return 2;
    Size z;
    Number q;
    take(&z, sizeof z, f);
    const int n = z.n, nc = z.nc, m_lanes = nc * L;
    int32_t *parent = room(4 * (size_t)n), *node = room(4 * (size_t)nc), *probe = room(4 * (size_t)z.np);
    take(parent, 4 * (size_t)n, f), take(node, 4 * (size_t)nc, f), take(probe, 4 * (size_t)z.np, f);
    take(&q, sizeof q, f);
    double *cap = room(8 * (size_t)nc), *area = room(8 * (size_t)nc), *axial = room(8 * (size_t)n);
    double *gna_of = room(8 * (size_t)z.batch);
    take(cap, 8 * (size_t)nc, f), take(area, 8 * (size_t)nc, f), take(axial, 8 * (size_t)n, f);
    take(gna_of, 8 * (size_t)z.batch, f);
    fclose(f);

    real *restrict V = room(sizeof(real) * (size_t)n * L), *restrict D = room(sizeof(real) * (size_t)n * L);
    real *restrict R = room(sizeof(real) * (size_t)n * L), *restrict W = room(sizeof(real) * (size_t)m_lanes);
    real *restrict M = room(sizeof(real) * (size_t)m_lanes), *restrict H = room(sizeof(real) * (size_t)m_lanes);
    real *restrict N = room(sizeof(real) * (size_t)m_lanes), *restrict gna = room(sizeof(real) * (size_t)L);
    real *restrict G = room(sizeof(real) * (size_t)m_lanes), *restrict J = room(sizeof(real) * (size_t)m_lanes);
    real *d0 = room(sizeof(real) * (size_t)n), *g = room(sizeof(real) * (size_t)n);
    real *ar = room(sizeof(real) * (size_t)nc), *cd = room(sizeof(real) * (size_t)nc);
    for (int i = 0; i < n; i++) g[i] = C(axial[i]);
    for (int i = 1; i < n; i++) d0[i] += g[i], d0[parent[i]] += g[i];
    for (int k = 0; k < nc; k++) ar[k] = C(area[k]), cd[k] = C(cap[k] / q.dt);
    float *trace = room(sizeof(float) * (size_t)(z.steps + 1) * (size_t)z.np);
    const int repeats = atoi(argv[3]), middle = z.batch / 2;
    const real gk = C(q.gk), g_rest = C(q.g_rest), i_rest = C(q.i_rest), ena = C(q.ena), ek = C(q.ek), dt = C(q.dt);

    printf("{\"cpu_s\": [");
    for (int rep = 0; rep < repeats; rep++) {
        const double begin = cpu();
        for (int block = 0; block * L < z.batch; block++) {
            const int lane = block == middle / L ? middle % L : -1;
            for (int b = 0; b < L; b++) gna[b] = C(gna_of[block * L + b < z.batch ? block * L + b : z.batch - 1]);
            for (int i = 0; i < n * L; i++) V[i] = C(q.v0);
            real am, bm, ah, bh, an, bn;
            rates(C(q.v0), &am, &bm, &ah, &bh, &an, &bn);
            for (int j = 0; j < m_lanes; j++) {
                W[j] = C(q.v0), M[j] = am / (am + bm), H[j] = ah / (ah + bh), N[j] = an / (an + bn);
            }
            if (lane >= 0)
                for (int s = 0; s < z.np; s++) trace[s] = (float)q.v0;
            for (int step = 0; step < z.steps; step++) {
                const double t = (step + 0.5) * q.dt;
                const real stimulus = t >= q.start && t < q.stop ? C(q.amp) : 0;
                if (z.hh) {
#pragma GCC ivdep
                    for (int k = 0; k < nc; k++)
                        for (int b = 0; b < L; b++) {
                            const int j = k * L + b;
                            const real na = gna[b] * M[j] * M[j] * M[j] * H[j], n2 = N[j] * N[j], kk = gk * n2 * n2;
                            G[j] = ar[k] * (na + kk + g_rest) + cd[k];
                            J[j] = ar[k] * (na * ena + kk * ek + i_rest) + cd[k] * W[j];
                        }
                } else {
#pragma GCC ivdep
                    for (int k = 0; k < nc; k++)
                        for (int b = 0; b < L; b++) {
                            const int j = k * L + b;
                            G[j] = ar[k] * g_rest + cd[k], J[j] = ar[k] * i_rest + cd[k] * W[j];
                        }
                }
                for (int i = 0; i < n; i++)
                    for (int b = 0; b < L; b++) D[i * L + b] = d0[i], R[i * L + b] = 0;
                for (int k = 0; k < nc; k++)
                    for (int b = 0; b < L; b++) D[node[k] * L + b] += G[k * L + b], R[node[k] * L + b] = J[k * L + b];
                for (int b = 0; b < L; b++) R[b] += stimulus;
                for (int i = n - 1; i > 0; i--) {
                    const int p = parent[i] * L, c = i * L;
                    for (int b = 0; b < L; b++) {
                        const real w = 1 / D[c + b], e = g[i] * w;
                        D[p + b] -= e * g[i], R[p + b] += e * R[c + b];
                        D[c + b] = e, R[c + b] *= w;
                    }
                }
                for (int b = 0; b < L; b++) V[b] = R[b] / D[b];
                for (int i = 1; i < n; i++) {
                    const int p = parent[i] * L, c = i * L;
                    for (int b = 0; b < L; b++) V[c + b] = R[c + b] + D[c + b] * V[p + b];
                }
                for (int k = 0; k < nc; k++)
                    for (int b = 0; b < L; b++) W[k * L + b] = V[node[k] * L + b];
                if (z.hh) {
#pragma GCC ivdep
                    for (int j = 0; j < m_lanes; j++) {
                        rates(W[j], &am, &bm, &ah, &bh, &an, &bn);
                        M[j] = advanced(M[j], am, bm, dt);
                        H[j] = advanced(H[j], ah, bh, dt);
                        N[j] = advanced(N[j], an, bn, dt);
                    }
                }
                if (lane >= 0)
                    for (int s = 0; s < z.np; s++)
                        trace[(size_t)(step + 1) * (size_t)z.np + (size_t)s] = (float)V[probe[s] * L + lane];
            }
        }
        printf("%s%.9f", rep ? ", " : "", cpu() - begin);
    }
    printf("], \"peak_rss_mb\": %.1f}\n", peak_mb());
    f = fopen(argv[2], "wb");
    if (!f) return 2;
    fwrite(trace, sizeof(float), (size_t)(z.steps + 1) * (size_t)z.np, f);
    fclose(f);
    return 0;
}
