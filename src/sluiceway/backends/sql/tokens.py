"""Tokens in SQL."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Row,
    Select,
    delete,
    insert,
    select,
    update,
)

from sluiceway.access.caller import PrincipalId
from sluiceway.access.tokens.types import Token, TokenKind, TokenState
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.tokens import TOKENS


@dataclass(frozen=True, slots=True)
class SqlTokenStore:
    """Keeps tokens in ``tokens``."""

    database: Database

    async def add(self, token: Token) -> None:
        """Keep a new token."""
        # No cache knows of a token that did not exist.
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(insert(TOKENS).values(_row(token)))

    async def by_sha256(self, sha256: bytes) -> Token | None:
        """Give the token with this digest, whatever its state or expiry."""
        return await self._one(select(TOKENS).where(TOKENS.c.sha256 == sha256))

    async def by_id(self, token_id: str) -> Token | None:
        """Give the token with this id."""
        return await self._one(select(TOKENS).where(TOKENS.c.token_id == token_id))

    async def of_principal(
        self, principal_id: PrincipalId, kind: TokenKind, *, after: str | None, limit: int
    ) -> list[Token]:
        """Give up to *limit* tokens in the order of their ids, from behind id *after*."""
        query = (
            select(TOKENS)
            .where(TOKENS.c.principal_id == principal_id)
            .where(TOKENS.c.kind == kind.value)
            .order_by(TOKENS.c.token_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(TOKENS.c.token_id > after)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_token(row) for row in rows]

    async def set_state(self, token_id: str, state: TokenState) -> None:
        """Change the state of one token; one that was revoked stays so."""
        async with self.database.write() as connection:
            await connection.execute(
                update(TOKENS)
                .where(TOKENS.c.token_id == token_id)
                .where(TOKENS.c.state != TokenState.REVOKED.value)
                .values(state=state.value)
            )

    async def set_used(self, token_id: str, used_ms: int) -> None:
        """Note when a token was used."""
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(
                update(TOKENS).where(TOKENS.c.token_id == token_id).values(used_ms=used_ms)
            )

    async def revoke_grant(self, grant_id: str) -> int:
        """Revoke every token of a grant; gives how many were not revoked before."""
        return await self._revoke(TOKENS.c.grant_id == grant_id)

    async def revoke_client(self, client_id: str) -> int:
        """Revoke every token of an application; gives how many were not revoked before."""
        return await self._revoke(TOKENS.c.client_id == client_id)

    async def revoke_authorization(self, principal_id: PrincipalId, client_id: str) -> int:
        """Revoke what an application got for one user; gives how many were not revoked before."""
        which = (TOKENS.c.principal_id == principal_id) & (TOKENS.c.client_id == client_id)
        return await self._revoke(which)

    async def revoke_principal(self, principal_id: PrincipalId) -> int:
        """Revoke every token of a principal; gives how many were not revoked before."""
        return await self._revoke(TOKENS.c.principal_id == principal_id)

    async def revoke_sessions(self, principal_id: PrincipalId, *, besides: str | None) -> int:
        """Revoke the sessions of a principal but for token *besides*; gives how many."""
        which = (TOKENS.c.principal_id == principal_id) & (TOKENS.c.kind == TokenKind.SESSION.value)
        return await self._revoke(which & (TOKENS.c.token_id != (besides or "")))

    async def delete_expired(self, before_ms: int) -> int:
        """Forget tokens that ended before *before_ms*; gives how many."""
        async with self.database.write(touches_caches=False) as connection:
            found = await connection.execute(delete(TOKENS).where(TOKENS.c.expires_ms < before_ms))
        return _count(found)

    async def _revoke(self, which: ColumnElement[bool]) -> int:
        revoked = TokenState.REVOKED.value
        async with self.database.write() as connection:
            found = await connection.execute(
                update(TOKENS).where(which & (TOKENS.c.state != revoked)).values(state=revoked)
            )
        return _count(found)

    async def _one(self, query: Select[Any]) -> Token | None:
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _token(row)


def _count(found: CursorResult[Any]) -> int:
    return found.rowcount


def _token(row: Row[Any]) -> Token:
    return msgspec.convert(row, Token, from_attributes=True, builtin_types=(bytes,))


def _row(token: Token) -> dict[str, Any]:
    operations = None if token.operations is None else sorted(token.operations)
    return {
        **msgspec.structs.asdict(token),
        "kind": token.kind.value,
        "state": token.state.value,
        "operations": operations,
    }
