"""How many durable appends and records per second the embedded log takes.

One JSON line per case. Each case also times, on the same disk right before it, an append of as
many bytes to a plain file followed by fdatasync: the floor under every durable append.

    python bench/log.py [--seconds 3] [--folder DIR] [--case NAME]
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop

from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.observer import Commit
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import new_view_rid
from sluiceway.streams.log import Batch

RECORD_BYTES = 100


class Case(msgspec.Struct, frozen=True):
    """Appenders that each wait for the outcome before they append again."""

    name: str
    appenders: int
    batch_records: int
    views: int = 1
    compressed: bool = False


CASES = [
    Case("single records, one appender", 1, 1),
    Case("single records", 64, 1),
    Case("single records, many views", 64, 1, views=1_000),
    Case("batches, one appender", 1, 1_000),
    Case("batches", 8, 1_000),
    Case("batches, many appenders", 64, 1_000),
    Case("batches, compressed", 8, 1_000, compressed=True),
]


class Totals:
    """Sums up what the log reports."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []

    def observe_commit(self, commit: Commit) -> None:
        """Keep *commit*."""
        self.commits.append(commit)

    def observe_stop(self, reason: str) -> None:
        """End the measurement."""
        raise SystemExit(reason)


def percentile_us(seconds: list[float], share: float) -> int:
    return round(sorted(seconds)[int(len(seconds) * share)] * 1e6) if seconds else 0


def measure_disk(folder: Path, size: int, seconds: float) -> list[float]:
    waits = []
    data = os.urandom(size)
    path = folder / "disk"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        os.write(descriptor, data)
        os.fdatasync(descriptor)
        waits.append(time.perf_counter() - started)
    os.close(descriptor)
    path.unlink()
    return waits


def make_lines(count: int) -> bytes:
    def line(number: int) -> bytes:
        start = b'{"device":"sensor-%05d","value":%f,"text":"' % (number % 97, number / 7)
        return start + b"x" * (RECORD_BYTES - len(start) - 3) + b'"}\n'

    return b"".join(line(number) for number in range(count))


async def append_until(log: EmbeddedLog, batches: list[list[Batch]], end: float) -> list[float]:
    waits = []
    turn = 0
    while (started := time.perf_counter()) < end:
        await log.append(batches[turn % len(batches)])
        waits.append(time.perf_counter() - started)
        turn += 1
    return waits


async def measure(case: Case, seconds: float, folder: Path) -> dict[str, object]:
    group = case.appenders * case.batch_records * RECORD_BYTES
    disk = measure_disk(folder, min(group, 8 * 1024 * 1024), min(seconds / 3, 1.0))
    totals = Totals()
    log = await open_log(folder / "log", EmbeddedLogSettings(), observer=totals)
    views = [new_view_rid() for _ in range(case.views)]
    for view in views:
        await log.create_view(view, partitions=1, compressed=case.compressed)
    lines = make_lines(case.batch_records)
    batches = [[Batch(view, 0, case.batch_records, lines)] for view in views]
    started, cpu = time.perf_counter(), time.process_time()
    waits = await asyncio.gather(
        *(
            append_until(log, batches[number:] + batches[:number], started + seconds)
            for number in range(case.appenders)
        )
    )
    elapsed = time.perf_counter() - started
    cpu = time.process_time() - cpu
    await log.close()
    all_waits = [wait for appender in waits for wait in appender]
    commits = totals.commits
    return {
        **msgspec.to_builtins(case),
        "appends_per_second": round(len(all_waits) / elapsed),
        "records_per_second": round(len(all_waits) * case.batch_records / elapsed),
        "append_p50_us": percentile_us(all_waits, 0.5),
        "append_p99_us": percentile_us(all_waits, 0.99),
        "append_max_us": percentile_us(all_waits, 1 - 1e-9),
        "commits_per_second": round(len(commits) / elapsed),
        "commit_p50_us": percentile_us([commit.commit_seconds for commit in commits], 0.5),
        "commit_p99_us": percentile_us([commit.commit_seconds for commit in commits], 0.99),
        "fsync_p50_us": percentile_us([commit.fsync_seconds for commit in commits], 0.5),
        "appends_per_commit": round(len(all_waits) / max(len(commits), 1), 1),
        "cores": round(cpu / elapsed, 2),
        "disk_p50_us": percentile_us(disk, 0.5),
        "disk_p99_us": percentile_us(disk, 0.99),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--folder", type=Path, help="where the files go; a temporary folder")
    parser.add_argument("--case", help="only cases whose name has this in it")
    arguments = parser.parse_args()
    for case in CASES:
        if arguments.case is None or arguments.case in case.name:
            with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
                result = uvloop.run(measure(case, arguments.seconds, Path(folder)))
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
