"""Reads a view once for all who watch it."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from sluiceway.foundation.errors import SluicewayError
from sluiceway.reading.live.bursts import Burst
from sluiceway.reading.live.events import EVENT_BYTES_MAX
from sluiceway.reading.live.inbox import Inbox
from sluiceway.reading.live.sampling import Budget, fair_shares
from sluiceway.streams.log import RecordReader
from sluiceway.streams.log_errors import LogViewNotFoundError
from sluiceway.streams.types import View

POLL_SECONDS_MIN: Final = 0.01
POLL_SECONDS_MAX: Final = 0.05
"""How often the log is asked whether there is more: half of that is what a record waits."""
_POLL_SECONDS_EACH: Final = 50e-6
"""What each watcher adds: about what it costs to give it an event. The more there are, the more
records share one."""
_READ_RECORDS: Final = 1_000

_log: Final = logging.getLogger("sluiceway.reading.live")


class Feed:
    """What is published to one view, for every inbox in ``inboxes``.

    All of it, or at most *records_per_second*: then the newest, and a count of the others.
    """

    def __init__(
        self, log: RecordReader, view: View, ends: Mapping[int, int], records_per_second: int | None
    ) -> None:
        self.view = view
        self.positions = [ends[partition] for partition in range(view.partitions)]
        """The offset from which each partition is read next."""
        self.inboxes: set[Inbox] = set()
        self.is_over = False
        """Whether it has ended: the view is gone, or cannot be read."""
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._budget = (
            None if records_per_second is None else Budget(records_per_second, self._loop.time())
        )
        self._turn = 0

    async def run(self) -> None:
        """Read on until this is cancelled or the view cannot be read; wakes all when it ends."""
        try:
            while True:
                pause = len(self.inboxes) * _POLL_SECONDS_EACH
                await asyncio.sleep(min(max(pause, POLL_SECONDS_MIN), POLL_SECONDS_MAX))
                while await self._look():
                    pass
        except LogViewNotFoundError:
            pass  # Those who watch look for the view that takes its place.
        except SluicewayError as error:
            _log.warning("cannot read %s for those who watch it: %s", self.view.view_rid, error)
        except Exception:  # noqa: BLE001 - one view's trouble must not end the server
            _log.exception("cannot read %s for those who watch it", self.view.view_rid)
        finally:
            self.is_over = True
            for inbox in self.inboxes:
                inbox.wake()

    async def _look(self) -> bool:
        """Give what is new, as far as may be; tell whether to look again at once."""
        ends = await self._log.end_offsets(self.view.view_rid)
        waiting = {
            partition: ends[partition] - position
            for partition, position in enumerate(self.positions)
            if ends[partition] > position
        }
        if self._budget is None:
            for partition, count in waiting.items():
                await self._give(partition, self.positions[partition], count, ends[partition])
            return bool(waiting)
        if waiting:
            available = self._budget.available(self._loop.time())
            self._turn += 1
            for partition, share in fair_shares(waiting, available, self._turn).items():
                end = ends[partition]
                self._budget.take(await self._give(partition, end - share, share, end))
        return False

    async def _give(self, partition: int, start: int, count: int, end: int) -> int:
        """Give up to *count* records from *start* on; give how many."""
        records = await self._log.read(
            self.view.view_rid,
            partition,
            start,
            limit=min(count, _READ_RECORDS),
            bytes_max=EVENT_BYTES_MAX,
        )
        before = self.positions[partition]
        # From here on without a pause: who joins has either all of this or nothing of it.
        self.positions[partition] = records[-1].offset + 1 if records else end
        burst = Burst(self.view.view_rid, partition, before, records, self.positions)
        for inbox in self.inboxes:
            inbox.put(burst)
        return len(records)
