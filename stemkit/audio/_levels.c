/* How loud it is: extremes, sums, peaks and silence, loudness, and true peak. */

/* ---- Sums and extremes of cells of 10 ms (chunks.py), steps and zeros in them (defects.py). */

PART void describe_cells(kernel_meter *m, int channel)
{
    const float *x = samples_of(m, channel);
    float *steepest = m->steepest + channel * (int64_t)ALL_CELLS;
    int32_t *zeros = m->zeros + channel * (int64_t)ALL_CELLS;
    int64_t at = cells_at(m, channel);
    memmove(steepest, steepest + CELLS, PAST_CELLS * sizeof *steepest);
    memmove(zeros, zeros + CELLS, PAST_CELLS * sizeof *zeros);
    for (int cell = 0; cell < CELLS; cell++, x += m->cell_frames) {
        float low = x[0], high = x[0], total = 0, energy = 0, step = 0;
        int32_t none = 0;
#pragma omp simd reduction(min : low) reduction(max : high, step) reduction(+ : total, energy, none)
        for (int32_t i = 0; i < m->cell_frames; i++) {
            float here = x[i], moved = fabsf(here - x[i - 1]);
            low = here < low ? here : low;
            high = here > high ? here : high;
            step = moved > step ? moved : step;
            total += here;
            energy += here * here;
            none += here == 0;
        }
        m->lowest[at + cell] = low;
        m->highest[at + cell] = high;
        m->total[at + cell] = total;
        m->energy[at + cell] = energy;
        steepest[PAST_CELLS + cell] = step;
        zeros[PAST_CELLS + cell] = none;
    }
}

INLINE float *means_of(const kernel_meter *m, int channel)
{
    return m->means + ((int64_t)m->slot * m->channels + channel) * MEANS;
}

/* Means of 1 ms (subsonic.py); stretches differ by a frame where the rate is no multiple of 1 kHz. */
PART void take_means(kernel_meter *m, int channel)
{
    const float *x = samples_of(m, channel);
    float *means = means_of(m, channel);
    int64_t length = chunk_frames(m), begin = 0;
    for (int i = 0; i < MEANS; i++) {
        int64_t end = (i + 1) * length / MEANS;
        float total = 0;
#pragma omp simd reduction(+ : total)
        for (int64_t at = begin; at < end; at++)
            total += x[at];
        means[i] = total / (float)(end - begin);
        begin = end;
    }
}

/* How two channels relate (image.py). */
PART void compare_channels(kernel_meter *m)
{
    const float *left = samples_of(m, 0), *right = samples_of(m, 1);
    float difference = m->worst_difference, sum = m->worst_sum;
    for (int cell = 0; cell < CELLS; cell++, left += m->cell_frames, right += m->cell_frames) {
        float cross = 0;
#pragma omp simd reduction(+ : cross) reduction(max : difference, sum)
        for (int32_t i = 0; i < m->cell_frames; i++) {
            float apart = fabsf(left[i] - right[i]), together = fabsf(left[i] + right[i]);
            cross += left[i] * right[i];
            difference = apart > difference ? apart : difference;
            sum = together > sum ? together : sum;
        }
        m->cross[m->slot * (int64_t)CELLS + cell] = cross;
    }
    m->worst_difference = difference;
    m->worst_sum = sum;
}

/* ---- Peaks and the silence at both ends, to the sample (levels.py). */

INLINE float magnitude_of(const kernel_meter *m, int channel, int cell)
{
    int64_t at = cells_at(m, channel) + cell;
    return larger(m->highest[at], -m->lowest[at]);
}

INLINE float loudest_of(const kernel_meter *m, int channel)
{
    float loudest = 0;
    for (int cell = 0; cell < CELLS; cell++)
        loudest = larger(magnitude_of(m, channel, cell), loudest);
    return loudest;
}

PART void note_peak(kernel_meter *m, int channel, float loudest)
{
    const float *x = samples_of(m, channel);
    int cell = 0;
    while (magnitude_of(m, channel, cell) != loudest)
        cell++;
    int64_t at = (int64_t)cell * m->cell_frames;
    while (fabsf(x[at]) != loudest)
        at++;
    m->peaks[channel] = loudest;
    m->peak_frames[channel] = m->frames + at;
}

