"""The embedded log in a process that dies, or whose disk fails.

A killed process leaves the operating system's cache alone, so these tests show that nothing is
acknowledged before it was written, and that what was written is found again. What a power cut
leaves is the subject of the tests with files that lose what was not synced.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import Rid, ViewRid
from sluiceway.streams.log import Batch, NoteKind

ROUNDS = 10
VIEWS = [ViewRid(Rid(f"ri.foundry-streaming.main.view.crash-{number}")) for number in range(3)]
PARTITIONS = 2
GROUP_BYTES = 64 * 1024
"""What one append of the writer on a limited disk takes."""

WRITER = """
import asyncio, json, os, random, sys
from pathlib import Path
from sluiceway.backends.embedded.log import open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.streams.log import Batch, Note, NoteKind

folder, round_, seed, views = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
chance = random.Random(seed)

def say(**facts):
    os.write(1, json.dumps(facts).encode() + b"\\n")

async def append(log, writer):
    number = 0
    while True:
        request = []
        for view, partition in chance.sample([(v, p) for v in views for p in (0, 1)], 2):
            ids = [f"{round_}-{writer}-{number + n}" for n in range(chance.randint(1, 20))]
            number += len(ids)
            lines = "".join(json.dumps({"id": id_, "pad": "x" * 200}) + "\\n" for id_ in ids)
            request.append((Batch(view, partition, len(ids), lines.encode()), ids))
        note = Note(views[2], NoteKind.PRODUCER, b"%d" % writer, b"%d-%d" % (round_, number))
        offsets = await log.append([batch for batch, _ in request], note)
        say(writer=writer, note=note.value.decode())
        for offset, (batch, ids) in zip(offsets, request):
            say(view=batch.view, partition=batch.partition, offset=offset, ids=ids)

async def trim(log):
    while True:
        await asyncio.sleep(chance.uniform(0, 0.05))
        before = int((await log.end_offsets(views[0]))[0] * chance.random())
        say(trim=before)
        await log.trim(views[0], 0, before)

async def main():
    log = await open_log(folder, EmbeddedLogSettings(segment_bytes=256 * 1024))
    for number, view in enumerate(views):
        await log.create_view(view, partitions=2, compressed=number == 1)
    say(ready=True)
    await asyncio.gather(trim(log), *(append(log, writer) for writer in range(8)))

asyncio.run(main())
"""

LIMITED = """
import asyncio, json, resource, sys
from pathlib import Path
from sluiceway.backends.embedded.log import open_log
from sluiceway.streams.log import Batch
from sluiceway.streams.log_errors import LogUnavailableError

async def main(folder, limit, view):
    log = await open_log(folder)
    await log.create_view(view, partitions=1, compressed=False)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    acknowledged, failure = 0, None
    while failure is None:
        try:
            await log.append([Batch(view, 0, 1, b"1" * 65_000 + b"\\n")])
        except LogUnavailableError as error:
            failure = error
        else:
            acknowledged += 1
    read = await log.read(view, 0, 0, limit=10**6, bytes_max=10**9)
    print(json.dumps({
        "acknowledged": acknowledged,
        "wrote_nothing": failure.wrote_nothing,
        "is_writable": log.health().is_writable,
        "reason": log.health().reason,
        "read": len(read),
    }))
    await log.close()

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
"""


def run_until_killed(folder: Path, round_: int, seed: int, seconds: float) -> Iterator[Any]:
    """Run the writer, kill it *seconds* after it is ready, and yield what it said."""
    said = folder.parent / f"said-{round_}"
    with said.open("wb") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), str(round_), str(seed), *VIEWS],
            stdout=stdout,
        )
        try:
            while said.stat().st_size == 0:
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(seconds)
        finally:
            process.kill()
            process.wait()
    # The last line may be cut short.
    for line in said.read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)


async def stored_ids(log: EmbeddedLog, view: ViewRid, partition: int) -> dict[int, str]:
    """Read the whole partition; its offsets must be dense."""
    start = (await log.start_offsets(view))[partition]
    end = (await log.end_offsets(view))[partition]
    found: dict[int, str] = {}
    while start + len(found) < end:
        for record in await log.read(
            view, partition, start + len(found), limit=10_000, bytes_max=10**8
        ):
            assert record.offset == start + len(found)
            found[record.offset] = json.loads(record.value)["id"]
    return found


def order(note: str) -> tuple[int, ...]:
    """Give round and number of a writer's note."""
    return tuple(map(int, note.split("-")))


