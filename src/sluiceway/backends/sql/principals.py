"""Users in SQL; groups are in ``backends.sql.groups``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from sluiceway.access.principals.errors import UsernameAlreadyExistsError
from sluiceway.access.principals.types import User, UserStatus, name_key
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.principals import USERS

_DERIVED = {"username_key", "search_text"}
_COLUMNS = [column for column in USERS.c if column.name not in _DERIVED]


@dataclass(frozen=True, slots=True)
class SqlUserStore:
    """Keeps users in ``users``."""

    database: Database

    async def add(self, user: User) -> None:
        """Keep a new user."""
        try:
            async with self.database.write() as connection:
                await connection.execute(insert(USERS).values(_row(user)))
        except IntegrityError as error:
            raise UsernameAlreadyExistsError(user.username) from error

    async def replace(self, user: User) -> None:
        """Keep *user* in place of the one with its id; the username stays."""
        row = _row(user)
        async with self.database.write() as connection:
            await connection.execute(
                update(USERS).where(USERS.c.user_id == row.pop("user_id")).values(row)
            )

    async def by_id(self, user_id: str) -> User | None:
        """Give the user with this id, deleted or not."""
        found = await self.by_ids([user_id])
        return found[0] if found else None

    async def by_ids(self, user_ids: Sequence[str]) -> list[User]:
        """Give those of the users that exist, deleted or not."""
        query = select(*_COLUMNS).where(USERS.c.user_id.in_(user_ids))
        async with self.database.read() as connection:
            rows = (await connection.execute(query.order_by(USERS.c.username_key))).all()
        return [_user(row) for row in rows]

    async def by_username(self, username: str) -> User | None:
        """Give the user with this name, in any case of letters, deleted or not."""
        query = select(*_COLUMNS).where(USERS.c.username_key == name_key(username))
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _user(row)

    async def page(self, status: UserStatus, *, after: str | None, limit: int) -> list[User]:
        """Give up to *limit* users from behind the name key *after*."""
        query = select(*_COLUMNS).where(USERS.c.status == status.value)
        return await self._page(query, after, limit)

    async def search(self, prefix: str, *, after: str | None, limit: int) -> list[User]:
        """Give active users whose id, username, names or e-mail address start with *prefix*."""
        query = (
            select(*_COLUMNS)
            .where(USERS.c.status == UserStatus.ACTIVE.value)
            .where(USERS.c.search_text.contains(f"\n{prefix}", autoescape=True))
        )
        return await self._page(query, after, limit)

    async def any(self) -> bool:
        """Tell whether there is any user at all."""
        async with self.database.read() as connection:
            return (await connection.execute(select(USERS.c.user_id).limit(1))).first() is not None

    async def _page(self, query: Any, after: str | None, limit: int) -> list[User]:  # noqa: ANN401 - a select of any columns
        if after is not None:
            query = query.where(USERS.c.username_key > after)
        query = query.order_by(USERS.c.username_key).limit(limit)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_user(row) for row in rows]


def _user(row: Row[Any]) -> User:
    return msgspec.convert(row, User, from_attributes=True)


def _row(user: User) -> dict[str, Any]:
    full_name = " ".join(part for part in (user.given_name, user.family_name) if part)
    texts = (user.user_id, user.username, full_name, user.family_name, user.email)
    lines = [name_key(" ".join(text.split())) for text in texts if text]
    return {
        **msgspec.to_builtins(user),
        "username_key": name_key(user.username),
        "search_text": "".join(f"\n{line}" for line in lines),
    }
