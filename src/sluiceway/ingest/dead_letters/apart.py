"""The records of one request that did not fit, from the request to its answer."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.ingest.dead_letters.ledger import Ledger, batch_of
from sluiceway.ingest.dead_letters.types import LETTERS, KeptLetter, NewLetter
from sluiceway.schema.compiled import Decoded, Misfit
from sluiceway.streams.log import Batch
from sluiceway.streams.pending import PendingAppend
from sluiceway.streams.types import View

_encode: Final = msgspec.json.Encoder().encode


class Apart(NamedTuple):
    """The records of a request, those that fit apart from those that do not."""

    decoded: Decoded
    misfits: Sequence[Misfit]
    lines: Sequence[bytes]
    """Of each misfit the letter as the log keeps it."""


def written(misfits: Sequence[Misfit], caller: Caller, view: View) -> list[bytes]:
    """Write the letters of *misfits*, sent by *caller* and meant for *view*."""
    return [
        _encode(
            KeptLetter(
                value=misfit.raw.decode(),
                problem=misfit.problem,
                view_rid=view.view_rid,
                principal_id=caller.principal_id,
                username=caller.username,
            )
        )
        + b"\n"
        for misfit in misfits
    ]


class LettersOfRequest:
    """The dead letters that one request makes; none, if all of its records fit.

    ``reserve`` takes room for them, and ``follow`` must come next; of a request that was stored
    before only ``found`` is told.
    """

    __slots__ = ("_ledger", "_lines", "_misfits", "first")

    def __init__(self, ledger: Ledger, apart: Apart) -> None:
        self._ledger = ledger
        self._misfits = apart.misfits
        self._lines = apart.lines
        self.first: int | None = None
        """The number of the first letter, once they are durable."""

    def reserve(self) -> None:
        """Take room for the letters.

        Raises:
            DeadLettersFullError: The stream has none.
        """
        self._ledger.reserve(self._lines)

    def batches(self) -> list[Batch]:
        """Give what is to be written beside the records that fit."""
        return [batch_of(self._ledger.log_rid, LETTERS, self._lines)] if self._lines else []

    def content(self) -> bytes:
        """Give the records as they were sent: what makes two requests the same."""
        return b"".join([b"\0" + misfit.raw for misfit in self._misfits])

    def found(self, stored_at: int | None) -> None:
        """Note that the request was stored before, and with it its letters from *stored_at* on."""
        self.first = stored_at

    def follow(self, append: PendingAppend) -> None:
        """Note the outcome of *append*, whose last batch the letters are, when it is known."""
        append.then(lambda: self._settle(append))

    def _settle(self, append: PendingAppend) -> None:
        if append.error is None and self._lines:
            self.first = append.result()[-1]
        self._ledger.settle(self._lines, self.first)

    def told(self) -> list[NewLetter]:
        """Name the letters for the answer, which is durable."""
        if not self._misfits:
            return []
        assert self.first is not None
        return [
            NewLetter(
                letter_id=str(self.first + place),
                index=misfit.problem.index,
                path=misfit.problem.path,
                expected=misfit.problem.expected,
                found=misfit.problem.found,
                reason=misfit.problem.reason,
            )
            for place, misfit in enumerate(self._misfits)
        ]
