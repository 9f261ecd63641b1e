"""The calls of those who run the server: health, metrics, the API's description."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from sluiceway.access.guard import public
from sluiceway.app.description import Description
from sluiceway.archive.waiting import Waiting
from sluiceway.backends.embedded.log import EmbeddedLog
from sluiceway.backends.sql.database import Database
from sluiceway.foundation.errors import SluicewayError
from sluiceway.streams.log import RecordLog

_TAGS: Final = ["Operations"]


class Health(msgspec.Struct, frozen=True):
    """Whether the server takes records."""

    status: str
    """``ok`` or ``unavailable``."""
    log: str
    """``writable``, or why the record log takes no writes."""


class Readiness(Health, frozen=True):
    """Whether the server can do its work."""

    database: str | msgspec.UnsetType = msgspec.UNSET
    """What is wrong with the metadata; left out when nothing is."""
    archive: str | msgspec.UnsetType = msgspec.UNSET
    """Why records are not put into tables; left out when they are. Publishes are taken anyway."""


@get("/healthz", opt=public(), operation_id="healthz", tags=_TAGS)
async def healthz(record_log: NamedDependency[EmbeddedLog]) -> Health:
    """Say that the process answers, and how the record log is."""
    return _health(record_log)


@get(
    "/readyz",
    opt=public(),
    operation_id="readyz",
    tags=_TAGS,
    responses={503: ResponseSpec(Readiness, description="Not now.", generate_examples=False)},
)
async def readyz(
    record_log: NamedDependency[EmbeddedLog],
    database: NamedDependency[Database],
    archive_waiting: NamedDependency[Waiting],
) -> Response[Readiness]:
    """Say whether publishes would be taken: 503 when not."""
    health = _health(record_log)
    failing = archive_waiting.failing
    archived = msgspec.UNSET if failing is None else f"{failing[0]} streams wait: {failing[1]}"
    ready = Readiness(health.status, health.log, archive=archived)
    try:
        await database.change_counter()
    except SluicewayError as error:
        ready = Readiness("unavailable", health.log, error.message, archived)
    except TimeoutError:
        ready = Readiness("unavailable", health.log, "it does not answer", archived)
    return Response(ready, status_code=200 if ready.status == "ok" else 503)


@get(
    "/metrics",
    opt=public(),
    operation_id="metrics",
    tags=_TAGS,
    media_type=CONTENT_TYPE_LATEST,
)
async def metrics(registry: NamedDependency[CollectorRegistry]) -> bytes:
    """Give every metric in Prometheus' text format. No label holds what a client sent."""
    return generate_latest(registry)


@get("/api/openapi.json", opt=public(), operation_id="openapi", tags=_TAGS)
async def openapi(
    request: Request[Any, Any, Any], description: NamedDependency[Description]
) -> dict[str, Any]:
    """Describe every call as OpenAPI 3.1."""
    return description.of(request.app)


def _health(record_log: RecordLog) -> Health:
    health = record_log.health()
    if health.is_writable:
        return Health("ok", "writable")
    return Health("unavailable", health.reason or "not writable")


HANDLERS: Final = (healthz, readyz, metrics, openapi)
