# @description Stemkit: Fix what I choose
# @author The stemkit maintainers
# @version 0.1.0
# @about Lists what can be fixed in the open project, nothing ticked; each fix that you tick is one undo step.
# @provides
#   [main] .
#   [nomain] stemkit_shared.py
"""Lists what can be fixed in the open project, nothing ticked; each fix that you tick is one undo step."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent if "__file__" in globals() else Path(sys.path[0])))
import stemkit_shared

rpr = stemkit_shared.functions()
stemkit_shared.run(rpr, ["fix", "--live"], report=False)
