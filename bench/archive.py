"""How far behind is the table, how fast does the archive take records, and what does it cost others?

Three questions, each on a server of its own, with the archive's default settings:

1. Records are pushed at a fixed rate, and a reader that is not the server looks ten times a second what
   the table has. How long after it was due is a record there?
2. A log is filled while nothing is archived; then the server starts with the archive, all of it on one
   core. How many records a second go into the table until it has all?
3. The same load is sent with the archive at work and without it, in turn. How much less is accepted,
   and how much is archived meanwhile?

Prints a JSON line for each answer.

    python bench/archive.py [--seconds 30] [--rate 20000] [--records 5000000] [--folder DIR]
"""

import argparse
import itertools
import statistics
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import uvloop
from pyiceberg.catalog.sql import SqlCatalog

from harness import RECORD, SCHEMA, Case, Server, load, measure_fsync, serving, tell
from sluiceway.load.bodies import write_request
from sluiceway.load.run import Load, Target

BATCH = 1_000
RUNS = 3
WARM_UP_SECONDS = 8
"""More than the age at which records are archived."""
PUSH_BATCH = 100
"""Records of a request while it is measured how soon they are visible."""
LOOK_SECONDS = 0.1
ASK_SECONDS = 0.25
"""Each question takes processor time from what is measured."""
ARCHIVED_SECONDS_MAX = 300
ON = {"SLUICEWAY_ARCHIVE__ENABLED": "true"}
WIDE = {
    "fields": [
        {"name": f"field_{n:02}", "schema": {"nullable": True, "dataType": {"type": kind}}}
        for n in range(100)
        for kind in ("string" if n % 2 else "double",)
    ]
}
WIDE_RECORD = {f"field_{n:02}": f"value {n}" if n % 2 else n / 7 for n in range(100)}


class Sent(msgspec.Struct, frozen=True):
    """A load that is sent with the archive and without."""

    name: str
    call: str
    body: dict[str, object]
    connections: int
    records: int
    schema: Mapping[str, object]

    def case(self, server: Server) -> Case:
        """Make a stream for it on a server."""
        url = f"{server.url}{server.make_stream('load', self.schema)}/{self.call}"
        body = msgspec.json.encode(self.body)
        return Case(self.name, url, body, server.headers, self.connections, self.records)


