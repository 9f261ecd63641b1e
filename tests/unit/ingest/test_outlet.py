"""The way past ASGI, under a connection of ours with a real client at the other end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.server import ServerState

from sluiceway.foundation.connections import Outlet, chunk, outlet_of
from sluiceway.foundation.telemetry import RequestCounters
from sluiceway.ingest.connection import Connection
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.patience import Patience

SECONDS = 20
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Answer = Callable[[Outlet, Any], Awaitable[None]]


@asynccontextmanager
async def answering(
    answer: Answer, headers: list[tuple[bytes, bytes]] | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Give a connection to a server whose application begins an answer, and then calls *answer*."""
    over = asyncio.Event()

    async def app(scope: Any, _: Any, send: Any) -> None:
        outlet = outlet_of(scope)
        assert outlet is not None
        try:
            assert not outlet.open(lambda: None)  # There is no answer yet.
            await send({"type": "http.response.start", "status": 200, "headers": headers or []})
            await answer(outlet, send)
        finally:
            over.set()

    config = uvicorn.Config(cast("Any", app), log_config=None, lifespan="off")
    config.load()
    connections = OpenConnections(10, Patience(60, 60, 0, 60, 0))
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(RequestCounters(), connections, config, state, {}), "127.0.0.1"
    )
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            writer.write(REQUEST)
            yield reader, writer
        finally:
            writer.transport.abort()
            await over.wait()
            server.close()


async def part(send: Any, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def test_what_is_written_past_asgi_is_a_part_of_the_body():
    async def answer(outlet: Outlet, send: Any) -> None:
        await part(send, b"one")
        assert outlet.open(lambda: None)
        outlet.write(chunk(b"two"))
        outlet.write(chunk(b"three") + chunk(b"four"))
        outlet.close()
        outlet.close()
        await part(send, b"five", more=False)
        assert not outlet.open(lambda: None)

    async with answering(answer) as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"0\r\n\r\n")

    assert body == b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n4\r\nfour\r\n4\r\nfive\r\n0\r\n\r\n"


async def test_who_takes_nothing_is_told_of_and_is_written_to_again_later():
    stops = []
    size = 100_000
    written = 0

    async def answer(outlet: Outlet, send: Any) -> None:
        nonlocal written
        assert outlet.open(lambda: stops.append(written))
        while not stops:
            written += 1
            outlet.write(chunk(b"x" * size))
            await asyncio.sleep(0)
        assert not outlet.open(lambda: None)
        begun.set()
        await part(send, b"y")  # Waits until the client has taken enough.
        assert outlet.open(lambda: stops.append(written))
        outlet.write(chunk(b"z"))
        outlet.close()
        await part(send, b"", more=False)

    begun = asyncio.Event()
    async with answering(answer) as (reader, _):
        await begun.wait()
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(written * len(chunk(b"x" * size)))
        rest = await reader.readuntil(b"0\r\n\r\n")

    assert rest == b"1\r\ny\r\n1\r\nz\r\n0\r\n\r\n"
    assert stops == [written]


async def test_who_is_gone_is_told_of_once_and_not_written_to():
    gone = asyncio.Event()

    async def answer(outlet: Outlet, _: Any) -> None:
        assert outlet.open(gone.set)
        outlet.write(chunk(b"x"))
        await gone.wait()
        assert not outlet.open(lambda: None)

    async with answering(answer) as (reader, writer):
        await reader.readuntil(b"x\r\n")
        writer.transport.abort()
        await gone.wait()


@pytest.mark.parametrize("length", [b"3", None])
async def test_a_body_that_is_not_in_chunks_has_no_way_past(length: bytes | None):
    found = []

    async def answer(outlet: Outlet, send: Any) -> None:
        found.append(outlet.open(lambda: None))
        outlet.close()
        await part(send, b"end", more=False)

    headers = [(b"content-length", length)] if length else []
    async with answering(answer, headers) as (reader, _):
        await reader.readuntil(b"end")

    assert found == [length is None]
