/* The compiled kernel, fed with strangers' bytes under sanitizers; `tests/fuzz/kernel.sh` builds and runs it. With TELL
 * it is a program that takes inputs by name and says what it measured, for `tests/fuzz/kernel_arm64.sh`.
 *
 * The first bytes of an input choose a shape that `stemkit/audio/kernel.py` can choose, the rest are samples. Every
 * array has exactly the length that kernel.py gives it, so that one step too far is seen. Beyond memory and arithmetic,
 * what comes out is held to what must be true of any sound.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* kernel.c is made of the kernel's own declarations and code, in the order of _kernel_build.py; see kernel.sh. */
#include "kernel.c"

enum { MOST_CHANNELS = 8, HEAD = 8 };

#define DEMAND(truth) \
    do { \
        if (!(truth)) { \
            fprintf(stderr, "not true: %s (line %d)\n", #truth, __LINE__); \
            abort(); \
        } \
    } while (0)

static void *room(size_t count, size_t size)
{
    void *made = calloc(count ? count : 1, size);
    DEMAND(made != NULL);
    return made;
}

static const int SIZES[] = {4, 8, 2, 3, 4, 4, 8};
/* 1, 2.2, 8, 11.025, 22.05, 44.1, 48 and 192 kHz; short chunks more often, since they let more of them be tried. */
static const int CELL_FRAMES[] = {10, 10, 10, 10, 10, 10, 22, 22, 22, 80, 80, 110, 220, 441, 480, 1920};

static void describe(kernel_meter *m, const uint8_t *head)
{
    static const int GRIDS[] = {0, 8, 16, 24, 32, 53};
    m->format = head[0] % 7;
    m->channels = 1 + head[1] % MOST_CHANNELS;
    m->cell_frames = CELL_FRAMES[head[2] % 16];
    int whole = m->format >= FORMAT_PCM16 && m->format <= FORMAT_PCM32;
    int depth = whole ? 8 * SIZES[m->format] : 24;
    m->is_integer = whole || (m->format <= FORMAT_PLANAR64 && head[3] & 1); /* FLAC, for instance, comes in decoded */
    m->is_float = !m->is_integer;
    m->grid_bits = whole ? 0 : m->is_integer ? depth : GRIDS[(head[3] >> 2) % 6];
    m->full_scale = m->is_integer ? (float)(1 - 2 / (double)((int64_t)1 << depth)) : 1;
    m->near_full_scale = smaller(0.99f, m->full_scale);
    m->step = m->is_integer ? (float)(2 / (double)((int64_t)1 << depth)) : 0;
    m->longest_flat = m->cell_frames < 30 ? 3 : m->cell_frames / 10;
    for (int pair = 0; pair < PAIRS; pair++) {
        m->middle[pair] = (pair ? 0.02f : 0.6f) * (pair % 2 ? -1.0f : 1.0f);
        m->even[pair] = 0.9f * m->middle[pair];
        m->odd[pair] = 0.3f * m->middle[pair];
    }
    m->gain = 2.2f;
    m->outer_gain = 0.6f;
    m->k_weighted = m->cell_frames >= 80;
    for (size_t i = 0; i < sizeof m->k_carried / sizeof(double); i++)
        (&m->k_carried[0][0])[i] = i % 5 ? 0.02 : 0.9;
    for (size_t i = 0; i < sizeof m->k_rows / sizeof(float); i++)
        (&m->k_rows[0][0])[i] = 0.2f - 0.03f * (float)(i % 11);
    for (size_t i = 0; i < sizeof m->k_step / sizeof(double); i++)
        (&m->k_step[0][0])[i] = i % 6 ? 0.05 : 0.9;
    m->first_sound = m->non_finite_at = -1;
}

static void make_room(kernel_meter *m, int slots)
{
    size_t channels = (size_t)m->channels, cells = (size_t)slots * channels * CELLS, chunk = (size_t)chunk_frames(m);
    m->buffer = room(channels * ALL_CELLS * (size_t)m->cell_frames, sizeof(float));
    m->scratch = room(chunk + 16, sizeof(float));
    m->marks = room(chunk + 16, 1);
    m->lowest = room(cells, sizeof(float));
    m->highest = room(cells, sizeof(float));
    m->total = room(cells, sizeof(float));
    m->energy = room(cells, sizeof(double));
    m->k_energy = room(cells, sizeof(double));
    m->cross = room((size_t)slots * CELLS, sizeof(double));
    m->means = room((size_t)slots * channels * MEANS, sizeof(float));
    m->peaks = room(channels, sizeof(float));
    m->peak_frames = room(channels, sizeof(int64_t));
    m->k_state = room(channels * STATES, sizeof(double));
    m->steepest = room(channels * ALL_CELLS, sizeof(float));
    m->zeros = room(channels * ALL_CELLS, sizeof(int32_t));
    for (size_t i = 0; i < channels * ALL_CELLS; i++)
        m->zeros[i] = m->cell_frames; /* the past is silence */
    m->clip_open = room(channels * 2, sizeof(kernel_run));
    m->clip_runs = room(channels * 2 * LISTED, sizeof(kernel_run));
    m->clip_counts = room(channels * 2, sizeof(int64_t));
    m->dropouts = room(channels * MOST_DROPOUTS, sizeof(kernel_run));
    m->clicks = room(channels * CELLS, sizeof(kernel_run));
}

static void leave_room(kernel_meter *m)
{
    void *all[] = {m->buffer, m->scratch, m->marks, m->lowest, m->highest, m->total, m->energy, m->k_energy, m->cross,
                   m->means, m->peaks, m->peak_frames, m->k_state, m->steepest, m->zeros, m->clip_open, m->clip_runs,
                   m->clip_counts, m->dropouts, m->clicks};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static void demand_runs(const kernel_run *runs, int64_t count, int64_t most, int64_t end, int channels)
{
    DEMAND(count >= 0);
    for (int64_t i = 0; i < count && i < most; i++) {
        DEMAND(runs[i].start_frame >= 0 && runs[i].start_frame < runs[i].end_frame && runs[i].end_frame <= end);
        DEMAND(runs[i].channel >= 0 && runs[i].channel < channels);
    }
}

static void demand_chunk(const kernel_meter *m)
{
    DEMAND(m->dropout_count >= 0 && m->dropout_count <= m->channels * MOST_DROPOUTS);
    DEMAND(m->click_count >= 0 && m->click_count <= m->channels * CELLS);
    demand_runs(m->dropouts, m->dropout_count, m->dropout_count, (int64_t)ALL_CELLS * m->cell_frames, m->channels);
    demand_runs(m->clicks, m->click_count, m->click_count, ALL_CELLS, m->channels);
}

static void demand_end(const kernel_meter *m)
{
    DEMAND(m->first_sound <= m->last_sound || m->first_sound < 0);
    DEMAND(m->last_sound < m->frames || m->frames == 0);
    DEMAND((m->non_finite_at >= 0) == (m->non_finite > 0) && m->non_finite_at < (m->frames ? m->frames : 1));
    DEMAND(m->over_full_scale <= m->frames * m->channels);
    demand_runs(m->flat_runs, m->flat_count, LISTED, m->frames, m->channels);
    for (int c = 0; c < m->channels; c++) {
        DEMAND(m->peaks[c] <= m->true_peak && m->peak_frames[c] >= 0 && (m->peak_frames[c] < m->frames || !m->frames));
        for (int64_t way = 2 * c; way < 2 * c + 2; way++)
            demand_runs(m->clip_runs + way * LISTED, m->clip_counts[way], LISTED, m->frames, m->channels);
    }
}

#ifdef TELL
static void tell(const kernel_meter *m)
{
    int64_t cells = (int64_t)m->slot * m->channels * CELLS, clips = 0;
    double energy = 0, k_energy = 0, means = 0;
    for (int64_t i = 0; i < cells; i++) {
        energy += m->energy[i];
        k_energy += m->k_energy[i];
    }
    for (int64_t i = 0; i < (int64_t)m->slot * m->channels * MEANS; i++)
        means += m->means[i];
    for (int way = 0; way < 2 * m->channels; way++)
        clips += m->clip_counts[way];
    printf("%lld %lld %lld %lld %lld %lld %llu %d %.6g %.6g %.6g %.6g %.6g %.6g\n", (long long)m->frames,
           (long long)m->first_sound, (long long)m->last_sound, (long long)clips, (long long)m->flat_count,
           (long long)m->non_finite, (unsigned long long)m->bits, m->off_grid, m->true_peak, m->peaks[0],
           m->worst_difference, energy, k_energy, means);
}
#endif

/* A whole stream: chunks of a second, of which the last may be shorter; `rounds` says how often the samples come. */
static void measure(const uint8_t *head, const uint8_t *data, size_t size)
{
    kernel_meter meter = {0}, *m = &meter;
    describe(m, head);
    int slots = 1 + head[4] % 3;
    make_room(m, slots);
    int planar = m->format <= FORMAT_PLANAR64;
    size_t frame_bytes = (size_t)SIZES[m->format] * (size_t)m->channels, at = 0;
    size_t frames_left = size / frame_bytes * (1 + head[5] % 4);
    if (frames_left > (size_t)chunk_frames(m) * 6)
        frames_left = (size_t)chunk_frames(m) * 6;
    while (frames_left) {
        size_t frames = frames_left < (size_t)chunk_frames(m) ? frames_left : (size_t)chunk_frames(m);
        uint8_t *bytes = room(planar ? (size_t)chunk_frames(m) : frames, frame_bytes);
        for (size_t i = 0; i < frames * frame_bytes; i++, at++)
            bytes[i] = data[at % size];
        if (planar && m->is_integer) /* what a decoder makes of whole numbers is below full scale */
            for (size_t i = 0; i < (size_t)chunk_frames(m) * (size_t)m->channels; i++) {
                int32_t value = whole_number(data + i % (size - 3), 3);
                float narrow = (float)value * 0x1p-23f;
                double wide = value * 0x1p-23;
                memcpy(bytes + i * (size_t)SIZES[m->format], m->format ? (void *)&wide : (void *)&narrow,
                       (size_t)SIZES[m->format]);
            }
        kernel_chunk(m, bytes, (int64_t)frames);
        free(bytes);
        demand_chunk(m);
        if (m->slot == slots)
            m->slot = 0;
        frames_left -= frames;
    }
    kernel_finish(m);
    demand_end(m);
#ifdef TELL
    tell(m);
#endif
    leave_room(m);
}

static void add(const uint8_t *head, const uint8_t *data, size_t size)
{
    kernel_stem stem = {0};
    stem.format = FORMAT_PCM16 + head[0] % 4;
    stem.channels = 1 + head[1] % 2;
    stem.cell_frames = 1 + head[2] * (int64_t)(1 + head[3]);
    stem.gain = (head[4] - 128) / 32.0;
    size_t frame_bytes = (size_t)SIZES[stem.format] * (size_t)stem.channels, frames = size / frame_bytes;
    size_t more = head[5] % 3; /* the sum may be longer than what the file still has */
    stem.cells = ((int64_t)(frames + more) + stem.cell_frames - 1) / stem.cell_frames;
    stem.sum = room(2 * (frames + more), sizeof(double));
    stem.as_delivered = head[6] & 1 ? room(2 * (frames + more), sizeof(double)) : NULL;
    stem.energy = room(2 * (size_t)stem.cells, sizeof(double));
    uint8_t *bytes = room(frames, frame_bytes);
    memcpy(bytes, data, frames * frame_bytes);
    kernel_add(&stem, bytes, (int64_t)frames);
    for (int64_t i = 0; i < 2 * stem.cells; i++)
        DEMAND(stem.energy[i] >= 0);
    for (size_t i = 2 * frames; i < 2 * (frames + more); i++)
        DEMAND(stem.sum[i] == 0);
    free(bytes);
    free(stem.energy);
    free(stem.as_delivered);
    free(stem.sum);
}

/* Numbers between -1 and 1. */
static float *numbers(const uint8_t *data, size_t size, size_t count)
{
    float *made = room(count, sizeof(float));
    for (size_t i = 0; i < count; i++)
        made[i] = (float)(int8_t)data[(7 * i) % size] / 128;
    return made;
}

static void search(const uint8_t *head, const uint8_t *data, size_t size)
{
    kernel_borders borders = {.size = 4 << head[0] % 8, .floor = 3e-8f};
    size_t bins = (size_t)borders.size / 2 + 1, count = 1 + head[1], reach = head[2] % 32;
    float *spectrum = numbers(data, size, 2 * bins), *bank = numbers(data, size, bins * 4 * LANES);
    float *turns = numbers(data, size, 2 * (size_t)borders.size);
    borders.spectrum = spectrum;
    borders.bank = bank;
    borders.turns = turns;
    borders.work = room((size_t)borders.size * 2 * LANES, sizeof(float));
    borders.product = room((size_t)borders.size, sizeof(double));
    kernel_line_products(&borders);
    for (int32_t i = 0; i < borders.size; i++)
        DEMAND(borders.product[i] > 0);
    double *values = room(count, sizeof(double)), *medians = room(count, sizeof(double));
    for (size_t i = 0; i < count; i++)
        values[i] = (double)bank[i % (bins * 4 * LANES)];
    reach = reach < count ? reach : count - 1;
    kernel_medians(values, (int64_t)count, (int32_t)reach, medians);
    DEMAND(kernel_treble(bank, (int64_t)(bins * 4 * LANES) - head[3] % 4) >= 0);
    free(medians);
    free(values);
    free(borders.product);
    free(borders.work);
    free(turns);
    free(bank);
    free(spectrum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD + 4)
        return 0;
    if (data[7] % 8 == 0)
        add(data, data + HEAD, size - HEAD);
    else if (data[7] % 8 == 7)
        search(data, data + HEAD, size - HEAD);
    else
        measure(data, data + HEAD, size - HEAD);
    return 0;
}

#ifdef TELL
int main(int count, char **names)
{
    for (int i = 1; i < count; i++) {
        static uint8_t data[1 << 20];
        FILE *file = fopen(names[i], "rb");
        DEMAND(file != NULL);
        size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, size);
    }
    return 0;
}
#endif
