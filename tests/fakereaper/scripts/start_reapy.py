# reapy's own activation script, on a port that the test chose; reapy knows its ports as constants only.
import os
from pathlib import Path

import reapy
import reapy.config

reapy.config.REAPY_SERVER_PORT = int(os.environ["REAPY_TEST_PORT"])
exec((Path(reapy.__file__).parent / "reascripts" / "activate_reapy_server.py").read_text(), globals())
