"""What can go wrong in a record log, whichever backend keeps it."""

from collections.abc import Mapping

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.errors import ViewNotFoundError


class LogViewNotFoundError(ViewNotFoundError):
    """The view went, by a reset or a deletion, while it was being used; nothing was written.

    To the log it means: there is no such view, or it has no such partition.
    """

    def __init__(self, view: ViewRid, partition: int | None = None) -> None:
        super().__init__(view)
        self.view = view
        self.partition = partition


class LogUnavailableError(SluicewayError):
    """The log takes no writes, or could not be read; nothing was written."""

    code = ErrorCode.CUSTOM_SERVER
    name = "LogUnavailable"
    status = 503
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "10"}

    def __init__(self, reason: str) -> None:
        super().__init__(f"the log is not available: {reason}")
        self.reason = reason


class LogOutcomeUnknownError(LogUnavailableError):
    """The log failed while it made these records durable; they may or may not be stored."""

    wrote_nothing = False


class LogBusyError(SluicewayError):
    """More is waiting to become durable than the log may hold; nothing was written."""

    code = ErrorCode.CUSTOM_SERVER
    name = "LogBusy"
    status = 503
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "1"}

    def __init__(self, queued_bytes: int, queue_bytes_max: int) -> None:
        super().__init__(
            f"{queued_bytes} bytes wait to become durable, the most is {queue_bytes_max}"
        )
        self.queued_bytes = queued_bytes
        self.queue_bytes_max = queue_bytes_max


class AdmissionOutdatedError(SluicewayError):
    """Tokens, roles or streams changed again and again while it was looked up who may publish.

    Nothing was written. To a record log it means: what the append was admitted by is out of date.
    """

    code = ErrorCode.CUSTOM_SERVER
    name = "AdmissionOutdated"
    status = 503
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "1"}

    def __init__(self) -> None:
        super().__init__("tokens, roles or streams changed while this was looked up; try again")


class LogNotesFullError(SluicewayError):
    """The log keeps as many notes of this kind as it may, all of them too young to be forgotten.

    Nothing was written.
    """

    code = ErrorCode.CUSTOM_CLIENT
    name = "LogNotesFull"
    status = 429
    retryable = True

    def __init__(self, notes_max: int, retry_after_seconds: int) -> None:
        super().__init__(
            f"{notes_max} keys or producers are remembered, which is the most;"
            f" try again in {retry_after_seconds} seconds",
            notesMax=notes_max,
            retryAfterSeconds=retry_after_seconds,
        )
        self.notes_max = notes_max
        self.headers: Mapping[str, str] = {"Retry-After": str(retry_after_seconds)}


class LogCorruptError(SluicewayError):
    """What is stored at this offset is not what was written."""

    code = ErrorCode.INTERNAL
    name = "LogCorrupt"

    def __init__(self, view: ViewRid, partition: int, offset: int, reason: str) -> None:
        super().__init__(
            f"partition {partition} of {view} is damaged at offset {offset}: {reason}",
            viewRid=view,
            partition=partition,
            offset=offset,
        )
        self.view = view
        self.partition = partition
        self.offset = offset
        self.reason = reason


class LogVersionError(SluicewayError):
    """The stored log has a format that this program does not know."""

    code = ErrorCode.INTERNAL
    name = "LogVersionUnsupported"

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            f"{path} has format {found}, this program knows formats up to {known};"
            " start the newer program that wrote it"
        )
        self.path = path
        self.found = found
        self.known = known