PART void note_sound(kernel_meter *m, int channel)
{
    const float *x = samples_of(m, channel);
    int first = 0, last = CELLS - 1;
    while (first < CELLS && magnitude_of(m, channel, first) == 0)
        first++;
    if (first == CELLS)
        return;
    while (magnitude_of(m, channel, last) == 0)
        last--;
    int64_t begin = (int64_t)first * m->cell_frames, end = (int64_t)(last + 1) * m->cell_frames - 1;
    while (x[begin] == 0)
        begin++;
    while (x[end] == 0)
        end--;
    if (m->first_sound < 0 || m->frames + begin < m->first_sound)
        m->first_sound = m->frames + begin;
    if (m->frames + end > m->last_sound)
        m->last_sound = m->frames + end;
}

PART void count_over(kernel_meter *m, int channel)
{
    const float *x = samples_of(m, channel);
    int64_t over = 0;
    for (int64_t i = 0; i < chunk_frames(m); i++)
        over += fabsf(x[i]) > 1;
    m->over_full_scale += over;
}

/* ---- The K filter (k_filter.py, ITU-R BS.1770-5): a block of 12 samples at a time.
 *
 * Filter states and samples enter, states and filtered samples leave, and both are sums of products with one
 * matrix. Only the states' part waits for the block before, which is what makes this faster than the recursion. What
 * lasts from block to block is kept in doubles. What a block adds to it, and what leaves, are floats, and together
 * they fill one vector.
 */

INLINE void weigh_row(const float *row, float by, float *leaves)
{
#pragma omp simd
    for (int to = 0; to < BOTH; to++)
        leaves[to] += row[to] * by;
}

/* Writes four samples past the last block; returns how many it took. */
INLINE int64_t filter_blocks_plainly(const kernel_meter *m, const float *x, float *out, double *state, int64_t length)
{
    double now[STATES], next[STATES];
    int64_t at = 0;
    memcpy(now, state, sizeof now);
    for (; at + BLOCK <= length; at += BLOCK) {
        float leaves[BOTH] = {0};
        for (int i = 0; i < BLOCK; i++)
            weigh_row(m->k_rows[STATES + i], x[at + i], leaves);
        for (int to = 0; to < STATES; to++)
            next[to] = (m->k_carried[0][to] * now[0] + m->k_carried[1][to] * now[1])
                + (m->k_carried[2][to] * now[2] + m->k_carried[3][to] * now[3]) + leaves[BLOCK + to];
        for (int from = 0; from < STATES; from++)
            weigh_row(m->k_rows[from], (float)now[from], leaves);
        memcpy(now, next, sizeof now);
        memcpy(out + at, leaves, sizeof leaves);
    }
    memcpy(state, now, sizeof now);
    return at;
}

PART void k_filter(kernel_meter *m, int channel, float *out)
{
    const float *x = samples_of(m, channel);
    double *kept = m->k_state + channel * (int64_t)STATES, next[STATES], largest = 0;
    int64_t length = chunk_frames(m), at = 0;
    memcpy(next, kept, sizeof next);
#ifdef WIDE_VECTORS
    if (WIDE_VECTORS_FIT)
        at = filter_blocks_wide(m, x, out, next, length);
    else
#endif
#ifdef VECTORS
    if (VECTORS_FIT)
        at = filter_blocks_usual(m, x, out, next, length);
    else
#endif
        at = filter_blocks_plainly(m, x, out, next, length);
    for (; at < length; at++) { /* the rest: 100 cells are no whole blocks at every rate */
        double step[5] = {next[0], next[1], next[2], next[3], x[at]}, after[5] = {0};
        for (int from = 0; from < 5; from++)
            for (int to = 0; to < 5; to++)
                after[to] += step[from] * m->k_step[from][to];
        memcpy(next, after, sizeof(double) * STATES);
        out[at] = (float)after[4];
    }
    for (int i = 0; i < STATES; i++)
        largest = fabs(next[i]) > largest ? fabs(next[i]) : largest;
    for (int i = 0; i < STATES; i++) /* numbers near zero take processors a hundred times as long */
        kept[i] = largest < 1e-20 ? 0 : next[i];
}

INLINE int at_rest(const kernel_meter *m, int channel)
{
    const double *state = m->k_state + channel * (int64_t)STATES;
    return state[0] == 0 && state[1] == 0 && state[2] == 0 && state[3] == 0;
}

