# What the installed action does, with the folder given by the test.
import importlib.util
import os
from pathlib import Path

folder = Path(os.environ["STEMKIT_INSIDE"])
spec = importlib.util.spec_from_file_location("stemkit_server", str(folder / "server.py"))
assert spec is not None
assert spec.loader is not None
server = importlib.util.module_from_spec(spec)
spec.loader.exec_module(server)
server.serve(folder)
