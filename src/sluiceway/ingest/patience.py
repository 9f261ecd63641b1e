"""How long a connection waits for its client to go on with what it has begun.

Three bounds on what it sends: a head is there within a time however it comes, which a client that sends a byte now
and then does not get around; a body comes at a least rate; and nothing at all comes for a time
only so long. The second is Kestrel's ``MinRequestBodyDataRate``, with the wait for silence as the
time over which it is taken. And one on what it takes, Kestrel's ``MinResponseDataRate``: see ``taking``.
"""

import enum
from collections.abc import Callable

import msgspec
from uvicorn.protocols.http.flow_control import FlowControl


class Patience(msgspec.Struct, frozen=True):
    """The bounds, the same for all connections."""

    stall_seconds: int
    """How long nothing may come, and the time over which a body's rate is taken."""
    head_seconds: int
    """How long a head may take from its first byte to its last."""
    body_bytes_per_second_min: int
    """Least rate of a body; 0 for none."""
    answer_stall_seconds: int
    """How long nothing of an answer may be taken, and the time over which its rate is measured."""
    answer_bytes_per_second_min: int
    """Least rate at which an answer is taken; 0 for none."""

    def is_taken_too_slowly(self, taken: int) -> bool:
        """Tell whether so many bytes of an answer in ``answer_stall_seconds`` are too few."""
        return taken < max(1, self.answer_bytes_per_second_min * self.answer_stall_seconds)


class Slowness(enum.StrEnum):
    """Why a client was waited for no longer."""

    STALLED = "stalled"
    SLOW_HEAD = "slow_head"
    SLOW_BODY = "slow_body"
    SLOW_ANSWER = "slow_answer"


class CountingFlow(FlowControl):
    """Knows how often the client was not read from: what did not come then is not its fault.

    And tells who writes past ASGI when to write no more.
    """

    pauses = 0
    write_pauses = 0
    """How often the client did not take what was written."""
    is_held = False
    """Whether it is not read from, whatever else is said of that; see ``ingest.holding``."""
    stopped: Callable[[], None] | None = None
    """Called once when the client does not take what was written, or is gone."""

    def pause_writing(self) -> None:
        """Note that the client does not take what was written."""
        super().pause_writing()
        self.write_pauses += 1
        self.stop()

    def stop(self) -> None:
        """Tell who writes past ASGI; telling it twice changes nothing."""
        stopped, self.stopped = self.stopped, None
        if stopped is not None:
            stopped()

    def pause_reading(self) -> None:
        """Read no more until ``resume_reading``."""
        if not self.read_paused:
            self.pauses += 1
        if self.is_held:
            self.read_paused = True
        else:
            super().pause_reading()

    def resume_reading(self) -> None:
        """Read again, unless the connection is held."""
        if self.is_held:
            self.read_paused = False
        else:
            super().resume_reading()

    def hold(self) -> None:
        """Read no more until ``release``; it is not held yet."""
        self.is_held = True
        self.pauses += 1
        if not self.read_paused:
            self._transport.pause_reading()

    def release(self) -> None:
        """Read again, unless there was another reason not to; it is held."""
        self.is_held = False
        if not self.read_paused:
            self._transport.resume_reading()


class Wait:
    """The wait for the rest of one request's head, or of its body."""

    __slots__ = ("_began_at", "_bytes", "_heard_at", "_patience")

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._began_at: float | None = None
        """Of a body, when the time began over which its rate is taken."""
        self._heard_at = 0.0
        self._bytes = 0

    def begin(self) -> None:
        """Note that a head, or a body, begins with what comes next."""
        self._began_at = None

    def hear(self, size: int, now: float) -> None:
        """Note that so many bytes came."""
        self._heard_at = now
        if self._began_at is None:
            self._began_at, self._bytes = now, 0
        else:
            self._bytes += size

    def forgive(self, now: float) -> None:
        """Start afresh: for a time it was us who did not read."""
        self._heard_at = self._began_at = now
        self._bytes = 0

    def left(self, now: float, *, is_head: bool) -> tuple[float, Slowness]:
        """Tell for how many seconds more to wait, and for what then not to.

        Not positive: the client has been too slow.
        """
        patience = self._patience
        began_at = now if self._began_at is None else self._began_at
        silence = self._heard_at + patience.stall_seconds - now
        if is_head:
            whole = began_at + patience.head_seconds - now
            if whole < silence:
                return whole, Slowness.SLOW_HEAD
            return silence, Slowness.STALLED
        window = began_at + patience.stall_seconds - now
        if window <= 0 < silence:
            if self._bytes < patience.body_bytes_per_second_min * patience.stall_seconds:
                return window, Slowness.SLOW_BODY
            self._began_at, self._bytes = now, 0
            window = float(patience.stall_seconds)
        return min(window, silence), Slowness.STALLED
