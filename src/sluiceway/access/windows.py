"""How often something happened lately, by key: what limits on failures stand on."""

from collections import OrderedDict
from dataclasses import dataclass, field

from sluiceway.foundation.clock import Clock

KEY_LENGTH_MAX = 255
"""Of a longer part of a key, this much is remembered."""


@dataclass(slots=True)
class _Window:
    start_ms: int
    count: int


@dataclass(slots=True)
class CountingWindows:
    """Counts in windows of fixed length, in this process's memory.

    A window begins with the first count after the one before it ended. Over *entries_max* keys
    the one whose window began first is forgotten.
    """

    clock: Clock
    window_ms: int
    entries_max: int
    _windows: OrderedDict[tuple[str, str], _Window] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        """Tell how many keys are remembered."""
        return len(self._windows)

    def count(self, kind: str, name: str) -> int:
        """Count once more; gives how many there are in the window now."""
        key = _key(kind, name)
        window = self._open(key)
        if window is None:
            window = self._windows[key] = _Window(self.clock.now_ms(), 0)
            self._windows.move_to_end(key)
            while len(self._windows) > self.entries_max:
                self._windows.popitem(last=False)
        window.count += 1
        return window.count

    def counted(self, kind: str, name: str) -> int:
        """Tell how many there are in the window now."""
        window = self._open(_key(kind, name))
        return 0 if window is None else window.count

    def seconds_left(self, kind: str, name: str) -> int:
        """Tell after how many seconds, rounded up, the window has ended; 0 if there is none."""
        window = self._open(_key(kind, name))
        if window is None:
            return 0
        return -(-(window.start_ms + self.window_ms - self.clock.now_ms()) // 1000)

    def take_back(self, kind: str, name: str) -> None:
        """Count once less."""
        window = self._open(_key(kind, name))
        if window is not None and window.count > 0:
            window.count -= 1

    def forget(self, kind: str, name: str) -> None:
        """Start afresh."""
        self._windows.pop(_key(kind, name), None)

    def _open(self, key: tuple[str, str]) -> _Window | None:
        window = self._windows.get(key)
        if window is None or self.clock.now_ms() - window.start_ms >= self.window_ms:
            return None
        return window


def _key(kind: str, name: str) -> tuple[str, str]:
    return kind[:KEY_LENGTH_MAX], name[:KEY_LENGTH_MAX]
