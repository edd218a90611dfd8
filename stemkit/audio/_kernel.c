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

/* Vectors of a fixed size, which GCC and Clang break down to what the processor has. The three hot loops that
 * compilers do not vectorise well by themselves use them: true peak becomes twice, the K filter five times and
 * decoding of packed samples six times as fast. */
#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#define VECTORS 1
typedef float floats __attribute__((vector_size(64)));
typedef float floats4 __attribute__((vector_size(16)));
typedef int32_t words4 __attribute__((vector_size(16)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
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

#ifdef VECTORS
/* Packed 24 bits, four samples at a time: bytes 3 to 5 of the list, say, become the top of a word, from which a shift
 * drops the stray byte below. Both functions return how many frames they took. */
#define WORDS24(bytes, a, b, c, d)                                                                                     \
    (words4)__builtin_shufflevector(bytes, bytes, 0, a, a + 1, a + 2, 0, b, b + 1, b + 2, 0, c, c + 1, c + 2, 0, d,    \
                                    d + 1, d + 2)

INLINE words4 store24(words4 shifted, float *out)
{
    words4 values = shifted >> 8;
    floats4 scaled = __builtin_convertvector(values, floats4) * 0x1p-23f;
    memcpy(out, &scaled, sizeof scaled);
    return values;
}

INLINE int64_t decode_mono24(const uint8_t *in, float *out, int64_t frames, words4 *bits)
{
    int64_t at = 0;
    for (; at + 6 <= frames; at += 4) { /* 16 bytes are read, of which 12 are used */
        bytes16 read;
        memcpy(&read, in + 3 * at, sizeof read);
        *bits |= store24(WORDS24(read, 0, 3, 6, 9), out + at);
    }
    return at;
}

INLINE int64_t decode_stereo24(const uint8_t *in, float *left, float *right, int64_t frames, words4 *bits)
{
    int64_t at = 0;
    for (; at + 4 <= frames; at += 4) {
        bytes16 first, second; /* of 24 bytes, the last two frames begin at byte 12 */
        memcpy(&first, in + 6 * at, sizeof first);
        memcpy(&second, in + 6 * at + 8, sizeof second);
        words4 one = WORDS24(first, 0, 6, 3, 9), other = WORDS24(second, 4, 10, 7, 13);
        *bits |= store24(__builtin_shufflevector(one, other, 0, 1, 4, 5), left + at);
        *bits |= store24(__builtin_shufflevector(one, other, 2, 3, 6, 7), right + at);
    }
    return at;
}

INLINE int64_t decode_packed24(kernel_meter *m, const uint8_t *in, int64_t frames)
{
    words4 bits = {0};
    int64_t done = m->channels == 1   ? decode_mono24(in, samples_of(m, 0), frames, &bits)
                   : m->channels == 2 ? decode_stereo24(in, samples_of(m, 0), samples_of(m, 1), frames, &bits)
                                      : 0;
    m->bits |= (uint32_t)(bits[0] | bits[1] | bits[2] | bits[3]);
    return done;
}
#else
INLINE int64_t decode_packed24(kernel_meter *m, const uint8_t *in, int64_t frames) { return (void)m, (void)in, frames * 0; }
#endif

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
    int64_t done = m->format == FORMAT_PCM24 ? decode_packed24(m, samples, frames) : 0;
    for (int c = 0; c < m->channels; c++) {
        float *out = samples_of(m, c);
        const uint8_t *in = samples + (planar ? c * chunk_frames(m) : c) * size;
        int64_t stride = planar ? size : (int64_t)m->channels * size;
        if (m->format == FORMAT_PCM16)
            decode_pcm(m, in, stride, out, frames, 2, 0x1p-15f);
        else if (m->format == FORMAT_PCM24)
            decode_pcm(m, in + done * stride, stride, out + done, frames - done, 3, 0x1p-23f);
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

/* ---- The K filter (k_filter.py, ITU-R BS.1770-5): a block of 16 samples at a time.
 *
 * Filter states and samples enter, states and filtered samples leave, and both are sums of products with one
 * matrix. Only the states' part waits for the block before, which is what makes this faster than the recursion. What
 * lasts from block to block is kept in doubles; what a block adds to it, and what leaves, are floats.
 */

enum { STATES = 4, BLOCK = 16, BOTH = STATES + BLOCK };

#ifdef VECTORS
INLINE int64_t filter_blocks(const kernel_meter *m, const float *x, float *out, double *state, int64_t length)
{
    floats filtered[BOTH];
    floats4 enters[BLOCK];
    states carried[STATES], now;
    int64_t at = 0;
    memcpy(&now, state, sizeof now);
    memcpy(filtered, m->k_filtered, sizeof filtered);
    memcpy(enters, m->k_enters, sizeof enters);
    memcpy(carried, m->k_carried, sizeof carried);
    for (; at + BLOCK <= length; at += BLOCK) {
        floats4 added = enters[0] * x[at], more = enters[1] * x[at + 1];
        floats y = filtered[STATES] * x[at], also = filtered[STATES + 1] * x[at + 1];
        for (int i = 2; i < BLOCK; i += 2) {
            added += enters[i] * x[at + i];
            more += enters[i + 1] * x[at + i + 1];
            y += filtered[STATES + i] * x[at + i];
            also += filtered[STATES + i + 1] * x[at + i + 1];
        }
        y += filtered[0] * (float)now[0] + filtered[1] * (float)now[1];
        also += filtered[2] * (float)now[2] + filtered[3] * (float)now[3];
        now = (carried[0] * now[0] + carried[1] * now[1]) + (carried[2] * now[2] + carried[3] * now[3])
            + __builtin_convertvector(added + more, states);
        y += also;
        memcpy(out + at, &y, sizeof y);
    }
    memcpy(state, &now, sizeof now);
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
    int64_t length = chunk_frames(m), last = (length - 1) / GAPS, promising = 0;
    float *bounds = m->scratch, highest = 0, before = 0, earlier = 0;
    float here = loudest_in(x - GAPS, GAPS), after = loudest_in(x, GAPS);
    for (int64_t b = 0; b <= last; b++) { /* the last block may overlap with the one before */
        int64_t rest = length - b * GAPS;
        earlier = before;
        before = here;
        here = after;
        after = loudest_in(x + (b + 1) * GAPS, rest < GAPS ? (int)rest : GAPS);
        bounds[b] = larger(larger(before, here), larger(after, b == last ? earlier : 0)) * m->gain;
        if (bounds[b] > highest) {
            highest = bounds[b];
            promising = b;
        }
    }
    if (!(highest > m->true_peak))
        return;
    int64_t begin = promising < last ? promising * GAPS : length - GAPS;
    m->true_peak = larger(fill_gaps(m, x + begin - BEFORE), m->true_peak);
    for (int64_t b = 0; b <= last; b++)
        if (bounds[b] > m->true_peak) {
            begin = b < last ? b * GAPS : length - GAPS;
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

/* Marks of clipped samples, two more behind them as if the next ones were clipped too, and of those the ones that at
 * least two others follow: of the shortest run that counts, the first. */
INLINE void mark_clips(const kernel_meter *m, const float *x, float sign, int64_t length)
{
    const float near = m->near_full_scale, full = m->is_integer ? m->full_scale : INFINITY;
    uint8_t *marks = m->marks;
#pragma omp simd
    for (int64_t i = 0; i < length - 1; i++) {
        float before = sign * x[i - 1], here = sign * x[i], after = sign * x[i + 1];
        marks[i] = ((here >= near) & (here <= 1) & ((here == before) | (here == after))) | (here >= full);
    }
    float last = sign * x[length - 1]; /* behind it stands no neighbour yet */
    marks[length - 1] = ((last >= near) & (last <= 1) & (last == sign * x[length - 2])) | (last >= full);
    marks[length] = marks[length + 1] = 1;
}

PART void find_clips(kernel_meter *m, int channel, float sign)
{
    const float *x = samples_of(m, channel);
    int64_t length = chunk_frames(m), way = 2 * (int64_t)channel + (sign < 0), begin = 0;
    kernel_run *open = &m->clip_open[way];
    uint8_t *marks = m->marks;
    mark_clips(m, x, sign, length);
    if (open->end_frame == m->frames && open->end_frame > open->start_frame)
        while (begin < length && marks[begin])
            begin++;
    open->end_frame += begin;
    for (int64_t i = begin; i < length; i++)
        marks[i] &= marks[i + 1] & marks[i + 2];
    for (begin = skip_unmarked(marks, begin, length); begin < length; begin = skip_unmarked(marks, begin, length)) {
        int64_t end = begin;
        while (end < length && marks[end])
            end++;
        close_clip(m, way);
        *open = (kernel_run){m->frames + begin, m->frames + (end + 2 < length ? end + 2 : length), channel, fabsf(x[begin])};
        begin = end;
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
    for (int64_t cell = 0; cell <= CELLS; cell++) {
        if (start < 0 && (cell == CELLS || sign * tops[cell] < floor_level))
            continue;
        int64_t end = cell < CELLS ? (cell + 1) * cell_frames : CELLS * cell_frames + 1;
        for (int64_t i = cell * cell_frames; i < end; i++) {
            if (cell < CELLS && sign * x[i] >= floor_level) {
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
    for (int64_t cell = 0; cell <= ALL_CELLS; cell++) {
        if (cell == ALL_CELLS ? start < 0 : zeros[cell] == (start < 0 ? 0 : cell_frames))
            continue;
        for (int64_t i = cell * cell_frames; i < (cell + 1) * cell_frames && i <= end; i++) {
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
