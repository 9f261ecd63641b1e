"""The life of a third-party application: its service user, its tokens, its trace."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fixtures.oauth import OAuthWorld, open_oauth
from sluiceway.access.applications.errors import (
    ApplicationHasNoSecretError,
    ApplicationNotFoundError,
    InvalidApplicationError,
    ManageApplicationsPermissionDeniedError,
    TooManyApplicationsError,
)
from sluiceway.access.applications.secret import digest
from sluiceway.access.applications.types import ClientType, GrantType, RegisteredApplication
from sluiceway.access.applications.wire import ApplicationBody, InstallationBody
from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.caller import Caller
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.principals.types import UserKind, UserStatus
from sluiceway.access.scopes import Operation
from sluiceway.foundation.paging import PageRequest

SERVER = (GrantType.CLIENT_CREDENTIALS, GrantType.REFRESH_TOKEN)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OAuthWorld]:
    async with open_oauth(tmp_path) as opened:
        yield opened


@pytest.fixture
async def admin(world: OAuthWorld) -> Caller:
    return await world.access.admin()


@pytest.fixture
async def app(world: OAuthWorld) -> RegisteredApplication:
    return await world.registered()


def written_in(folder: Path) -> bytes:
    """Give all that the database wrote, its log too."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def body(**changes: Any) -> ApplicationBody:
    described: dict[str, Any] = {
        "client_type": ClientType.CONFIDENTIAL,
        "display_name": "Sensors",
        "grant_types": SERVER,
        **changes,
    }
    return ApplicationBody(**described)


