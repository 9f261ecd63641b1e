"""Events that are written past ASGI: told by the log, the same bytes for all, and in order."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.live import Event
from fixtures.streams import Streams, open_streams
from fixtures.watches import (
    events_until,
    next_events,
    offsets_of,
    opened_hub,
    opened_watch,
    parse_events,
    stop_the_clock,
)
from sluiceway.reading.live.events import HEARTBEAT, End, EndCause
from sluiceway.reading.live.hub import LiveHub
from sluiceway.reading.live.watch import HEARTBEAT_SECONDS, Start, Watch
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.types import View

_SECONDS = 10


class Line:
    """An outlet whose client takes so many chunks before it has to be let go on."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.room = room
        self.chunks: list[bytes] = []
        self.is_open = False
        self.is_cut = False
        self.is_broken = False
        self._stopped: Callable[[], None] = lambda: None

    def open(self, stopped: Callable[[], None]) -> bool:
        """Begin; see `Outlet.open`."""
        self._stopped = stopped
        self.is_open = self.room > 0
        return self.is_open

    def write(self, chunk: bytes) -> None:
        """Take a chunk; see `Outlet.write`."""
        assert self.is_open
        if self.is_broken:
            raise RuntimeError("broken")
        self.chunks.append(chunk)
        self.room -= 1
        if self.room == 0:
            self.is_open = False
            self._stopped()

    def close(self) -> None:
        """Go on through ASGI; see `Outlet.close`."""
        self.is_open = False

    def abort(self) -> None:
        """Cut the connection; see `Outlet.abort`."""
        self.is_cut = True

    def events(self) -> list[Event]:
        """Give what came in whole chunks."""
        return parse_events(b"".join(map(content_of, self.chunks)))


def content_of(chunk: bytes) -> bytes:
    size, _, rest = chunk.partition(b"\r\n")
    assert rest.endswith(b"\r\n")
    assert len(rest) - 2 == int(size, 16)
    return rest[:-2]


