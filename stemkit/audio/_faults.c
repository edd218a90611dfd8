/* What may be wrong with samples: clipping, flat tops, dropouts and clicks. */

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
    float highest = 0;
    tops += cells_at(m, channel);
    for (int cell = 0; cell < CELLS; cell++) /* with fmax, GCC 12 for ARM64 crashes here */
        highest = larger(sign * tops[cell], highest);
    double level = highest;
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
