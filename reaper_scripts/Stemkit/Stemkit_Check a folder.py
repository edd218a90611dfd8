# @description Stemkit: Check a folder
# @author The stemkit maintainers
# @version 0.1.0
# @about Checks the files in a folder that any DAW rendered.
# @provides
#   [main] .
#   [nomain] stemkit_shared.py
"""Checks the files in a folder that any DAW rendered."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent if "__file__" in globals() else Path(sys.path[0])))
import stemkit_shared

rpr = stemkit_shared.functions()
folder = stemkit_shared.ask_folder(rpr, "Choose a file in the folder to check")
if folder:
    stemkit_shared.run(rpr, ["check", folder])
