"""Moving the start of a partition forward."""

import sqlite3

from sluiceway.backends.embedded.erasing import Eraser
from sluiceway.backends.embedded.file import Remains, transaction
from sluiceway.backends.embedded.partitions import Partition


def trim(connection: sqlite3.Connection, eraser: Eraser, partition: Partition, before: int) -> None:
    """Forget the rows of *partition* that end at or below *before*.

    Runs in the writer thread. Only the start moves; the eraser deletes the rows later.
    """
    last = connection.execute(
        "SELECT base_offset, count FROM batches"
        " WHERE partition_number = ? AND base_offset <= ? ORDER BY base_offset DESC LIMIT 1",
        (partition.number, before),
    ).fetchone()
    if last is None:
        return
    base_offset, count = last
    start = base_offset if base_offset + count > before else base_offset + count
    if start <= partition.start_offset:
        return
    with transaction(connection):
        # The end too: once no row is left, nothing else tells it.
        connection.execute(
            "UPDATE partitions SET start_offset = ?, end_offset = ? WHERE number = ?",
            (start, partition.next_offset, partition.number),
        )
    partition.start_offset = start
    eraser.add([Remains(partition.number, start)])
