"""The parts of an open log."""

import msgspec

from sluiceway.backends.embedded.catalogue import Catalogue
from sluiceway.backends.embedded.journal import Journal
from sluiceway.backends.embedded.keeper import Keeper
from sluiceway.backends.embedded.notes import NoteTable
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.segments import Segments
from sluiceway.foundation.rids import ViewRid


class OpenedLog(msgspec.Struct, frozen=True):
    """The parts of a log that share its files."""

    views: dict[ViewRid, tuple[Partition, ...]]
    journal: Journal
    segments: Segments
    catalogue: Catalogue
    notes: NoteTable
    keeper: Keeper

    def close(self) -> None:
        """Release everything; nothing may be read or written any more."""
        self.keeper.stop()
        self.segments.close()
        self.catalogue.close()
