"""Those who are told that records became durable."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from sluiceway.backends.embedded.partitions import Partition
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import Listener

_logger: Final = logging.getLogger(__name__)


class Listeners:
    """Who listens to which view; belongs to the event loop. False while nobody listens."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: dict[ViewRid, dict[object, Listener]] = {}

    def __bool__(self) -> bool:
        """Tell whether anybody listens to anything."""
        return bool(self._of)

    def add(self, view: ViewRid, listener: Listener) -> Callable[[], None]:
        """Have *listener* told of *view*; gives what ends that."""
        key = object()
        self._of.setdefault(view, {})[key] = listener

        def leave() -> None:
            listeners = self._of.get(view, {})
            listeners.pop(key, None)
            if not listeners:
                self._of.pop(view, None)

        return leave

    def grown(self, partitions: Iterable[Partition]) -> None:
        """Tell that these have more durable records."""
        ends: dict[ViewRid, dict[int, int]] = {}
        for partition in partitions:
            if partition.view in self._of:
                ends.setdefault(partition.view, {})[partition.index] = partition.end_offset
        for view, ends_of_view in ends.items():
            self._tell(view, ends_of_view)

    def gone(self, view: ViewRid) -> None:
        """Tell that *view* is deleted."""
        self._tell(view, None)

    def _tell(self, view: ViewRid, ends: dict[int, int] | None) -> None:
        for listener in tuple(self._of.get(view, {}).values()):
            try:
                listener(ends)
            except Exception:
                # The others, and the appends behind, must hear of theirs.
                _logger.exception("whoever listened to %s failed", view)
