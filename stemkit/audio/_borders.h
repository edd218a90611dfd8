/* The spectral lines of frames that begin at each sample of a stretch. */
typedef struct {
    int32_t size;          /* of the Fourier transform, a power of two from 4 on */
    float floor;           /* added to each magnitude */
    const float *spectrum; /* [size / 2 + 1] complex numbers: the stretch */
    const float *bank;     /* [size / 2 + 1][4][16]: real and imaginary parts of 16 lines, then those of 16 others */
    const float *turns;    /* [size] complex numbers: the circle in so many steps */
    float *work;           /* [size][2][16] */
    double *product;       /* [size], written: the product of the magnitudes of all 32 lines, frames in the order of
                              their number with its digits reversed */
} kernel_borders;

void kernel_line_products(const kernel_borders *borders);
void kernel_medians(const double *values, int64_t count, int32_t reach, double *medians);
float kernel_treble(const float *samples, int64_t frames);
