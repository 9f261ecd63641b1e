"""The records of a query: each once, from a real log and from the real table of what it gave up."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from fixtures.archive import LocalTables, iceberg_tables, mover_of
from fixtures.streams import Streams, open_streams
from sluiceway.archive.hybrid import HybridReader
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.queries.engine import Piece
from sluiceway.queries.relations import StreamRelations


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


def records_of(pieces: list[Piece]) -> list[tuple[int, int, str]]:
    """Give partition, offset and value of every record."""
    found = []
    for piece in pieces:
        offsets = [at for start, count, _ in piece.runs for at in range(start, start + count)]
        lines = piece.lines.split(b"\n")
        assert lines.pop() == b""
        for offset, line in zip(offsets, lines, strict=True):
            found.append((piece.partition, offset, msgspec.json.decode(line)["n"]))
    return found


@pytest.mark.parametrize("before", [0, 25, 110, 150], ids=lambda before: f"trimmed-{before}")
async def test_a_query_gets_each_record_once_and_none_that_came_later(
    streams: Streams, tmp_path: Path, before: int
) -> None:
    tables = iceberg_tables(tmp_path)
    view = await streams.create(partitions=2)
    mover = mover_of(streams, tables, ArchiveSettings())
    for at in range(16):
        await streams.append(view, *[f"{at}-{one}" for one in range(25)], partition=at % 2)
        if at in {5, 11}:
            await mover.move(view.view_rid)
    reader = HybridReader(streams.log, LocalTables(tables), mover.store)
    for partition in range(2):
        await streams.log.trim(view.view_rid, partition, before)

    relation = await StreamRelations(streams.log, reader).open(view)
    await streams.append(view, "late", partition=0)
    pieces = [piece async for piece in relation.pieces()]

    wanted = [
        (partition, 25 * (at // 2) + one, f"{at}-{one}")
        for partition in range(2)
        for at in range(partition, 16, 2)
        for one in range(25)
    ]
    assert records_of(pieces) == wanted
    tables.close()
