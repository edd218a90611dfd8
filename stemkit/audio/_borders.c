/* The search for the frames of a codec (codec_borders.py and spectrum.py define the same in numpy).
 *
 * A line of all frames is the sound against one vector at every sample: a product of spectra. Two lines go into one
 * complex transform, as its real and its imaginary part, and 16 such transforms run side by side, one a lane.
 */

enum { LANES = 16 };

INLINE const float *lanes_of(const float *rows, int64_t row) { return rows + row * LANES; }

/* The spectra of two real signals as one, at a frequency and at its mirror image. */
PART void multiply_spectra(const kernel_borders *b)
{
    for (int32_t at = 0; at <= b->size / 2; at++) {
        const float real = b->spectrum[2 * at], imaginary = b->spectrum[2 * at + 1];
        const float *lines = lanes_of(b->bank, 4 * (int64_t)at);
        float *here = b->work + 2 * LANES * (int64_t)at;
        float *mirrored = b->work + 2 * LANES * (int64_t)((b->size - at) % b->size);
#pragma omp simd
        for (int i = 0; i < LANES; i++) {
            float one = real * lines[i] - imaginary * lines[LANES + i];
            float one_across = real * lines[LANES + i] + imaginary * lines[i];
            float other = real * lines[2 * LANES + i] - imaginary * lines[3 * LANES + i];
            float other_across = real * lines[3 * LANES + i] + imaginary * lines[2 * LANES + i];
            mirrored[i] = one + other_across;
            mirrored[LANES + i] = other - one_across;
            here[i] = one - other_across;
            here[LANES + i] = other + one_across;
        }
    }
}

INLINE void turn(float *at, float real, float across, float cosine, float sine)
{
    at[0] = real * cosine - across * sine;
    at[LANES] = real * sine + across * cosine;
}

/* One step of the inverse transform, in place: a part of `length` points becomes four (Cooley and Tukey, by
 * frequencies). */
PART void part_in_four(const kernel_borders *b, int32_t first, int32_t length)
{
    const int64_t quarter = length / 4 * (int64_t)(2 * LANES), step = b->size / length;
    for (int32_t k = 0; k < length / 4; k++) {
        const float cosine = b->turns[2 * k * step], sine = b->turns[2 * k * step + 1];
        const float cosine2 = b->turns[4 * k * step], sine2 = b->turns[4 * k * step + 1];
        const float cosine3 = b->turns[6 * k * step], sine3 = b->turns[6 * k * step + 1];
        float *row = b->work + 2 * LANES * (int64_t)(first + k);
#pragma omp simd
        for (int i = 0; i < LANES; i++) {
            float *x = row + i;
            float sum = x[0] + x[2 * quarter], apart = x[0] - x[2 * quarter];
            float sum_across = x[LANES] + x[2 * quarter + LANES], apart_across = x[LANES] - x[2 * quarter + LANES];
            float also = x[quarter] + x[3 * quarter], beside = x[quarter] - x[3 * quarter];
            float also_across = x[quarter + LANES] + x[3 * quarter + LANES];
            float beside_across = x[quarter + LANES] - x[3 * quarter + LANES];
            x[0] = sum + also;
            x[LANES] = sum_across + also_across;
            turn(x + quarter, apart - beside_across, apart_across + beside, cosine, sine);
            turn(x + 2 * quarter, sum - also, sum_across - also_across, cosine2, sine2);
            turn(x + 3 * quarter, apart + beside_across, apart_across - beside, cosine3, sine3);
        }
    }
}

PART void part_in_two(const kernel_borders *b)
{
    for (int64_t at = 0; at < b->size; at += 2) {
        float *x = b->work + 2 * LANES * at;
#pragma omp simd
        for (int i = 0; i < 2 * LANES; i++) {
            float one = x[i], other = x[2 * LANES + i];
            x[i] = one + other;
            x[2 * LANES + i] = one - other;
        }
    }
}

PART void multiply_lines(const kernel_borders *b)
{
    for (int64_t at = 0; at < b->size; at++) {
        const float *x = b->work + 2 * LANES * at;
        double product = 1;
#pragma omp simd reduction(* : product)
        for (int i = 0; i < LANES; i++)
            product *= (double)((fabsf(x[i]) + b->floor) * (fabsf(x[LANES + i]) + b->floor));
        b->product[at] = product;
    }
}

void kernel_line_products(const kernel_borders *b)
{
    int32_t length = b->size;
    multiply_spectra(b);
    for (; length >= 4; length /= 4)
        for (int32_t first = 0; first < b->size; first += length)
            part_in_four(b, first, length);
    if (length == 2)
        part_in_two(b);
    multiply_lines(b);
}

/* The energy of the second difference, which weighs up the treble (spectrum.py). */
PART void add_bends(const float *x, int64_t frames, float *energy)
{
    float total = 0;
#pragma omp simd reduction(+ : total)
    for (int64_t i = 2; i < frames; i++) {
        float bend = (x[i] - x[i - 1]) - (x[i - 1] - x[i - 2]);
        total += bend * bend;
    }
    *energy = total;
}

float kernel_treble(const float *samples, int64_t frames)
{
    float energy;
    add_bends(samples, frames, &energy);
    return energy;
}

/* The median of each value and its neighbours in a ring, up to `reach` on either side: one value leaves a sorted
 * list and one enters it. */
void kernel_medians(const double *values, int64_t count, int32_t reach, double *medians)
{
    double sorted[64];
    int32_t size = 2 * reach + 1, filled = 0;
    for (int64_t at = -reach; at < count + reach; at++) {
        double enters = values[(at + count) % count];
        int32_t place = filled;
        if (filled == size) {
            double leaves = values[(at - size + count) % count];
            for (place = 0; place + 1 < size && sorted[place] != leaves; place++)
                ;
            for (; place + 1 < size; place++)
                sorted[place] = sorted[place + 1];
        } else
            filled++;
        for (; place > 0 && sorted[place - 1] > enters; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = enters;
        if (filled == size)
            medians[at - reach] = sorted[reach];
    }
}
