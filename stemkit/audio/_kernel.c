/* All per-sample figures of a measurement in one pass over chunks of one second.
 *
 * The modules beside this file define every figure in numpy and give its source; this file computes the same
 * faster. Each part names the module that it must agree with. A chunk is decoded into rows that stay in the second
 * level cache while all parts look at them. Loops are written so that compilers turn them into vector code; where
 * the compiler can, they are built for several generations of processors and chosen at run time.
 */

#include <math.h>
#include <string.h>

#if defined(_MSC_VER)
#define INLINE static __forceinline
#define ALONE static __declspec(noinline)
#elif defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define ALONE static __attribute__((noinline))
#else
#define INLINE static inline
#define ALONE static
#endif

/* A part of the pass, built for each processor; parts that are inlined into each other run out of registers.
 * Sanitizers start after the loader has chosen a clone, so builds with them have none. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12 \
    && !defined(__SANITIZE_ADDRESS__)
#define PART ALONE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PART ALONE
#endif

/* Vectors of 64 bytes, which GCC and Clang break down to what the processor has. The two hot loops that compilers do
 * not vectorise well by themselves use them: true peak becomes twice, the K filter three times as fast. */
#if defined(__GNUC__)
#define VECTORS 1
typedef float floats __attribute__((vector_size(64)));
typedef double doubles __attribute__((vector_size(64)));
typedef double states __attribute__((vector_size(32)));
#endif

enum {
    FORMAT_PLANAR32, /* decoded already: rows of 100 cells, of floats */
    FORMAT_PLANAR64, /* and of doubles */
    FORMAT_PCM16,    /* the rest is interleaved and little-endian, as in a file */
    FORMAT_PCM24,
    FORMAT_PCM32,
    FORMAT_FLOAT32,
    FORMAT_FLOAT64
};

enum {
    CELLS = 100,
    PAST_CELLS = 16,
    ALL_CELLS = CELLS + PAST_CELLS,
    MEANS = 1000,
    LISTED = 100
};

INLINE int64_t chunk_frames(const kernel_meter *m) { return (int64_t)CELLS * m->cell_frames; }
INLINE int64_t past_frames(const kernel_meter *m) { return (int64_t)PAST_CELLS * m->cell_frames; }
INLINE float *row_of(const kernel_meter *m, int channel) { return m->buffer + channel * (int64_t)ALL_CELLS * m->cell_frames; }
INLINE float *samples_of(const kernel_meter *m, int channel) { return row_of(m, channel) + past_frames(m); }
INLINE int64_t cells_at(const kernel_meter *m, int channel) { return ((int64_t)m->slot * m->channels + channel) * CELLS; }
INLINE float larger(float a, float b) { return a > b ? a : b; }
INLINE float smaller(float a, float b) { return a < b ? a : b; }

/* ---- Decoding (source.py): integers become value / 2^(bits - 1). Hosts are little-endian, as the files are. */

INLINE int32_t whole_number(const uint8_t *at, int size)
{
    uint32_t word = 0;
    for (int i = 0; i < size; i++)
        word |= (uint32_t)at[i] << (8 * (4 - size + i));
    return (int32_t)word >> (8 * (4 - size));
}

INLINE void decode_pcm(kernel_meter *m, const uint8_t *in, int64_t stride, float *out, int64_t frames, int size, float step)
{
    uint32_t bits = 0;
    for (int64_t i = 0; i < frames; i++) {
        int32_t value = whole_number(in + i * stride, size);
        bits |= (uint32_t)value;
        out[i] = (float)value * step;
    }
    m->bits |= bits;
}

INLINE double wide_sample(const uint8_t *at, int is_double)
{
    double wide;
    float narrow;
    if (is_double)
        memcpy(&wide, at, 8);
    else
        memcpy(&narrow, at, 4);
    return is_double ? wide : (double)narrow;
}

/* NaN and Inf become silence, are counted, and the first is remembered (chunks.py). */
INLINE void decode_floats(kernel_meter *m, const uint8_t *in, int64_t stride, float *out, int64_t frames, int is_double)
{
    int bad = 0;
    for (int64_t i = 0; i < frames; i++) {
        double value = wide_sample(in + i * stride, is_double);
        bad |= !(fabs(value) <= 0x1.fffffffffffffp1023);
        out[i] = (float)value;
    }
    for (int64_t i = 0; bad && i < frames; i++) {
        if (isfinite(wide_sample(in + i * stride, is_double)))
            continue;
        out[i] = 0;
        m->non_finite++;
        if (m->non_finite_at < 0 || m->frames + i < m->non_finite_at)
            m->non_finite_at = m->frames + i;
    }
}

