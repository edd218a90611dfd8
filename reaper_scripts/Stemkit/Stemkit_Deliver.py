# @description Stemkit: Deliver
# @author The stemkit maintainers
# @version 0.1.0
# @about Inspects, renders, checks and packs the open project for a mixing engineer.
# @provides
#   [main] .
#   [nomain] stemkit_shared.py
"""Inspects, renders, checks and packs the open project for a mixing engineer."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent if "__file__" in globals() else Path(sys.path[0])))
import stemkit_shared

rpr = stemkit_shared.functions()
stemkit_shared.run(rpr, ["deliver", "--live", "-o", stemkit_shared.output_folder(rpr, "Delivery")])
