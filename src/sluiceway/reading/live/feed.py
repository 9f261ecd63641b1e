"""Reads a view once for all who watch it."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from sluiceway.foundation.errors import SluicewayError
from sluiceway.reading.live.events import EVENT_BYTES_MAX, burst_of, event_id
from sluiceway.reading.live.inbox import Inbox
from sluiceway.reading.live.sampling import Budget, fair_shares
from sluiceway.streams.log import RecordLog
from sluiceway.streams.log_errors import LogViewNotFoundError
from sluiceway.streams.types import View

POLL_SECONDS: Final = 0.05
"""How often the log is asked whether there is more: half of that is what a record waits."""

_log: Final = logging.getLogger("sluiceway.reading.live")


class Feed:
    """What is published to one view, sampled, for every inbox in ``inboxes``."""

    def __init__(
        self, log: RecordLog, view: View, ends: Mapping[int, int], records_per_second: int
    ) -> None:
        self.view = view
        self.positions = [ends[partition] for partition in range(view.partitions)]
        """The offset from which each partition is read next."""
        self.inboxes: set[Inbox] = set()
        self.is_over = False
        """Whether it has ended: the view is gone, or cannot be read."""
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._budget = Budget(records_per_second, self._loop.time())
        self._turn = 0

    async def run(self) -> None:
        """Read on until this is cancelled or the view cannot be read; wakes all when it ends."""
        try:
            while True:
                await asyncio.sleep(POLL_SECONDS)
                await self._look()
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

    async def _look(self) -> None:
        """Give what is new, as far as the budget goes; of too much the newest."""
        ends = await self._log.end_offsets(self.view.view_rid)
        waiting = {
            partition: ends[partition] - position
            for partition, position in enumerate(self.positions)
            if ends[partition] > position
        }
        if not waiting:
            return
        available = self._budget.available(self._loop.time())
        self._turn += 1
        for partition, share in fair_shares(waiting, available, self._turn).items():
            await self._give(partition, ends[partition], share)

    async def _give(self, partition: int, end: int, share: int) -> None:
        start = end - share
        records = await self._log.read(
            self.view.view_rid, partition, start, limit=share, bytes_max=EVENT_BYTES_MAX
        )
        self._budget.take(len(records))
        before = self.positions[partition]
        # From here on without a pause: who joins has either all of this or nothing of it.
        self.positions[partition] = records[-1].offset + 1 if records else end
        burst = burst_of(
            partition,
            (records[0].offset if records else end) - before,
            self.positions[partition],
            records,
            event_id(self.view.view_rid, self.positions),
        )
        for inbox in self.inboxes:
            inbox.put(burst)
