# @description Stemkit: Render and check stems
# @author The stemkit maintainers
# @version 0.1.0
# @about Renders the stems of the open project, checks them, and puts the project back as it was.
# @provides
#   [main] .
#   [nomain] stemkit_shared.py
"""Renders the stems of the open project, checks them, and puts the project back as it was."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent if "__file__" in globals() else Path(sys.path[0])))
import stemkit_shared

rpr = stemkit_shared.functions()
stemkit_shared.run(rpr, ["render", "--live", "-o", stemkit_shared.output_folder(rpr, "Stems")])
