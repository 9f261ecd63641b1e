"""Reads a view once for all who watch it."""

import asyncio
import logging
from collections.abc import Mapping
from math import inf
from typing import Final

from sluiceway.foundation.connections import Outlet, chunk
from sluiceway.foundation.errors import SluicewayError
from sluiceway.reading.live.bursts import Burst
from sluiceway.reading.live.direct import Direct
from sluiceway.reading.live.events import EVENT_BYTES_MAX
from sluiceway.reading.live.inbox import Inbox
from sluiceway.reading.live.sampling import Budget, fair_shares
from sluiceway.streams.log import RecordReader
from sluiceway.streams.log_errors import LogViewNotFoundError
from sluiceway.streams.types import View

REST_SECONDS_MIN: Final = 0.005
REST_SECONDS_MAX: Final = 0.05
"""How long nothing is given after something was, so that more records share an event."""
_REST_SECONDS_EACH: Final = 10e-6
"""How much of that is for each watcher: a little more than it costs to give it an event."""
_READ_RECORDS: Final = 1_000

_log: Final = logging.getLogger("sluiceway.reading.live")


class Feed:
    """What is published to one view, for those who watch it.

    All of it, or at most *records_per_second*: then the newest, and a count of the others.
    """

    def __init__(
        self, log: RecordReader, view: View, ends: Mapping[int, int], records_per_second: int | None
    ) -> None:
        self.view = view
        self.positions = [ends[partition] for partition in range(view.partitions)]
        """The offset from which each partition is read next."""
        self._inboxes: set[Inbox] = set()
        self._direct: dict[int | None, Direct] = {}
        """Those who need no inbox, by the partition that they want."""
        self.is_over = False
        """Whether it has ended: the view is gone, or cannot be read."""
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._budget = (
            None if records_per_second is None else Budget(records_per_second, self._loop.time())
        )
        self._turn = 0
        self._gave_at = -inf
        self._grown = asyncio.Event()

    @property
    def watchers(self) -> int:
        """How many it is for."""
        return len(self._inboxes) + sum(map(len, self._direct.values()))

    def add(self, inbox: Inbox) -> None:
        """Give *inbox* what is published from now on."""
        self._inboxes.add(inbox)

    def remove(self, inbox: Inbox) -> None:
        """Give *inbox* nothing more; removing it twice changes nothing."""
        self.step_back(inbox)
        self._inboxes.discard(inbox)

    def go_direct(self, inbox: Inbox, outlet: Outlet) -> Direct:
        """Write to *outlet*, which is open, what *inbox* would get, until it steps back.

        It has to be abreast, with nothing on its way to the client.
        """
        self._inboxes.discard(inbox)
        direct = self._direct.setdefault(inbox.partition, Direct())
        direct.add(inbox, outlet)
        return direct

    def step_back(self, inbox: Inbox) -> None:
        """Have *inbox* take what is given again; nothing changes if it does."""
        direct = self._direct.get(inbox.partition)
        if direct is not None and direct.remove(inbox):
            inbox.skip_to(self.positions)
            self._inboxes.add(inbox)

    async def run(self) -> None:
        """Read on until this is cancelled or the view cannot be read; wakes all when it ends."""
        # Before it looks for the first time: what comes then is told, what came before is found.
        leave = self._log.listen(self.view.view_rid, self._hear)
        try:
            while True:
                self._grown.clear()
                pause = await self._look()
                if pause is None:
                    await self._grown.wait()
                    pause = self._gave_at + self._rest() - self._loop.time()
                if pause > 0:
                    await asyncio.sleep(pause)
        except LogViewNotFoundError:
            pass  # Those who watch look for the view that takes its place.
        except SluicewayError as error:
            _log.warning("cannot read %s for those who watch it: %s", self.view.view_rid, error)
        except Exception:  # noqa: BLE001 - one view's trouble must not end the server
            _log.exception("cannot read %s for those who watch it", self.view.view_rid)
        finally:
            leave()
            self.is_over = True
            for inbox in tuple(self._inboxes):
                inbox.wake()
            for direct in self._direct.values():
                direct.wake()

    async def _look(self) -> float | None:
        """Give what is new, as far as may be.

        Tells after how many seconds there is more to give, ``None`` when there is not: only after
        the log has told so.
        """
        ends = await self._log.end_offsets(self.view.view_rid)
        waiting = {
            partition: ends[partition] - position
            for partition, position in enumerate(self.positions)
            if ends[partition] > position
        }
        if not waiting:
            return None
        if self._budget is None:
            for partition, count in waiting.items():
                await self._give(partition, self.positions[partition], count, ends[partition])
        else:
            available = self._budget.available(self._loop.time())
            self._turn += 1
            for partition, share in fair_shares(waiting, available, self._turn).items():
                end = ends[partition]
                self._budget.take(await self._give(partition, end - share, share, end))
        if all(self.positions[partition] >= ends[partition] for partition in waiting):
            return None
        return 0.0 if self._budget is None else max(self._budget.pause(), self._rest())

    def _hear(self, _: Mapping[int, int] | None) -> None:
        self._grown.set()

    def _rest(self) -> float:
        return min(max(self.watchers * _REST_SECONDS_EACH, REST_SECONDS_MIN), REST_SECONDS_MAX)

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
        self._gave_at = self._loop.time()
        burst = Burst(self.view.view_rid, partition, before, records, self.positions)
        for inbox in self._inboxes:
            inbox.put(burst)
        if direct := self._direct.get(None):
            direct.give(chunk(burst.event), self._gave_at)
        if direct := self._direct.get(partition):
            direct.give(chunk(burst.event_of_one), self._gave_at)
        return len(records)
