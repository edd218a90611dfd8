/* All per-sample figures of a measurement in one pass over chunks of one second.
 *
 * The modules beside these files define every figure in numpy and give its source; they compute the same
 * faster, and are compiled as one. Each part names the module that it must agree with. A chunk is decoded into rows that stay in the second
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
#define CLONES 1
#define PART ALONE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PART ALONE
#endif

/* Vectors of a fixed size, for the hot loops that compilers do not vectorise well by themselves. GCC takes vectors that
 * the processor does not have through memory, which is slower than no vectors; so there are two widths, and a processor
 * without AVX2 gets plain loops. On one that has it, those took 32 ms for a stem of three minutes instead of 17, and for
 * white noise 55 instead of 38. */
#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#define VECTORS 1
#if defined(__x86_64__)
#define USUAL_WIDTH 8
#else
#define USUAL_WIDTH 4
#endif
#if defined(CLONES) || defined(__AVX512F__)
#define WIDE_VECTORS 1
#endif
typedef float floats4 __attribute__((vector_size(16)));
typedef double doubles4 __attribute__((vector_size(32)));
typedef int32_t words4 __attribute__((vector_size(16)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
#endif

#if defined(CLONES)
#define VECTORS_FIT __builtin_cpu_supports("x86-64-v3")
#define WIDE_VECTORS_FIT __builtin_cpu_supports("x86-64-v4")
#elif !defined(VECTORS) || (defined(__x86_64__) && !defined(__clang__) && !defined(__AVX2__))
#define VECTORS_FIT 0
#else
#define VECTORS_FIT 1
#define WIDE_VECTORS_FIT 1
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

enum { STATES = 4, BLOCK = 12, BOTH = STATES + BLOCK }; /* of the K filter, and the samples that it takes at a time */
enum { TAPS = 32, PAIRS = TAPS / 2, GAPS = 32 };        /* of the true peak, and the gaps that it fills at a time */
enum { BEFORE = PAIRS - 1 };                            /* a gap sees 15 samples before its own, and 16 after it */

INLINE int64_t chunk_frames(const kernel_meter *m) { return (int64_t)CELLS * m->cell_frames; }
INLINE int64_t past_frames(const kernel_meter *m) { return (int64_t)PAST_CELLS * m->cell_frames; }
INLINE float *row_of(const kernel_meter *m, int channel) { return m->buffer + channel * (int64_t)ALL_CELLS * m->cell_frames; }
INLINE float *samples_of(const kernel_meter *m, int channel) { return row_of(m, channel) + past_frames(m); }
INLINE int64_t cells_at(const kernel_meter *m, int channel) { return ((int64_t)m->slot * m->channels + channel) * CELLS; }
INLINE float larger(float a, float b) { return a > b ? a : b; }
INLINE float smaller(float a, float b) { return a < b ? a : b; }

/* Magnitudes of floats are in the order of their bits, and compilers turn a maximum of integers into vector code. */
INLINE float loudest_in(const float *x, int count)
{
    int32_t most = 0, bits;
    float loudest;
    for (int i = 0; i < count; i++) {
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7fffffff;
        most = bits > most ? bits : most;
    }
    return memcpy(&loudest, &most, sizeof loudest), loudest;
}

/* The highest of what 32 gaps hold, of their middles, and of the halves that the values beside those are made of. */
INLINE float highest_of(const float *values)
{
    float highest[GAPS];
    for (int i = 0; i < GAPS; i++) {
        float middle = fabsf(values[i]), beside = fabsf(values[GAPS + i]) + fabsf(values[2 * GAPS + i]);
        highest[i] = middle > beside ? middle : beside;
    }
    return loudest_in(highest, GAPS);
}

/* ---- Decoding (source.py): integers become value / 2^(bits - 1). Hosts are little-endian, as the files are. */

INLINE int32_t whole_number(const uint8_t *at, int size)
{
    int16_t narrow;
    int32_t wide;
    if (size == 2)
        return memcpy(&narrow, at, 2), narrow;
    if (size == 4)
        return memcpy(&wide, at, 4), wide;
    return (int32_t)((uint32_t)at[0] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 24) >> 8;
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
#define decode_packed24(m, in, frames) 0
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

/* One channel. What a sample is, and how far the next one lies for one channel and for two, is known when this is
 * compiled, so that each kind gets its own loop. */
INLINE void decode_channel(kernel_meter *m, const uint8_t *in, int apart, int size, float *out, int64_t frames)
{
    int64_t stride = (int64_t)apart * size;
    int wants_bits = m->grid_bits && !m->off_grid && !(m->bits & 1);
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
}

INLINE void decode_size(kernel_meter *m, const uint8_t *in, int apart, int size, float *out, int64_t frames)
{
    if (apart == 1)
        decode_channel(m, in, 1, size, out, frames);
    else if (apart == 2)
        decode_channel(m, in, 2, size, out, frames);
    else
        decode_channel(m, in, apart, size, out, frames);
}

PART void decode(kernel_meter *m, const uint8_t *samples, int64_t frames)
{
    static const int sizes[] = {4, 8, 2, 3, 4, 4, 8};
    const int size = sizes[m->format], planar = m->format <= FORMAT_PLANAR64, apart = planar ? 1 : m->channels;
    int64_t done = m->format == FORMAT_PCM24 && VECTORS_FIT ? decode_packed24(m, samples, frames) : 0;
    for (int c = 0; c < m->channels; c++) {
        float *out = samples_of(m, c);
        const uint8_t *in = samples + (planar ? c * chunk_frames(m) : c + done * apart) * size;
        if (size == 2)
            decode_size(m, in, apart, 2, out, frames);
        else if (size == 3)
            decode_size(m, in, apart, 3, out + done, frames - done);
        else if (size == 4)
            decode_size(m, in, apart, 4, out, frames);
        else
            decode_size(m, in, apart, 8, out, frames);
        memset(out + frames, 0, (size_t)(chunk_frames(m) - frames) * sizeof *out);
    }
}
