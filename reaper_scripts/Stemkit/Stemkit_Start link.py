# @description Stemkit: Start link
# @author The stemkit maintainers
# @version 0.1.0
# @about Lets the stemkit command on this computer talk to this REAPER; nobody else can.
# @provides
#   [main] .
#   [nomain] stemkit_shared.py
"""Lets the stemkit command on this computer talk to this REAPER; nobody else can."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent if "__file__" in globals() else Path(sys.path[0])))
import stemkit_shared

rpr = stemkit_shared.functions()
stemkit_shared.start_link(rpr)