/* Float samples on the grid of whole numbers (bit_depth.py); one that lies off it settles the question. */
INLINE void collect_bits(kernel_meter *m, const uint8_t *in, int64_t stride, int64_t frames, int is_double)
{
    double scale = (double)((int64_t)1 << (m->grid_bits - 1));
    uint64_t bits = 0;
    for (int64_t i = 0; i < frames; i++) {
        double scaled = wide_sample(in + i * stride, is_double) * scale;
        if (!isfinite(scaled) && !isfinite(wide_sample(in + i * stride, is_double)))
            continue;
        if (m->is_float && (fabs(scaled) > scale || rint(scaled) != scaled)) {
            m->off_grid = 1;
            return;
        }
        bits |= (uint64_t)(int64_t)scaled;
    }
    m->bits |= bits;
}

PART void decode(kernel_meter *m, const uint8_t *samples, int64_t frames)
{
    static const int sizes[] = {4, 8, 2, 3, 4, 4, 8};
    int size = sizes[m->format];
    int planar = m->format <= FORMAT_PLANAR64;
    int wants_bits = m->grid_bits && !m->off_grid && !(m->bits & 1);
    for (int c = 0; c < m->channels; c++) {
        float *out = samples_of(m, c);
        const uint8_t *in = samples + (planar ? c * chunk_frames(m) : c) * size;
        int64_t stride = planar ? size : (int64_t)m->channels * size;
        if (m->format == FORMAT_PCM16)
            decode_pcm(m, in, stride, out, frames, 2, 0x1p-15f);
        else if (m->format == FORMAT_PCM24)
            decode_pcm(m, in, stride, out, frames, 3, 0x1p-23f);
        else if (m->format == FORMAT_PCM32)
            decode_pcm(m, in, stride, out, frames, 4, 0x1p-31f);
        else {
            decode_floats(m, in, stride, out, frames, size == 8);
            if (wants_bits)
                collect_bits(m, in, stride, frames, size == 8);
        }
        memset(out + frames, 0, (size_t)(chunk_frames(m) - frames) * sizeof *out);
    }
}

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

