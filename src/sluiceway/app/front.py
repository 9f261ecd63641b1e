"""What stands before the web framework: the raw path, the caller's address, counters, a bound."""

from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote

from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sluiceway.app.pages import Pages
from sluiceway.foundation.origin import set_origin
from sluiceway.foundation.telemetry import RequestCounters
from sluiceway.ingest.admission import InflightBudget

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
    bodies: InflightBudget
    """Of the bodies of all calls but publishing, which has a budget of its own."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["path"] = scope["raw_path"].decode("latin-1")
        client = scope.get("client")
        set_origin(client[0] if client else None)

        taken = size = 0

        async def heard() -> Any:  # noqa: ANN401 - one of the server's messages
            nonlocal taken, size
            message: Any = await receive()
            if message["type"] == "http.disconnect":
                cast("dict[str, Any]", scope)[CLIENT_GONE] = True
            elif (piece := message.get("body")) and not _bounds_itself(scope):
                taken += self.bodies.take(len(piece), of=size)
                size += len(piece)
            return message

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                handler: Any = scope.get("route_handler")
                call = getattr(handler, "operation_id", None) or unrouted
                self.counters.answered[str(call), message["status"]] += 1
            await send(message)

        is_page = self.pages.takes(scope)
        unrouted = "page" if is_page else "other"
        try:
            await (self.pages if is_page else self.app)(scope, heard, counted)
        finally:
            self.bodies.give_back(taken)


def _bounds_itself(scope: Scope) -> bool:
    """Tell whether the handler reads its body under a bound of its own: the publish calls do."""
    handler = scope.get("route_handler")
    return isinstance(handler, HTTPRouteHandler) and handler.request_max_body_size is None


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
