"""Subscribers in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.streams import SUBSCRIBER_POSITIONS, SUBSCRIBERS
from sluiceway.foundation.rids import DatasetRid
from sluiceway.reading.types import Subscriber


@dataclass(frozen=True, slots=True)
class SqlSubscriberStore:
    """Keeps subscribers in ``subscribers`` and their places in ``subscriber_positions``.

    No cache depends on them, so their changes do not raise the change counter.
    """

    database: Database

    async def add(self, subscriber: Subscriber) -> bool:
        """Keep a new subscriber; see ``SubscriberStore.add``."""
        try:
            async with self.database.write(touches_caches=False) as connection:
                async with connection.begin_nested():
                    await connection.execute(insert(SUBSCRIBERS).values(_row(subscriber)))
                await self.set_positions(subscriber.subscriber_id, subscriber.start_offsets)
        except IntegrityError:
            return False
        return True

    async def get(self, subscriber_id: str) -> Subscriber | None:
        """Give a subscriber of whichever stream."""
        query = select(SUBSCRIBERS).where(SUBSCRIBERS.c.subscriber_id == subscriber_id)
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return _subscriber(row)

    async def count(self, dataset_rid: DatasetRid, branch_name: str) -> int:
        """Give how many subscribers a stream has."""
        query = (
            select(func.count())
            .select_from(SUBSCRIBERS)
            .where(SUBSCRIBERS.c.dataset_rid == dataset_rid)
            .where(SUBSCRIBERS.c.branch_name == branch_name)
        )
        async with self.database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def of_stream(
        self, dataset_rid: DatasetRid, branch_name: str, *, after: str | None, limit: int
    ) -> list[Subscriber]:
        """Give subscribers of a stream in the order of their ids."""
        query = (
            select(SUBSCRIBERS)
            .where(SUBSCRIBERS.c.dataset_rid == dataset_rid)
            .where(SUBSCRIBERS.c.branch_name == branch_name)
            .order_by(SUBSCRIBERS.c.subscriber_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(SUBSCRIBERS.c.subscriber_id > after)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_subscriber(row) for row in rows]

    async def positions_of(self, subscriber_ids: Sequence[str]) -> dict[str, dict[int, int]]:
        """Give the next offset of each partition, of several subscribers."""
        query = select(SUBSCRIBER_POSITIONS).where(
            SUBSCRIBER_POSITIONS.c.subscriber_id.in_(subscriber_ids)
        )
        found: dict[str, dict[int, int]] = {one: {} for one in subscriber_ids}
        async with self.database.read() as connection:
            for row in await connection.execute(query):
                found[row.subscriber_id][row.partition] = row.next_offset
        return found

    async def restart(self, subscriber: Subscriber) -> None:
        """Write a subscriber's view and start anew; see ``SubscriberStore.restart``."""
        of_subscriber = SUBSCRIBER_POSITIONS.c.subscriber_id == subscriber.subscriber_id
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(
                update(SUBSCRIBERS)
                .where(SUBSCRIBERS.c.subscriber_id == subscriber.subscriber_id)
                .values(_row(subscriber))
            )
            await connection.execute(delete(SUBSCRIBER_POSITIONS).where(of_subscriber))
            await self.set_positions(subscriber.subscriber_id, subscriber.start_offsets)

    async def positions(self, subscriber_id: str) -> dict[int, int]:
        """Give the next offset of each partition."""
        query = select(SUBSCRIBER_POSITIONS.c.partition, SUBSCRIBER_POSITIONS.c.next_offset).where(
            SUBSCRIBER_POSITIONS.c.subscriber_id == subscriber_id
        )
        async with self.database.read() as connection:
            return {row.partition: row.next_offset for row in await connection.execute(query)}

    async def set_positions(self, subscriber_id: str, positions: Mapping[int, int]) -> None:
        """Set the next offset of the partitions that *positions* names."""
        if not positions:
            return
        columns = SUBSCRIBER_POSITIONS.c
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(
                delete(SUBSCRIBER_POSITIONS)
                .where(columns.subscriber_id == subscriber_id)
                .where(columns.partition.in_(positions))
            )
            await connection.execute(
                insert(SUBSCRIBER_POSITIONS),
                [
                    {"subscriber_id": subscriber_id, "partition": partition, "next_offset": offset}
                    for partition, offset in positions.items()
                ],
            )

    async def delete(self, subscriber_id: str) -> None:
        """Forget a subscriber; its positions go with it."""
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(
                delete(SUBSCRIBERS).where(SUBSCRIBERS.c.subscriber_id == subscriber_id)
            )

    async def remove(self, dataset_rids: Sequence[DatasetRid]) -> None:
        """Forget every subscriber of the datasets."""
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(
                delete(SUBSCRIBERS).where(SUBSCRIBERS.c.dataset_rid.in_(dataset_rids))
            )


def _subscriber(row: Any) -> Subscriber:  # noqa: ANN401 - a row of the table
    return msgspec.convert(row, Subscriber, strict=False, from_attributes=True)


def _row(subscriber: Subscriber) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(subscriber, str_keys=True)
    return row