class Client:
    """Reads a watch as the ASGI side does, and has a line beside it; ``given`` is all in order."""

    def __init__(self, watch: Watch, line: Line) -> None:
        self.watch = watch
        self.line = line
        self.given: list[Event] = []
        self.turns = 0
        """How often the ASGI side had something to send."""
        watch.outlet = line
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for data in self.watch:
            self._take_line()
            self.given += parse_events(data)
            self.turns += 1

    def _take_line(self) -> None:
        self.given += self.line.events()
        self.line.chunks.clear()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it is true of what was given."""
        async with asyncio.timeout(_SECONDS):
            while True:
                self._take_line()
                if holds():
                    return
                await asyncio.sleep(0)

    async def offset(self, last: int) -> None:
        """Wait until a record was given."""
        await self.until(lambda: offsets_of(self.given)[-1:] == [last])

    async def is_direct(self) -> None:
        """Wait until events go past the ASGI side."""
        await self.until(lambda: self.line.is_open)

    async def close(self) -> None:
        """Go away."""
        self.watch.close()
        await self.task


async def client_of(
    hub: LiveHub, view: View, start: Start | None = None, room: int = 1_000_000
) -> Client:
    client = Client(await opened_watch(hub, view, start), Line(room))
    if room:
        await client.is_direct()
    return client


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("is_sampled", [True, False])
async def test_a_record_reaches_who_watches_without_any_timer(
    streams: Streams, *, is_sampled: bool
):
    view = await streams.create()

    async with opened_hub(streams.log) as hub:
        watch = await opened_watch(hub, view, Start(is_sampled=is_sampled))
        await next_events(watch)
        stop_the_clock()
        await streams.append(view, "a")

        assert offsets_of(await events_until(watch, bool)) == [0]
        watch.close()


async def test_all_get_the_same_bytes_and_no_task_wakes(streams: Streams):
    view = await streams.create(partitions=2)

    async with opened_hub(streams.log) as hub:
        clients = [await client_of(hub, view) for _ in range(20)]
        of_one = [await client_of(hub, view, Start(partition=1)) for _ in range(2)]
        turns = [client.turns for client in clients + of_one]
        for number in range(3):
            await streams.append(view, str(number), partition=number % 2)
            async with asyncio.timeout(_SECONDS):
                while len(clients[-1].line.chunks) <= number:  # noqa: ASYNC110 - a line tells nobody
                    await asyncio.sleep(0)

        first, *others = [client.line.chunks for client in clients]
        assert len(first) == 3
        assert all(
            one is same for chunks in others for one, same in zip(chunks, first, strict=True)
        )
        assert [len(client.line.chunks) for client in of_one] == [1, 1]
        assert of_one[0].line.events()[0].id.endswith(":1=1")
        assert [client.turns for client in clients + of_one] == turns
        for client in clients + of_one:
            await client.close()
        assert hub._feeds == {}


@pytest.mark.parametrize("is_sampled", [True, False])
async def test_a_client_that_is_full_gets_the_rest_in_order(streams: Streams, *, is_sampled: bool):
    view = await streams.create(partitions=2)

    async with opened_hub(streams.log) as hub:
        client = await client_of(hub, view, Start(is_sampled=is_sampled), room=2)
        for number in range(6):
            await streams.append(view, str(number), partition=1)
            await client.offset(number)
            assert client.line.is_open == (number == 0)
        client.line.room = 5
        # It is direct again when the task that sends for it has nothing to do.
        await streams.append(view, "6", partition=1)
        await client.offset(6)
        await client.is_direct()
        turns = client.turns
        await streams.append(view, "7", partition=1)
        await client.offset(7)
        await client.close()

    assert client.turns == turns
    assert offsets_of(client.given) == list(range(8))
    assert [event.data["skipped"] for event in client.given if event.name == "records"] == [0] * 8
    ids = [event.id.rpartition(":")[2] for event in client.given]
    assert ids == [f"0,{number}" for number in range(9)]


async def test_nothing_is_written_behind_the_end(streams: Streams):
    view = await streams.create()

    async with opened_hub(streams.log) as hub:
        client, other = await client_of(hub, view), await client_of(hub, view)
        client.watch.end(End(EndCause.ACCESS_LOST))
        assert not client.line.is_open
        await streams.append(view, "a")
        await other.offset(0)
        await client.task
        await other.close()
        client.watch.close()

    assert [event.name for event in client.given] == ["start", "end"]
    assert client.line.chunks == []


async def test_a_line_that_breaks_is_cut_and_the_others_get_theirs(streams: Streams):
    view = await streams.create()

    async with opened_hub(streams.log) as hub:
        clients = [await client_of(hub, view) for _ in range(3)]
        clients[1].line.is_broken = True
        await streams.append(view, "a")
        for client in (clients[0], clients[2]):
            await client.offset(0)

        assert [client.line.is_cut for client in clients] == [False, True, False]
        for client in clients:
            await client.close()


async def test_who_is_given_nothing_gets_a_heartbeat_and_nobody_else(streams: Streams):
    view = await streams.create(partitions=2)

    async with opened_hub(streams.log) as hub:
        zero, one = [await client_of(hub, view, Start(partition=part)) for part in (0, 1)]
        assert hub._clock is not None
        hub._clock.cancel()  # It would do at any time what is done here.
        loop = asyncio.get_running_loop()
        later = loop.time() + HEARTBEAT_SECONDS
        loop.time = lambda: later  # type: ignore[method-assign]  # there is no other way
        await streams.append(view, "a", partition=0)
        await zero.offset(0)
        turns = zero.turns, one.turns
        for client in (zero, one):
            client.watch.tick(later)
        await one.until(lambda: one.turns > turns[1])
        await one.is_direct()

        assert (zero.turns, one.turns) == (turns[0], turns[1] + 1)
        assert HEARTBEAT not in b"".join(zero.line.chunks)
        for client in (zero, one):
            await client.close()


@pytest.mark.parametrize("is_sampled", [True, False])
async def test_what_becomes_durable_while_a_feed_reads_is_not_lost(
    streams: Streams, monkeypatch: pytest.MonkeyPatch, *, is_sampled: bool
):
    view = await streams.create()
    read, rest = streams.log.read, ["b"]

    async def read_slowly(*args: Any, **more: Any) -> list[StoredRecord]:
        found = await read(*args, **more)
        while rest:
            await streams.append(view, rest.pop())
        return found

    async with opened_hub(streams.log) as hub:
        watch = await opened_watch(hub, view, Start(is_sampled=is_sampled))
        await next_events(watch)
        monkeypatch.setattr(streams.log, "read", read_slowly)
        await streams.append(view, "a")

        events = await events_until(watch, lambda events: offsets_of(events)[-1:] == [1])
        watch.close()

    assert offsets_of(events) == [0, 1]


@pytest.mark.parametrize("is_sampled", [True, False])
async def test_whenever_one_joins_nothing_is_lost(streams: Streams, *, is_sampled: bool):
    view = await streams.create()
    chance = random.Random(7)
    clients: list[Client] = []
    count = 0

    async with opened_hub(streams.log) as hub:
        for _ in range(40):
            # In flight while the feed is made, joined, or just being written to.
            append = asyncio.create_task(streams.append(view, str(count)))
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            room = chance.choice([0, 1, 2, 1_000])
            start = Start(is_sampled=is_sampled)
            clients.append(Client(await opened_watch(hub, view, start), Line(room)))
            await append
            for client in clients:
                await client.offset(count)
            count += 1
            if len(clients) > 6 or chance.random() < 0.3:
                gone = clients.pop(chance.randrange(len(clients)))
                await gone.close()
                first, *_ = offsets = offsets_of(gone.given)
                assert offsets == list(range(first, count))
        for client in clients:
            await client.close()
