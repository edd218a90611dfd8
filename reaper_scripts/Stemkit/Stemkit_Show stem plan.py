# @description Stemkit: Show stem plan
# @author The stemkit maintainers
# @version 0.1.0
# @about Shows which stems the open project gives, and why each track is in or out.
# @provides
#   [main] .
#   [nomain] stemkit_shared.py
"""Shows which stems the open project gives, and why each track is in or out."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent if "__file__" in globals() else Path(sys.path[0])))
import stemkit_shared

rpr = stemkit_shared.functions()
stemkit_shared.run(rpr, ["plan", "--live"])
