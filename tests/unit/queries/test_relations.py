"""The records of a query: each once, from real files, a real log, and the table it gave up to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow.parquet
import pytest

from fixtures.api import field, schema
from fixtures.archive import LocalTables, iceberg_tables, mover_of
from fixtures.streams import Streams, open_streams
from sluiceway.archive.files import ArchiveFiles, LocalFiles
from sluiceway.archive.hybrid import HybridReader
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.foundation.rids import ViewRid
from sluiceway.queries.engine import Piece
from sluiceway.queries.relations import StreamRelation, StreamRelations
from sluiceway.queries.types import NamedStream
from sluiceway.schema.types import StreamSchema

Rows = list[tuple[int, int, str]]


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


@dataclass(frozen=True)
class Told:
    """Files as somebody else tells of them; ``None`` when they are elsewhere, as in a bucket."""

    files: LocalFiles | None

    async def of_view(self, _view: ViewRid) -> LocalFiles | None:
        return self.files


def records_of(pieces: list[Piece]) -> Rows:
    """Give partition, offset and value of every record."""
    found = []
    for piece in pieces:
        offsets = [at for start, count, _ in piece.runs for at in range(start, start + count)]
        lines = piece.lines.split(b"\n")
        assert lines.pop() == b""
        for offset, line in zip(offsets, lines, strict=True):
            found.append((piece.partition, offset, msgspec.json.decode(line)["n"]))
    return found


def rows_of(relation: StreamRelation) -> Rows:
    """Give the same of every row of the files."""
    found = [row for path in relation.files for row in pyarrow.parquet.read_table(path).to_pylist()]
    return sorted((row["_partition"], row["_offset"], row["n"]) for row in found)


@pytest.mark.parametrize("is_local", [True, False], ids=["files", "lines"])
@pytest.mark.parametrize("before", [0, 25, 110, 150], ids=lambda before: f"trimmed-{before}")
async def test_a_query_gets_each_record_once_and_none_that_came_later(
    streams: Streams,
    tmp_path: Path,
    before: int,
    is_local: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    tables = iceberg_tables(tmp_path)
    view = await streams.create(partitions=2)
    mover = mover_of(streams, tables, ArchiveSettings())
    for at in range(16):
        await streams.append(view, *[f"{at}-{one}" for one in range(25)], partition=at % 2)
        if at in {5, 11}:
            await mover.move(view.view_rid)
    local = LocalTables(tables)
    reader = HybridReader(streams.log, local, mover.store)
    cold = ArchiveFiles(local, mover.store) if is_local else Told(None)
    for partition in range(2):
        await streams.log.trim(view.view_rid, partition, before)

    relation = await StreamRelations(streams.log, reader, cold).open(
        NamedStream(view, is_current=False)
    )
    await streams.append(view, "late", partition=0)
    await mover.move(view.view_rid)
    for partition in range(2):
        await streams.log.trim(view.view_rid, partition, 175)
    fed = records_of([piece async for piece in relation.pieces()])

    wanted = [
        (partition, 25 * (at // 2) + one, f"{at}-{one}")
        for partition in range(2)
        for at in range(partition, 16, 2)
        for one in range(25)
    ]
    assert len(relation.files) == (2 if is_local else 0)
    assert len(fed) == (100 if is_local else 400)
    assert sorted(fed + rows_of(relation)) == wanted
    tables.close()


async def test_a_table_that_is_ahead_of_its_log_is_not_read(
    streams: Streams, tmp_path: Path
) -> None:
    view = await streams.create()
    await streams.append(view, "a")

    ahead = Told(LocalFiles(["/nowhere"], {0: 2}))

    relation = await StreamRelations(streams.log, streams.log, ahead).open(
        NamedStream(view, is_current=False)
    )

    assert relation.files == ()
    assert records_of([piece async for piece in relation.pieces()]) == [(0, 0, "a")]


@pytest.mark.parametrize(
    "fields",
    [
        [field("a", "string"), field("A", "string")],
        [field("s", {"type": "struct", "subFields": [field("a", "long"), field("A", "long")]})],
    ],
)
async def test_names_that_look_alike_are_not_read_from_files(
    streams: Streams, fields: list[dict[str, object]]
) -> None:
    view = await streams.create()
    await streams.append(view, "a")
    alike = msgspec.structs.replace(view, schema=msgspec.convert(schema(*fields), StreamSchema))

    there = Told(LocalFiles(["/somewhere"], {0: 1}))

    relations = StreamRelations(streams.log, streams.log, there)

    assert (await relations.open(NamedStream(view, is_current=False))).files == ["/somewhere"]
    assert (await relations.open(NamedStream(alike, is_current=False))).files == ()
