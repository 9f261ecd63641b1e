"""The embedded log on files that lose, tear and reorder what was not synced.

A state machine compares it with a plain model: every acknowledged append is there, one of unknown
outcome is there as a whole or not at all, offsets are dense, notes are right, and damage is an
error and never something else.
"""

import asyncio
import contextlib
import errno
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from fixtures.unsafe_files import UnsafeFiles
from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, Note, NoteKind
from sluiceway.streams.log_errors import (
    LogCorruptError,
    LogUnavailableError,
)
from sluiceway.streams.pending import PendingAppend

SETTINGS = EmbeddedLogSettings(
    segment_bytes=64 * 1024, group_bytes_max=64 * 1024, frame_bytes_max=16 * 1024, readers=1
)
_SHM = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of its own in it
MEMORY = _SHM if _SHM.is_dir() else None
"""Where the catalogue lies: its syncs are not what is tested."""
PARTITIONS = 2
VIEWS_MAX = 4

Place = tuple[ViewRid, int]
NoteName = tuple[ViewRid, NoteKind, bytes]


async def settled(append: PendingAppend) -> None:
    """Wait until the outcome is known, whatever it is."""
    with contextlib.suppress(LogUnavailableError):
        await append


class Request:
    """An append, as the model sees it."""

    def __init__(self, batches: dict[Place, list[bytes]], note: Note | None) -> None:
        self.batches = batches
        self.note = note

    def append(self, log: EmbeddedLog) -> PendingAppend:
        return log.append(
            [
                Batch(view, partition, len(values), b"".join(value + b"\n" for value in values))
                for (view, partition), values in self.batches.items()
            ],
            self.note,
        )


class Model:
    """What must be in the log."""

    def __init__(self) -> None:
        self.records: dict[Place, list[bytes]] = {}
        self.starts: dict[Place, int] = {}
        self.notes: dict[NoteName, tuple[bytes, tuple[tuple[int, int, int], ...]]] = {}

    @property
    def views(self) -> list[ViewRid]:
        return list(dict.fromkeys(view for view, _ in self.records))

    def add_view(self, view: ViewRid) -> None:
        for partition in range(PARTITIONS):
            self.records[view, partition] = []
            self.starts[view, partition] = 0

    def delete_view(self, view: ViewRid) -> None:
        for partition in range(PARTITIONS):
            del self.records[view, partition]
            del self.starts[view, partition]
        self.notes = {name: note for name, note in self.notes.items() if name[0] != view}

    def store(self, request: Request) -> list[int]:
        """Take a request that is durable; give its first offsets."""
        offsets = []
        places = []
        for (view, partition), values in request.batches.items():
            first = len(self.records[view, partition])
            offsets.append(first)
            self.records[view, partition] += values
            places.append((partition, first, len(values)))
        if request.note is not None:
            note = request.note
            self.notes[note.view, note.kind, note.name] = (note.value, tuple(places))
        return offsets


values = st.integers(0, 9).flatmap(
    lambda digit: st.sampled_from([1, 50, 500, 5_000, 20_000]).map(
        lambda size: b"%d" % digit * size
    )
)
requests = st.lists(
    st.tuples(
        st.dictionaries(
            st.tuples(st.integers(0, VIEWS_MAX - 1), st.integers(0, PARTITIONS - 1)),
            st.lists(values, min_size=1, max_size=4),
            max_size=3,
        ),
        st.none()
        | st.tuples(
            st.integers(0, VIEWS_MAX - 1),
            st.sampled_from(NoteKind),
            st.sampled_from([b"a", b"b"]),
            st.binary(max_size=20),
        ),
    ),
    min_size=1,
    max_size=5,
)


