"""Creating, resetting and deleting streams, in whatever order things happen or stop."""

import asyncio
import contextvars
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from fixtures.api import field, schema
from fixtures.streams import ONE_FIELD, Streams, open_streams
from sluiceway.foundation.rids import (
    DatasetRid,
    dead_letters_rid,
    new_dataset_rid,
    new_view_rid,
)
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.errors import (
    CannotWriteToTrashedStreamError,
    StreamNotFoundError,
    ViewNotFoundError,
)
from sluiceway.streams.log import Batch
from sluiceway.streams.types import CreateStreamRequest, ResetStreamRequest

OTHER = msgspec.convert(schema(field("m", "string")), StreamSchema)


@pytest.fixture
async def streams(tmp_path: Path, metadata_url: str) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path, metadata=metadata_url) as opened:
        yield opened


async def test_a_folder_takes_no_stream(streams: Streams) -> None:
    request = CreateStreamRequest(branch_name="master", schema=ONE_FIELD)

    for rid in (streams.tree.project_rid, streams.tree.space_rid):
        with pytest.raises(StreamNotFoundError):
            await streams.service.create_stream(streams.tree.admin, DatasetRid(rid), request)

    assert await streams.store.all_views() == {}


async def test_a_branch_is_not_made_while_its_dataset_is_put_in_the_trash(
    streams: Streams,
) -> None:
    view = await streams.create()
    request = CreateStreamRequest(branch_name="develop", schema=ONE_FIELD)
    database = streams.tree.database

    async with database.begin():
        making = asyncio.create_task(
            streams.service.create_stream(streams.owner, view.dataset_rid, request),
            context=_outside(),
        )
        for _ in range(20):
            await asyncio.sleep(0.01)
        await streams.tree.trash.trash(streams.owner, view.dataset_rid)

    with pytest.raises(CannotWriteToTrashedStreamError):
        await making


async def test_what_a_reset_leaves_out_stays_as_the_reset_before_made_it(
    streams: Streams,
) -> None:
    view = await streams.create()
    name = (view.dataset_rid, view.branch_name)

    await asyncio.gather(
        streams.service.reset(streams.owner, *name, ResetStreamRequest(schema=OTHER)),
        streams.service.reset(streams.owner, *name, ResetStreamRequest(partitions_count=3)),
    )

    now = await streams.service.get(streams.owner, *name)
    assert (now.schema, now.partitions) == (OTHER, 3)


async def test_after_a_reset_nothing_is_stored_in_the_old_view(streams: Streams) -> None:
    view = await streams.create()
    await streams.service.reset(
        streams.owner, view.dataset_rid, view.branch_name, ResetStreamRequest()
    )

    appending = streams.log.append([Batch(view.view_rid, 0, 1, b'{"n":"a"}\n')])

    with pytest.raises(ViewNotFoundError) as raised:
        await appending
    assert raised.value.http_status == 404
    assert await streams.store.gone_views() == set()


async def test_the_start_removes_what_a_crash_left_of_a_reset(streams: Streams) -> None:
    view = await streams.create()
    await streams.append(view, "a")
    replacing = msgspec.structs.replace(view, view_rid=new_view_rid())
    await streams.store.replace(replacing)
    await streams.log.create_view(replacing.view_rid, partitions=1, compressed=False)

    sweep = await streams.service.sweep()

    assert (sweep.removed, sweep.kept, sweep.missing) == ([view.view_rid], [], [])
    assert await streams.log.views() == {replacing.view_rid}
    assert await streams.store.gone_views() == set()


async def test_the_start_removes_the_empty_log_of_a_stream_that_was_not_made(
    streams: Streams,
) -> None:
    view = new_view_rid()
    await streams.log.create_view(view, partitions=2, compressed=False)

    sweep = await streams.service.sweep()

    assert sweep.removed == [view]
    assert await streams.log.views() == set()


async def test_the_start_keeps_records_that_the_metadata_do_not_know(streams: Streams) -> None:
    """As when the metadata are those of an older backup, or of another server."""
    view = msgspec.structs.replace(await streams.create(), view_rid=new_view_rid())
    await streams.log.create_view(view.view_rid, partitions=1, compressed=False)
    await streams.append(view, "a")

    sweep = await streams.service.sweep()

    assert (sweep.removed, sweep.kept) == ([], [view.view_rid])
    assert await streams.log.end_offsets(view.view_rid) == {0: 1}


async def test_the_start_names_streams_whose_log_is_not_there(streams: Streams) -> None:
    view = await streams.create()
    await streams.log.delete_view(view.view_rid)

    sweep = await streams.service.sweep()

    assert sweep.missing == [view.view_rid]


async def test_deleting_a_dataset_deletes_its_records(streams: Streams) -> None:
    view = await streams.create()

    async with streams.tree.database.begin():
        await streams.service.purge([view.dataset_rid])
        assert await streams.log.views() == {view.view_rid}

    assert await streams.log.views() == set()
    assert await streams.store.gone_views() == set()


async def test_the_start_keeps_the_dead_letters_of_a_stream_and_removes_those_of_none(
    streams: Streams,
) -> None:
    view = await streams.create()
    gone = new_dataset_rid()
    kept, left = dead_letters_rid(view.dataset_rid, view.branch_name), dead_letters_rid(gone, "x")
    for letters in (kept, left):
        await streams.log.create_view(letters, partitions=2, compressed=False)

    sweep = await streams.service.sweep()

    assert (sweep.removed, sweep.kept) == ([left], [])
    assert await streams.log.views() == {view.view_rid, kept}


async def test_deleting_a_dataset_deletes_its_dead_letters(streams: Streams) -> None:
    view = await streams.create()
    letters = dead_letters_rid(view.dataset_rid, view.branch_name)
    await streams.log.create_view(letters, partitions=2, compressed=False)
    await streams.log.append([Batch(letters, 0, 1, b"{}\n")])

    async with streams.tree.database.begin():
        await streams.service.purge([view.dataset_rid])

    assert await streams.log.views() == set()


async def test_records_that_cannot_be_deleted_now_are_deleted_at_the_next_start(
    streams: Streams,
) -> None:
    view = await streams.create()
    await streams.log.close()

    async with streams.tree.database.begin():
        await streams.service.purge([view.dataset_rid])

    assert await streams.store.all_views() == {}
    assert await streams.store.gone_views() == {view.view_rid}


def _outside():
    """Give a context that is in no transaction."""
    return contextvars.Context()
