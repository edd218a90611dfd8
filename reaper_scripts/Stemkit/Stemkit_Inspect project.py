# @description Stemkit: Inspect project
# @author The stemkit maintainers
# @version 0.1.0
# @about Says what in the open project would spoil a delivery, before anything is rendered.
# @provides
#   [main] .
#   [nomain] stemkit_shared.py
"""Says what in the open project would spoil a delivery, before anything is rendered."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent if "__file__" in globals() else Path(sys.path[0])))
import stemkit_shared

rpr = stemkit_shared.functions()
stemkit_shared.run(rpr, ["inspect", "--live"])
