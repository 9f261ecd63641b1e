"""What may go wrong with dead letters."""

from collections.abc import Mapping
from typing import Final

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid

_ID_LENGTH_SHOWN: Final = 40


class DeadLetterNotFoundError(SluicewayError):
    """The stream never had a dead letter of this id."""

    code = ErrorCode.NOT_FOUND
    name = "DeadLetterNotFound"

    def __init__(self, letter_id: str) -> None:
        shown = letter_id[:_ID_LENGTH_SHOWN]
        super().__init__(f"the stream has no dead letter {shown!r}", letterId=shown)


class DeadLetterResolvedError(SluicewayError):
    """The dead letter was replayed or discarded before."""

    code = ErrorCode.CONFLICT
    name = "DeadLetterResolved"

    def __init__(self, letter_id: str, **how: str) -> None:
        """Say *how* it was resolved as far as it is known: ``resolution``, ``by`` and ``time``."""
        told = "replayed or discarded" if "resolution" not in how else how["resolution"].lower()
        super().__init__(f"dead letter {letter_id} was {told} before", letterId=letter_id, **how)


class DeadLetterInUseError(SluicewayError):
    """Somebody else is replaying or discarding the dead letter at this moment."""

    code = ErrorCode.CONFLICT
    name = "DeadLetterInUse"
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "1"}

    def __init__(self, letter_id: str) -> None:
        super().__init__(f"dead letter {letter_id} is being resolved", letterId=letter_id)


class DeadLettersFullError(SluicewayError):
    """The stream keeps as many dead letters as it may; nothing of the request was stored."""

    code = ErrorCode.CONFLICT
    name = "DeadLettersFull"

    def __init__(
        self, dataset_rid: DatasetRid, branch_name: str, *, letters_max: int, bytes_max: int
    ) -> None:
        super().__init__(
            f"the stream on branch {branch_name!r} keeps as many dead letters as it may"
            f" ({letters_max}, or {bytes_max} bytes, from the oldest open one on):"
            " replay or discard the oldest",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
            deadLettersMax=letters_max,
            deadLettersBytesMax=bytes_max,
        )
