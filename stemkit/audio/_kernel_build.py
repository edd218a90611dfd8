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

PARTS = ("_kernel", "_adding", "_borders")  # one unit: they share the first one's functions
declarations, code = (
    "\n".join((HERE / f"{part}.{kind}").read_text(encoding="utf-8") for part in PARTS) for kind in "hc"
)
ffi = FFI()
ffi.cdef(declarations)
ffi.set_source(
    "stemkit.audio._kernel",
    f"#include <stdint.h>\n{declarations}\n{code}",
    extra_compile_args=OPTIONS,
    py_limited_api=True,
    optional=True,
)
