"""The ordinary door: a publish request that came through the framework."""

import asyncio
from contextlib import nullcontext
from typing import Any, Final

import msgspec
from litestar import Request, Response

from sluiceway.access.caller import Caller
from sluiceway.access.credentials import request_token
from sluiceway.foundation.errors import SluicewayError
from sluiceway.ingest.body import TakenBody
from sluiceway.ingest.bulk.conversion import Bulk
from sluiceway.ingest.dead_letters.apart import Apart
from sluiceway.ingest.identity import HEADERS, read_identity
from sluiceway.ingest.intake import Intake
from sluiceway.ingest.once import Claim
from sluiceway.ingest.types import Call, OnInvalid, Target
from sluiceway.schema.shapes import Shape
from sluiceway.streams.directory import OpenStream

_EXPLAINED_HERE_BYTES_MAX: Final = 64 * 1024
"""A larger body is taken apart in a thread: the loop must not wait while it is explained."""


async def publish(
    request: Request[Any, Any, Any],
    caller: Caller,
    call: Call,
    target: Target,
    intake: Intake,
    on_invalid: OnInvalid = OnInvalid.REFUSE,
) -> Response[Any]:
    """Do what every publish call does; gives the answer once all is durable.

    The budget bounds the body, not the framework: it holds for both doors alike.
    """
    async with TakenBody(request, call, intake.budget) as taken:
        try:
            before = await intake.ingest.admit(caller, call, target)
            await taken.wait(intake.holding)
            intake.ingest.log.backlog.check(taken.announced_bytes)
            sent, content = await taken.read()
            keeps_invalid = on_invalid is OnInvalid.DEAD_LETTER and isinstance(sent, Shape | Bulk)
            if keeps_invalid:
                # Read from the log if need be, so that nothing waits for it later.
                await intake.ledgers.of(before.view.dataset_rid, before.view.branch_name)
            limits = intake.limits
            with nullcontext() if limits is None else limits.take(caller, before.view):
                while True:
                    records_max = intake.ingest.settings.request_records_max
                    kind, body = await taken.opened(
                        sent, content, before.schema.schema, records_max
                    )
                    apart = None
                    if keeps_invalid and isinstance(kind, Shape):
                        apart = await _taken_apart(intake, before, kind, body, caller)
                    # Asked again: the body may have taken minutes, and rights end within a second.
                    caller = await intake.callers.authenticate(request_token(request))
                    stream = await intake.ingest.admit(caller, call, target)
                    is_same_view = stream.view.view_rid == before.view.view_rid
                    if is_same_view and stream.schema is before.schema:
                        break
                    before = stream  # It was reset, or its schema changed.
                identity = read_identity(*(request.headers.get(name) for name in HEADERS))
                claim = None if identity is None else Claim(caller.principal_id, identity)
                if apart is None:
                    pending = intake.ingest.publish(stream, call, kind, body, claim)
                else:
                    view = stream.view
                    ledger = await intake.ledgers.of(view.dataset_rid, view.branch_name)
                    pending = intake.ingest.publish_apart(stream, apart, ledger, claim)
                # The log has the records; the wait for it may be long.
                del content, body, apart
                await pending.append
        except SluicewayError as error:
            intake.ingest.refused(target, error)
            raise
    intake.ingest.stored(pending)
    answer = pending.answer()
    return Response(
        msgspec.Raw(answer.body) if answer.body else None,
        status_code=answer.status,
        headers=dict(answer.headers),
        media_type="application/json",
    )


async def _taken_apart(
    intake: Intake, stream: OpenStream, shape: Shape, body: bytes, caller: Caller
) -> Apart:
    take_apart = intake.ingest.take_apart
    if len(body) <= _EXPLAINED_HERE_BYTES_MAX:
        return take_apart(stream, shape, body, caller)
    return await asyncio.to_thread(take_apart, stream, shape, body, caller)
