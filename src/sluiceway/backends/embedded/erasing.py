"""Deleting rows in small steps, so that no commit waits long for it."""

import sqlite3
import time
from collections import deque
from collections.abc import Iterable
from typing import Final

from sluiceway.backends.embedded.file import Remains, transaction

_STEP_ROWS_MAX: Final = 512
_STEP_BYTES_MAX: Final = 4 * 1024 * 1024
_PAUSE_FACTOR: Final = 4
"""A step may take a fifth of the writer's time: after it comes a pause of four times its length."""


class Eraser:
    """The rows that are still to be deleted; the writer thread's own.

    What it has not done when the program ends is found again at the next start: a trim moves the
    partition's start and a deletion takes the view's name before any row goes.
    """

    def __init__(self, connection: sqlite3.Connection, remains: Iterable[Remains]) -> None:
        self._connection = connection
        self._remains = deque(remains)
        self._next_step = 0.0

    def add(self, remains: Iterable[Remains]) -> None:
        """Take on more rows to delete."""
        self._remains.extend(remains)

    def seconds_to_next(self) -> float | None:
        """Tell when the next step may run; ``None`` when nothing is left to delete."""
        if not self._remains:
            return None
        return max(self._next_step - time.monotonic(), 0.0)

    def step(self) -> int:
        """Delete a bounded number of rows, in one transaction; give the bytes they held."""
        started = time.monotonic()
        freed = self._delete(self._remains[0])
        if freed is None:
            self._remains.popleft()
        done = time.monotonic()
        self._next_step = done + (done - started) * _PAUSE_FACTOR
        return freed or 0

    def _delete(self, remains: Remains) -> int | None:
        number, below = remains.partition_number, remains.below
        rows = self._connection.execute(
            "SELECT base_offset, length(data) FROM batches"
            " WHERE partition_number = ?1 AND (?2 IS NULL OR base_offset < ?2)"
            " ORDER BY base_offset LIMIT ?3",
            (number, below, _STEP_ROWS_MAX),
        ).fetchall()
        if not rows:
            if below is None:
                self._delete_partition(number)
            return None
        freed = 0
        last = 0
        for base_offset, size in rows:
            freed += size
            last = base_offset
            if freed >= _STEP_BYTES_MAX:
                break
        with transaction(self._connection):
            self._connection.execute(
                "DELETE FROM batches WHERE partition_number = ? AND base_offset <= ?",
                (number, last),
            )
        return freed

    def _delete_partition(self, number: int) -> None:
        with transaction(self._connection):
            self._connection.execute("DELETE FROM partitions WHERE number = ?", (number,))
            self._connection.execute(
                "DELETE FROM views WHERE rid IS NULL"
                " AND number NOT IN (SELECT view_number FROM partitions)"
            )