def check_order(ids: list[str]) -> None:
    """Each writer's records must be in the order in which it appended them."""
    last: dict[str, int] = defaultdict(lambda: -1)
    for id_ in ids:
        writer, number = id_.rsplit("-", 1)
        assert int(number) > last[writer]
        last[writer] = int(number)


async def check(
    folder: Path,
    acknowledged: dict[tuple[str, int], dict[int, str]],
    trimmed: int,
    notes: dict[int, str],
) -> None:
    log = await open_log(folder, EmbeddedLogSettings(segment_bytes=256 * 1024))
    for writer, value in notes.items():
        note = log.note(VIEWS[2], NoteKind.PRODUCER, b"%d" % writer)
        assert note is not None
        # That of an append that was not acknowledged any more may be newer.
        assert order(note.value.decode()) >= order(value)
    for view in VIEWS:
        for partition in range(PARTITIONS):
            found = await stored_ids(log, view, partition)
            for offset, id_ in acknowledged[view, partition].items():
                if (view, partition) == (VIEWS[0], 0) and offset < trimmed:
                    assert found.get(offset, id_) == id_
                else:
                    assert found[offset] == id_
            # Every id was appended once, so one that is there twice was duplicated.
            assert len(set(found.values())) == len(found)
            check_order(list(found.values()))
    await log.close()


def test_a_killed_writer_loses_and_duplicates_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("SLUICEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"SLUICEWAY_TEST_SEED={seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    total = 0

    for round_ in range(ROUNDS):
        # A few deaths in a row for each log; one log for all would only grow slow to check.
        if round_ % 4 == 0:
            folder = tmp_path / f"log-{round_}"
            acknowledged: dict[tuple[str, int], dict[int, str]] = defaultdict(dict)
            trimmed = 0
            notes: dict[int, str] = {}
        seconds = chance.uniform(0, 0.3)
        for said in run_until_killed(folder, round_, chance.randrange(2**32), seconds):
            trimmed = max(trimmed, said.get("trim", 0))
            if "note" in said:
                notes[said["writer"]] = said["note"]
            for position, id_ in enumerate(said.get("ids", [])):
                place = said["view"], said["partition"]
                acknowledged[place][said["offset"] + position] = id_
                total += 1
        asyncio.run(check(folder, acknowledged, trimmed, notes))

    assert total > ROUNDS


@pytest.mark.parametrize(
    ("limit", "wrote_nothing"),
    [
        pytest.param(1024 * 1024 + 20_000, False, id="in the middle of a group"),
        pytest.param(1024 * 1024, True, id="between two groups"),
    ],
)
async def test_a_write_error_stops_the_log_and_loses_nothing(
    tmp_path: Path,
    limit: int,
    wrote_nothing: bool,  # noqa: FBT001 - a parameter of the case
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        LIMITED,
        str(tmp_path),
        str(limit),
        VIEWS[0],
        stdout=asyncio.subprocess.PIPE,
    )
    stdout, _ = await process.communicate()
    said = json.loads(stdout)

    assert process.returncode == 0
    assert said["acknowledged"] == limit // GROUP_BYTES
    assert said["read"] == said["acknowledged"]
    assert not said["is_writable"]
    assert "failed" in said["reason"]
    assert said["wrote_nothing"] == wrote_nothing
    log = await open_log(tmp_path)
    records = await log.read(VIEWS[0], 0, 0, limit=10**6, bytes_max=10**9)
    assert len(records) == said["acknowledged"]
    offsets = await log.append([Batch(VIEWS[0], 0, 1, b"1\n")])
    assert list(offsets) == [said["acknowledged"]]
    await log.close()
