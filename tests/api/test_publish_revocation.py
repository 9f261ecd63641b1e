"""How soon it ends that somebody may publish."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.applications import application
from fixtures.doors import Door
from fixtures.server import ServerProcess, clean_environment
from sluiceway.access.caller import Caller
from sluiceway.app.services import AccessServices, open_access
from sluiceway.settings import load_settings

RECORD = {"sensor_id": "a"}
STALENESS_SECONDS = 3.0
"""A second is promised; a machine that runs tests may be busy with others."""


class Publisher:
    """Somebody who publishes through the fast door and is known there by heart."""

    def __init__(self, api: Api) -> None:
        self.admin = api
        self.stream = api.new_stream()
        self.user_id, self.credentials, self.api = application(api, "api:use-streams-write")
        self.client_id = self.credentials["client_id"]
        api.grant(self.stream.rid, self.user_id, "editor")
        for _ in range(3):
            assert self.publish().is_success

    def publish(self) -> httpx.Response:
        return Door.FAST.publish(self.stream.as_(self.api), RECORD)

    def seconds_until_refused(self) -> float:
        """Publish until that is refused; tell how long it took."""
        started = time.monotonic()
        while self.publish().is_success:
            assert time.monotonic() - started < 10
        return time.monotonic() - started


@pytest.fixture
def publisher(api: Api) -> Publisher:
    return Publisher(api)


def revoke_by_its_holder(publisher: Publisher) -> None:
    form = {"token": publisher.api.token, **publisher.credentials}
    publisher.admin.ok("POST", "/multipass/api/oauth2/revoke_token", data=form)


def revoke_all_of_the_user(publisher: Publisher) -> None:
    path = f"/api/v2/admin/users/{publisher.user_id}/revokeAllTokens"
    publisher.admin.ok("POST", f"{path}?preview=true")


def remove_the_role(publisher: Publisher) -> None:
    principal = {"type": "principalIdOnly", "principalId": publisher.user_id}
    body = {"roles": [{"resourceRolePrincipal": principal, "roleId": "editor"}]}
    path = f"/api/v2/filesystem/resources/{publisher.stream.rid}/roles/remove"
    publisher.admin.ok("POST", path, json=body)


def disable_the_application(publisher: Publisher) -> None:
    path = f"/multipass/api/client-installations/{publisher.client_id}"
    publisher.admin.ok("DELETE", path)


def delete_the_application(publisher: Publisher) -> None:
    publisher.admin.ok("DELETE", f"/multipass/api/clients/{publisher.client_id}")


def trash_the_stream(publisher: Publisher) -> None:
    publisher.admin.ok("DELETE", f"/api/v2/filesystem/resources/{publisher.stream.rid}")


@pytest.mark.parametrize(
    ("end", "error"),
    [
        (revoke_by_its_holder, "Default:Unauthorized"),
        (revoke_all_of_the_user, "Default:Unauthorized"),
        (remove_the_role, "StreamNotFound"),
        (disable_the_application, "Default:Unauthorized"),
        (delete_the_application, "Default:Unauthorized"),
        (trash_the_stream, "CannotWriteToTrashedStream"),
    ],
)
def test_what_is_taken_away_is_gone_at_once(
    publisher: Publisher, end: Callable[[Publisher], None], error: str
):
    end(publisher)

    assert publisher.publish().json()["errorName"] == error


def test_a_disabled_user_publishes_no_more(api: Api, stream: StreamUnderTest):
    user_id, somebody = api.new_user()
    api.grant(stream.rid, user_id, "editor")
    assert stream.as_(somebody).publish(RECORD).is_success

    api.ok("POST", f"/api/v1/users/{user_id}/disable")

    assert_error(stream.as_(somebody).publish(RECORD), 401, "Default:Unauthorized")


def _beside(server: ServerProcess, act: Callable[[AccessServices], Awaitable[Any]]) -> None:
    """Change something as another process than the server does: by the database alone."""

    async def run() -> None:
        settings = load_settings(None, {}, {"server": {"data_dir": str(server.data_dir)}})
        async with open_access(settings) as access:
            await act(access)

    asyncio.run(run())


async def _admin(access: AccessServices, publisher: Publisher) -> Caller:
    assert publisher.admin.token is not None
    return await access.tokens.authenticate(publisher.admin.token)


def test_what_another_process_takes_away_is_gone_within_a_second(
    server: ServerProcess, publisher: Publisher
):
    async def revoke(access: AccessServices) -> None:
        caller = await _admin(access, publisher)
        await access.personal_tokens.revoke_all(caller, publisher.user_id)

    _beside(server, revoke)

    assert publisher.seconds_until_refused() < STALENESS_SECONDS
    assert_error(publisher.publish(), 401, "Default:Unauthorized")


def test_an_application_that_another_process_disables_is_out_within_a_second(
    server: ServerProcess, publisher: Publisher
):
    async def disable(access: AccessServices) -> None:
        await access.applications.disable(await _admin(access, publisher), publisher.client_id)

    _beside(server, disable)

    assert publisher.seconds_until_refused() < STALENESS_SECONDS


def test_a_token_of_the_command_line_publishes_at_once(
    server: ServerProcess, stream: StreamUnderTest, door: Door
):
    made = subprocess.run(
        [
            *(sys.executable, "-m", "sluiceway", "token", "create"),
            *("--username=admin", "--name=by hand", f"--data-dir={server.data_dir}"),
        ],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    answer = door.publish(stream.as_(stream.api.as_(made.stdout.strip())), RECORD)

    assert answer.is_success
