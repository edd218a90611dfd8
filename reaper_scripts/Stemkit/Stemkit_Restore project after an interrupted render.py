# @description Stemkit: Restore project after an interrupted render
# @author The stemkit maintainers
# @version 0.1.0
# @about Puts every value back that an interrupted render left changed.
# @provides
#   [main] .
#   [nomain] stemkit_shared.py
"""Puts every value back that an interrupted render left changed."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent if "__file__" in globals() else Path(sys.path[0])))
import stemkit_shared

rpr = stemkit_shared.functions()
stemkit_shared.run(rpr, ["doctor", "--restore"], report=False)
