"""Moving the start of a partition forward."""

from sluiceway.backends.embedded.catalogue import Catalogue
from sluiceway.backends.embedded.cleaning import Cleaner
from sluiceway.backends.embedded.lookup import frame_before
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.segments import Segments


def trim(
    segments: Segments, catalogue: Catalogue, cleaner: Cleaner, partition: Partition, before: int
) -> None:
    """Forget the frames of *partition* that end at or below *before*.

    Runs in the writer thread. Only the start moves; the cleaner gives the space back later.
    """
    found = frame_before(segments, partition, before)
    if found is None:
        return
    base_offset, count = found
    start = base_offset if base_offset + count > before else base_offset + count
    if start <= partition.start_offset:
        return
    catalogue.move_start(partition, start)
    partition.start_offset = start
    cleaner.trimmed(partition)
