"""A publish request at the fast door, from its head to its answer."""

from sluiceway.foundation.errors import SluicewayError
from sluiceway.ingest.limits import Slot
from sluiceway.ingest.pending import Pending
from sluiceway.ingest.types import Call, Target


class PublishRequest:
    """A request that is in progress. One is made for each, so it holds only what all need."""

    __slots__ = ("answer", "call", "keep_alive", "pending", "slot", "taken", "target")

    def __init__(self, call: Call, target: Target, *, keep_alive: bool) -> None:
        self.call = call
        self.target = target
        self.keep_alive = keep_alive
        self.taken = 0
        """Bytes that were taken from the budget."""
        self.slot: Slot | None = None
        """What it counts for while it is worked on, where that is limited."""
        self.pending: Pending | None = None
        """Its records, once the log has them."""
        self.answer: tuple[bytes, bytes] | None = None
        """The head, without its end, and the body of the answer, once there is one."""


class ParsedRequest(PublishRequest):
    """A request whose head was parsed and whose body is being collected."""

    __slots__ = (
        "authorization",
        "body",
        "content_type",
        "identity",
        "is_decided",
        "refused",
        "size",
    )

    def __init__(self, call: Call, target: Target, *, keep_alive: bool) -> None:
        super().__init__(call, target, keep_alive=keep_alive)
        self.authorization: bytes | None = None
        self.content_type: str | None = None
        self.identity: dict[bytes, bytes] = {}
        """The headers in which it says what it is."""
        self.size = 0
        """Bytes of the body so far."""
        self.body: list[bytes] = []
        self.refused: SluicewayError | None = None
        """Set when the body is to be dropped and this answered to whoever may publish."""
        self.is_decided = False
        """Whether it was handed in or refused."""
