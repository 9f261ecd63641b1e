"""Scopes: what a token may be used for.

Foundry writes one operation in two ways (docs: developer console > application restrictions):
``api:use-streams-write`` for newer applications and ``api:streams-write`` for older ones. Both
mean the same here; inside, an operation has neither prefix.
"""

import enum
from collections.abc import Iterable
from typing import Final

_PREFIXES: Final = ("api:use-", "api:")
OFFLINE_ACCESS: Final = "offline_access"
"""Asks for a refresh token; not an operation."""


class Operation(enum.StrEnum):
    """What a scope can allow, without its prefix."""

    STREAMS_READ = "streams-read"
    STREAMS_WRITE = "streams-write"
    DATASETS_READ = "datasets-read"
    DATASETS_WRITE = "datasets-write"
    FILESYSTEM_READ = "filesystem-read"
    FILESYSTEM_WRITE = "filesystem-write"
    ADMIN_READ = "admin-read"
    ADMIN_WRITE = "admin-write"
    SQL_QUERIES_READ = "sql-queries-read"
    SQL_QUERIES_EXECUTE = "sql-queries-execute"

    @property
    def scope(self) -> str:
        """The scope's name as applications of today write it."""
        return f"{_PREFIXES[0]}{self.value}"


def parse_operation(scope: str) -> Operation | None:
    """Give the operation of *scope* in either spelling; ``None`` for a scope we do not know."""
    for prefix in _PREFIXES:
        if scope.startswith(prefix):
            try:
                return Operation(scope.removeprefix(prefix))
            except ValueError:
                continue
    return None


def parse_operations(scopes: Iterable[str]) -> frozenset[Operation]:
    """Give the operations among *scopes*; unknown ones are left out, as clients ask for many."""
    return frozenset(found for scope in scopes if (found := parse_operation(scope)) is not None)
