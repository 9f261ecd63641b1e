"""Heads of requests that were admitted before.

A program that pushes sends the same head again and again, to the last byte. One that was parsed,
authenticated and admitted once need not be again, while nothing has changed that could make the
answer another one.
"""

from collections import OrderedDict
from typing import Final

from sluiceway.access.caller import Caller
from sluiceway.ingest.types import BodyKind, Call, Target
from sluiceway.streams.directory import OpenStream

HEADS_MAX: Final = 20_000
"""Most heads kept, over all connections; the oldest goes first. One takes a kilobyte."""
HEAD_BYTES_MAX: Final = 2_048
"""Longest head that is kept."""
_END: Final = b"\r\n\r\n"


class Admission:
    """That a request was admitted: what it asked for, and how long that holds."""

    __slots__ = ("body_bytes", "call", "caller", "generation", "kind", "stream", "target", "until")

    def __init__(
        self,
        call: Call,
        target: Target,
        kind: BodyKind,
        body_bytes: int,
        stream: OpenStream,
        caller: Caller,
        *,
        generation: int,
        until: float,
    ) -> None:
        self.call: Final = call
        self.target: Final = target
        self.kind: Final = kind
        self.body_bytes: Final = body_bytes
        """The declared length of the body."""
        self.stream: Final = stream
        self.caller: Final = caller
        self.generation: Final = generation
        """Of what is known of tokens, roles and streams; another one makes this worthless."""
        self.until: Final = until
        """The loop's time at which the token ends."""

    def holds(self, generation: int, now: float) -> bool:
        """Tell whether the same request would be admitted now."""
        return generation == self.generation and now < self.until


class KnownHead:
    """A head whose request was admitted."""

    __slots__ = ("admission", "head", "head_bytes", "request_bytes")

    def __init__(self, head: bytes, admission: Admission) -> None:
        self.head: Final = head
        self.head_bytes: Final = len(head)
        self.request_bytes: Final = len(head) + admission.body_bytes
        self.admission: Final = admission

    def begins(self, data: bytes) -> bool:
        """Tell whether *data* is one whole request with this head."""
        return len(data) == self.request_bytes and data.startswith(self.head)


class HeadMemory:
    """Finds what is known of a head, by its bytes."""

    def __init__(self) -> None:
        self._heads: OrderedDict[bytes, KnownHead] = OrderedDict()

    def recall(self, data: bytes) -> KnownHead | None:
        """Give what is known if *data* is one whole request whose head was admitted before.

        Whether its admission still holds is for the caller to ask.
        """
        end = data.find(_END) + len(_END)
        known = self._heads.get(data[:end])
        return known if known is not None and known.request_bytes == len(data) else None

    def learn(self, data: bytes, admission: Admission) -> KnownHead | None:
        """Remember the head of *data*, if that is one whole request and not too long."""
        end = data.find(_END) + len(_END)
        if end > HEAD_BYTES_MAX or admission.body_bytes != len(data) - end:
            return None
        if len(self._heads) >= HEADS_MAX:
            self._heads.popitem(last=False)
        known = self._heads[data[:end]] = KnownHead(data[:end], admission)
        return known
