"""What becomes of an append."""

import asyncio
import logging

import pytest

from sluiceway.streams.log_errors import LogUnavailableError
from sluiceway.streams.pending import PendingAppend


def test_the_follower_of_a_settled_append_is_called_at_once() -> None:
    append = PendingAppend()
    append.store([7], 1)
    seen: list[object] = []

    append.then(lambda: seen.append(append.result()))

    assert seen == [[7]]


def test_the_follower_is_called_once_when_the_outcome_is_known() -> None:
    append = PendingAppend()
    seen: list[object] = []
    append.then(lambda: seen.append(append.error))

    append.fail(LogUnavailableError("the disk is full"))

    assert seen == [append.error]


def test_a_follower_that_fails_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    append = PendingAppend()
    append.then(lambda: 1 / 0)

    append.store([0], 1)

    assert append.result() == [0]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_followers_are_called_in_their_order_though_one_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    append = PendingAppend()
    seen: list[int] = []
    append.then(lambda: seen.append(1))
    append.then(lambda: 1 / 0)
    append.then(lambda: seen.append(3))

    append.store([0], 1)

    assert seen == [1, 3]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_what_fails_raises_where_it_is_awaited() -> None:
    append = PendingAppend()
    asyncio.get_running_loop().call_soon(append.fail, LogUnavailableError("the disk is full"))

    with pytest.raises(LogUnavailableError):
        await append


async def test_an_append_may_settle_after_its_wait_was_cancelled() -> None:
    append = PendingAppend()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await append
    append.store([3], 1)

    assert append.result() == [3]
