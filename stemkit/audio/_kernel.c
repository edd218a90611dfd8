/* One chunk, and the end. */

void kernel_chunk(kernel_meter *m, const uint8_t *samples, int64_t frames)
{
    m->dropout_count = m->click_count = 0;
    for (int c = 0; c < m->channels; c++)
        memmove(row_of(m, c), row_of(m, c) + chunk_frames(m), (size_t)past_frames(m) * sizeof(float));
    decode(m, samples, frames);
    for (int c = 0; c < m->channels; c++) {
        describe_cells(m, c);
        float loudest = loudest_of(m, c);
        if (loudest > 0)
            take_means(m, c);
        else /* stems rest often */
            memset(means_of(m, c), 0, MEANS * sizeof(float));
        if (m->k_weighted && (loudest > 0 || !at_rest(m, c)))
            weigh_energy(m, c);
        else
            memset(m->k_energy + cells_at(m, c), 0, CELLS * sizeof(double));
        note_sound(m, c);
        if (loudest > m->peaks[c])
            note_peak(m, c, loudest);
        if (loudest > 1)
            count_over(m, c);
        m->true_peak = larger(loudest, m->true_peak);
        find_true_peak(m, c, loudest);
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
        for (int at = GAPS - BEFORE; at <= 2 * GAPS - BEFORE; at += GAPS)
            m->true_peak = larger(fill_gaps(m, tail + at, loudest_in(tail + at, GAPS + TAPS)), m->true_peak);
        close_clip(m, 2 * (int64_t)c);
        close_clip(m, 2 * (int64_t)c + 1);
    }
}
