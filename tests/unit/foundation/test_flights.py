"""One look-up for many who ask the same at once."""

import asyncio

import pytest

from sluiceway.foundation.flights import Flights


class Source:
    """Counts how often it is asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = asyncio.Event()

    async def look_up(self) -> int:
        self.asked += 1
        asked = self.asked
        await self.answer.wait()
        return asked


async def test_those_who_ask_meanwhile_get_the_same_answer():
    source, flights = Source(), Flights[str, int]()
    tasks = [asyncio.create_task(flights.join("a", source.look_up)) for _ in range(10)]
    await asyncio.sleep(0)

    source.answer.set()

    assert await asyncio.gather(*tasks) == [1] * 10


async def test_who_asks_later_gets_a_new_answer():
    source, flights = Source(), Flights[str, int]()
    source.answer.set()

    assert await flights.join("a", source.look_up) == 1
    assert await flights.join("a", source.look_up) == 2


async def test_who_asks_after_a_change_does_not_join_what_began_before_it():
    source, flights = Source(), Flights[str, int]()
    early = asyncio.create_task(flights.join("a", source.look_up))
    await asyncio.sleep(0)

    flights.forget()
    late = asyncio.create_task(flights.join("a", source.look_up))
    await asyncio.sleep(0)
    source.answer.set()

    assert (await early, await late) == (1, 2)


async def test_an_error_goes_to_all_who_wait():
    flights, gate = Flights[str, int](), asyncio.Event()

    async def fail() -> int:
        await gate.wait()
        raise ValueError("no")

    tasks = [asyncio.create_task(flights.join("a", fail)) for _ in range(3)]
    await asyncio.sleep(0)
    gate.set()

    for task in tasks:
        with pytest.raises(ValueError, match="no"):
            await task


async def test_when_the_first_is_cancelled_another_looks_up():
    source, flights = Source(), Flights[str, int]()
    first = asyncio.create_task(flights.join("a", source.look_up))
    second = asyncio.create_task(flights.join("a", source.look_up))
    await asyncio.sleep(0)

    first.cancel()
    source.answer.set()

    assert await second == 2
    with pytest.raises(asyncio.CancelledError):
        await first