class Machine(RuleBasedStateMachine):
    """Does to the log what users, time and disks do."""

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="sluiceway-log-", dir=MEMORY))
        self.files = UnsafeFiles()
        self.model = Model()
        self.unknown: list[Request] = []
        self.log = self.run(self.open())
        self.add_view()

    def run(self, wanted: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(wanted, 20))

    async def open(self) -> EmbeddedLog:
        return await open_log(self.folder, SETTINGS, files=self.files)

    @property
    def views(self) -> list[ViewRid]:
        return self.model.views

    @precondition(lambda self: len(self.views) < VIEWS_MAX)
    @rule(compressed=st.booleans())
    def add_view(self, *, compressed: bool = False) -> None:
        view = new_view_rid()
        try:
            self.run(self.log.create_view(view, partitions=PARTITIONS, compressed=compressed))
        except LogUnavailableError:
            self.reopen()
            assume(condition=False)
        self.model.add_view(view)

    def make(self, drawn: list[tuple[Any, Any]]) -> list[Request]:
        views = self.views
        made = []
        for batches, note in drawn:
            placed: dict[Place, list[bytes]] = {}
            for (number, partition), records in batches.items():
                placed.setdefault((views[number % len(views)], partition), []).extend(records)
            made.append(Request(placed, note and Note(views[note[0] % len(views)], *note[1:])))
        return made

    async def settle(self, made: list[Request]) -> None:
        """Append, and take over what became of it."""
        appends = [request.append(self.log) for request in made]
        await asyncio.gather(*map(settled, appends))
        for request, append in zip(made, appends, strict=True):
            if append.error is None:
                assert not self.unknown
                assert list(append.result()) == self.model.store(request)
                continue
            assert isinstance(append.error, LogUnavailableError)
            if not append.error.wrote_nothing:
                self.unknown.append(request)

    @precondition(lambda self: self.views)
    @rule(drawn=requests)
    def append(self, drawn: list[tuple[Any, Any]]) -> None:
        self.run(self.settle(self.make(drawn)))
        if not self.log.health().is_writable:
            self.reopen()

    @precondition(lambda self: self.views)
    @rule(
        number=st.integers(0, 9),
        partition=st.integers(0, 1),
        share=st.sampled_from((0.0, 0.4, 0.9, 1.0, 1.2)),
    )
    def trim(self, number: int, partition: int, share: float) -> None:
        place = (self.views[number % len(self.views)], partition)
        before = int(len(self.model.records[place]) * share)
        try:
            self.run(self.log.trim(*place, before))
        except LogUnavailableError:
            self.reopen()
            return
        start = self.run(self.log.start_offsets(place[0]))[partition]
        assert self.model.starts[place] <= start <= max(before, self.model.starts[place])
        self.model.starts[place] = start

    @precondition(lambda self: len(self.views) > 1)
    @rule(number=st.integers(0, 9))
    def delete_view(self, number: int) -> None:
        view = self.views[number % len(self.views)]
        try:
            self.run(self.log.delete_view(view))
        except LogUnavailableError:
            self.reopen()
            return
        self.model.delete_view(view)

    @rule()
    def clean_now(self) -> None:
        """Give the cleaner time for a step."""
        self.run(asyncio.sleep(0.005))

    @rule()
    def close_and_open(self) -> None:
        self.run(self.log.close())
        self.log = self.run(self.open())
        self.check_records()

    @precondition(lambda self: self.views)
    @rule(after=st.integers(0, 12), drawn=requests)
    def lose_power_while_appending(self, after: int, drawn: list[tuple[Any, Any]]) -> None:
        self.files.power_off_at = self.files.operations + after
        self.run(self.settle(self.make(drawn)))
        self.lose_power()

    @rule()
    def lose_power(self) -> None:
        self.files.power_off()
        self.run(self.log.close())
        self.files.lose_power(self.chance)
        self.log = self.run(self.open())
        self.check_records()

    @precondition(lambda self: self.views)
    @rule(
        operation=st.sampled_from(["write", "sync", "open", "rename", "sync_folder"]),
        number=st.sampled_from([errno.EIO, errno.ENOSPC]),
        kept=st.sampled_from([0, 1, 512, 700]),
        after=st.integers(0, 4),
        drawn=requests,
        loses_power=st.booleans(),
    )
    def fail(
        self,
        operation: str,
        number: int,
        kept: int,
        after: int,
        drawn: list[tuple[Any, Any]],
        loses_power: bool,  # noqa: FBT001 - drawn by Hypothesis
    ) -> None:
        self.files.fail(operation, number, kept if operation == "write" else 0, after)
        self.run(self.settle(self.make(drawn)))
        if loses_power:
            self.lose_power()
        else:
            self.reopen()

    def reopen(self) -> None:
        """Open it again after an error; the cache keeps what was written."""
        self.run(self.log.close())
        self.files.restart()
        self.log = self.run(self.open())
        self.check_records()

    @invariant()
    def check_notes(self) -> None:
        if not hasattr(self, "log") or self.unknown:
            return
        for name in {
            *self.model.notes,
            *(
                (view, kind, key)
                for view in self.views
                for kind in NoteKind
                for key in (b"a", b"b")
            ),
        }:
            assert self.note(name) == self.model.notes.get(name)

    def check_records(self) -> None:
        """Compare everything, after it was decided what became of appends of unknown outcome."""
        assert self.run(self.log.views()) == set(self.views)
        if self.unknown:
            unknown, self.unknown = self.unknown, []
            if self.is_stored(unknown):
                for request in unknown:
                    self.model.store(request)
        for (view, partition), expected in self.model.records.items():
            start = self.model.starts[view, partition]
            assert self.run(self.log.start_offsets(view))[partition] == start
            assert self.run(self.log.end_offsets(view))[partition] == len(expected)
            found = self.run(self.log.read(view, partition, 0, limit=10**6, bytes_max=10**9))
            assert [(one.offset, one.value) for one in found] == list(enumerate(expected))[start:]

    def is_stored(self, unknown: list[Request]) -> bool:
        """Tell whether appends of one group are there; any of their traces tells."""
        for request in unknown:
            for view, partition in request.batches:
                end = self.run(self.log.end_offsets(view))[partition]
                if end > len(self.model.records[view, partition]):
                    return True
        names = {
            (request.note.view, request.note.kind, request.note.name)
            for request in unknown
            if request.note is not None
        }
        return any(self.note(name) != self.model.notes.get(name) for name in names)

    def note(self, name: NoteName) -> tuple[bytes, tuple[tuple[int, int, int], ...]] | None:
        note = self.log.note(*name)
        return None if note is None else (note.value, note.places)

    def teardown(self) -> None:
        if not hasattr(self, "log"):
            return
        try:
            self.run(self.log.close())
            self.rot()
        finally:
            self.loop.close()
            shutil.rmtree(self.folder)

    def rot(self) -> None:
        """Change one bit: what is read is right, or an error."""
        paths = [path for path in self.files.paths(".log") if self.files.content(path)]
        if not paths:
            return
        path = self.chance.choice(paths)
        size = len(self.files.content(path).rstrip(b"\0")) or 1
        self.files.flip(path, self.chance.randrange(size), self.chance.randrange(8))
        log = self.run(self.open())
        for (view, partition), expected in self.model.records.items():
            for offset in range(self.model.starts[view, partition], len(expected)):
                try:
                    (found,) = self.run(log.read(view, partition, offset, limit=1, bytes_max=1))
                except LogCorruptError:
                    continue
                assert (found.offset, found.value) == (offset, expected[offset])
            try:
                append = log.append([Batch(view, partition, 1, b"1\n")])
                (offset,) = self.run(append)
            except LogCorruptError:
                continue
            assert offset == len(expected)
        self.run(log.close())


TestMachine = pytest.mark.timeout(400)(Machine.TestCase)
TestMachine.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
