"""A stemkit that renders live, in a process that a test can kill: ``live_client.py STAGING HEARTBEAT_S``."""

from __future__ import annotations

import sys
from pathlib import Path

from stemkit.errors import StemkitError
from stemkit.model.delivery import Choices
from stemkit.reaper.link import open_link
from stemkit.reaper.live import session_from_snapshot
from stemkit.reaper.live_engine import LiveEngine
from stemkit.render.planner import make_plan


def main() -> int:
    with open_link() as link:
        session = session_from_snapshot(link.ask("snapshot"))
    plan = make_plan(session, Choices(tail="none"), media={}, project_name="Song", gain="none")
    try:
        LiveEngine(heartbeat_s=float(sys.argv[2])).render(session, plan, Path(sys.argv[1]))
    except StemkitError as error:
        sys.stderr.write(error.message)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
