"""The right to watch a stream, looked at once for all who use it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from sluiceway.foundation.request_errors import InternalError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.reading.live.events import End, EndCause
from sluiceway.streams.types import View

CHECK_SECONDS: Final = 0.5
"""How often it is looked whether one may still watch, and whether the stream was reset."""

_log: Final = logging.getLogger("sluiceway.reading.live")


class PermitKey(msgspec.Struct, frozen=True):
    """What a right depends on."""

    token: str
    dataset_rid: DatasetRid
    branch_name: str


class Permit:
    """What was found when it was last looked: a view to watch, or that it is over."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.end: End | None = None
        self.wakers: set[Callable[[], None]] = set()
        """Called when something else was found."""

    def change(self, found: View | End) -> None:
        """Take what was found."""
        if isinstance(found, End):
            self.end = found
        elif found.view_rid == self.view.view_rid:
            return
        else:
            self.view = found
        for wake in list(self.wakers):
            wake()


@dataclass(slots=True)
class Permits:
    """Keeps one permit, and one task that looks, for each right that is in use."""

    _held: dict[PermitKey, tuple[Permit, asyncio.Task[None]]] = field(default_factory=dict)

    def hold(
        self,
        group: asyncio.TaskGroup,
        key: PermitKey,
        view: View,
        look: Callable[[], Awaitable[View | End]],
        wake: Callable[[], None],
    ) -> Permit:
        """Give the permit of *key*, as of which *view* was just found; *look* finds it again.

        *wake* is called when it changes; the holder has to ``release`` it.
        """
        held = self._held.get(key)
        if held is None or held[0].end is not None:
            permit = Permit(view)
            task = group.create_task(_watch(permit, look))
            self._held[key] = held = (permit, task)
        permit, _ = held
        permit.change(view)
        permit.wakers.add(wake)
        return permit

    def release(self, key: PermitKey, permit: Permit, wake: Callable[[], None]) -> None:
        """Undo ``hold``; what nobody holds is not looked at any more. Twice changes nothing."""
        permit.wakers.discard(wake)
        held = self._held.get(key)
        if not permit.wakers and held is not None and held[0] is permit:
            held[1].cancel()
            del self._held[key]


async def _watch(permit: Permit, look: Callable[[], Awaitable[View | End]]) -> None:
    while permit.end is None:
        await asyncio.sleep(CHECK_SECONDS)
        try:
            found = await look()
        except Exception:  # noqa: BLE001 - whoever cannot be checked may not watch
            _log.exception("cannot look whether a stream may still be watched")
            found = End(EndCause.UNAVAILABLE, InternalError())
        permit.change(found)
