"""An alarm that goes off to the microsecond: event loops keep time in milliseconds."""

import asyncio
import ctypes
import os
from collections.abc import Callable
from typing import Final

_CLOCK_MONOTONIC: Final = 1
_ABSOLUTE: Final = 1
_FLAGS: Final = os.O_NONBLOCK | os.O_CLOEXEC
_COUNTER_BYTES: Final = 8
_NANOSECONDS: Final = 1_000_000_000


class _Time(ctypes.Structure):
    """``struct timespec``."""

    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    """``struct itimerspec``."""

    _fields_ = (("interval", _Time), ("value", _Time))


class Alarm:
    """Calls back once at a time of ``time.perf_counter``: see timerfd_create(2).

    Python has these calls itself from 3.13 on.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._timer: int = self._libc.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)
        if self._timer < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._setting = _Setting()
        self._loop = loop
        self._call = call
        loop.add_reader(self._timer, self._ring)

    def set(self, at: float) -> None:
        """Go off at the time *at*, or at once when that is over; an earlier setting is void."""
        # A time of 0 would switch the timer off.
        seconds, nanoseconds = divmod(max(int(at * _NANOSECONDS), 1), _NANOSECONDS)
        value = self._setting.value
        value.seconds, value.nanoseconds = seconds, nanoseconds
        where = ctypes.byref(self._setting)
        if self._libc.timerfd_settime(self._timer, _ABSOLUTE, where, None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def close(self) -> None:
        """Never go off again."""
        self._loop.remove_reader(self._timer)
        os.close(self._timer)

    def _ring(self) -> None:
        try:
            os.read(self._timer, _COUNTER_BYTES)
        except BlockingIOError:
            # It was set anew between the kernel's word and this call.
            return
        self._call()
