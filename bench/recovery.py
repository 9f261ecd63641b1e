"""How long the embedded log takes from the start to the first acknowledged record.

Fills a log, then opens it after a clean stop and after a kill. One JSON line per case.

    python bench/recovery.py [--gigabytes 10] [--folder DIR] [--case NAME]
"""

import argparse
import json
import multiprocessing
import os
import signal
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop

from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.foundation.rids import Rid, ViewRid
from sluiceway.streams.log import Batch

RECORD_BYTES = 100
VIEW = ViewRid(Rid("ri.foundry-streaming.main.view.recovery"))
PARTITIONS_MAX = 10_000


class Case(msgspec.Struct, frozen=True):
    """What the log is filled with."""

    name: str
    partitions: int
    batch_records: int


CASES = [
    Case("batches of 1,000", 4, 1_000),
    Case("batches of 10 in 10,000 partitions", PARTITIONS_MAX, 10),
]


async def fill(log: EmbeddedLog, case: Case, size: float) -> None:
    await log.create_view(VIEW, partitions=case.partitions, compressed=False)
    lines = (b"x" * (RECORD_BYTES - 1) + b"\n") * case.batch_records
    written = turn = 0
    while written < size:
        appends = []
        for _ in range(max(4_000_000 // len(lines), 1)):
            batch = Batch(VIEW, turn % case.partitions, case.batch_records, lines)
            appends.append(log.append([batch]))
            turn += 1
            written += len(lines)
        await appends[-1]


async def fill_and_die(folder: Path, case: Case, size: float) -> None:
    log = await open_log(folder)
    await fill(log, case, size)
    os.kill(os.getpid(), signal.SIGKILL)


def fill_until_killed(folder: Path, case: Case, size: float) -> None:
    uvloop.run(fill_and_die(folder, case, size))


async def start(folder: Path) -> tuple[float, float]:
    started = time.perf_counter()
    log = await open_log(folder)
    opened = time.perf_counter()
    await log.append([Batch(VIEW, 0, 1, b"1\n")])
    appended = time.perf_counter()
    await log.close()
    return opened - started, appended - started


def forked(function: object, *arguments: object) -> None:
    process = multiprocessing.get_context("fork").Process(target=function, args=arguments)  # type: ignore[arg-type] # any function
    process.start()
    process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, help="where the files go; a temporary folder")
    parser.add_argument("--case", help="only cases whose name has this in it")
    arguments = parser.parse_args()
    for case in CASES:
        if arguments.case is not None and arguments.case not in case.name:
            continue
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            folder = Path(name) / "log"
            filling = time.perf_counter()
            forked(fill_until_killed, folder, case, arguments.gigabytes * 1e9)
            filled = time.perf_counter() - filling
            stored = sum(path.stat().st_size for path in folder.rglob("*.log"))
            for stop in ("killed", "closed"):
                opened, appended = uvloop.run(start(folder))
                result = {
                    **msgspec.to_builtins(case),
                    "stored_bytes": stored,
                    "filled_seconds": round(filled, 1),
                    "stop": stop,
                    "open_seconds": round(opened, 3),
                    "first_append_seconds": round(appended, 3),
                }
                print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
