"""What stands before the web framework: the raw path, the caller's address, the counters."""

from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote

from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sluiceway.app.pages import Pages
from sluiceway.foundation.origin import set_origin
from sluiceway.foundation.telemetry import RequestCounters

CLIENT_GONE: Final = "sluiceway.client_gone"
"""Set in the scope of a request whose client went away before it was answered."""


@dataclass(frozen=True, slots=True)
class Front:
    """An ASGI application around the framework's.

    Routing is done on the path as it was sent, since a branch name may hold ``/``, which arrives
    as ``%2F``; ``DecodedPathParameters`` decodes the parts afterwards. It also keeps a decoded
    path from passing for another one.
    """

    app: ASGIApp
    pages: Pages
    counters: RequestCounters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["path"] = scope["raw_path"].decode("latin-1")
        client = scope.get("client")
        set_origin(client[0] if client else None)

        async def heard() -> Any:  # noqa: ANN401 - one of the server's messages
            message = await receive()
            if message["type"] == "http.disconnect":
                cast("dict[str, Any]", scope)[CLIENT_GONE] = True
            return message

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                handler: Any = scope.get("route_handler")
                call = getattr(handler, "operation_id", None) or unrouted
                self.counters.answered[str(call), message["status"]] += 1
            await send(message)

        is_page = self.pages.takes(scope)
        unrouted = "page" if is_page else "other"
        await (self.pages if is_page else self.app)(scope, heard, counted)


class DecodedPathParameters(ASGIMiddleware):
    """Decodes the parameters of a path after it was routed as it was sent."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Decode, in a new dict: the router keeps and reuses its own."""
        parameters = scope["path_params"]
        if parameters:
            scope["path_params"] = {
                name: unquote(value) if isinstance(value, str) else value
                for name, value in parameters.items()
            }
        await next_app(scope, receive, send)
