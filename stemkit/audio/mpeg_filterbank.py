"""The analysis side of MPEG-1 layer III as plain filters: one impulse response for each of its 576 lines.

The hybrid filter bank of ISO/IEC 11172-3 (polyphase of 32 bands, MDCT of 18 lines in each, alias reduction) is
linear. So each of its outputs is the audio against one fixed vector of 1,632 samples, every 576 samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GRANULE_SAMPLES", "LAYER3_TAPS", "layer3_vectors"]

GRANULE_SAMPLES = 576
BANDS = 32
LINES = 18  # a band
LONG = 36  # samples of a band in one MDCT
LAYER3_TAPS = 512 + BANDS * (LONG - 1)
# ISO/IEC 11172-3, table 3-B.3, synthesis window D[0..256] in units of 2**-16; the rest follows by symmetry.
HALF_WINDOW = (
    *(0, -1, -1, -1, -1, -1, -1, -2, -2, -2, -2, -3, -3, -4, -4, -5, -5, -6, -7, -7, -8, -9, -10, -11, -13, -14),
    *(-16, -17, -19, -21, -24, -26, -29, -31, -35, -38, -41, -45, -49, -53, -58, -63, -68, -73, -79, -85, -91, -97),
    *(-104, -111, -117, -125, -132, -139, -147, -154, -161, -169, -176, -183, -190, -196, -202, -208, 213, 218, 222),
    *(225, 227, 228, 228, 227, 224, 221, 215, 208, 200, 189, 177, 163, 146, 127, 106, 83, 57, 29, -2, -36, -72, -111),
    *(-153, -197, -244, -294, -347, -401, -459, -519, -581, -645, -711, -779, -848, -919, -991, -1064, -1137, -1210),
    *(-1283, -1356, -1428, -1498, -1567, -1634, -1698, -1759, -1817, -1870, -1919, -1962, -2001, -2032, -2057, -2075),
    *(-2085, -2087, -2080, -2063, 2037, 2000, 1952, 1893, 1822, 1739, 1644, 1535, 1414, 1280, 1131, 970, 794, 605),
    *(402, 185, -45, -288, -545, -814, -1095, -1388, -1692, -2006, -2330, -2663, -3004, -3351, -3705, -4063, -4425),
    *(-4788, -5153, -5517, -5879, -6237, -6589, -6935, -7271, -7597, -7910, -8209, -8491, -8755, -8998, -9219, -9416),
    *(-9585, -9727, -9838, -9916, -9959, -9966, -9935, -9863, -9750, -9592, -9389, -9139, -8840, -8492, -8092, -7640),
    *(-7134, 6574, 5959, 5288, 4561, 3776, 2935, 2037, 1082, 70, -998, -2122, -3300, -4533, -5818, -7154, -8540),
    *(-9975, -11455, -12980, -14548, -16155, -17799, -19478, -21189, -22929, -24694, -26482, -28289, -30112, -31947),
    *(-33791, -35640, -37489, -39336, -41176, -43006, -44821, -46617, -48390, -50137, -51853, -53534, -55178, -56778),
    *(-58333, -59838, -61289, -62684, -64019, -65290, -66494, -67629, -68692, -69679, -70590, -71420, -72169, -72835),
    *(-73415, -73908, -74313, -74630, -74856, -74992, 75038),
)
# Alias reduction, table 3-B.9.
ALIAS = np.array([-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037])
ALIAS_KEEP = 1 / np.sqrt(1 + ALIAS**2)
ALIAS_CROSS = ALIAS / np.sqrt(1 + ALIAS**2)


def _prototype() -> NDArray[np.float64]:
    """Return the low-pass of 512 taps behind the table, whose sign turns with every block of 64."""
    half = np.array(HALF_WINDOW) * np.where(np.arange(257) // 64 % 2, -1.0, 1.0)
    return np.concatenate([half, half[1:256][::-1]])


def _plain_lines(lines: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the vectors of lines before alias reduction, [len(lines), LAYER3_TAPS]."""
    band, n = lines // LINES, np.arange(LONG)
    angle = np.pi / (2 * LONG) * (2 * n + 1 + LINES) * (2 * (lines % LINES) + 1)[:, None]
    mdct = np.sin(np.pi / LONG * (n + 0.5)) * np.cos(angle)
    mdct *= np.where(band[:, None] & n & 1, -1.0, 1.0)  # frequency inversion of the odd bands
    k = np.arange(512)
    taps = (_prototype() * np.cos((2 * np.arange(BANDS)[:, None] + 1) * (k - 16) * np.pi / 64))[:, ::-1]
    pieces = taps.reshape(BANDS, -1, BANDS)  # of 32 taps: a sample of the MDCT moves them by one
    steps = pieces.shape[1]
    padded = np.pad(mdct, ((0, 0), (steps - 1, steps - 1)))
    moved = np.lib.stride_tricks.sliding_window_view(padded, steps, axis=1)[:, :, ::-1]
    return np.asarray(np.matmul(moved, pieces[band]).reshape(len(lines), LAYER3_TAPS))


def layer3_vectors(lines: NDArray[np.intp]) -> NDArray[np.float64]:
    """Build analysis vectors of spectral lines; line k lies at (k + 0.5) / 1152 of the sample rate.

    Parameters
    ----------
    lines
        Their numbers, 0…575.

    Returns
    -------
    ndarray [len(lines), 1632]
        Vectors of unit norm. The audio against one of them, at the offset of a granule, is that line's value for
        long blocks.
    """
    at, count = lines % LINES, ALIAS.size
    low = (at >= LINES - count) & (lines < GRANULE_SAMPLES - LINES)  # below a border of two bands, …
    high = (at < count) & (lines >= LINES)  # … or above it
    partner = np.where(low, lines + 2 * (LINES - at) - 1, np.where(high, lines - 2 * at - 1, lines))
    needed, inverse = np.unique(np.concatenate([lines, partner]), return_inverse=True)
    own, other = _plain_lines(needed)[inverse].reshape(2, len(lines), LAYER3_TAPS)
    away = np.where(low, LINES - 1 - at, np.where(high, at, 0))  # from the border
    keep = np.where(low | high, ALIAS_KEEP[away], 1.0)
    cross = np.where(low, ALIAS_CROSS[away], np.where(high, -ALIAS_CROSS[away], 0.0))
    vectors = own * keep[:, None] + other * cross[:, None]
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return vectors
