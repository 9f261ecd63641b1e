"""The web application: every domain's handlers, behind one guard and one form of errors."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

import sluiceway.access.applications.api
import sluiceway.access.oauth.api
import sluiceway.access.oauth.authorization_api
import sluiceway.access.principals.api
import sluiceway.access.tokens.api
import sluiceway.access.tokens.session_api
import sluiceway.archive.api
import sluiceway.archive.retention.api
import sluiceway.archive.verification.api
import sluiceway.datasets.api
import sluiceway.filesystem.api
import sluiceway.ingest.api
import sluiceway.ingest.dead_letters.api
import sluiceway.ingest.records_api
import sluiceway.queries.api
import sluiceway.reading.api
import sluiceway.reading.live.api
import sluiceway.reading.overview.api
import sluiceway.reading.querying_api
import sluiceway.reading.subscribers_api
import sluiceway.streams.api
import sluiceway.streams.schema_changes.api
from sluiceway.access.guard import declares_access, guard, provide_caller
from sluiceway.app import operations
from sluiceway.app.archived_places import ArchivedRecords
from sluiceway.app.description import Description, openapi_config
from sluiceway.app.failures import answer_error
from sluiceway.app.front import DecodedPathParameters, Front
from sluiceway.app.media import StrictRequest, json_bodies
from sluiceway.app.pages import load_pages
from sluiceway.app.services import Services
from sluiceway.ingest.admission import InflightBudget
from sluiceway.queries.listing import TableListing
from sluiceway.streams.schema_changes.service import SchemaChangeService

_HANDLERS: Final[Sequence[HTTPRouteHandler]] = (
    *sluiceway.access.applications.api.HANDLERS,
    *sluiceway.access.oauth.api.HANDLERS,
    *sluiceway.access.oauth.authorization_api.HANDLERS,
    *sluiceway.access.principals.api.HANDLERS,
    *sluiceway.access.tokens.api.HANDLERS,
    *sluiceway.access.tokens.session_api.HANDLERS,
    *sluiceway.archive.api.HANDLERS,
    *sluiceway.archive.retention.api.HANDLERS,
    *sluiceway.archive.verification.api.HANDLERS,
    *sluiceway.datasets.api.HANDLERS,
    *sluiceway.filesystem.api.HANDLERS,
    *sluiceway.ingest.api.HANDLERS,
    *sluiceway.ingest.dead_letters.api.HANDLERS,
    *sluiceway.ingest.records_api.HANDLERS,
    *sluiceway.queries.api.HANDLERS,
    *sluiceway.reading.api.HANDLERS,
    *sluiceway.reading.live.api.HANDLERS,
    *sluiceway.reading.overview.api.HANDLERS,
    *sluiceway.reading.querying_api.HANDLERS,
    *sluiceway.reading.subscribers_api.HANDLERS,
    *sluiceway.streams.api.HANDLERS,
    *sluiceway.streams.schema_changes.api.HANDLERS,
    *operations.HANDLERS,
)


class _Application(Litestar):
    """Litestar with bodies of msgspec alone: that it imports Pydantic is a tenth of the start."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


class UndeclaredAccessError(Exception):
    """A handler does not say who may call it; the server does not start with such a one."""


def create_app(services: Services) -> Front:
    """Make the ASGI application.

    Raises:
        UndeclaredAccessError: A handler has neither ``requires(...)`` nor ``public()``.
    """
    for handler in _HANDLERS:
        if not declares_access(handler.opt):
            raise UndeclaredAccessError(str(handler.handler_name))
    app = _Application(
        route_handlers=_HANDLERS,
        dependencies={
            "caller": Provide(provide_caller),
            **{name: _provide(service) for name, service in _services(services).items()},
        },
        guards=[guard, json_bodies],
        middleware=[DecodedPathParameters()],
        exception_handlers={Exception: answer_error},
        openapi_config=openapi_config(),
        logging_config=None,
        request_class=StrictRequest,
        request_max_body_size=services.settings.server.body_bytes_max,
        state=State(
            {
                "authenticator": services.access.authenticator,
                "counters": services.counters,
                "is_https": services.settings.server.public_url.startswith("https://"),
            }
        ),
    )
    server = services.settings.server
    bodies = InflightBudget(server.bodies_bytes_max, server.body_bytes_max)
    return Front(app, load_pages(), services.counters, bodies)


def _services(services: Services) -> dict[str, Any]:
    """Name everything that handlers ask for."""
    access, filesystem = services.access, services.filesystem
    return {
        "accounts": access.accounts,
        "applications": access.applications,
        "authorizations": access.authorizations,
        "groups": access.groups,
        "oauth": access.oauth,
        "personal_tokens": access.personal_tokens,
        "roles": access.roles,
        "sessions": access.sessions,
        "tokens": access.tokens,
        "users": access.users,
        "folders": filesystem.folders,
        "placement": filesystem.placement,
        "search": filesystem.search,
        "projects": filesystem.projects,
        "resource_roles": filesystem.resource_roles,
        "resources": filesystem.resources,
        "spaces": filesystem.spaces,
        "trash": filesystem.trash,
        "datasets": services.datasets.datasets,
        "files": services.datasets.files,
        "history": services.datasets.history,
        "table": services.datasets.table,
        "views": services.datasets.views,
        "archived": ArchivedRecords(services.archive.store, services.archive.tables),
        "archive_waiting": services.archive.service.waiting,
        "clock": services.clock,
        "database": services.database,
        "dead_letters": services.dead_letters,
        "description": Description(),
        "intake": services.intake,
        "live": services.page.live,
        "overview": services.page.overview,
        "queries": services.queries,
        "sql_tables": TableListing(
            filesystem.search,
            services.reading.directory,
            services.settings.streams.default_branch,
        ),
        "reading": services.reading,
        "upkeep": services.archive.upkeep,
        "querying": services.querying,
        "verification": services.archive.verification,
        "waiting": services.waiting,
        "retention": services.archive.retention,
        "record_log": services.log,
        "registry": services.registry,
        "schema_changes": SchemaChangeService(services.streams, services.archive.reader),
        "streams": services.streams,
        "subscribers": services.subscribers,
    }


def _provide(service: Any) -> Provide:  # noqa: ANN401 - any of the services
    return Provide(lambda: service, sync_to_thread=False)
