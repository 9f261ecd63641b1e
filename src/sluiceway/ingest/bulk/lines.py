"""The lines of JSON that a body is turned into, bounded while they are written."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.schema.errors import EmptyBatchError, TooManyRecordsError

_encode_lines: Final = msgspec.json.Encoder().encode_lines


class Lines:
    """Collects records as lines, up to *bytes_max* bytes and *records_max* records."""

    def __init__(self, bytes_max: int, records_max: int) -> None:
        self._bytes_max = bytes_max
        self.records_max = records_max
        self._bytes_left = bytes_max
        self._claimed = 0
        self._expected = 0
        self._parts: list[bytes] = []

    @property
    def bytes_left(self) -> int:
        """The bytes that may still be written."""
        return self._bytes_left

    def expect(self, records: int) -> None:
        """Say that so many *records* come next, before any of them is made.

        Raises:
            TooManyRecordsError: They would be more than one request may carry.
        """
        self._expected += records
        if self._expected > self.records_max:
            raise TooManyRecordsError(self._expected, self.records_max)

    def claim(self, size: int) -> None:
        """Say that what is made until the next ``write`` takes at least *size* more bytes.

        A few bytes of a file can stand for very many values: this refuses them before they are
        there.

        Raises:
            RequestEntityTooLargeError: There is no room for them.
        """
        self._claimed += size
        if self._claimed > self._bytes_left:
            raise RequestEntityTooLargeError(self._bytes_max)

    def write(self, records: Sequence[Any]) -> None:
        """Write *records*, each one line.

        Raises:
            RequestEntityTooLargeError: There is no room for them.
        """
        part = _encode_lines(records)
        self._claimed = 0
        self._bytes_left -= len(part)
        if self._bytes_left < 0:
            raise RequestEntityTooLargeError(self._bytes_max)
        self._parts.append(part)

    def text(self) -> bytes:
        """Give all lines.

        Raises:
            EmptyBatchError: There is none.
        """
        if not self._expected:
            raise EmptyBatchError
        return b"".join(self._parts)
