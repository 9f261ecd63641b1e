"""One look-up for all that is asked for at once."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from contextvars import Context
from itertools import islice
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_KEYS_MAX: Final = 100
"""Most keys of one look-up: a database bounds the values in a statement."""


class Lookups(Generic[K, V]):
    """Looks up together what is asked for while the look-up before is under way.

    When a cache is dropped, or when thousands of streams are written for the first time, all
    clients miss it in the same instant; without this each of them would ask the database.
    """

    def __init__(self, look_up: Callable[[Collection[K]], Awaitable[Mapping[K, V]]]) -> None:
        """Answer with what *look_up* finds; it is asked for different keys, one call at a time.

        It runs in a context of its own, so in nobody's transaction.
        """
        self._look_up = look_up
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._running: dict[K, asyncio.Future[V | None]] = {}
        self._task: asyncio.Task[None] | None = None

    def forget(self) -> None:
        """Let nobody join the look-up that is under way: what it read may have changed."""
        self._running = {}

    async def ask(self, key: K) -> V | None:
        """Give what is found for *key*, ``None`` if nothing is.

        An error goes to all who wait for the same key, and to them alone.
        """
        running = self._running.get(key)
        if running is not None:
            found = await _outcome(running)
            if found is not None:
                return found
            # It was not there when that look-up began, but it may have been made since.
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
            if self._task is None:
                run = self._run()
                self._task = asyncio.get_running_loop().create_task(run, context=Context())
        return await _outcome(waiting)

    async def _run(self) -> None:
        """Look up what waits, until nothing does."""
        try:
            while self._waiting:
                keys = list(islice(self._waiting, _KEYS_MAX))
                self._running = running = {key: self._waiting.pop(key) for key in keys}
                await self._settle(running)
                self._running = {}
        finally:
            self._task = None

    async def _settle(self, asked: Mapping[K, asyncio.Future[V | None]]) -> None:
        try:
            found = await self._look_up(asked.keys())
        except Exception as error:  # noqa: BLE001 - whatever it is goes to those who wait
            if len(asked) > 1:
                # It may be about one of them only, which then spoils nobody else's answer.
                await asyncio.gather(*(self._settle({key: one}) for key, one in asked.items()))
                return
            for future in asked.values():
                future.set_exception(error)
                future.exception()  # Nobody may be left who waits for it.
        else:
            for key, future in asked.items():
                future.set_result(found.get(key))
        finally:
            for future in asked.values():
                future.cancel()  # Only if it has no outcome: the task was cancelled.


async def _outcome(future: "asyncio.Future[V]") -> V:
    """Wait for what others wait for too: to be cancelled does not end their wait."""
    await asyncio.wait([future])
    return future.result()
