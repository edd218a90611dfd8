/* Adding a stem to the sum of all (proof/scan.py defines the same in numpy).
 *
 * Sums of whole numbers of 24 bits, as parts of full scale, are exact in doubles. Samples are decoded into a short row
 * that stays in the first cache, from which the compiler adds and squares in vectors.
 */

enum { ROW = 1024 };

#ifdef VECTORS
INLINE int64_t decode_row24(const uint8_t *in, int64_t count, double *out)
{
    int64_t at = 0;
    for (; at + 6 <= count; at += 4) { /* 16 bytes are read, of which 12 are used */
        bytes16 read;
        memcpy(&read, in + 3 * at, sizeof read);
        words4 values = WORDS24(read, 0, 3, 6, 9) >> 8;
        for (int i = 0; i < 4; i++)
            out[at + i] = values[i] * 0x1p-23;
    }
    return at;
}
#else
#define decode_row24(in, count, out) 0
#endif

/* Decodes with full scale at 1; what is no number counts as silence. */
PART void decode_row(const uint8_t *in, int32_t format, int64_t count, double *out)
{
    for (int64_t i = 0; format == FORMAT_PCM16 && i < count; i++)
        out[i] = whole_number(in + 2 * i, 2) * 0x1p-15;
    for (int64_t i = format == FORMAT_PCM24 ? decode_row24(in, count, out) : 0; format == FORMAT_PCM24 && i < count; i++)
        out[i] = whole_number(in + 3 * i, 3) * 0x1p-23;
    for (int64_t i = 0; format == FORMAT_PCM32 && i < count; i++)
        out[i] = whole_number(in + 4 * i, 4) * 0x1p-31;
    for (int64_t i = 0; format == FORMAT_FLOAT32 && i < count; i++) {
        double value = wide_sample(in + 4 * i, 0);
        out[i] = isfinite(value) ? value : 0;
    }
}

/* Each sample of a row of one channel becomes a frame of two sides. */
INLINE void widen_row(double *row, int64_t frames)
{
    for (int64_t i = frames; i-- > 0;)
        row[2 * i] = row[2 * i + 1] = row[i];
}

PART void add_row(const kernel_stem *stem, const double *row, int64_t frames, int64_t at, double *energy)
{
    double *sum = stem->sum + 2 * at;
    const double gain = stem->gain;
    double left = 0, right = 0;
    if (stem->as_delivered)
        for (int64_t i = 0; i < 2 * frames; i++)
            stem->as_delivered[2 * at + i] += row[i];
    for (int64_t i = 0; i < 2 * frames; i++)
        sum[i] += row[i] * gain;
#pragma omp simd reduction(+ : left, right)
    for (int64_t i = 0; i < frames; i++) {
        left += row[2 * i] * row[2 * i];
        right += row[2 * i + 1] * row[2 * i + 1];
    }
    energy[0] += left * gain * gain;
    energy[stem->cells] += right * gain * gain;
}

void kernel_add(const kernel_stem *stem, const uint8_t *samples, int64_t frames)
{
    static const int bytes[] = {[FORMAT_PCM16] = 2, [FORMAT_PCM24] = 3, [FORMAT_PCM32] = 4, [FORMAT_FLOAT32] = 4};
    double row[2 * ROW];
    memset(stem->energy, 0, sizeof(double) * 2 * (size_t)stem->cells);
    for (int64_t cell = 0; cell * stem->cell_frames < frames; cell++) {
        int64_t end = (cell + 1) * stem->cell_frames;
        end = end < frames ? end : frames;
        for (int64_t at = cell * stem->cell_frames; at < end; at += ROW) {
            int64_t count = end - at < ROW ? end - at : ROW;
            decode_row(samples + at * stem->channels * bytes[stem->format], stem->format, count * stem->channels, row);
            if (stem->channels == 1)
                widen_row(row, count);
            add_row(stem, row, count, at, stem->energy + cell);
        }
    }
}
