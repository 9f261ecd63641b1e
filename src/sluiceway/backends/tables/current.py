"""The current state of a stream of changes: a state in files, and what changed since."""

from collections.abc import Callable, Iterator
from typing import Any

from sluiceway.datasets.tables import CurrentRows, TableFile
from sluiceway.schema.arrow.current import (
    Latest,
    groups_within,
    merged,
    rows_within,
    without_deleted,
)

Read = Callable[[TableFile, list[int] | None], Iterator[Any]]
"""Reads row groups of a file, or all of it, as tables of one schema."""


class StateReader:
    """The changes since a state: ``add`` every file that may have some."""

    def __init__(self, current: CurrentRows) -> None:
        self._current = current
        self._groups: list[tuple[TableFile, int]] = []

    def add(self, file: TableFile, footer: Any) -> None:  # noqa: ANN401 - pyarrow has no types
        """Add a file of changes, of which the footer is known.

        Raises:
            ValueError: It is none.
        """
        current = self._current
        numbers = groups_within(footer, current.rule, current.starts, current.ends)
        self._groups += [(file, number) for number in numbers]

    def rows(self, read: Read, schema: Any) -> Iterator[Any]:  # noqa: ANN401 - same
        """Give the rows of keys that are not deleted, in parts, sorted by the keys.

        *schema* has at least the columns of the rule. The changes are held in memory, of each key
        the latest, and a part of the state.
        """
        current, rule = self._current, self._current.rule
        changes = Latest(rule, schema)
        for file, number in self._groups:
            for part in read(file, [number]):
                changes.add(rows_within(part, rule, current.starts, current.ends))
        state = (part for file in current.state for part in read(file, None))
        for part in merged(state, changes.finish(), rule):
            yield without_deleted(part, rule)
