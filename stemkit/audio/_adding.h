typedef struct {
    int32_t format;        /* how the samples come in: FORMAT_* of _samples.c, interleaved */
    int32_t channels;      /* 1 or 2; one channel goes into both sides */
    int64_t cell_frames;   /* frames of a cell of energy */
    double gain;           /* on every sample, for what is added */
    double *sum;           /* [frames][2], added to */
    double *as_delivered;  /* the same without gain; NULL where nobody asks */
    double *energy;        /* [2][cells], written anew: sum of squares behind the gain */
    int64_t cells;
} kernel_stem;

void kernel_add(const kernel_stem *stem, const uint8_t *samples, int64_t frames);
