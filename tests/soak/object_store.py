"""Deliveries behind a real S3 interface on this machine: ``python -m tests.soak.object_store``.

Needs ``pip install "moto[server,s3]" s3fs`` beside stemkit: moto keeps the objects, s3fs asks for them as it would ask
a store on the net. Each check has to say of the URL what it says of the folder, from the cache as well, also after an
object was replaced; and what is not there has to end with one sentence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tests.app.dirty_stems import song

__all__ = ["main"]

PORT = 5055
STORE = {
    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{PORT}",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
}


def said(*arguments: str) -> tuple[int, str, str]:
    """Run a check; the exit code, what it printed, and what it complained of."""
    command = [sys.executable, "-m", "stemkit", "check", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def report(place: str) -> Any:
    code, out, error = said(place, "--format", "json")
    if code not in {0, 1}:
        raise SystemExit(f"{place}: exit code {code}: {error}")
    found = json.loads(out)
    del found["subject"]
    return found


def compare(folder: Path, url: str, store: Any) -> list[str]:
    """Return what is not as it should be."""
    wrong: list[str] = []
    here, key = report(str(folder)), url.removeprefix("s3://")
    wrong += [f"{turn}: the URL is reported otherwise" for turn in ("first", "cached") if report(url) != here]
    stem = next(folder.rglob("*.wav"))
    samples, rate = soundfile.read(stem, always_2d=True)
    soundfile.write(stem, np.clip(samples * 4, -1, 1), rate, "PCM_24")
    store.put(str(stem), f"{key}/{stem.relative_to(folder).as_posix()}")
    louder = report(url)
    if louder != report(str(folder)) or louder == here:
        wrong.append("a replaced object is not seen")
    code, out, _ = said(url.rpartition("/")[0], "--each", "--format", "json")
    if code not in {0, 1} or len(out.splitlines()) != 1:
        wrong.append(f"--each: exit code {code}, {len(out.splitlines())} lines")
    for nowhere in ("s3://no-such-bucket/song", f"{url}/nothing"):
        code, _, error = said(nowhere)
        if code != 2 or len(error.splitlines()) != 1 or "Traceback" in error:
            wrong.append(f"{nowhere}: exit code {code}, {error!r}")
    return wrong


def main() -> int:
    """Run the command."""
    os.environ |= STORE
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(PORT)], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(5)
        import s3fs

        with tempfile.TemporaryDirectory() as place:
            os.environ["STEMKIT_CACHE_DIR"] = f"{place}/cache"
            store, folder = s3fs.S3FileSystem(), song(Path(place) / "Song")
            store.mkdir("inbox")
            store.put(str(folder), "inbox/Song", recursive=True)
            wrong = compare(folder, "s3://inbox/Song", store)
    finally:
        server.kill()
    for line in wrong:
        print(line)
    print("an S3 store on this machine:", "as the folder" if not wrong else f"{len(wrong)} faults")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