async def test_a_new_application_is_enabled_and_has_a_service_user_that_may_do_nothing(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    application = app.application

    user = await world.access.users.by_username(application.client_id)

    assert application.is_enabled
    assert user is not None
    assert user.user_id == application.service_user_id
    assert (user.kind, user.is_admin, user.organization) == (UserKind.SERVICE, False, None)


async def test_only_a_digest_of_the_secret_is_kept(
    world: OAuthWorld, app: RegisteredApplication, tmp_path: Path
) -> None:
    assert app.secret is not None

    kept = await world.store.by_client_id(app.application.client_id)

    assert kept is not None
    assert kept.secret_sha256 == digest(app.secret)
    assert app.application.client_id.encode() in written_in(tmp_path)
    assert app.secret.encode() not in written_in(tmp_path)


async def test_a_public_application_has_neither_secret_nor_service_user(world: OAuthWorld) -> None:
    app = await world.registered(client_type=ClientType.PUBLIC, grant_types=())

    assert app.secret is None
    assert app.application.secret_sha256 is None
    assert app.application.service_user_id is None


async def test_nothing_is_left_of_an_application_whose_trace_could_not_be_written(
    world: OAuthWorld, admin: Caller
) -> None:
    # The trace comes last in the transaction; a failure there must undo all before it.
    class FullDisk:
        async def add(self, *_: object) -> None:
            raise OSError

    broken = dataclasses.replace(world.applications, audit=AuditTrail(FullDisk(), world.clock))

    with pytest.raises(OSError):  # noqa: PT011 - the one raised above
        await broken.create(admin, body())

    assert await world.store.count() == 0
    users = await world.access.users.page(PageRequest(10, None))
    assert [user.username for user in users.data] == ["admin"]


async def test_the_number_of_applications_is_bounded(world: OAuthWorld, admin: Caller) -> None:
    service = dataclasses.replace(world.applications, applications_max=2)
    await service.create(admin, body())
    await service.create(admin, body())

    with pytest.raises(TooManyApplicationsError):
        await service.create(admin, body())


async def test_every_call_needs_an_administrator(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    await world.access.person("walter")
    caller = await world.access.signed_in("walter")
    client_id = app.application.client_id
    service = world.applications

    calls = [
        service.create(caller, body()),
        service.get(caller, client_id),
        service.page(caller, PageRequest(10, None)),
        service.update(caller, client_id, body()),
        service.rotate_secret(caller, client_id),
        service.delete(caller, client_id),
        service.enable(caller, client_id, InstallationBody()),
        service.disable(caller, client_id),
    ]

    for call in calls:
        with pytest.raises(ManageApplicationsPermissionDeniedError):
            await call


async def test_an_unknown_application_is_not_found(world: OAuthWorld, admin: Caller) -> None:
    service = world.applications

    calls = [
        service.get(admin, "nobody"),
        service.update(admin, "nobody", body()),
        service.rotate_secret(admin, "nobody"),
        service.delete(admin, "nobody"),
        service.enable(admin, "nobody", InstallationBody()),
        service.disable(admin, "nobody"),
    ]

    for call in calls:
        with pytest.raises(ApplicationNotFoundError):
            await call
    assert not await service.is_enabled("nobody")


async def test_a_change_keeps_what_it_leaves_out(world: OAuthWorld, admin: Caller) -> None:
    app = await world.registered(operations=("api:use-streams-write",), description="old")
    client_id = app.application.client_id

    changed = await world.applications.update(
        admin, client_id, body(display_name="New", description=None)
    )

    assert changed.facts.display_name == "New"
    assert changed.facts.description is None
    assert changed.facts.operations == ("api:use-streams-write",)
    assert changed == await world.applications.get(admin, client_id)


async def test_null_lifts_the_operation_restrictions(world: OAuthWorld, admin: Caller) -> None:
    app = await world.registered(operations=("api:use-streams-write",))

    changed = await world.applications.update(
        admin, app.application.client_id, body(operations=None)
    )

    assert changed.operations is None


async def test_the_client_type_cannot_be_changed(
    world: OAuthWorld, admin: Caller, app: RegisteredApplication
) -> None:
    with pytest.raises(InvalidApplicationError) as caught:
        await world.applications.update(
            admin, app.application.client_id, body(client_type=ClientType.PUBLIC, grant_types=())
        )

    assert caught.value.parameters["field"] == "clientType"


async def test_turning_client_credentials_on_makes_the_service_user(
    world: OAuthWorld, admin: Caller
) -> None:
    app = await world.registered(grant_types=())
    assert app.application.service_user_id is None

    changed = await world.applications.update(admin, app.application.client_id, body())

    user = await world.access.users.by_username(app.application.client_id)
    assert user is not None
    assert changed.service_user_id == user.user_id


async def test_turning_client_credentials_off_ends_the_tokens_and_on_again_keeps_the_user(
    world: OAuthWorld, admin: Caller, app: RegisteredApplication
) -> None:
    client_id = app.application.client_id
    reply = await world.client_credentials(app)

    await world.applications.update(admin, client_id, body(grant_types=()))

    with pytest.raises(InvalidTokenError):
        await world.caller(reply)
    assert (await world.client_credentials(app)).error == "unauthorized_client"
    again = await world.applications.update(admin, client_id, body())
    assert again.service_user_id == app.application.service_user_id
    assert (await world.client_credentials(app)).error is None


async def test_narrowing_the_operations_ends_the_tokens_and_widening_does_not(
    world: OAuthWorld, admin: Caller
) -> None:
    app = await world.registered(operations=("api:use-streams-write", "api:use-streams-read"))
    client_id = app.application.client_id
    reply = await world.client_credentials(app)

    await world.applications.update(
        admin,
        client_id,
        body(operations=("api:streams-read", "api:streams-write", "api:admin-read")),
    )
    assert await world.caller(reply)
    await world.applications.update(admin, client_id, body(operations=("api:streams-read",)))

    with pytest.raises(InvalidTokenError):
        await world.caller(reply)


async def test_a_rotated_secret_is_dead_at_once_and_the_new_one_works(
    world: OAuthWorld, admin: Caller, app: RegisteredApplication
) -> None:
    before = await world.client_credentials(app)

    rotated = await world.applications.rotate_secret(admin, app.application.client_id)

    assert rotated.secret != app.secret
    assert (await world.client_credentials(app)).error == "invalid_client"
    assert (await world.client_credentials(rotated)).error is None
    assert await world.caller(before)


async def test_a_public_application_has_no_secret_to_rotate(
    world: OAuthWorld, admin: Caller
) -> None:
    app = await world.registered(client_type=ClientType.PUBLIC, grant_types=())

    with pytest.raises(ApplicationHasNoSecretError):
        await world.applications.rotate_secret(admin, app.application.client_id)


async def test_disabling_ends_the_tokens_for_ever_and_enabling_lets_new_ones_be_got(
    world: OAuthWorld, admin: Caller, app: RegisteredApplication
) -> None:
    client_id = app.application.client_id
    reply = await world.client_credentials(app)
    assert await world.caller(reply)

    await world.applications.disable(admin, client_id)

    assert not await world.applications.is_enabled(client_id)
    with pytest.raises(InvalidTokenError):
        await world.caller(reply)
    assert (await world.client_credentials(app)).error == "unauthorized_client"
    await world.applications.enable(admin, client_id, InstallationBody())
    with pytest.raises(InvalidTokenError):
        await world.caller(reply)
    assert await world.caller(await world.client_credentials(app))


async def test_an_installation_narrows_operations_and_grants(
    world: OAuthWorld, admin: Caller
) -> None:
    app = await world.registered(operations=("api:use-streams-write", "api:use-streams-read"))
    client_id = app.application.client_id

    await world.applications.enable(
        admin, client_id, InstallationBody(operations=("api:streams-read", "api:admin-write"))
    )
    caller = await world.caller(await world.client_credentials(app))
    await world.applications.enable(admin, client_id, InstallationBody(grant_types=()))

    assert caller.operations == {Operation.STREAMS_READ}
    assert (await world.client_credentials(app)).error == "unauthorized_client"


async def test_taking_a_grant_from_an_installation_ends_the_tokens(
    world: OAuthWorld, admin: Caller
) -> None:
    app = await world.registered()
    reply = await world.client_credentials(app)
    assert await world.caller(reply)

    await world.applications.enable(
        admin, app.application.client_id, InstallationBody(grant_types=())
    )

    with pytest.raises(InvalidTokenError):
        await world.caller(reply)


async def test_deleting_ends_the_tokens_the_service_user_and_the_credentials(
    world: OAuthWorld, admin: Caller, app: RegisteredApplication
) -> None:
    client_id = app.application.client_id
    reply = await world.client_credentials(app)

    await world.applications.delete(admin, client_id)

    with pytest.raises(InvalidTokenError):
        await world.caller(reply)
    assert (await world.client_credentials(app)).error == "invalid_client"
    user = await world.access.users.by_username(client_id)
    assert user is not None
    assert user.status is UserStatus.DELETED


async def test_every_change_leaves_a_trace_without_the_secret(
    world: OAuthWorld, admin: Caller, app: RegisteredApplication
) -> None:
    client_id = app.application.client_id
    rotated = await world.applications.rotate_secret(admin, client_id)
    await world.applications.update(admin, client_id, body(display_name="New"))
    await world.applications.disable(admin, client_id)
    await world.applications.enable(admin, client_id, InstallationBody())
    await world.applications.delete(admin, client_id)

    events = await world.access.audit_store.of_subject(client_id, limit=10)

    assert [event.action for event in reversed(events)] == [
        "application.created",
        "application.secret-rotated",
        "application.updated",
        "application.disabled",
        "application.enabled",
        "application.deleted",
    ]
    assert {event.actor_id for event in events} == {admin.principal_id}
    written = msgspec.json.encode(events).decode()
    assert str(app.secret) not in written
    assert str(rotated.secret) not in written
