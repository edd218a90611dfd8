/* The two hottest loops in vectors. This file is read twice: for the vectors that most processors have, and for those of
 * AVX-512, which are twice as wide, where it is compiled for them or may choose at run time. */

#ifdef VECTORS

#ifndef WIDTH
#define WIDTH USUAL_WIDTH
#define IN_WIDTH(name) name##_usual
#else
#undef WIDTH
#undef IN_WIDTH
#define WIDTH 16
#define IN_WIDTH(name) name##_wide
#endif

#if WIDTH == USUAL_WIDTH || defined(WIDE_VECTORS)

typedef float IN_WIDTH(floats) __attribute__((vector_size(4 * WIDTH)));

/* Part of the K filter, see _levels.c. Writes four samples past the last block; returns how many it took. */
INLINE int64_t IN_WIDTH(filter_blocks)(const kernel_meter *m, const float *x, float *out, double *state, int64_t length)
{
    enum { VECTORS_A_ROW = BOTH / WIDTH };
    IN_WIDTH(floats) rows[BOTH][VECTORS_A_ROW];
    doubles4 carried[STATES], now;
    int64_t at = 0;
    memcpy(&now, state, sizeof now);
    memcpy(carried, m->k_carried, sizeof carried);
    memcpy(rows, m->k_rows, sizeof rows);
    for (; at + BLOCK <= length; at += BLOCK) {
        const floats4 past = __builtin_convertvector(now, floats4);
        IN_WIDTH(floats) leaves[VECTORS_A_ROW];
        floats4 added;
        for (int part = 0; part < VECTORS_A_ROW; part++)
            leaves[part] = rows[STATES][part] * x[at];
        for (int i = 1; i < BLOCK; i++)
            for (int part = 0; part < VECTORS_A_ROW; part++)
                leaves[part] += rows[STATES + i][part] * x[at + i];
        memcpy(&added, (const char *)(leaves + VECTORS_A_ROW) - sizeof added, sizeof added);
        for (int part = 0; part < VECTORS_A_ROW; part++)
            leaves[part] += (rows[0][part] * past[0] + rows[1][part] * past[1])
                + (rows[2][part] * past[2] + rows[3][part] * past[3]);
        /* One by one: GCC 12 would convert a whole vector in halves, through memory. */
        now = (((doubles4){added[0], added[1], added[2], added[3]} + carried[0] * now[0]) + carried[1] * now[1])
            + (carried[2] * now[2] + carried[3] * now[3]);
        memcpy(out + at, leaves, sizeof leaves);
    }
    memcpy(state, &now, sizeof now);
    return at;
}

/* Part of the true peak, see there. */
INLINE float IN_WIDTH(fill_gaps)(const kernel_meter *m, const float *x, float loudest)
{
    enum { PARTS = GAPS / WIDTH };
    IN_WIDTH(floats) sums[3][PARTS] = {0}, before, after; /* of the middle, even and odd weights */
    float values[3 * GAPS];
    for (int pair = 0; pair < PAIRS; pair++) {
        for (int part = 0; part < PARTS; part++) {
            memcpy(&before, x + BEFORE - pair + WIDTH * part, sizeof before);
            memcpy(&after, x + BEFORE + 1 + pair + WIDTH * part, sizeof after);
            sums[0][part] += (before + after) * m->middle[pair];
            sums[1][part] += (before + after) * m->even[pair];
            sums[2][part] += (before - after) * m->odd[pair];
        }
        if (pair == KERNEL_INNER_PAIRS - 1) {
            memcpy(values, sums, sizeof values);
            if (!(highest_of(values) + loudest * m->outer_gain > m->true_peak))
                return 0;
        }
    }
    memcpy(values, sums, sizeof values);
    return highest_of(values);
}

#endif
#endif
