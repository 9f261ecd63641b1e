"""How soon is the current state of a stream of changes there, and what does keeping it cost?

Changes of keys chosen at random are pushed, one in eight older than one before it, one in a hundred a
deletion. Once all of them are archived and folded, the first page of the current state is read, then all of it;
and again after a few more changes, too few for a fold. Prints a JSON line for each reading, and one for
what the archiver took until all was folded.

    python bench/current_state.py [--changes 10000000] [--keys 1000000] [--folder DIR]
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]  # it has no types
from pyiceberg.catalog.sql import SqlCatalog

from harness import LOAD_CORE, SERVER_CORE, Server, serving, tell

ON = {"SLUICEWAY_ARCHIVE__ENABLED": "true"}
SCHEMA = {
    "fields": [
        {"name": name, "schema": {"nullable": name != "id", "dataType": {"type": kind}}}
        for name, kind in (
            ("id", "string"),
            ("updated_at", "timestamp"),
            ("is_deleted", "boolean"),
            ("amount", "double"),
            ("status", "string"),
        )
    ],
    "keyFieldNames": ["id"],
    "changeDataCapture": {
        "type": "fullRow",
        "deletionFieldName": "is_deleted",
        "orderingFieldName": "updated_at",
    },
}
BATCH = 10_000
PAGE_ROWS = 1_000
SECONDS_MAX = 3_600
WAITING = 10_000
"""Changes that are not folded when the state is read again."""


def bodies(changes: int, keys: int) -> Iterator[bytes]:
    """Give the bodies of requests."""
    chance = random.Random(1)
    for start in range(0, changes, BATCH):
        records = [
            {
                "id": f"customer-{chance.randrange(keys):09d}",
                "updated_at": 1_731_426_022_784 + at - (1_000_000 if at % 8 == 0 else 0),
                "is_deleted": at % 100 == 0,
                "amount": at / 7,
                "status": "shipped",
            }
            for at in range(start, min(start + BATCH, changes))
        ]
        yield msgspec.json.encode({"records": records})


def push(server: Server, stream: str, changes: int, keys: int) -> None:
    for body in bodies(changes, keys):
        answer = server.client.post(f"{stream}/publishRecords?preview=true", content=body)
        answer.raise_for_status()


def archived(server: Server, dataset: str, changes: int) -> None:
    """Wait until every change is in the table."""
    path = f"/api/v1/streams/{dataset}/master/description"
    for _ in range(SECONDS_MAX * 10):
        description = server.client.get(path).raise_for_status().json()
        if description["archivedThrough"].get("0", 0) == changes:
            return
        time.sleep(0.1)
    raise SystemExit("the archive does not get through")


def folded(folder: Path, changes: int) -> tuple[int, int]:
    """Wait until hardly any change is left to fold; give how many are folded, and the keys."""
    catalogue = SqlCatalog("sluiceway", uri=f"sqlite:///{folder}/data/warehouse.db")
    for _ in range(SECONDS_MAX * 10):
        for name in catalogue.list_tables("sluiceway"):
            snapshot = catalogue.load_table(name).current_snapshot()
            if not name[1].endswith("__current") or snapshot is None or snapshot.summary is None:
                continue
            summary = snapshot.summary.additional_properties
            known = msgspec.json.decode(summary["sluiceway.offsets"], type=dict[str, int])["0"]
            keys = int(summary["total-records"])
            if changes - known < max(50_000, keys // 16):
                return known, keys
        time.sleep(0.1)
    raise SystemExit("the changes are not folded")


def archiver_seconds(server: psutil.Process) -> float:
    """Tell how much processor time the archiver has used."""
    found = [one for one in server.children() if "archiver" in one.cmdline()]
    return sum(sum(one.cpu_times()[:2]) for one in found)


def read(server: Server, dataset: str, case: str, **parameters: int) -> None:
    """Read the current state, and tell how long that took."""
    path = f"/api/v2/datasets/{dataset}/readTable"
    started, size = time.perf_counter(), 0
    first = 0.0
    with server.client.stream(
        "GET", path, params={"format": "ARROW", "branchName": "master", **parameters}
    ) as answer:
        answer.raise_for_status()
        for piece in answer.iter_raw():
            first = first or time.perf_counter() - started
            size += len(piece)
    tell(
        case=case,
        first_byte_seconds=round(first, 3),
        seconds=round(time.perf_counter() - started, 3),
        megabytes=round(size / 1e6, 1),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000_000)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    psutil.Process().cpu_affinity([int(LOAD_CORE)])
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        with serving(folder, cores=SERVER_CORE, **ON) as (server, pid):
            stream = server.make_stream("changes", SCHEMA)
            dataset = stream.split("/")[6]
            push(server, stream, options.changes, options.keys)
            archived(server, dataset, options.changes)
            known, keys = folded(folder, options.changes)
            tell(
                case="archived and folded",
                changes=options.changes,
                folded=known,
                keys=keys,
                archiver_cpu_seconds=round(archiver_seconds(psutil.Process(pid)), 1),
            )
            for after in ("", f", {WAITING} changes later"):
                for run in (1, 2):
                    page = f"first page of {PAGE_ROWS} rows{after}, run {run}"
                    read(server, dataset, page, rowLimit=PAGE_ROWS)
                read(server, dataset, f"the whole current state{after}")
                if not after:
                    push(server, stream, WAITING, options.keys)
                    archived(server, dataset, options.changes + WAITING)


if __name__ == "__main__":
    main()
