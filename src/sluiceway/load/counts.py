"""What became of the requests of a run."""

from typing import Final

import msgspec

from sluiceway.load.histogram import Histogram

_NAMES_MAX: Final = 32
_DESCRIPTION_LENGTH_MAX: Final = 500
_STEPS_MAX: Final = 1_000


class _ErrorBody(msgspec.Struct):
    """What is read of an error."""

    errorName: str = ""  # noqa: N815 - its name on the wire
    errorDescription: str = ""  # noqa: N815 - its name on the wire


_decode: Final = msgspec.json.Decoder(_ErrorBody).decode


class Counts:
    """Answers, failures and latencies of a run, in a few kilobytes whatever its length."""

    def __init__(self) -> None:
        self.sent = 0
        """Requests that were written to a connection."""
        self.accepted = 0
        """Requests that were answered with success."""
        self.unsent = 0
        """Requests that were due, and for which no connection became free before the end."""
        self.failures: dict[str, int] = {}
        """How many failed, by status and error name, or by what happened to them."""
        self.descriptions: dict[str, str] = {}
        """The first description of each failure that had one."""
        self.latency = Histogram()
        """From when a request was due to its answer with success. Of what was never answered, the
        time for which it had waited in the end, which is less than it would have taken."""
        self.answering = Histogram()
        """From when a request was sent to its answer with success: without the time for which it
        waited here."""
        self.delay = Histogram()
        """From when a request was due, and a connection free, to when it was sent: what the load
        itself was late."""
        self.seconds = 0.0
        """From the first due time to the last answer, or to the end if that was later."""
        self.processor_share = 0.0
        """How much of one core this process used meanwhile."""

    def answer(self, status: int, body: bytes, since_due: float, since_sent: float) -> None:
        """Count an answer."""
        if 200 <= status < 300:  # noqa: PLR2004 - the statuses of success
            self.accepted += 1
            self.latency.add(since_due)
            self.answering.add(since_sent)
        else:
            self.refuse(status, body)

    def refuse(self, status: int, body: bytes) -> None:
        """Count an answer without success."""
        try:
            error = _decode(body)
        except (msgspec.DecodeError, msgspec.ValidationError):
            error = _ErrorBody()
        self.fail(f"{status} {error.errorName}".rstrip(), error.errorDescription)

    def fail(self, name: str, description: str = "") -> None:
        """Count a failure; when there are too many different ones, as one of the others."""
        if name not in self.failures and len(self.failures) >= _NAMES_MAX:
            name, description = "other", ""
        self.failures[name] = self.failures.get(name, 0) + 1
        if description and name not in self.descriptions:
            self.descriptions[name] = description[:_DESCRIPTION_LENGTH_MAX]

    def leave_unsent(self, requests: int, longest_seconds: float) -> None:
        """Count requests that were due at even distances, the first one so many seconds ago."""
        self.unsent = requests
        steps = min(requests, _STEPS_MAX)
        for step in range(steps):
            times = requests // steps + (step < requests % steps)
            self.latency.add(longest_seconds * (1 - step / steps), times)

    @property
    def failed(self) -> int:
        """How many failed in any way, without those that were never sent."""
        return sum(self.failures.values())
