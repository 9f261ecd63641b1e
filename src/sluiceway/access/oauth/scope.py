"""Which of the requested scopes a token gets."""

from collections.abc import Sequence

import msgspec

from sluiceway.access.scopes import OFFLINE_ACCESS, Operation, parse_operation, parse_operations


class GrantedScope(msgspec.Struct, frozen=True):
    """What a token may be used for, and how its client is told."""

    operations: frozenset[Operation] | None
    """``None``: all that the principal may do."""
    scope: str | None
    """The granted scopes in the client's own spelling; ``None`` when all was asked and given."""


def grant_scope(requested: str | None, allowed: Sequence[str] | None) -> GrantedScope:
    """Grant what is requested and allowed; both are scopes in either spelling.

    *allowed* is ``None`` for an application without restrictions. Requesting nothing means all
    that is allowed. Requesting only what nobody knows, or what is not allowed, gets a token that
    holds no operation: never more than was asked for.
    """
    asked = (requested or "").split()
    if not asked:
        if allowed is None:
            return GrantedScope(None, None)
        asked = list(allowed)
    return keep_allowed(asked, None if allowed is None else parse_operations(allowed))


def named_scopes(requested: str | None) -> list[str]:
    """Give the requested scopes that may be operations: all but ``offline_access``."""
    return [scope for scope in (requested or "").split() if scope != OFFLINE_ACCESS]


def keep_allowed(asked: Sequence[str], permitted: frozenset[Operation] | None) -> GrantedScope:
    """Grant those of the *asked* scopes that are known and *permitted*; none if there are none."""
    granted = [
        scope
        for scope in dict.fromkeys(asked)
        if (operation := parse_operation(scope)) is not None
        and (permitted is None or operation in permitted)
    ]
    return GrantedScope(parse_operations(granted), " ".join(granted))


def narrowed(
    operations: frozenset[Operation] | None, allowed: frozenset[Operation] | None
) -> tuple[str, ...] | None:
    """Give the scopes of what both sides hold; ``None`` when neither is restricted."""
    if operations is None and allowed is None:
        return None
    if operations is None or allowed is None:
        both = allowed if operations is None else operations
    else:
        both = operations & allowed
    assert both is not None
    return tuple(sorted(operation.scope for operation in both))
