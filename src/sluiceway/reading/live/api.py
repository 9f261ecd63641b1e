"""``GET …/live``: a stream as server-sent events."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, cast

from litestar import Request, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Stream
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Receive, Scope, Send

from sluiceway.access.credentials import request_token
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.connections import outlet_of
from sluiceway.foundation.rids import DatasetRid
from sluiceway.reading.live.service import LiveService
from sluiceway.reading.live.watch import Start, Watch

_MEDIA_TYPE: Final = "text/event-stream"
_DESCRIPTION: Final = (
    "Server-sent events. `start` and `reset` say what is watched and from where; `records` has"
    " records of one partition and how many were left out before them; `end` is the last one and"
    " says why. The `id` of an event is where to go on."
)
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(Stream):
    """An answer that is as long as a watch."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch, media_type=_MEDIA_TYPE, headers=dict(_HEADERS))
        self.watch = watch

    def to_asgi_response(self, *_: Any, **more: Any) -> ASGIStreamingResponse:  # noqa: ANN401 - the framework's
        """Make what the framework sends."""
        headers: Iterable[tuple[bytes, bytes]] = more.get("encoded_headers") or ()
        cookies: Iterable[Cookie] = more.get("cookies") or ()
        return _Sending(
            iterator=self.watch,
            media_type=_MEDIA_TYPE,
            headers={**(more.get("headers") or {}), **_HEADERS},
            encoded_headers=headers,
            cookies=cookies,
            status_code=200,
        )


class _Sending(ASGIStreamingResponse):
    """Sends a watch, which is closed whatever happens."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; a client that takes nothing loses its connection, which else stays open."""
        watch = self.iterator
        assert isinstance(watch, Watch)
        watch.outlet = outlet_of(cast("dict[str, Any]", scope))
        try:
            await super().__call__(scope, receive, send)
        finally:
            watch.close()

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Send until the watch ends, the client goes, or it takes nothing for too long."""
        watch = self.iterator
        assert isinstance(watch, Watch)
        gone = asyncio.create_task(_close_when_gone(watch, receive))
        now = asyncio.get_running_loop().time
        try:
            async for events in watch:
                watch.sending_since = now()
                await send({"type": "http.response.body", "body": events, "more_body": True})
                watch.sending_since = None
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watch.sending_since = None
            gone.cancel()


async def _close_when_gone(watch: Watch, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watch.close()


@get(
    "/api/v1/streams/{dataset_rid:str}/{branch_name:str}/live",
    opt=requires(Operation.STREAMS_READ),
    operation_id="watchStream",
    tags=["Stream page"],
    media_type=_MEDIA_TYPE,
    responses={
        200: ResponseSpec(
            str,
            description=_DESCRIPTION,
            media_type=_MEDIA_TYPE,
            generate_examples=False,
        )
    },
)
async def watch_stream(
    request: Request[Any, Any, Any],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    live: NamedDependency[LiveService],
    from_: Annotated[
        Literal["tail", "latest"],
        QueryParameter(
            name="from",
            description="`tail` begins with the newest 100 records, `latest` with what is new.",
        ),
    ] = "tail",
    partition: Annotated[
        str | None, QueryParameter(name="partition", description="Only of this partition.")
    ] = None,
    *,
    sampled: Annotated[
        bool,
        QueryParameter(
            name="sampled",
            description="`false`: nothing is left out, and a client that is too slow is ended.",
        ),
    ] = True,
    last_event_id: Annotated[
        str | None,
        QueryParameter(
            name="lastEventId",
            description="Go on behind this event; the header `Last-Event-ID` goes before it.",
        ),
    ] = None,
    last_event_id_header: Annotated[
        str | None,
        HeaderParameter(
            name="Last-Event-ID",
            description="Go on behind this event. Browsers send it when they connect again.",
        ),
    ] = None,
) -> EventStream:
    """Show records as they are published, as server-sent events, until the client goes."""
    # A browser that connects again sends the header, and the query of its first attempt.
    last = last_event_id_header or last_event_id or None
    watch = await live.watch(
        request_token(request),
        dataset_rid,
        branch_name,
        partition_id=partition,
        start=Start(is_tail=from_ == "tail", last_event_id=last, is_sampled=sampled),
    )
    return EventStream(watch)


HANDLERS: Final = (watch_stream,)
