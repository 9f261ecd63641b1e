"""The contract of the notes that a record log keeps beside its records."""

import asyncio
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, KeptNote, Note, NoteKind, RecordLog
from sluiceway.streams.log_errors import (
    LogNotesFullError,
    LogUnavailableError,
    LogViewNotFoundError,
)

KEY, PRODUCER = NoteKind.KEY, NoteKind.PRODUCER


def batch(view: ViewRid, count: int = 1, partition: int = 0) -> Batch:
    return Batch(view, partition, count, b"1\n" * count)


async def make_view(log: RecordLog, partitions: int = 1) -> ViewRid:
    view = new_view_rid()
    await log.create_view(view, partitions=partitions, compressed=False)
    return view


def value_of(log: RecordLog, view: ViewRid, name: bytes, kind: NoteKind = KEY) -> bytes | None:
    note = log.note(view, kind, name)
    return None if note is None else note.value


async def test_a_note_tells_where_the_batches_beside_it_lie(log: RecordLog) -> None:
    view, other = await make_view(log, partitions=2), await make_view(log)
    await log.append([batch(view, 3, 1)])

    before = time.time() * 1000 - 1
    await log.append(
        [batch(view, 2, 1), batch(other, 5), batch(view, 1, 0)], Note(view, KEY, b"k", b"v")
    )

    note = log.note(view, KEY, b"k")
    assert note is not None
    assert (note.value, note.places) == (b"v", ((1, 3, 2), (0, 0, 5), (0, 0, 1)))
    assert before <= note.time_ms <= time.time() * 1000 + 1


async def test_a_note_needs_no_batches(log: RecordLog) -> None:
    view = await make_view(log)

    assert list(await log.append([], Note(view, PRODUCER, b"p", b""))) == []

    note = log.note(view, PRODUCER, b"p")
    assert note is not None
    assert (note.value, note.places) == (b"", ())


async def test_a_note_is_known_to_whoever_is_told_of_its_append(log: RecordLog) -> None:
    view = await make_view(log)
    known: list[bytes | None] = []

    append = log.append([batch(view)], Note(view, KEY, b"k", b"v"))
    known.append(value_of(log, view, b"k"))
    append.then(lambda: known.append(value_of(log, view, b"k")))
    await log.append([])

    assert known == [None, b"v"]


async def test_a_note_takes_the_place_of_the_older_one(log: RecordLog) -> None:
    view = await make_view(log)

    appends = [log.append([], Note(view, KEY, b"k", b"%d" % number)) for number in range(5)]
    await asyncio.gather(*appends)
    await log.append([batch(view)], Note(view, KEY, b"k", b"last"))

    assert value_of(log, view, b"k") == b"last"


async def test_notes_of_another_view_kind_or_name_are_others(log: RecordLog) -> None:
    view, other = await make_view(log), await make_view(log)
    await log.append([], Note(view, KEY, b"k", b"1"))
    await log.append([], Note(view, PRODUCER, b"k", b"2"))
    await log.append([], Note(other, KEY, b"k", b"3"))
    await log.append([], Note(view, KEY, b"kk", b"4"))

    assert value_of(log, view, b"k") == b"1"
    assert value_of(log, view, b"k", PRODUCER) == b"2"
    assert value_of(log, other, b"k") == b"3"
    assert value_of(log, view, b"kk") == b"4"
    assert value_of(log, other, b"kk") is None
    assert value_of(log, new_view_rid(), b"k") is None


async def test_an_append_that_fails_keeps_no_note(log: RecordLog) -> None:
    view = await make_view(log)

    for batches, noted in (([batch(view, 1, 7)], view), ([batch(view)], new_view_rid())):
        with pytest.raises(LogViewNotFoundError):
            await log.append(batches, Note(noted, KEY, b"k", b"v"))

    assert value_of(log, view, b"k") is None
    assert await log.end_offsets(view) == {0: 0}


async def test_the_notes_of_a_deleted_view_are_forgotten(log: RecordLog) -> None:
    view, other = await make_view(log), await make_view(log)
    for each in (view, other):
        await log.append([batch(each)], Note(each, KEY, b"k", b"v"))

    await log.delete_view(view)
    deleted = value_of(log, view, b"k")
    await log.create_view(view, partitions=1, compressed=False)

    assert deleted is None
    assert value_of(log, view, b"k") is None
    assert value_of(log, other, b"k") == b"v"


