"""Tables whose schema grows: columns keep their ids, and lines come back as they were stored."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest
from pyiceberg.types import LongType, StructType

from fixtures.api import field, schema
from fixtures.archive import TABLE, add, commit_at, iceberg_tables
from sluiceway.archive.errors import ArchiveCorruptError
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import Piece
from sluiceway.backends.iceberg.current import CurrentTables
from sluiceway.backends.iceberg.deleting import delete_rows
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.foundation.rids import new_view_rid
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.log import StoredBatch

VIEW = new_view_rid()
START_MS = 1_764_000_000_000


def struct(*fields: dict[str, object]) -> dict[str, object]:
    return {"type": "struct", "subFields": list(fields)}


def of(*fields: dict[str, object]) -> StreamSchema:
    return msgspec.convert(schema(*fields), StreamSchema)


OLD = of(field("a.b", "integer", nullable=False), field("s", struct(field("x", "float"))))
NEW = of(
    field("first", "string"),
    field("a.b", "long"),
    field("s", struct(field("y", "date"), field("x", "double"))),
    field("last", struct(field("z", "long"))),
)


def old_line(number: int) -> bytes:
    return b'{"a.b":%d,"s":%s}\n' % (number, b'{"x":0.1}' if number % 2 else b"null")


def new_line(number: int) -> bytes:
    return b'{"first":null,"a.b":%d,"s":{"y":"2026-01-02","x":1e300},"last":{"z":1}}\n' % (
        number + (1 << 40)
    )


def batch(start: int, *lines: bytes) -> StoredBatch:
    return StoredBatch(start, len(lines), START_MS + start, b"".join(lines))


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    opened = iceberg_tables(tmp_path)
    opened.open(TABLE, VIEW, OLD)
    yield opened
    opened.close()


def read(tables: IcebergTables, partition: int = 0) -> list[bytes]:
    """Read all lines of a partition back, by offset."""
    found = tables.read(TABLE, partition, 0, limit=1_000, bytes_max=1 << 20)
    offsets = [record.offset for record in found]
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
    return [record.value + b"\n" for record in found]


def test_columns_are_added_where_the_fields_are_and_keep_their_ids(tables: IcebergTables) -> None:
    add(tables, {}, Piece(0, [batch(0, old_line(0))]))
    before = tables.catalogue.load_table((TABLE.namespace, TABLE.name)).schema()

    tables.open(TABLE, VIEW, NEW)
    tables.open(TABLE, VIEW, NEW)
    tables.open(TABLE, VIEW, OLD)

    table = tables.catalogue.load_table((TABLE.namespace, TABLE.name))
    after = table.schema()
    assert [one.name for one in after.fields] == [
        *("first", "a.b", "s", "last"),
        *("_partition", "_offset", "_ingested_at"),
    ]
    for one in before.fields:
        assert next(two for two in after.fields if two.name == one.name).field_id == one.field_id
    widened, nested = after.fields[1], after.fields[2].field_type
    assert (widened.field_type, widened.required) == (LongType(), False)
    assert isinstance(nested, StructType)
    assert [one.name for one in nested.fields] == ["y", "x"]
    assert len(table.metadata.schemas) == 2


def test_a_schema_that_is_none_that_grew_is_refused(tables: IcebergTables) -> None:
    with pytest.raises(ArchiveCorruptError, match="none that became"):
        tables.open(TABLE, VIEW, of(field("other", "string")))


def test_lines_of_both_schemas_come_back_to_the_byte_whatever_is_merged(
    tables: IcebergTables,
) -> None:
    lines = [old_line(number) for number in range(4)]
    add(tables, {}, Piece(0, [batch(0, *lines)]), Piece(1, [batch(0, old_line(1))]))
    tables.open(TABLE, VIEW, NEW)
    # As publishes overtake each other, and those that were stored together share a batch.
    mixed = [new_line(4), old_line(5), new_line(6), old_line(7), old_line(8), new_line(9)]
    made = add(
        tables,
        {0: 4, 1: 1},
        Piece(0, [batch(4, *mixed[:3]), batch(7, *mixed[3:5])]),
        Piece(0, [batch(9, mixed[5])]),
        Piece(1, [batch(1, old_line(1), new_line(2))]),
    )
    lines += mixed
    assert made is not None
    assert made.digests[0] == hashlib.sha256(b"".join(mixed)).hexdigest()
    assert len(tables.describe(TABLE).files) == 3
    marks = [file.written for file in tables.describe(TABLE).files]
    assert [one.transaction for one in marks if one].count(made.rid) == 2

    for at in range(10, 26):
        line = new_line(at) if at % 2 else old_line(at)
        add(tables, {0: at, 1: 3}, Piece(0, [batch(at, line)]))
        lines.append(line)
    merged = maintain(tables, TABLE, 0).merged_files

    assert merged >= 16
    assert read(tables) == lines
    assert read(tables, 1) == [old_line(1), old_line(1), new_line(2)]
    (digest,) = tables.digest(TABLE, 0, [0, 26])
    assert (digest.rows, digest.is_ordered) == (26, True)
    assert digest.sha256 == hashlib.sha256(b"".join(lines)).hexdigest()
    files = [file.location for file in tables.describe(TABLE).files]
    kinds = [pq.read_schema(location).names for location in files]
    assert {len(names) for names in kinds} == {5, 7}
    assert len(kinds) < 8

    delete_rows(tables, TABLE, commit_at({}), START_MS + 5)
    assert read(tables) == lines[7:]


def test_engines_read_old_and_new_files_as_one_table(tables: IcebergTables) -> None:
    add(tables, {}, Piece(0, [batch(0, old_line(0), old_line(1))]))
    tables.open(TABLE, VIEW, NEW)
    add(tables, {0: 2}, Piece(0, [batch(2, new_line(2))]))

    table = tables.catalogue.load_table((TABLE.namespace, TABLE.name))
    rows = table.scan().to_arrow().sort_by("_offset").to_pylist()
    found = table.scan(row_filter="_offset >= 1").to_arrow().num_rows
    files = [file.location for file in tables.describe(TABLE).files]
    in_duckdb = duckdb.read_parquet(files, union_by_name=True).order("_offset")

    assert [row["a.b"] for row in rows] == [0, 1, 2 + (1 << 40)]
    assert [row["last"] for row in rows] == [None, None, {"z": 1}]
    assert rows[1]["s"] == {"y": None, "x": 0.1}
    assert found == 2
    assert in_duckdb.select('first, "a.b", s.y, last.z').fetchall()[1] == (None, 1, None, None)


def test_a_line_that_fits_no_schema_is_not_taken_for_an_older_one(tables: IcebergTables) -> None:
    tables.open(TABLE, VIEW, NEW)
    commit = tables.begin(TABLE, commit_at({}))

    with pytest.raises(Exception, match=r"a\.b"):
        commit.add(Piece(0, [batch(0, b'{"s":null,"a.b":"text"}\n')]))
    commit.abort()


CAPTURE = {
    "changeDataCapture": {
        "type": "fullRow",
        "deletionFieldName": "gone",
        "orderingFieldName": "at",
    }
}


def test_the_current_state_grows_with_its_table_also_after_a_crash(tables: IcebergTables) -> None:
    fields = [field("id", "integer"), field("at", "integer"), field("gone", "boolean")]
    old = msgspec.convert(schema(*fields, keys=["id"]) | CAPTURE, StreamSchema)
    wider = [field("text", "string"), field("id", "long"), field("at", "long"), fields[2]]
    new = msgspec.convert(schema(*wider, keys=["id"]) | CAPTURE, StreamSchema)
    tables.drop(TABLE)
    tables.open(TABLE, VIEW, old)
    folds = CurrentTables(ArchiveSettings(fold_records=1))
    add(
        tables, {}, Piece(0, [batch(0, *(b'{"id":%d,"at":1,"gone":null}\n' % n for n in range(3)))])
    )
    assert folds.fold(tables, TABLE, is_forced=True) is not None

    # The table grows, and the process ends before its state does.
    with tables.locked(TABLE):
        assert tables.evolve(TABLE, new)
    assert folds.describe(tables, TABLE).current is not None
    line = b'{"text":"new","id":1,"at":%d,"gone":null}\n' % (1 << 40)
    add(tables, {0: 3}, Piece(0, [batch(3, line)]))
    folds.fold(tables, TABLE, is_forced=True)

    name = TABLE.current
    state = tables.catalogue.load_table((name.namespace, name.name))
    rows = state.scan().to_arrow().to_pylist()
    assert state.schema().column_names[:4] == ["text", "id", "at", "gone"]
    assert sorted((row["id"], row["at"], row["text"]) for row in rows) == [
        (0, 1, None),
        (1, 1 << 40, "new"),
        (2, 1, None),
    ]
