"""The current state from changes, against a plain dict."""

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from sluiceway.schema.arrow.current import (
    Latest,
    as_columns,
    groups_within,
    latest,
    merged,
    rows_within,
    without_deleted,
)
from sluiceway.schema.current import CurrentRule

RULE = CurrentRule(
    keys=(".id", "region"), ordering="at", deletion="gone", partition="_partition", offset="_offset"
)
SCHEMA = pa.schema(
    [
        (".id", pa.string()),
        ("region", pa.bool_()),
        ("at", pa.int64()),
        ("gone", pa.bool_()),
        ("tags", pa.map_(pa.string(), pa.list_(pa.int32()))),
        ("_partition", pa.int32()),
        ("_offset", pa.int64()),
    ]
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from([None, "", "a", "b", "é", "\U0001f600"]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, -1, 0, 1, 2]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, [("x", [1])], []]),
    ),
    max_size=40,
)


def table(changes: Sequence[tuple[Any, ...]], start: int = 0) -> pa.Table:
    """Give changes as rows; all are of one partition."""
    rows = [
        dict(zip(SCHEMA.names, (*change, 0, at), strict=True))
        for at, change in enumerate(changes, start)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def expected(changes: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Give the current state by the rule of decision 34, one change after the other."""
    state: dict[Any, tuple[Any, ...]] = {}
    for offset, change in enumerate(changes):
        key, ordering = change[:2], change[2]
        known = state.get(key)
        newest = None if known is None else known[2]
        if newest is None or (ordering is not None and ordering >= newest):
            state[key] = (*change, 0, offset)
    alive = [row for row in state.values() if row[3] is not True]
    return sorted(alive, key=lambda row: [(one is not None, one) for one in row[:2]])


def tuples(rows: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows.to_pylist()]


@given(CHANGES, st.lists(st.integers(0, 40), max_size=4), st.integers(1, 5))
def test_however_changes_are_cut_the_state_is_that_of_one_after_the_other(
    changes: list[tuple[Any, ...]], cuts: list[int], part_rows: int
) -> None:
    state = [SCHEMA.empty_table()]
    places = [0, *sorted(min(cut, len(changes)) for cut in cuts), len(changes)]
    for start, end in itertools.pairwise(places):
        gathered = Latest(RULE, SCHEMA)
        gathered.add(table(changes[start:end], start))
        whole = pa.concat_tables([SCHEMA.empty_table(), *merged(state, gathered.finish(), RULE)])
        state = [whole.slice(at, part_rows) for at in range(0, whole.num_rows, part_rows)]

    found = without_deleted(pa.concat_tables(state or [SCHEMA.empty_table()]), RULE)

    assert tuples(found) == expected(changes)


def test_a_part_without_changes_goes_through_as_it_is() -> None:
    state = latest(table([("a", None, 1, None, None), ("c", None, 1, None, None)]), RULE)
    parts = [state.slice(0, 1), state.slice(1)]

    given_parts = list(merged(parts, table([("b", None, 1, None, None)], 2), RULE))

    assert given_parts[0] is parts[0]
    assert [row[0] for part in given_parts for row in tuples(part)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.decimal128(38, 18), [Decimal("-1.5"), Decimal("-1.0"), Decimal(7)]),
        (
            pa.date32(),
            [dt.date(1, 1, 1), dt.date(1970, 1, 1), dt.date(9999, 1, 1)],
        ),
        (pa.timestamp("us", "UTC"), [-(1 << 55), 0, 1 << 55]),
        (pa.int32(), [-(1 << 31), 0, (1 << 31) - 1]),
    ],
)
def test_each_type_of_key_that_is_not_text_is_sorted_and_merged(
    kind: pa.DataType, values: list[Any]
) -> None:
    rule = CurrentRule(keys=("k",), ordering="k", deletion="d", partition="p", offset="o")

    def rows(offset: int, *keys: Any) -> pa.Table:
        count = len(keys)
        columns = {
            "k": pa.array(keys, kind),
            "d": pa.nulls(count, pa.bool_()),
            "p": pa.array([0] * count, pa.int32()),
            "o": pa.array(range(offset, offset + count), pa.int64()),
        }
        return pa.table(columns)

    low, middle, high = values
    state = latest(rows(0, high, low, None), rule)
    parts = [state.slice(at, 1) for at in range(state.num_rows)]
    found = pa.concat_tables(merged(parts, latest(rows(3, middle, low), rule), rule))

    assert found["k"].equals(pa.chunked_array([pa.array([None, low, middle, high], kind)]))
    assert found["o"].to_pylist() == [2, 4, 3, 0]


def test_many_changes_of_few_keys_are_held_as_few() -> None:
    text = "x" * 1_000_000
    gathered = Latest(RULE, SCHEMA)

    sizes = [gathered.add(table([(text, None, at, None, None)], at)) for at in range(200)]

    assert max(sizes) < 80_000_000
    assert tuples(gathered.finish()) == [(text, None, 199, None, None, 0, 199)]


def test_rows_are_found_by_partition_and_offset(tmp_path: Any) -> None:
    place = tmp_path / "rows.parquet"
    groups = [(0, range(4)), (0, range(4, 8)), (1, range(3)), (2, range(2))]
    with parquet.ParquetWriter(place, SCHEMA) as writer:
        for partition, offsets in groups:
            rows = [{"_partition": partition, "_offset": at} for at in offsets]
            writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
    opened = parquet.ParquetFile(place)

    def found(starts: dict[int, int], ends: dict[int, int] | None = None) -> list[tuple[int, int]]:
        numbers = groups_within(opened.metadata, RULE, starts, ends)
        rows = rows_within(opened.read_row_groups(numbers), RULE, starts, ends)
        return list(zip(rows["_partition"].to_pylist(), rows["_offset"].to_pylist(), strict=True))

    everything = [(partition, at) for partition, offsets in groups for at in offsets]
    assert groups_within(opened.metadata, RULE, {0: 4, 1: 3}) == [1, 3]
    assert groups_within(opened.metadata, RULE, {}, {0: 4, 1: 1}) == [0, 2]
    assert found({}) == everything
    assert found({0: 3, 1: 3}) == [(0, at) for at in range(3, 8)] + [(2, 0), (2, 1)]
    assert found({0: 3}, {0: 5, 1: 1}) == [(0, 3), (0, 4), (1, 0)]
    assert found({0: 8, 1: 3, 2: 2}) == []


def test_rows_of_an_older_schema_get_nulls_and_wider_types() -> None:
    old = pa.table({"a": pa.array([1, 2], pa.int32())})

    found = as_columns(old, pa.schema([("b", pa.string()), ("a", pa.int64())]))

    assert found.to_pylist() == [{"b": None, "a": 1}, {"b": None, "a": 2}]
