"""An application that is put together late: requests wait for it, and do not wait in vain."""

import asyncio
import threading
from typing import Any

import pytest

from sluiceway.app.late import LateApplication


async def answer(scope: Any, receive: Any, send: Any) -> None:
    del scope, receive
    await send("answered")


async def test_requests_wait_until_the_application_is_there() -> None:
    may_go_on, sent = threading.Event(), list[str]()

    def make() -> Any:
        may_go_on.wait(10)
        return answer

    async def send(message: str) -> None:
        sent.append(message)

    late = LateApplication(make)
    building = asyncio.create_task(late.build())
    request = asyncio.create_task(late({}, None, send))
    _, waiting = await asyncio.wait([request], timeout=0.05)
    assert waiting
    assert sent == []

    may_go_on.set()
    await asyncio.gather(building, request)
    await late({}, None, send)

    assert sent == ["answered", "answered"]


async def test_requests_fail_when_there_is_no_application() -> None:
    def make() -> Any:
        raise ValueError("a handler is not declared")

    late = LateApplication(make)
    request = asyncio.create_task(late({}, None, None))

    with pytest.raises(ValueError, match="not declared"):
        await late.build()
    with pytest.raises(RuntimeError):
        await request
    with pytest.raises(RuntimeError):
        await late({}, None, None)
