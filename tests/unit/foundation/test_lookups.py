"""One look-up for all that is asked for at once."""

import asyncio
from collections.abc import Collection

import pytest

from sluiceway.foundation.lookups import Lookups


class Source:
    """Has numbers for names, and says them when it is told to."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.asked: list[list[str]] = []
        self.began = asyncio.Event()
        self.answer = asyncio.Event()
        self.lookups = Lookups[str, int](self.look_up)

    async def look_up(self, names: Collection[str]) -> dict[str, int]:
        self.asked.append(list(names))
        self.began.set()
        found = {name: self.numbers[name] for name in names if name in self.numbers}
        await self.answer.wait()
        if "bad" in names:
            raise ValueError("bad")
        return found

    def ask(self, name: str) -> "asyncio.Task[int | None]":
        return asyncio.create_task(self.lookups.ask(name))

    async def begin(self, name: str) -> "asyncio.Task[int | None]":
        """Ask, and let that look-up begin."""
        task = self.ask(name)
        await self.began.wait()
        return task


async def test_what_is_asked_for_at_once_is_looked_up_together():
    source = Source()
    source.numbers = {"a": 1, "b": 2}
    source.answer.set()

    answers = await asyncio.gather(*map(source.ask, "abcab"))

    assert answers == [1, 2, None, 1, 2]
    assert source.asked == [["a", "b", "c"]]


async def test_what_is_asked_for_meanwhile_is_looked_up_together_by_the_next():
    source = Source()
    first = await source.begin("a")
    others = [source.ask("b"), source.ask("c")]
    await asyncio.sleep(0)

    source.answer.set()
    await asyncio.gather(first, *others)

    assert source.asked == [["a"], ["b", "c"]]


async def test_a_look_up_has_a_bound():
    source = Source()
    source.answer.set()

    await asyncio.gather(*(source.ask(str(number)) for number in range(101)))

    assert list(map(len, source.asked)) == [100, 1]


async def test_who_asks_for_what_is_being_looked_up_gets_the_same_answer():
    source = Source()
    source.numbers = {"a": 1}
    first = await source.begin("a")
    second = source.ask("a")
    await asyncio.sleep(0)

    source.answer.set()

    assert await asyncio.gather(first, second) == [1, 1]
    assert source.asked == [["a"]]


async def test_who_asks_after_a_change_does_not_join_what_began_before_it():
    source = Source()
    source.numbers = {"a": 1}
    early = await source.begin("a")

    source.numbers = {"a": 2}
    source.lookups.forget()
    late = source.ask("a")
    await asyncio.sleep(0)
    source.answer.set()

    assert await asyncio.gather(early, late) == [1, 2]


async def test_what_was_made_since_a_look_up_began_is_found():
    source = Source()
    early = await source.begin("a")

    source.numbers = {"a": 1}
    late = source.ask("a")
    await asyncio.sleep(0)
    source.answer.set()

    assert await asyncio.gather(early, late) == [None, 1]


async def test_what_cannot_be_asked_for_spoils_no_other_answer():
    source = Source()
    source.numbers = {"a": 1, "b": 2}
    source.answer.set()

    answers = await asyncio.gather(*map(source.ask, ["a", "bad", "b"]), return_exceptions=True)

    assert answers[::2] == [1, 2]
    assert isinstance(answers[1], ValueError)


async def test_an_error_goes_to_all_who_wait_for_the_same():
    source = Source()
    tasks = [source.ask("bad") for _ in range(3)]
    source.answer.set()

    for task in tasks:
        with pytest.raises(ValueError, match="bad"):
            await task
    assert source.asked == [["bad"]]


async def test_who_is_cancelled_takes_the_answer_from_nobody():
    source = Source()
    source.numbers = {"a": 1}
    first = await source.begin("a")
    second = source.ask("a")
    await asyncio.sleep(0)

    first.cancel()
    source.answer.set()

    assert await second == 1
    with pytest.raises(asyncio.CancelledError):
        await first
