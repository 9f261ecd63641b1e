"""Who waits for the log, in which order they go on, and that nobody waits for ever."""

import asyncio

import pytest

from sluiceway.ingest.admission import InflightBudget
from sluiceway.ingest.holding import Holding
from sluiceway.ingest.patience import CountingFlow
from sluiceway.streams.backlog import Backlog

AT_ONCE = 64
FOR_EVER = 600


class Client:
    def __init__(self, released: list["Client"]) -> None:
        self.released = released

    def release(self) -> None:
        self.released.append(self)


def full(seconds: float = FOR_EVER, taken: int = 0) -> tuple[Backlog, Holding]:
    backlog = Backlog(100)
    holding = Holding(backlog, InflightBudget(1_000, 1_000, taken), seconds)
    backlog.size = 100
    return backlog, holding


async def turns(count: int = 1) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_they_go_on_in_the_order_in_which_they_came_some_at_each_turn() -> None:
    backlog, holding = full()
    released: list[Client] = []
    clients = [Client(released) for _ in range(AT_ONCE + 1)]
    for client in clients:
        holding.hold(client)

    backlog.settle(74)
    await turns()
    assert not released
    backlog.settle(1)
    await turns()
    assert released == clients[:AT_ONCE]
    await turns()
    assert released == clients
    assert len(holding) == 0


async def test_no_more_go_on_once_the_first_have_filled_it_again() -> None:
    backlog, holding = full()
    released: list[Client] = []
    clients = [Client(released) for _ in range(AT_ONCE + 1)]
    for client in clients:
        holding.hold(client)

    backlog.settle(100)
    await turns()
    backlog.size = 51
    await turns(3)
    assert released == clients[:AT_ONCE]

    backlog.settle(51)
    await turns()
    assert released == clients


async def test_who_is_forgotten_is_not_told() -> None:
    backlog, holding = full()
    released: list[Client] = []
    first, second = Client(released), Client(released)
    holding.hold(first)
    holding.hold(second)

    holding.forget(first)
    holding.forget(first)
    backlog.settle(100)
    await turns()

    assert released == [second]


async def test_nobody_waits_for_longer_than_that() -> None:
    _, holding = full(0.01)
    released: list[Client] = []
    for _ in range(2):
        await turns()
        holding.hold(Client(released))

    await asyncio.wait_for(holding.wait(), 10)

    assert len(released) == 2
    assert len(holding) == 0


@pytest.mark.parametrize(
    ("size", "seconds", "taken"), [(50, FOR_EVER, 500), (100, 0, 600), (0, FOR_EVER, 501)]
)
async def test_who_has_no_reason_does_not_wait(size: int, seconds: int, taken: int) -> None:
    backlog, holding = full(seconds, taken)
    backlog.size = size

    await asyncio.wait_for(holding.wait(), 10)


@pytest.mark.parametrize(("size", "taken"), [(51, 500), (1, 501)])
async def test_who_comes_to_more_than_half_waits(size: int, taken: int) -> None:
    backlog, holding = full(FOR_EVER, taken)
    backlog.size = size
    waiting = asyncio.create_task(holding.wait())
    await turns(3)
    assert not waiting.done()

    backlog.settle(size)
    await asyncio.wait_for(waiting, 10)


@pytest.mark.parametrize(("size", "is_due"), [(25, False), (26, True), (50, True)])
async def test_who_comes_while_others_wait_comes_behind_them(size: int, *, is_due: bool):
    backlog, holding = full()
    holding.hold(Client([]))
    backlog.size = size

    assert holding.is_due() is is_due


async def test_a_wait_that_is_given_up_leaves_nothing() -> None:
    _, holding = full()
    waiting = asyncio.create_task(holding.wait())
    await turns()
    assert len(holding) == 1

    waiting.cancel()
    await asyncio.wait([waiting])

    assert len(holding) == 0


class Transport:
    """Notes whether it is read."""

    is_reading = True

    def pause_reading(self) -> None:
        assert self.is_reading
        self.is_reading = False

    def resume_reading(self) -> None:
        assert not self.is_reading
        self.is_reading = True


def test_a_connection_that_is_held_is_not_read_whatever_else_is_said() -> None:
    transport = Transport()
    flow = CountingFlow(transport)  # type: ignore[arg-type]  # it has what is used

    flow.hold()
    flow.pause_reading()
    flow.resume_reading()
    assert not transport.is_reading
    flow.release()
    assert transport.is_reading


def test_a_connection_that_was_held_stays_unread_for_another_reason() -> None:
    transport = Transport()
    flow = CountingFlow(transport)  # type: ignore[arg-type]  # it has what is used

    flow.hold()
    flow.pause_reading()
    flow.release()
    assert not transport.is_reading
    flow.resume_reading()
    assert transport.is_reading
    assert flow.pauses == 2
