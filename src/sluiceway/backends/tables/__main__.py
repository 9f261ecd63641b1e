"""``python -m sluiceway.backends.tables``: reads tables for a server, until that is gone."""

import io
import os
import resource
import sys
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import pyarrow as pa

from sluiceway.backends.tables.contents import Content
from sluiceway.backends.tables.frames import HEAD, PIECE_BYTES_MAX, Fault, Kind, frame
from sluiceway.backends.tables.opening import FileOpener
from sluiceway.backends.tables.scanning import Table
from sluiceway.datasets.tables import FileJob, TableFaultError, TableFaultKind, TableJob

_THREADS: Final = 2
_NICENESS: Final = 5
"""Publishing goes first."""
_KEPT_KIB: Final = 256 * 1_024
"""A process that once took more is not used again."""


class _Pieces(io.RawIOBase):
    """Writes what it is given as frames."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        left = memoryview(data).cast("B")  # type: ignore[arg-type]  # any buffer
        size = len(left)
        while left:
            piece, left = left[:PIECE_BYTES_MAX], left[PIECE_BYTES_MAX:]
            self._out.write(HEAD.pack(Kind.PIECE, len(piece)))
            self._out.write(piece)
        self._out.flush()
        return size


def _answer(job: TableJob | FileJob, opener: FileOpener, out: BinaryIO) -> None:
    try:
        found = Table(job, opener) if isinstance(job, TableJob) else Content(job, opener)
        out.write(frame(Kind.BEGIN))
        with io.BufferedWriter(_Pieces(out), PIECE_BYTES_MAX // 2) as sink:
            found.write(sink)
    except TableFaultError as error:
        fault = Fault(error.kind, error.message, goes_on=True)
        out.write(frame(Kind.FAULT, msgspec.json.encode(fault)))
    except (MemoryError, pa.ArrowMemoryError):
        message = "a file needs more memory than a reader may have"
        fault = Fault(TableFaultKind.FILE, message, goes_on=False)
        out.write(frame(Kind.FAULT, msgspec.json.encode(fault)))
        out.flush()
        sys.exit(1)
    else:
        out.write(frame(Kind.END, b"\x01" if _most_kib() <= _KEPT_KIB else b"\x00"))
    out.flush()


def _most_kib() -> int:
    """Give the most memory that this process had; what ``getrusage`` says begins with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def main(bytes_max: int) -> None:
    """Answer jobs from standard input on standard output, with at most so much memory."""
    resource.setrlimit(resource.RLIMIT_DATA, (bytes_max, bytes_max))
    os.nice(_NICENESS)
    pa.set_cpu_count(_THREADS)
    pa.set_io_thread_count(_THREADS)
    incoming, out = sys.stdin.buffer, sys.stdout.buffer
    opener = FileOpener({})
    while head := incoming.read(HEAD.size):
        kind, size = HEAD.unpack(head)
        content = incoming.read(size)
        if kind == Kind.FILES:
            opener = FileOpener(msgspec.json.decode(content, type=dict[str, str]))
        else:
            _answer(msgspec.json.decode(content, type=TableJob | FileJob), opener, out)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except BrokenPipeError:
        # The server does not want the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
