"""What the directory keeps in memory, and what not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from fixtures.filesystem import caller_of, new_principal
from fixtures.streams import Streams, open_streams
from sluiceway.access.roles import Role
from sluiceway.filesystem.types import Grant, PrincipalType
from sluiceway.foundation.rids import DatasetRid, Rid


@pytest.fixture
async def streams(tmp_path: Path, metadata_url: str) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path, metadata=metadata_url) as opened:
        yield opened


async def test_a_stream_and_a_role_are_in_memory_once_they_were_asked_for(
    streams: Streams,
) -> None:
    view = await streams.create()
    name = (view.dataset_rid, view.branch_name)
    assert streams.directory.peek(*name) is None

    await streams.directory.stream(*name)
    await streams.directory.role(streams.owner, view.dataset_rid)

    found = streams.directory.peek(*name)
    assert found is not None
    assert found is streams.directory.peek_view(view.view_rid)
    assert streams.directory.peek_role(streams.owner, view.dataset_rid) is not None


async def test_streams_that_are_asked_for_at_once_are_looked_up_together(
    streams: Streams,
) -> None:
    views = [await streams.create(name) for name in ("a", "b", "c")]
    directory, asked = streams.directory, list[str]()

    def note(*execution: Any) -> None:
        asked.append(execution[2])

    event.listen(streams.tree.database.engine.sync_engine, "before_cursor_execute", note)

    names = [(view.dataset_rid, view.branch_name) for view in views]
    found = await asyncio.gather(*(directory.stream(*name) for name in names))
    statements = len(asked)
    directory.forget()
    await directory.stream(*names[0])

    assert [one.view.view_rid for one in found if one is not None] == [
        view.view_rid for view in views
    ]
    assert len(asked) - statements == statements, "as many as for one"


async def test_streams_with_the_same_schema_share_what_checks_their_records(
    streams: Streams,
) -> None:
    views = [await streams.create(name) for name in ("a", "b")]

    found = [await streams.directory.stream(one.dataset_rid, one.branch_name) for one in views]

    assert found[0] is not None
    assert found[1] is not None
    assert found[0].schema is found[1].schema


async def test_a_new_stream_leaves_the_others_in_memory(streams: Streams) -> None:
    view = await streams.create()
    name = (view.dataset_rid, view.branch_name)
    kept = await streams.directory.stream(*name)
    before = await streams.tree.database.change_counter()

    await streams.create("another")

    assert streams.directory.peek(*name) is kept
    assert await streams.tree.database.change_counter() == before


async def test_names_of_what_is_not_there_take_no_memory(streams: Streams) -> None:
    for number in range(10):
        rid = DatasetRid(Rid(f"ri.foundry.main.dataset.{number}" + "x" * 2_000))
        assert await streams.directory.role(streams.owner, rid) is None
        assert await streams.directory.stream(rid, "master") is None

    assert streams.directory._roles == {}
    assert streams.directory._streams == {}


async def test_partitions_keep_their_turns_over_a_change(streams: Streams) -> None:
    view = await streams.create(partitions=4)
    turns = []

    for _ in range(8):
        stream = await streams.directory.stream(view.dataset_rid, view.branch_name)
        assert stream is not None
        turns.append(stream.next_partition())
        streams.directory.forget()

    assert turns == [0, 1, 2, 3, 0, 1, 2, 3]


async def test_a_role_by_way_of_a_group_is_not_remembered_for_who_has_left_it(
    streams: Streams,
) -> None:
    view = await streams.create()
    principal, group = new_principal(), new_principal()
    grant = Grant(view.dataset_rid, group, PrincipalType.GROUP, Role.EDITOR)
    await streams.directory.permissions.grants.add([grant])
    before = caller_of(principal, groups=[group])
    after = caller_of(principal)

    # A request that began while its caller was in the group asks after the caller has left it.
    streams.directory.forget()
    assert await streams.directory.role(before, view.dataset_rid) is Role.EDITOR

    assert streams.directory.peek_role(after, view.dataset_rid) is None
    assert await streams.directory.role(after, view.dataset_rid) is None
