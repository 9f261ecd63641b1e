"""The current state in SQL, against a plain dict."""

from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.api import field, schema
from fixtures.changes import Change, current_of
from sluiceway.backends.duckdb.current import current_select
from sluiceway.backends.duckdb.tables import Table
from sluiceway.backends.duckdb.wire import Declare, Feed
from sluiceway.queries.types import TableName
from sluiceway.schema.arrow.current import latest
from sluiceway.schema.current import CurrentRule
from sluiceway.schema.types import StreamSchema

RULE = CurrentRule(
    keys=('i"d', "part"), ordering="at", deletion="gone", partition="_partition", offset="_offset"
)
SCHEMA = pa.schema(
    [
        ('i"d', pa.int32()),
        ("part", pa.int32()),
        ("at", pa.int64()),
        ("gone", pa.bool_()),
        ("text", pa.string()),
        ("_partition", pa.int32()),
        ("_offset", pa.int64()),
    ]
)
COLUMNS = SCHEMA.names
CHANGES = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2, 3, 4]),
        st.sampled_from([None, -1, 0, 1]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, "a", "b"]),
    ),
    max_size=24,
)


def rows_of(changes: list[Change], start: int = 0) -> pa.Table:
    rows = [
        dict(zip(COLUMNS, (one[0], None, *one[1:], 0, at), strict=True))
        for at, one in enumerate(changes, start)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def state_of(rows: list[tuple[Any, ...]]) -> list[Change]:
    changes = [(row[0], *row[2:5]) for row in rows]
    return sorted(changes, key=lambda one: (one[0] is not None, one[0]))


@settings(max_examples=30, deadline=None)
@given(CHANGES, st.integers(0, 24), st.integers(0, 3))
def test_the_state_is_that_of_one_change_after_the_other(
    changes: list[Change], folded: int, again: int
) -> None:
    folded = min(folded, len(changes))
    since = max(folded - again, 0)
    with duckdb.connect() as database:
        database.register("s", latest(rows_of(changes[:folded]), RULE))
        database.register("c", rows_of(changes[since:], since))
        database.register("a", rows_of(changes))

        merged = current_select(RULE, {0: folded}, "SELECT * FROM c", "SELECT * FROM s")
        whole = current_select(RULE, {}, "SELECT * FROM a", None)

        assert state_of(database.sql(merged).fetchall()) == current_of(changes)
        assert state_of(database.sql(whole).fetchall()) == current_of(changes)


@pytest.mark.parametrize("condition", ['"i""d" = 7', "text = 'text 7'"])
def test_a_condition_reaches_the_files_of_the_state(tmp_path: Any, condition: str) -> None:
    changes: list[Change] = [(at, 1, None, f"text {at}") for at in range(1_000)]
    with duckdb.connect() as database:
        database.register("s", latest(rows_of(changes), RULE))
        database.register("c", rows_of([(7, 2, None, "text 7"), (8, 2, True, None)], 1_000))
        place = f"{tmp_path}/state.parquet"
        database.execute(f"COPY s TO '{place}' (FORMAT parquet)")
        state = f"SELECT * FROM read_parquet('{place}')"
        database.execute(
            f"CREATE VIEW v AS {current_select(RULE, {0: 1_000}, 'SELECT * FROM c', state)}"
        )

        plan = database.sql(f"EXPLAIN SELECT * FROM v WHERE {condition}").fetchall()[0][1]
        found = database.sql(f'SELECT "at", text FROM v WHERE {condition}').fetchall()

    assert found == [(2, "text 7")]
    assert "Filters" in plan


def test_changes_that_come_as_lines_are_told_apart_by_their_very_names() -> None:
    captured = msgspec.convert(
        schema(field("id", "long"), field("ID", "long"), field("gone", "boolean"), keys=["ID"])
        | {
            "changeDataCapture": {
                "type": "fullRow",
                "deletionFieldName": "gone",
                "orderingFieldName": "id",
            }
        },
        StreamSchema,
    )
    name = TableName("/Main/Project/changes")
    stream = Table(Declare(0, name, msgspec.json.encode(captured), {}))
    changes = [(2, 1, False), (1, 1, False), (3, 2, False), (4, 2, True)]
    lines = b"".join(
        b'{"id":%d,"ID":%d,"gone":%s}\n' % (at, key, b"true" if gone else b"false")
        for at, key, gone in changes
    )
    stream.add(Feed(0, 0, [(0, len(changes), 0)], lines))

    with duckdb.connect() as database:
        stream.register(database, 0)
        found = database.sql(f'SELECT id, _offset FROM "{name.name}"').fetchall()

    assert found == [(2, 0)]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, [(0, 0), (0, 1), (1, 0), (1, 1)]),
        ({0: 0, 1: 0}, [(0, 0), (0, 1), (1, 0), (1, 1)]),
        ({0: 1, 1: 0}, [(0, 1), (1, 0), (1, 1)]),
        ({0: 1, 1: 2}, [(0, 1)]),
    ],
)
def test_only_records_that_the_state_does_not_know_count(
    known: dict[int, int], expected: list[tuple[int, int]]
) -> None:
    rule = CurrentRule(
        keys=("_partition", "_offset"),
        ordering="_offset",
        deletion="gone",
        partition="_partition",
        offset="_offset",
    )
    rows = "(0, 0), (0, 1), (1, 0), (1, 1)"
    records = f"SELECT *, false AS gone FROM (VALUES {rows}) AS t(_partition, _offset)"

    with duckdb.connect() as database:
        found = database.sql(current_select(rule, known, records, None)).fetchall()

    assert sorted(row[:2] for row in found) == expected