LOADS = (
    Sent("publishRecord", "publishRecord", {"record": RECORD}, 64, 1, SCHEMA),
    Sent(
        "publishRecords x 1000", "publishRecords", {"records": [RECORD] * BATCH}, 16, BATCH, SCHEMA
    ),
    Sent(
        "publishRecords x 100, 100 fields",
        "publishRecords",
        {"records": [WIDE_RECORD] * (BATCH // 10)},
        16,
        BATCH // 10,
        WIDE,
    ),
)


class Looking(threading.Thread):
    """Looks what a table has, as any program does that reads its catalogue."""

    def __init__(self, data_folder: Path) -> None:
        super().__init__(daemon=True)
        self.catalogue = SqlCatalog("sluiceway", uri=f"sqlite:///{data_folder}/warehouse.db")
        self.seen: list[tuple[float, int]] = []
        """When the table was first seen to have so many records, of the only partition."""
        self.is_over = threading.Event()

    def run(self) -> None:
        """Look again and again."""
        while not self.is_over.wait(LOOK_SECONDS):
            rows = self._rows()
            if rows and (not self.seen or rows > self.seen[-1][1]):
                self.seen.append((time.perf_counter(), rows))

    def _rows(self) -> int:
        names = self.catalogue.list_tables("sluiceway") if self._is_there() else []
        if not names:
            return 0
        snapshot = self.catalogue.load_table(names[0]).current_snapshot()
        if snapshot is None or snapshot.summary is None:
            return 0
        return int(snapshot.summary.additional_properties.get("total-records") or 0)

    def _is_there(self) -> bool:
        return self.catalogue.namespace_exists("sluiceway")


async def push(server: Server, stream: str, rate: int, seconds: float) -> float:
    """Push at a rate over one connection, so that offsets are in order; gives the start."""
    body = msgspec.json.encode({"records": [RECORD] * PUSH_BATCH})
    url = server.client.base_url
    pushing = Load(
        Target(url.host, url.port or 80),
        [write_request(url.netloc.decode(), f"{stream}/publishRecords", server.token, body)],
        connections=1,
        rate=rate / PUSH_BATCH,
        timeout_seconds=30,
        in_flight_max=64,
    )
    started = time.perf_counter()
    counts = await pushing.run(seconds)
    if counts.failures or counts.unsent:
        raise SystemExit(f"not everything was accepted: {counts.failures}, {counts.unsent} unsent")
    return started


def push_to_visible(folder: Path, rate: int, seconds: int) -> None:
    """Answer the first question."""
    with serving(folder, **ON) as (server, _):
        stream = server.make_stream("visible")
        looking = Looking(folder / "data")
        looking.start()
        started = uvloop.run(push(server, stream, rate, seconds))
        total = rate // PUSH_BATCH * seconds * PUSH_BATCH
        while not looking.seen or looking.seen[-1][1] < total:
            if time.perf_counter() > started + ARCHIVED_SECONDS_MAX:
                raise SystemExit("the table does not get all that was pushed")
            time.sleep(LOOK_SECONDS)
        looking.is_over.set()
        looking.join()
    waits, at = [], 0
    for seen, rows in looking.seen:
        # Request `at` was due so many seconds after the start; a sample of each is enough.
        waits += [
            seen - started - request * PUSH_BATCH / rate
            for request in range(at // PUSH_BATCH, rows // PUSH_BATCH)
        ]
        at = rows
    found = statistics.quantiles(waits, n=100)
    tell(
        case="push to visible in the table",
        records_per_second=rate,
        seconds=seconds,
        p50_seconds=round(found[49], 2),
        p95_seconds=round(found[94], 2),
        most_seconds=round(max(waits), 2),
    )


def fill(server: Server, stream: str, records: int) -> None:
    body = msgspec.json.encode({"records": [RECORD] * (10 * BATCH)})
    for _ in range(records // (10 * BATCH)):
        answer = server.client.post(f"{stream}/publishRecords?preview=true", content=body)
        answer.raise_for_status()


def archived(server: Server, stream: str) -> int:
    """Tell how many records the table of a stream has, by the path or URL of its publish calls."""
    dataset = stream.partition("/datasets/")[2].partition("/")[0]
    path = f"/api/v1/streams/{dataset}/master/description"
    description = server.client.get(path).raise_for_status().json()
    through: int = description["archivedThrough"].get("0", 0)
    return through


def wait_for_archived(server: Server, stream: str, records: int) -> None:
    until = time.perf_counter() + ARCHIVED_SECONDS_MAX
    while archived(server, stream) < records:
        if time.perf_counter() > until:
            raise SystemExit("the archive does not get through")
        time.sleep(ASK_SECONDS)


def throughput(folder: Path, records: int) -> None:
    """Answer the second question; the time in which the archiver starts is not counted."""
    with serving(folder) as (server, _):
        stream = server.make_stream("throughput")
        fill(server, stream, records)
    with serving(folder, **ON) as (server, _):
        seen = [(time.perf_counter(), 0)]
        while seen[-1][1] < records:
            now = archived(server, stream)
            if now > seen[-1][1]:
                seen.append((time.perf_counter(), now))
            if time.perf_counter() > seen[0][0] + ARCHIVED_SECONDS_MAX:
                raise SystemExit("the archive does not get through")
            time.sleep(ASK_SECONDS)
    (_, (begun, first), *_, (ended, last)) = seen
    tell(
        case="archiving what waits, server and archiver on one core",
        records=records,
        commits=len(seen) - 1,
        seconds=round(ended - begun, 2),
        records_per_second=round((last - first) / (ended - begun)),
    )


def with_and_without(folder: Path, seconds: int) -> None:
    """Answer the third question, so many times, in turn forwards and backwards.

    Each server begins alike, with nothing left of the one before: pages of memory that nobody has used
    yet cost a virtual machine more than those that were just freed. The load goes on for a while before
    it is measured, so that commits are in progress from the first second to the last.
    """
    kinds: list[tuple[str, dict[str, str]]] = [("off", {}), ("on", ON)]
    for run in range(1, RUNS + 1):
        for sent, (name, environment) in itertools.product(LOADS, kinds):
            with (
                tempfile.TemporaryDirectory(dir=folder) as own,
                serving(Path(own), **environment) as (server, _),
            ):
                case = sent.case(server)
                server.client.post(case.url, content=case.body).raise_for_status()
                if environment:
                    wait_for_archived(server, case.url, case.records)
                load(case, WARM_UP_SECONDS, folder)
                before = archived(server, case.url)
                found = load(case, seconds, folder)
                moved = archived(server, case.url) - before
                more = {"archived_per_second": round(moved / seconds)} if environment else {}
                tell(archive=name, run=run, **found, **more)
        kinds.reverse()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--folder", type=Path, help="where the servers keep their data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        tell(**measure_fsync(folder))
        push_to_visible(folder / "visible", options.rate, options.seconds)
        throughput(folder / "throughput", options.records)
        with_and_without(folder, max(options.seconds // 2, 1))


if __name__ == "__main__":
    main()