/* Means of 1 ms (subsonic.py); stretches differ by a frame where the rate is no multiple of 1 kHz. */
PART void take_means(kernel_meter *m, int channel)
{
    const float *x = samples_of(m, channel);
    float *means = m->means + ((int64_t)m->slot * m->channels + channel) * MEANS;
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

/* ---- The K filter (k_filter.py, ITU-R BS.1770-5): a block of eight samples at a time.
 *
 * Filter states and samples enter, states and filtered samples leave, and both are sums of products with one
 * matrix. Only the states' part waits for the block before, which is what makes this faster than the recursion.
 */

enum { STATES = 4, BLOCK = 8, BOTH = STATES + BLOCK };

#ifdef VECTORS
INLINE int64_t filter_blocks(const kernel_meter *m, const float *x, float *out, double *state, int64_t length)
{
    doubles filtered[BOTH];
    states carried[BOTH];
    int64_t at = 0;
    for (int from = 0; from < BOTH; from++) {
        memcpy(&carried[from], m->k_block[from], sizeof(states));
        memcpy(&filtered[from], m->k_block[from] + STATES, sizeof(doubles));
    }
    for (; at + BLOCK <= length; at += BLOCK) {
        states next = carried[STATES] * (double)x[at];
        doubles y = filtered[STATES] * (double)x[at];
        for (int i = 1; i < BLOCK; i++) {
            next += carried[STATES + i] * (double)x[at + i];
            y += filtered[STATES + i] * (double)x[at + i];
        }
        y += (filtered[0] * state[0] + filtered[1] * state[1]) + (filtered[2] * state[2] + filtered[3] * state[3]);
        next += (carried[0] * state[0] + carried[1] * state[1]) + (carried[2] * state[2] + carried[3] * state[3]);
        for (int i = 0; i < STATES; i++)
            state[i] = next[i];
        for (int i = 0; i < BLOCK; i++)
            out[at + i] = (float)y[i];
    }
    return at;
}
#endif

PART void k_filter(kernel_meter *m, int channel, float *out)
{
    const float *x = samples_of(m, channel);
    double *kept = m->k_state + channel * (int64_t)STATES, next[STATES], largest = 0;
    int64_t length = chunk_frames(m), at = 0;
    memcpy(next, kept, sizeof next);
#ifdef VECTORS
    at = filter_blocks(m, x, out, next, length);
#endif
    for (; at < length; at++) { /* the rest: 100 cells are no whole blocks where a cell has an odd number of frames */
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
 * maximum so far, 32 gaps are skipped; the block with the highest bound comes first, to raise the maximum.
 */

enum { TAPS = 32, GAPS = 32, BEFORE = 15 }; /* a gap sees 15 samples before its own, and 16 after it */

INLINE float loudest_in(const float *x, int count)
{
    float loudest = 0;
#pragma omp simd reduction(max : loudest)
    for (int i = 0; i < count; i++)
        loudest = fabsf(x[i]) > loudest ? fabsf(x[i]) : loudest;
    return loudest;
}

#ifdef VECTORS

INLINE float fill_gaps(const kernel_meter *m, const float *x)
{
    floats sums[3][2] = {0}, near[2];
    float values[3 * GAPS];
    for (int k = 0; k < TAPS; k++) {
        memcpy(near, x + k, sizeof near);
        for (int phase = 0; phase < 3; phase++) { /* the filters of phases that are not wanted are zeros */
            sums[phase][0] += near[0] * m->taps[phase][k];
            sums[phase][1] += near[1] * m->taps[phase][k];
        }
    }
    memcpy(values, sums, sizeof values);
    return loudest_in(values, 3 * GAPS);
}

#else

INLINE float fill_gaps(const kernel_meter *m, const float *x)
{
    float values[3 * GAPS];
    for (int phase = 0; phase < 3; phase++)
        for (int i = 0; i < GAPS; i++) {
            float value = 0;
            for (int k = 0; k < TAPS; k++)
                value += m->taps[phase][k] * x[i + k];
            values[phase * GAPS + i] = value;
        }
    return loudest_in(values, 3 * GAPS);
}

#endif

/* The gaps after the samples from 32 before the chunk to 33 before its end, since they need a future. */
PART void find_true_peak(kernel_meter *m, int channel)
{
    const float *x = samples_of(m, channel) - GAPS;
    int64_t length = chunk_frames(m), blocks = (length + GAPS - 1) / GAPS, promising = 0;
    float *bounds = m->scratch, highest = 0;
    for (int64_t b = 0; b < blocks; b++) {
        int64_t begin = b + 1 < blocks ? b * GAPS : length - GAPS; /* the last one may overlap */
        bounds[b] = loudest_in(x + begin - BEFORE, GAPS + TAPS) * m->gain;
        if (bounds[b] > highest) {
            highest = bounds[b];
            promising = b;
        }
    }
    if (!(highest > m->true_peak))
        return;
    int64_t begin = promising + 1 < blocks ? promising * GAPS : length - GAPS;
    m->true_peak = larger(fill_gaps(m, x + begin - BEFORE), m->true_peak);
    for (int64_t b = 0; b < blocks; b++)
        if (bounds[b] > m->true_peak) {
            begin = b + 1 < blocks ? b * GAPS : length - GAPS;
            m->true_peak = larger(fill_gaps(m, x + begin - BEFORE), m->true_peak);
        }
}

/* ---- Clipping (clipping.py): runs at full scale, or of equal neighbours next to it; each polarity by itself. */

INLINE void close_clip(kernel_meter *m, int64_t way)
{
    kernel_run *open = &m->clip_open[way];
    if (open->end_frame - open->start_frame >= 3) {
        if (m->clip_counts[way] < LISTED)
            m->clip_runs[way * LISTED + m->clip_counts[way]] = *open;
        m->clip_counts[way]++;
    }
    open->start_frame = open->end_frame = -1;
}

INLINE int64_t skip_unmarked(const uint8_t *marks, int64_t at, int64_t length)
{
    uint64_t eight = 0;
    while (at + 8 <= length && (memcpy(&eight, marks + at, 8), eight == 0))
        at += 8;
    while (at < length && !marks[at])
        at++;
    return at;
}

PART void find_clips(kernel_meter *m, int channel, float sign)
{
    const float *x = samples_of(m, channel);
    int64_t length = chunk_frames(m), way = 2 * (int64_t)channel + (sign < 0);
    kernel_run *open = &m->clip_open[way];
    float near = m->near_full_scale, full = m->is_integer ? m->full_scale : INFINITY;
    for (int64_t i = 0; i < length; i++) { /* behind the last sample stands no neighbour yet */
        float here = sign * x[i], after = i + 1 < length ? sign * x[i + 1] : NAN;
        m->marks[i] = ((here >= near) & (here <= 1) & ((here == sign * x[i - 1]) | (here == after))) | (here >= full);
    }
    for (int64_t at = skip_unmarked(m->marks, 0, length); at < length; at = skip_unmarked(m->marks, at, length)) {
        int64_t begin = at;
        while (at < length && m->marks[at])
            at++;
        if (open->end_frame != m->frames + begin || open->end_frame == open->start_frame) {
            close_clip(m, way);
            *open = (kernel_run){m->frames + begin, m->frames + at, channel, fabsf(x[begin])};
        }
        open->end_frame = m->frames + at;
    }
}

/* ---- Flat tops (flat_tops.py): plateaus at the highest level of a second that a curve was cut off to. */

INLINE int was_cut(const kernel_meter *m, const float *start, int64_t length, float sign, double level)
{
    float before = sign * start[-1], earlier = sign * start[-2];
    float after = sign * start[length], later = sign * start[length + 1];
    float slope = smaller(before - earlier, after - later);
    float shoulders = smaller(smaller(before, after) - (float)(0.3 * level), smaller(earlier, later));
    double least = fmax(0.005 * level, 10.0 * m->step);
    return (double)slope * (double)length / 4 >= least && shoulders >= 0;
}

PART void find_flat_tops(kernel_meter *m, int channel, float sign, int64_t frames)
{
    const float *x = samples_of(m, channel), *tops = sign > 0 ? m->highest : m->lowest;
    kernel_run found[LISTED];
    int64_t count = 0, start = -1, cell_frames = m->cell_frames;
    double level = 0;
    tops += cells_at(m, channel);
    for (int cell = 0; cell < CELLS; cell++)
        level = fmax(level, sign * tops[cell]);
    if ((m->is_integer && level >= 1 - 0x1p-15) || level < fmax(0.0039810717055349725, 200.0 * m->step)) /* -48 dBFS */
        return;
    float floor_level = (float)(level - fmax(1e-6 * level, 2.1 * m->step));
    for (int64_t i = 0; i <= chunk_frames(m); i++) {
        int inside = i < chunk_frames(m);
        if (inside && start < 0 && sign * tops[i / cell_frames] < floor_level) {
            i += cell_frames - 1 - i % cell_frames;
            continue;
        }
        if (inside && sign * x[i] >= floor_level) {
            start = start < 0 ? i : start;
            continue;
        }
        int64_t length = i - start;
        if (start >= 0 && length >= 3 && length <= m->longest_flat && i + 1 < frames
            && was_cut(m, x + start, length, sign, level)) {
            if (count < LISTED)
                found[count] = (kernel_run){m->frames + start, m->frames + i, channel, (float)level};
            count++;
        }
        start = -1;
    }
    if (count < 3)
        return;
    for (int64_t i = 0; i < count && m->flat_count + i < LISTED; i++)
        m->flat_runs[m->flat_count + i] = found[i];
    m->flat_count += count;
    if (count > m->flat_most || (count == m->flat_most && level > m->flat_level)) {
        m->flat_most = count;
        m->flat_level = (float)level;
    }
}

/* ---- What may be dropouts and clicks (defects.py), for a closer look outside. */

enum { AHEAD_CELLS = 8, SHORTEST_DROPOUT = 8, LONGEST_DROPOUT_CELLS = 5, MOST_DROPOUTS = 10, AROUND = 6 };

PART void find_zero_runs(kernel_meter *m, int channel)
{
    const float *row = row_of(m, channel);
    const int32_t *zeros = m->zeros + channel * (int64_t)ALL_CELLS;
    int64_t cell_frames = m->cell_frames, end = (int64_t)ALL_CELLS * cell_frames, start = -1;
    int64_t first = (PAST_CELLS - AHEAD_CELLS) * cell_frames, last = end - AHEAD_CELLS * cell_frames;
    int32_t before = m->dropout_count;
    for (int64_t i = 0; i <= end; i++) {
        int64_t cell = i / cell_frames;
        if (i < end && (start < 0 ? zeros[cell] == 0 : zeros[cell] == cell_frames)) {
            i += cell_frames - 1 - i % cell_frames;
            continue;
        }
        if (i < end && row[i] == 0) {
            start = start < 0 ? i : start;
            continue;
        }
        if (start >= first && start < last && i - start >= SHORTEST_DROPOUT
            && i - start <= LONGEST_DROPOUT_CELLS * cell_frames) {
            if (m->dropout_count - before == MOST_DROPOUTS) { /* a pattern that somebody made */
                m->dropout_count = before;
                return;
            }
            m->dropouts[m->dropout_count++] = (kernel_run){start, i, channel, 0};
        }
        start = -1;
    }
}

PART void find_steep_cells(kernel_meter *m, int channel)
{
    const float *steepest = m->steepest + channel * (int64_t)ALL_CELLS;
    for (int at = PAST_CELLS - AHEAD_CELLS; at < ALL_CELLS - AHEAD_CELLS; at++) {
        float others = 0;
        if (steepest[at] < 0.01f)
            continue;
        for (int away = 2; away <= AROUND; away++)
            others = larger(others, larger(steepest[at - away], steepest[at + away]));
        if (steepest[at] >= 6.0f * others)
            m->clicks[m->click_count++] = (kernel_run){at, at + 1, channel, steepest[at]};
    }
}

INLINE int sounds(const kernel_meter *m, int channel, float loudest)
{
    const int32_t *zeros = m->zeros + channel * (int64_t)ALL_CELLS;
    int any = loudest >= 0.0031622776601683794f; /* -50 dBFS */
    for (int cell = 0; cell < PAST_CELLS; cell++)
        any |= zeros[cell] != m->cell_frames;
    return any;
}

/* ---- One chunk, and the end. */

void kernel_chunk(kernel_meter *m, const uint8_t *samples, int64_t frames)
{
    m->dropout_count = m->click_count = 0;
    for (int c = 0; c < m->channels; c++)
        memmove(row_of(m, c), row_of(m, c) + chunk_frames(m), (size_t)past_frames(m) * sizeof(float));
    decode(m, samples, frames);
    for (int c = 0; c < m->channels; c++) {
        describe_cells(m, c);
        take_means(m, c);
        if (m->k_weighted)
            weigh_energy(m, c);
        note_sound(m, c);
        float loudest = loudest_of(m, c);
        if (loudest > m->peaks[c])
            note_peak(m, c, loudest);
        if (loudest > 1)
            count_over(m, c);
        m->true_peak = larger(loudest, m->true_peak);
        find_true_peak(m, c);
        if (loudest >= m->near_full_scale) {
            find_clips(m, c, 1);
            find_clips(m, c, -1);
        }
        find_flat_tops(m, c, 1, frames);
        find_flat_tops(m, c, -1, frames);
        if (sounds(m, c, loudest)) {
            find_zero_runs(m, c);
            find_steep_cells(m, c);
        }
    }
    if (m->channels == 2)
        compare_channels(m);
    m->frames += frames;
    m->slot++;
}

/* The last gaps, whose future is silence, and the runs that nothing can follow. */
void kernel_finish(kernel_meter *m)
{
    for (int c = 0; c < m->channels; c++) {
        float tail[4 * GAPS] = {0};
        memcpy(tail, row_of(m, c) + ALL_CELLS * (int64_t)m->cell_frames - 2 * GAPS, 2 * GAPS * sizeof(float));
        m->true_peak = larger(fill_gaps(m, tail + GAPS - BEFORE), m->true_peak);
        m->true_peak = larger(fill_gaps(m, tail + 2 * GAPS - BEFORE), m->true_peak);
        close_clip(m, 2 * (int64_t)c);
        close_clip(m, 2 * (int64_t)c + 1);
    }
}
