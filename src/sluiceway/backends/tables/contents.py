"""Files as they are."""

from typing import Final

from sluiceway.backends.tables.opening import FileOpener
from sluiceway.backends.tables.sink import Sink
from sluiceway.datasets.tables import FileJob, TableFaultError, TableFaultKind

_PIECE_BYTES: Final = 1_048_576


class Content:
    """A file that can be read: it is open."""

    def __init__(self, job: FileJob, opener: FileOpener) -> None:
        """Open it.

        Raises:
            TableFaultError: It is not there any more, or cannot be opened now.
        """
        self._job = job
        self._source = opener.open(job.path, job.location)

    def write(self, sink: Sink) -> None:
        """Write it, a piece at a time.

        Raises:
            TableFaultError: It cannot be read to its end, or is of another size than it was.
        """
        size = 0
        with self._source:
            try:
                while piece := self._source.read(_PIECE_BYTES):
                    size += len(piece)
                    sink.write(piece)
            except OSError as error:
                reason = str(error).replace(self._job.location, self._job.path)[:500]
                raise TableFaultError(TableFaultKind.FILE, reason) from error
        if size != self._job.size_bytes:
            message = f"{self._job.path!r} has {size} bytes, not {self._job.size_bytes}"
            raise TableFaultError(TableFaultKind.FILE, message)
