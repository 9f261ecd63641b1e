"""One look-up for many who ask the same at once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Flights(Generic[K, V]):
    """Lets those who ask for a key while it is being looked up wait for that answer.

    When a cache is dropped, all clients miss it in the same instant; without this each of them
    would ask the database.
    """

    def __init__(self) -> None:
        self._flights: dict[K, asyncio.Future[V]] = {}

    def forget(self) -> None:
        """Let nobody join the look-ups that are under way: what they read may have changed."""
        self._flights.clear()

    async def join(self, key: K, look_up: Callable[[], Awaitable[V]]) -> V:
        """Give what *look_up* gives, or gave to whoever asked for *key* first.

        An error goes to all who wait. When the first one is cancelled, another looks up.
        """
        while (flight := self._flights.get(key)) is not None:
            await asyncio.wait([flight])
            if not flight.cancelled():
                return flight.result()
        flight = asyncio.get_running_loop().create_future()
        self._flights[key] = flight
        try:
            flight.set_result(await look_up())
        except Exception as error:  # noqa: BLE001 - whatever it is goes to all who wait
            flight.set_exception(error)
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]
            flight.cancel()  # Only if it has no outcome: this task was cancelled.
        return flight.result()
