"""Changes that happen together or not at all."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Transactions(Protocol):
    """Where a service draws the line around changes of several stores."""

    def begin(self) -> AbstractAsyncContextManager[None]:
        """Make every store call inside the block one transaction.

        Committed when the block ends, rolled back when it raises. A block inside a block joins
        it. Once the outermost block has committed, the caches hear of it if one of the changes may
        matter to them.
        """
        ...

    def after_commit(self, action: Callable[[], Awaitable[None]]) -> None:
        """Run *action* once the current transaction is committed; never if it is rolled back.

        For what cannot be rolled back, such as deleting records.
        """
        ...
