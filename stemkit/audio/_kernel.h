enum { KERNEL_VERSION = 3 };     /* one more with each change of these declarations; kernel.py asks for it */
enum { KERNEL_INNER_PAIRS = 4 }; /* of samples around a gap, whose part of a value comes first */

typedef struct {
    int64_t start_frame;
    int64_t end_frame; /* exclusive */
    int32_t channel;
    float level; /* linear */
} kernel_run;

typedef struct {
    /* --- Set by the caller. Arrays are planar: one row a channel. */
    int32_t channels;
    int32_t cell_frames;   /* frames of 10 ms; a chunk has 100 cells */
    int32_t format;        /* how the samples come in: FORMAT_* of _samples.c */
    int32_t grid_bits;     /* whole numbers of so many bits are looked for; 0: never */
    int32_t is_float;      /* samples may lie off that grid */
    int32_t is_integer;    /* samples clip at full scale */
    float full_scale;      /* of the integers: 1 - 2^(1 - bits) */
    float near_full_scale; /* from here to 1, equal neighbours are clipped too */
    float step;            /* 2^(1 - bits) of integers, else 0 */
    int32_t longest_flat;  /* frames of a flat top */
    float middle[16];      /* what weighs the sums of pairs of samples, the nearest first, for the value halfway */
    float even[16];        /* the same for those at one and three quarters, zeros where none are wanted … */
    float odd[16];         /* … and what weighs the differences, for the one and against the other */
    float gain;            /* the greatest a filter can make of samples up to 1 … */
    float outer_gain;      /* … and all pairs of it but the inner ones */
    int32_t k_weighted;    /* 0 where the rate is too low for the K filter */
    double k_carried[4][4]; /* of a block of 12 samples: states to the states after it, */
    float k_rows[16][16];   /* states and samples to 12 filtered samples; samples to the states after it */
    double k_step[5][5];    /* of one sample: states and sample to states and filtered sample */
    float *buffer;         /* [channels][116 cells]: 16 cells of the past, then the chunk */
    float *scratch;        /* [100 cells + 16] */
    uint8_t *marks;        /* [100 cells + 16] */

    /* --- Written anew with each chunk, one slot of a batch after the other. */
    int32_t slot;
    float *lowest;         /* [slots][channels][100], as all that follow */
    float *highest;
    float *total;          /* sum of the samples */
    double *energy;        /* sum of their squares */
    double *k_energy;      /* the same behind the K filter */
    double *cross;         /* [slots][100]: sum of left times right */
    float *means;          /* [slots][channels][1000]: means of 1 ms */

    /* --- Carried from chunk to chunk. All zeros at first, but for the two that say otherwise. */
    int64_t frames;        /* of all chunks */
    int64_t first_sound;   /* -1 at first */
    int64_t last_sound;
    int64_t over_full_scale;
    int64_t non_finite;
    int64_t non_finite_at; /* -1 at first */
    uint64_t bits;         /* every bit that any sample sets */
    int32_t off_grid;
    float true_peak;
    float worst_difference; /* of left and right */
    float worst_sum;
    float *peaks;          /* [channels] */
    int64_t *peak_frames;  /* [channels] */
    double *k_state;       /* [channels][4] */
    float *steepest;       /* [channels][116]: greatest step between neighbours, of each cell of the buffer */
    int32_t *zeros;        /* [channels][116]: zeros in it */
    kernel_run *clip_open; /* [channels][2]: the last run, which the next chunk may go on */
    kernel_run *clip_runs; /* [channels][2][100]: above and below, the first ones */
    int64_t *clip_counts;  /* [channels][2] */
    kernel_run flat_runs[100];
    int64_t flat_count;
    int64_t flat_most;     /* the most in one second, one channel and one polarity … */
    float flat_level;      /* … and where they stand */

    /* --- What a closer look must judge, of the last chunk; frames count from the start of the buffer. */
    int32_t dropout_count;
    int32_t click_count;
    kernel_run *dropouts;  /* [channels * 10] */
    kernel_run *clicks;    /* [channels * 100]: cell number as start_frame */
} kernel_meter;

void kernel_chunk(kernel_meter *meter, const uint8_t *samples, int64_t frames);
void kernel_finish(kernel_meter *meter);
