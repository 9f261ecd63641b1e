"""Files are opened where they are kept: in a folder, or in a bucket."""

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from sluiceway.datasets.tables import TableFaultError, TableFaultKind, TableFile

_BUFFER_BYTES: Final = 1_048_576
"""How much of a column is read from a file at once, instead of all that its row group has."""
_OPEN_MAX: Final = 32


class FileOpener:
    """Opens files by their locations: paths, or URLs that the properties say how to get at."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        """Take the *properties* of a file system, by PyIceberg's names."""
        self._properties = dict(properties)
        self._remote: Any = None

    def open(self, path: str, location: str) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Open a file, called *path* for people.

        Raises:
            TableFaultError: It is not there any more, or cannot be opened now.
        """
        try:
            if _is_local(location):
                return pa.OSFile(location.removeprefix("file://"))
            return self._open_remote(location)
        except FileNotFoundError as error:
            message = f"{path!r} is not there any more"
            raise TableFaultError(TableFaultKind.GONE, message) from error
        except OSError as error:
            reason = str(error).replace(location, path)[:500]
            raise TableFaultError(TableFaultKind.AWAY, f"{path!r}: {reason}") from error

    @contextlib.contextmanager
    def parquet(self, file: TableFile) -> Iterator[Any]:
        """Open a Parquet file.

        Raises:
            TableFaultError: See ``open``.
        """
        with (
            self.open(file.path, file.location) as source,
            pq.ParquetFile(
                source, buffer_size=_BUFFER_BYTES, pre_buffer=not _is_local(file.location)
            ) as opened,
        ):
            yield opened

    def _open_remote(self, location: str) -> Any:  # noqa: ANN401 - pyarrow has no types
        if self._remote is None:
            # Tables in folders, and datasets of files, do without it: it takes a second.
            from pyiceberg.io.pyarrow import PyArrowFileIO  # noqa: PLC0415

            self._remote = PyArrowFileIO(self._properties)
        scheme, place, path = self._remote.parse_location(location, self._properties)
        return self._remote.fs_by_scheme(scheme, place).open_input_file(path)


class OpenFiles:
    """The Parquet files that were read last, still open."""

    def __init__(self, opener: FileOpener) -> None:
        self._opener = opener
        self._opened: OrderedDict[str, tuple[contextlib.ExitStack, Any]] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._opened:
            self._close_oldest()

    def get(self, file: TableFile) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Give a file, opened if it is not.

        Raises:
            TableFaultError: See ``FileOpener.open``.
        """
        if file.location not in self._opened:
            stack = contextlib.ExitStack()
            self._opened[file.location] = stack, stack.enter_context(self._opener.parquet(file))
        self._opened.move_to_end(file.location)
        if len(self._opened) > _OPEN_MAX:
            self._close_oldest()
        return self._opened[file.location][1]

    def _close_oldest(self) -> None:
        _, (stack, _opened) = self._opened.popitem(last=False)
        stack.close()


def _is_local(location: str) -> bool:
    return location.startswith(("/", "file://"))