@pytest.mark.parametrize(("name", "value"), [(1, 0), (512, 4096)])
async def test_notes_of_all_sizes_are_kept(log_home, name: int, value: int) -> None:
    log = await log_home.open()
    view = await make_view(log)
    await log.append([batch(view)], Note(view, KEY, b"\xff" * name, b"\0" * value))
    await log.close()

    log = await log_home.open()

    assert value_of(log, view, b"\xff" * name) == b"\0" * value
    await log.close()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    appends=st.lists(
        st.tuples(
            st.integers(0, 1),
            st.sampled_from(NoteKind),
            st.binary(min_size=1, max_size=2),
            st.binary(max_size=9),
            st.integers(0, 2),
        ),
        max_size=20,
    )
)
async def test_notes_are_the_same_after_reopening(
    log_home, appends: list[tuple[int, NoteKind, bytes, bytes, int]]
) -> None:
    log = await log_home.open()
    views = [await make_view(log), await make_view(log)]
    names = [(views[number], kind, name) for number, kind, name, _, _ in appends]
    values = {}
    for number, kind, name, value, count in appends:
        batches = [batch(views[number], count)] if count else []
        await log.append(batches, Note(views[number], kind, name, value))
        values[views[number], kind, name] = value
    before: list[KeptNote | None] = [log.note(*name) for name in names]
    await log.close()

    log = await log_home.open()
    try:
        assert [log.note(*name) for name in names] == before
        assert {name: log.note(*name).value for name in names} == values
    finally:
        await log.close()


async def test_the_oldest_note_is_forgotten_for_one_too_many(log_home) -> None:
    log = await log_home.open_with_notes(3, 0)
    view = await make_view(log)
    for name in (b"1", b"2", b"3"):
        await log.append([], Note(view, KEY, name, b"v"))
        await log.append([], Note(view, PRODUCER, name, b"v"))
    # Used again, so it is no longer the oldest.
    await log.append([], Note(view, KEY, b"1", b"w"))

    await asyncio.sleep(0.002)
    await log.append([], Note(view, KEY, b"4", b"v"))

    assert [value_of(log, view, name) for name in (b"1", b"2", b"3", b"4")] == [
        b"w",
        None,
        b"v",
        b"v",
    ]
    assert [value_of(log, view, name, PRODUCER) for name in (b"1", b"2", b"3")] == [b"v"] * 3
    await log.close()


async def test_no_young_note_is_forgotten_for_one_too_many(log_home) -> None:
    log = await log_home.open_with_notes(2, 600)
    view = await make_view(log)
    appends = [log.append([], Note(view, KEY, name, b"v")) for name in (b"1", b"2", b"3")]
    await asyncio.gather(*appends, return_exceptions=True)

    with pytest.raises(LogNotesFullError) as raised:
        await log.append([batch(view)], Note(view, KEY, b"4", b"v"))

    assert isinstance(appends[2].error, LogNotesFullError)
    error = raised.value
    assert (error.http_status, error.retryable, error.wrote_nothing) == (429, True, True)
    assert 595 <= int(error.headers["Retry-After"]) <= 600
    assert await log.end_offsets(view) == {0: 0}
    # One that has a place keeps it, and the other kind has places of its own.
    await log.append([], Note(view, KEY, b"2", b"w"))
    await log.append([], Note(view, PRODUCER, b"2", b"w"))
    assert value_of(log, view, b"2") == b"w"
    assert value_of(log, view, b"4") is None
    await log.close()


async def test_a_place_comes_free_with_a_view(log_home) -> None:
    log = await log_home.open_with_notes(1, 600)
    view, other = await make_view(log), await make_view(log)
    await log.append([], Note(view, KEY, b"1", b"v"))
    await log.delete_view(view)

    await log.append([], Note(other, KEY, b"2", b"v"))

    assert value_of(log, other, b"2") == b"v"
    await log.close()


async def test_a_closed_log_takes_no_note(log_home) -> None:
    log = await log_home.open()
    view = await make_view(log)
    await log.close()

    with pytest.raises(LogUnavailableError):
        await log.append([], Note(view, KEY, b"k", b"v"))
