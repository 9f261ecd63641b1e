"""``/multipass/api/clients`` and ``client-installations``: third-party applications.

Paths and bodies are those that ``foundry_dev_tools/clients/multipass.py`` sends.
"""

from typing import Final

from litestar import delete, get, post, put
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from sluiceway.access.applications.service import ApplicationService
from sluiceway.access.applications.wire import (
    ApplicationBody,
    ApplicationListReply,
    ApplicationReply,
    ClientInstallationReply,
    InstallationBody,
    RegisteredApplicationReply,
    application_reply,
    installation_reply,
    list_reply,
    registered_reply,
)
from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.paging import parse_page

_CLIENTS: Final = "/multipass/api/clients"
_CLIENT: Final = f"{_CLIENTS}/{{client_id:str}}"
_INSTALLATION: Final = "/multipass/api/client-installations/{client_id:str}"
_TAGS: Final = ["Third-party applications"]
_NO_STORE: Final = [ResponseHeader(name="Cache-Control", value="no-store")]
"""Beside a secret, so that nothing on the way keeps it."""


@post(
    _CLIENTS,
    opt=requires(Operation.ADMIN_WRITE),
    status_code=200,
    operation_id="createThirdPartyApplication",
    tags=_TAGS,
    response_headers=_NO_STORE,
)
async def create_application(
    caller: NamedDependency[Caller],
    data: JSONBody[ApplicationBody],
    applications: NamedDependency[ApplicationService],
) -> RegisteredApplicationReply:
    """Register an application; the reply has its secret, which is never shown again."""
    return registered_reply(await applications.create(caller, data))


@get(
    _CLIENTS,
    opt=requires(Operation.ADMIN_READ),
    operation_id="listThirdPartyApplications",
    tags=_TAGS,
)
async def list_applications(
    caller: NamedDependency[Caller],
    applications: NamedDependency[ApplicationService],
    limit: FromQuery[int | None] = None,
    start: FromQuery[str | None] = None,
) -> ApplicationListReply:
    """List the applications."""
    return list_reply(await applications.page(caller, parse_page(limit, start)))


@get(
    _CLIENT,
    opt=requires(Operation.ADMIN_READ),
    operation_id="getThirdPartyApplication",
    tags=_TAGS,
)
async def get_application(
    caller: NamedDependency[Caller],
    client_id: FromPath[str],
    applications: NamedDependency[ApplicationService],
) -> ApplicationReply:
    """Describe an application."""
    return application_reply(await applications.get(caller, client_id))


@put(
    _CLIENT,
    opt=requires(Operation.ADMIN_WRITE),
    operation_id="updateThirdPartyApplication",
    tags=_TAGS,
)
async def update_application(
    caller: NamedDependency[Caller],
    client_id: FromPath[str],
    data: JSONBody[ApplicationBody],
    applications: NamedDependency[ApplicationService],
) -> ApplicationReply:
    """Change an application; optional fields that are left out stay as they are."""
    return application_reply(await applications.update(caller, client_id, data))


@delete(
    _CLIENT,
    opt=requires(Operation.ADMIN_WRITE),
    status_code=204,
    operation_id="deleteThirdPartyApplication",
    tags=_TAGS,
)
async def delete_application(
    caller: NamedDependency[Caller],
    client_id: FromPath[str],
    applications: NamedDependency[ApplicationService],
) -> None:
    """Delete an application for ever, with its service user and its tokens."""
    await applications.delete(caller, client_id)


@put(
    f"{_CLIENT}/rotateSecret",
    opt=requires(Operation.ADMIN_WRITE),
    operation_id="rotateThirdPartyApplicationSecret",
    tags=_TAGS,
    response_headers=_NO_STORE,
)
async def rotate_secret(
    caller: NamedDependency[Caller],
    client_id: FromPath[str],
    applications: NamedDependency[ApplicationService],
) -> RegisteredApplicationReply:
    """Give an application a new secret; the old one is refused at once."""
    return registered_reply(await applications.rotate_secret(caller, client_id))


@put(
    _INSTALLATION,
    opt=requires(Operation.ADMIN_WRITE),
    operation_id="enableThirdPartyApplication",
    tags=_TAGS,
)
async def enable_application(
    caller: NamedDependency[Caller],
    client_id: FromPath[str],
    applications: NamedDependency[ApplicationService],
    data: JSONBody[InstallationBody | None] = None,
) -> ClientInstallationReply:
    """Enable an application, as far as the body says."""
    body = InstallationBody() if data is None else data
    return installation_reply(await applications.enable(caller, client_id, body))


@get(
    _INSTALLATION,
    opt=requires(Operation.ADMIN_READ),
    operation_id="getThirdPartyApplicationInstallation",
    tags=_TAGS,
)
async def get_installation(
    caller: NamedDependency[Caller],
    client_id: FromPath[str],
    applications: NamedDependency[ApplicationService],
) -> ClientInstallationReply:
    """Tell whether and how far an application is enabled."""
    return installation_reply(await applications.get(caller, client_id))


@delete(
    _INSTALLATION,
    opt=requires(Operation.ADMIN_WRITE),
    status_code=204,
    operation_id="disableThirdPartyApplication",
    tags=_TAGS,
)
async def disable_application(
    caller: NamedDependency[Caller],
    client_id: FromPath[str],
    applications: NamedDependency[ApplicationService],
) -> None:
    """Disable an application: it gets no tokens, and those that it has end at once."""
    await applications.disable(caller, client_id)


HANDLERS: Final = (
    create_application,
    list_applications,
    get_application,
    update_application,
    delete_application,
    rotate_secret,
    enable_application,
    get_installation,
    disable_application,
)