PART void weigh_energy(kernel_meter *m, int channel)
{
    const float *y = m->scratch;
    k_filter(m, channel, m->scratch);
    for (int cell = 0; cell < CELLS; cell++, y += m->cell_frames) {
        float energy = 0;
#pragma omp simd reduction(+ : energy)
        for (int32_t i = 0; i < m->cell_frames; i++)
            energy += y[i] * y[i];
        m->k_energy[cells_at(m, channel) + cell] = energy;
    }
}

/* ---- True peak (true_peak.py, ITU-R BS.1770-5 annex 2): three values in each gap between two samples.
 *
 * No value can exceed the highest sample near it times the filter's L1 norm. Where that bound does not beat the
 * maximum so far, 32 gaps are skipped, first by the extremes of the cells around them, then by the samples themselves.
 * The rest is filled from the middle outwards: the eight nearest samples make most of each value, and what the other 24
 * can add is bounded in the same way. Noise ends there, as music does; steady tones need all taps. The block with the
 * highest bound comes first, to raise the maximum.
 *
 * The value halfway weighs pairs of samples alike. Those at one and three quarters mirror each other: one part weighs
 * the sums of pairs for both, one their differences for the one and against the other, so the higher of the two is the
 * sum of both parts' magnitudes.
 */

INLINE void add_pairs(const kernel_meter *m, const float *x, int first, int end, float *values)
{
    for (int pair = first; pair < end; pair++) {
        const float *before = x + BEFORE - pair, *after = x + BEFORE + 1 + pair;
        float middle = m->middle[pair], even = m->even[pair], odd = m->odd[pair];
#pragma omp simd
        for (int gap = 0; gap < GAPS; gap++) {
            values[gap] += (before[gap] + after[gap]) * middle;
            values[GAPS + gap] += (before[gap] + after[gap]) * even;
            values[2 * GAPS + gap] += (before[gap] - after[gap]) * odd;
        }
    }
}

INLINE float fill_gaps_plainly(const kernel_meter *m, const float *x, float loudest)
{
    float values[3 * GAPS] = {0};
    add_pairs(m, x, 0, KERNEL_INNER_PAIRS, values);
    if (!(highest_of(values) + loudest * m->outer_gain > m->true_peak))
        return 0;
    add_pairs(m, x, KERNEL_INNER_PAIRS, PAIRS, values);
    return highest_of(values);
}

INLINE float fill_gaps(const kernel_meter *m, const float *x, float loudest)
{
#ifdef WIDE_VECTORS
    if (WIDE_VECTORS_FIT)
        return fill_gaps_wide(m, x, loudest);
#endif
#ifdef VECTORS
    if (VECTORS_FIT)
        return fill_gaps_usual(m, x, loudest);
#endif
    return fill_gaps_plainly(m, x, loudest);
}

/* The gaps after the samples from 32 before the chunk to 33 before its end, since they need a future. */
PART void find_true_peak(kernel_meter *m, int channel, float loudest)
{
    const float *x = samples_of(m, channel) - GAPS;
    int64_t length = chunk_frames(m), last = (length - 1) / GAPS, promising = 0, first = 0;
    float *bounds = m->scratch, highest = 0;
    if (!(larger(loudest, loudest_in(x - BEFORE, GAPS + BEFORE)) * m->gain > m->true_peak))
        return;
    for (int64_t b = 0; b <= last; b++) {
        int64_t begin = b < last ? b * GAPS : length - GAPS; /* the last block may overlap with the one before */
        int64_t from = begin - GAPS - BEFORE, to = from + GAPS + TAPS - 1;
        float bound = from < 0 ? loudest_in(x + begin - BEFORE, GAPS + TAPS) : 0;
        while ((first + 1) * m->cell_frames <= from)
            first++;
        for (int64_t cell = first; from >= 0 && cell * m->cell_frames <= to; cell++)
            bound = larger(bound, magnitude_of(m, channel, (int)cell));
        bounds[b] = bound * m->gain;
        if (bounds[b] > highest) {
            highest = bounds[b];
            promising = b;
        }
    }
    for (int64_t b = -1; highest > m->true_peak && b <= last; b++) {
        int64_t block = b < 0 ? promising : b;
        const float *near = x + (block < last ? block * GAPS : length - GAPS) - BEFORE;
        float around = bounds[block] > m->true_peak ? loudest_in(near, GAPS + TAPS) : 0;
        if (around * m->gain > m->true_peak)
            m->true_peak = larger(fill_gaps(m, near, around), m->true_peak);
    }
}
