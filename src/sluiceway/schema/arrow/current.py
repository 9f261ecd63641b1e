"""The current state of a stream with change data capture, from its changes; see decision 34.

The state has one row for each key, sorted by the key fields with nulls first. Deleted keys are rows of it,
which `without_deleted` leaves out at the very end.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
from pyarrow import compute, parquet

from sluiceway.schema.current import CurrentRule

_HELD_BYTES: Final = 64 * 1_048_576
"""Changes are looked through for the latest of each key when so many bytes came."""

Key = tuple[tuple[bool, Any], ...]
"""The values of the key fields, in an order in which nulls come first."""


def key_at(rows: pa.Table, rule: CurrentRule, at: int) -> Key:
    """Give the key of the row *at*; keys compare as the rows are sorted."""
    return tuple((value is not None, value) for value in _values(rows, rule, at))


def _values(rows: pa.Table, rule: CurrentRule, at: int) -> Iterator[Any]:
    for name in rule.keys:
        scalar = rows.column(rows.schema.get_field_index(name))[at]
        is_moment = isinstance(scalar, pa.TimestampScalar | pa.Date32Scalar)
        yield scalar.value if is_moment else scalar.as_py()


def latest(rows: pa.Table, rule: CurrentRule) -> pa.Table:
    """Give the latest row of each key, sorted by the keys."""
    if rows.num_rows == 0:
        return rows
    # Names are not what Arrow takes for a path, whatever they are.
    columns = [rows.column(rows.schema.get_field_index(name)) for name in rule.keys]
    ranks = [
        rows.column(rows.schema.get_field_index(name)) for name in (rule.ordering, rule.offset)
    ]
    sortable = pa.Table.from_arrays(
        [*columns, *ranks], names=[str(at) for at in range(len(columns) + len(ranks))]
    )
    order = compute.sort_indices(
        sortable, sort_keys=[(name, "ascending", "at_start") for name in sortable.column_names]
    )
    sorted_keys = sortable.select(range(len(columns))).take(order)
    return rows.take(order.filter(_is_last(sorted_keys))).combine_chunks()


def _is_last(keys: pa.Table) -> Any:  # noqa: ANN401 - a pa.ChunkedArray
    """Tell of each row whether the next one has another key."""
    before, after = keys.slice(0, keys.num_rows - 1), keys.slice(1)
    differs: Any = pa.chunked_array([pa.repeat(False, keys.num_rows - 1)])
    for left, right in zip(before.columns, after.columns, strict=True):
        differs = compute.or_(differs, compute.fill_null(compute.not_equal(left, right), False))
        if left.null_count or right.null_count:
            one_null = compute.xor(compute.is_null(left), compute.is_null(right))
            differs = compute.or_(differs, one_null)
    return pa.chunked_array([*differs.chunks, pa.array([True])], pa.bool_())


class Latest:
    """Takes changes as they come, and keeps the latest of each key."""

    def __init__(self, rule: CurrentRule, schema: pa.Schema) -> None:
        self._rule = rule
        self._schema = schema
        self._held: list[pa.Table] = []
        self._bytes = 0
        self._bytes_max = _HELD_BYTES

    def add(self, rows: pa.Table) -> int:
        """Add changes; give the bytes of what is kept."""
        self._held.append(rows)
        self._bytes += rows.nbytes
        if self._bytes >= self._bytes_max:
            self._compact()
            # So that looking through them costs no more than a few times their number.
            self._bytes_max = max(_HELD_BYTES, 2 * self._bytes)
        return self._bytes

    def finish(self) -> pa.Table:
        """Give what is kept, sorted by the keys."""
        self._compact()
        return self._held[0]

    def _compact(self) -> None:
        rows = pa.concat_tables(self._held) if self._held else self._schema.empty_table()
        self._held = [latest(rows, self._rule)]
        self._bytes = self._held[0].nbytes


def merged(state: Iterable[pa.Table], changes: pa.Table, rule: CurrentRule) -> Iterator[pa.Table]:
    """Give the state with *changes* in it, in parts, sorted by the keys.

    *state* comes in parts in the order of its keys; it holds nothing that is not earlier than the
    changes by partition and offset. *changes* are as `latest` gives them, with the same columns.
    """
    done = 0
    places = range(changes.num_rows)
    for part in state:
        if part.num_rows == 0:
            continue
        last = key_at(part, rule, part.num_rows - 1)
        end = bisect_right(places, last, done, key=lambda at: key_at(changes, rule, at))
        if end == done:
            yield part
        else:
            yield latest(pa.concat_tables([part, changes.slice(done, end - done)]), rule)
        done = end
    if done < changes.num_rows:
        yield changes.slice(done)


def without_deleted(rows: pa.Table, rule: CurrentRule) -> pa.Table:
    """Leave out the rows of keys that are gone."""
    deleted = rows.column(rows.schema.get_field_index(rule.deletion))
    return rows.filter(compute.invert(compute.fill_null(deleted, False)))


def groups_within(
    footer: parquet.FileMetaData,
    rule: CurrentRule,
    starts: Mapping[int, int],
    ends: Mapping[int, int] | None = None,
) -> list[int]:
    """Give the row groups of a table's file that may have rows from *starts* on and before *ends*.

    Both are by partition; one that *starts* leaves out is at 0, one that *ends* leaves out has
    none, and without *ends* there is no end.
    """
    names = [footer.schema.column(at).path for at in range(footer.num_columns)]
    partition_at, offset_at = names.index(rule.partition), names.index(rule.offset)
    found = []
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        partitions, offsets = (group.column(at).statistics for at in (partition_at, offset_at))
        if partitions is None or offsets is None or partitions.min != partitions.max:
            found.append(number)  # Another program wrote it anew: each row is looked at.
            continue
        is_before = offsets.max < starts.get(partitions.min, 0)
        is_after = ends is not None and offsets.min >= ends.get(partitions.min, 0)
        if not is_before and not is_after:
            found.append(number)
    return found


def rows_within(
    rows: pa.Table,
    rule: CurrentRule,
    starts: Mapping[int, int],
    ends: Mapping[int, int] | None = None,
) -> pa.Table:
    """Give the rows from *starts* on and before *ends*; see `groups_within`."""
    partitions = rows.column(rows.schema.get_field_index(rule.partition))
    offsets = rows.column(rows.schema.get_field_index(rule.offset))
    wanted: Any = None
    for partition in compute.unique(partitions).to_pylist():
        here = compute.and_(
            compute.equal(partitions, partition),
            compute.greater_equal(offsets, starts.get(partition, 0)),
        )
        if ends is not None:
            here = compute.and_(here, compute.less(offsets, ends.get(partition, 0)))
        wanted = here if wanted is None else compute.or_(wanted, here)
    return rows if wanted is None else rows.filter(wanted)


def as_columns(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give *rows* of an older file the columns of *schema*: those that it lacks are null."""
    arrays: Sequence[Any] = [
        rows.column(at).cast(field.type)
        if (at := rows.schema.get_field_index(field.name)) >= 0
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(list(arrays), schema=schema)
