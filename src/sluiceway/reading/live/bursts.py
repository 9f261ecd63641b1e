"""What a feed reads at once, written once for all who watch."""

from collections.abc import Sequence

from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.live.events import records_event
from sluiceway.reading.live.places import place_id, place_id_of_one
from sluiceway.streams.log import StoredRecord


class Burst:
    """Records of one partition that belong into one event.

    ``event`` is for all who watch every partition of the view and have got everything that the
    feed gave before; ``event_of_one`` for those who watch this partition alone.
    """

    __slots__ = ("_event_of_one", "_view_rid", "end", "event", "partition", "records", "start")

    def __init__(
        self,
        view_rid: ViewRid,
        partition: int,
        start: int,
        records: Sequence[StoredRecord],
        positions: Sequence[int],
    ) -> None:
        """*positions* are those of the feed behind this burst; those before began at *start*."""
        self.partition = partition
        self.start = start
        """The offset at which the burst before this one ended."""
        self.end = positions[partition]
        """The offset from which the partition goes on."""
        self.records = records
        self._view_rid = view_rid
        self.event = self.event_behind(start, place_id(view_rid, positions, None))
        self._event_of_one = b""

    @property
    def event_of_one(self) -> bytes:
        """The event with an id of this partition alone."""
        if not self._event_of_one:
            place = place_id_of_one(self._view_rid, self.partition, self.end)
            self._event_of_one = self.event_behind(self.start, place)
        return self._event_of_one

    def event_behind(self, offset: int, place: bytes) -> bytes:
        """Write an event for one who has everything before *offset*."""
        records = self.records
        if offset > self.start:
            records = [record for record in records if record.offset >= offset]
        skipped = (records[0].offset if records else self.end) - offset
        return records_event(self.partition, skipped, records, place)
