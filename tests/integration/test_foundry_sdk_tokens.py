"""``foundry_sdk`` against a real server: an application that pushes with its own credentials."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from foundry_sdk import ConfidentialClientAuth, PermissionDeniedError

from fixtures.api import Api, StreamUnderTest, unique
from fixtures.clients import Sdk, answer

Auth = Callable[..., ConfidentialClientAuth]


@pytest.fixture
def application(api: Api) -> dict[str, Any]:
    """A third-party application with the client credentials grant."""
    body = {
        "clientType": "CONFIDENTIAL",
        "displayName": unique("sensors"),
        "grantTypes": ["REFRESH_TOKEN", "CLIENT_CREDENTIALS"],
    }
    made: dict[str, Any] = api.ok("POST", "/multipass/api/clients", json=body)
    return made


@pytest.fixture
def auth(application: dict[str, Any]) -> Iterator[Auth]:
    """Make what gets the application's tokens; each is signed out at the end."""
    made: list[ConfidentialClientAuth] = []

    def make(**more: Any) -> ConfidentialClientAuth:
        one = ConfidentialClientAuth(application["clientId"], application["clientSecret"], **more)
        made.append(one)
        return one

    yield make
    for one in made:
        one.sign_out()


async def test_an_application_pushes_to_a_stream_that_is_shared_with_it(
    sdk: Sdk, api: Api, application: dict[str, Any], auth: Auth, stream: StreamUnderTest
) -> None:
    found = await answer(
        sdk.as_(api.token).admin.User.search(
            where={"type": "queryString", "value": application["clientId"]}
        )
    )
    role = {
        "resourceRolePrincipal": {"type": "principalIdOnly", "principalId": found.data[0].id},
        "roleId": "editor",
    }
    await answer(sdk.as_(api.token).filesystem.Resource.Role.add(stream.rid, roles=[role]))
    client = sdk.as_(auth())

    me = await answer(client.admin.User.get_current())
    await answer(
        client.streams.Dataset.Stream.publish_records(
            stream.rid, "master", records=[{"sensor_id": "s1"}, {"sensor_id": "s2"}]
        )
    )
    records = await answer(
        client.streams.Dataset.Stream.get_records(
            stream.rid, "master", partition_id="0", limit=10, preview=True
        )
    )

    assert (me.username, me.id, me.organization) == (
        application["clientId"],
        found.data[0].id,
        None,
    )
    assert [record.value["sensor_id"] for record in records] == ["s1", "s2"]


@pytest.mark.parametrize("scope", ["api:use-streams-write", "api:streams-write"])
async def test_a_token_for_writing_writes_and_does_not_read(
    sdk: Sdk,
    api: Api,
    application: dict[str, Any],
    auth: Auth,
    stream: StreamUnderTest,
    scope: str,
) -> None:
    api.grant(stream.rid, application["serviceUserId"], "editor")
    client = sdk.as_(auth(scopes=[scope]))
    streams = client.streams.Dataset.Stream
    record = {"sensor_id": "s1"}

    await answer(streams.publish_record(stream.rid, "master", record=record))

    for missing, call in [
        ("api:use-streams-read", lambda: streams.get(stream.rid, "master")),
        (
            "api:use-streams-read",
            lambda: streams.get_end_offsets(stream.rid, "master", preview=True),
        ),
        ("api:use-filesystem-read", lambda: client.filesystem.Resource.get(stream.rid)),
        ("api:use-admin-read", client.admin.User.get_current),
    ]:
        # The client has a class for this error, but no call declares that it raises it.
        with pytest.raises(PermissionDeniedError) as caught:
            await answer(call())
        assert caught.value.name == "ApiUsageDenied"
        assert caught.value.parameters == {"missingScope": missing}


async def test_a_token_for_reading_does_not_write(
    sdk: Sdk, api: Api, application: dict[str, Any], auth: Auth, stream: StreamUnderTest
) -> None:
    api.grant(stream.rid, application["serviceUserId"], "owner")
    streams = sdk.as_(auth(scopes=["api:use-streams-read"])).streams.Dataset.Stream

    got = await answer(streams.get(stream.rid, "master"))

    assert got.branch_name == "master"
    for call in [
        lambda: streams.publish_record(stream.rid, "master", record={"sensor_id": "s1"}),
        lambda: streams.publish_records(stream.rid, "master", records=[{"sensor_id": "s1"}]),
        lambda: streams.publish_binary_record(stream.rid, "master", b"x"),
        lambda: streams.reset(stream.rid, "master", preview=True),
        lambda: streams.Subscriber.create(
            stream.rid, "master", subscriber_id="reader", preview=True
        ),
    ]:
        with pytest.raises(PermissionDeniedError) as caught:
            await answer(call())
        assert caught.value.name == "ApiUsageDenied"
        assert caught.value.parameters == {"missingScope": "api:use-streams-write"}
