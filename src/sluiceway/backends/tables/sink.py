"""Where the bytes of tables and files go."""

from typing import Any, Protocol


class Sink(Protocol):
    """Takes bytes."""

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - any buffer
        """Take some of them."""
        ...
