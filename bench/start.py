"""How long from starting the server to its first acknowledged record.

On an empty data folder, and on one with so many gigabytes of records, after a kill and after a clean
stop. One JSON line per case, with what the process took until it listened.

    python bench/start.py [--gigabytes 10] [--folder DIR]
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import msgspec

from harness import PASSWORD, SERVER_CORE, Server, tell

RECORD_BYTES = 1_000
BATCH = 4_000
TEXT = {"fields": [{"name": "text", "schema": {"nullable": False, "dataType": {"type": "string"}}}]}


class Process:
    """A server that is started again and again on one folder."""

    def __init__(self, folder: Path) -> None:
        started = time.perf_counter()
        command = [sys.executable, "-m", "sluiceway", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *command, "--data-dir", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"SLUICEWAY_ADMIN_PASSWORD": PASSWORD},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.listening_seconds = time.perf_counter() - started
        self.url = line.removeprefix("listening on ").strip()
        self.started = started

    def end(self, number: signal.Signals) -> None:
        """Send it a signal, and wait until it has ended."""
        self.process.send_signal(number)
        self.process.wait(60)


def first_record(process: Process, path: str, headers: dict[str, str]) -> float:
    """Publish one record; gives the seconds since the process was started."""
    body = {"record": {"text": "first"}}
    answer = httpx.post(f"{process.url}{path}/publishRecord", json=body, headers=headers)
    answer.raise_for_status()
    return time.perf_counter() - process.started


def fill(server: Server, path: str, size: float) -> int:
    body = msgspec.json.encode({"records": [{"text": "x" * (RECORD_BYTES - 12)}] * BATCH})
    stored = 0
    while stored < size:
        server.client.post(f"{path}/publishRecords", content=body).raise_for_status()
        stored += RECORD_BYTES * BATCH
    return stored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name) / "data"
        process = Process(folder)
        server = Server(process.url)
        path = server.make_stream("start", TEXT)
        stored, stop = 0, "new folder"
        for next_stop in (signal.SIGKILL, signal.SIGTERM, None):
            if stop != "new folder":
                process = Process(folder)
            tell(
                case="start",
                stored_gigabytes=round(stored / 1e9, 1),
                stopped_by=stop,
                listening_seconds=round(process.listening_seconds, 3),
                first_record_seconds=round(first_record(process, path, server.headers), 3),
            )
            if not stored:
                stored = fill(server, path, options.gigabytes * 1e9)
            if next_stop is not None:
                process.end(next_stop)
                stop = next_stop.name
        process.end(signal.SIGTERM)


if __name__ == "__main__":
    main()
