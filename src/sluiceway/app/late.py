"""An ASGI application that is still being put together when the server begins to listen."""

import asyncio
from collections.abc import Callable
from typing import Any

Application = Any
"""An ASGI application; the web framework's types would load the framework."""


class LateApplication:
    """Answers when its application is there; until then requests wait.

    The web framework takes over a third of the time in which the server starts, and publishing does not go
    through it. So records are taken, and acknowledged, before it is loaded.
    """

    def __init__(self, make: Callable[[], Application]) -> None:
        self._make = make
        self._application: Application | None = None
        self._is_done = asyncio.Event()

    async def build(self) -> None:
        """Put the application together, beside what the server does meanwhile.

        Raises:
            Exception: Whatever *make* raises; then requests fail, and the server has to stop.
        """
        try:
            self._application = await asyncio.to_thread(self._make)
        finally:
            self._is_done.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answer one request."""
        if self._application is None:
            await self._is_done.wait()
            if self._application is None:
                raise RuntimeError("the application could not be put together")
        await self._application(scope, receive, send)
