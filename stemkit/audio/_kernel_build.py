"""Builds `stemkit.audio._kernel` with the package; without a C compiler the package installs without it.

Set `CFLAGS` to add to the options, for instance for a build with sanitizers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cffi import FFI

HERE = Path(__file__).resolve().parent
OPTIONS = (
    ["/O2"]
    if sys.platform == "win32"
    # -fopenmp-simd: sums and maxima may be taken in several lanes; it needs no OpenMP library.
    else ["-O3", "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math"]
)

HEADERS = ("_kernel", "_adding", "_borders")
SOURCES = ("_samples", "_vectors", "_vectors", "_levels", "_faults", "_kernel", "_adding", "_borders")  # see `unit`


def _together(names: tuple[str, ...], kind: str) -> str:
    return "\n".join((HERE / f"{name}.{kind}").read_text(encoding="utf-8") for name in names)


declarations = _together(HEADERS, "h")
unit = f"#include <stdint.h>\n{declarations}\n{_together(SOURCES, 'c')}"  # all of it, in this order
ffi = FFI()
ffi.cdef(declarations)
ffi.set_source(
    "stemkit.audio._kernel",
    unit,
    extra_compile_args=OPTIONS,
    py_limited_api=True,
    optional=True,
)
