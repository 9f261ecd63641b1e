"""``foundry_sdk`` against a real server: its own errors for callers who may not."""

from collections.abc import Callable
from typing import Any

import pytest
from foundry_sdk import BadRequestError, NotFoundError, PermissionDeniedError, UnauthorizedError
from foundry_sdk.v2.filesystem.errors import (
    AddResourceRolesPermissionDenied,
    CreateFolderPermissionDenied,
    DeleteResourcePermissionDenied,
    GetAccessRequirementsPermissionDenied,
    PermanentlyDeleteResourcePermissionDenied,
    RemoveResourceRolesPermissionDenied,
    ReplaceProjectPermissionDenied,
    ResourceNotFound,
    RestoreResourcePermissionDenied,
)
from foundry_sdk.v2.streams import errors
from foundry_sdk.v2.streams.models import EarliestPosition

from fixtures.api import SENSOR_SCHEMA, Api, StreamUnderTest
from fixtures.clients import Sdk, answer

Person = tuple[str, Api]
Call = Callable[[Any, str], Any]

STREAM_CALLS: list[tuple[str, type[PermissionDeniedError], Call]] = [
    (
        "viewer",
        errors.CreateStreamPermissionDenied,
        lambda streams, rid: streams.create(
            rid, branch_name="master", schema=SENSOR_SCHEMA, preview=True
        ),
    ),
    (
        "viewer",
        errors.ResetStreamPermissionDenied,
        lambda streams, rid: streams.reset(rid, "master", preview=True),
    ),
    (
        "viewer",
        errors.PublishRecordToStreamPermissionDenied,
        lambda streams, rid: streams.publish_record(rid, "master", record={"sensor_id": "a"}),
    ),
    (
        "viewer",
        errors.PublishRecordsToStreamPermissionDenied,
        lambda streams, rid: streams.publish_records(rid, "master", records=[{"sensor_id": "a"}]),
    ),
    (
        "viewer",
        errors.PublishBinaryRecordToStreamPermissionDenied,
        lambda streams, rid: streams.publish_binary_record(rid, "master", b"x"),
    ),
    (
        "discoverer",
        errors.GetRecordsFromStreamPermissionDenied,
        lambda streams, rid: streams.get_records(
            rid, "master", partition_id="0", limit=1, preview=True
        ),
    ),
    (
        "discoverer",
        errors.GetEndOffsetsForStreamPermissionDenied,
        lambda streams, rid: streams.get_end_offsets(rid, "master", preview=True),
    ),
]
SUBSCRIBER_CALLS: list[tuple[str, type[PermissionDeniedError], Call]] = [
    (
        "viewer",
        errors.CreateSubscriberPermissionDenied,
        lambda subscribers, rid: subscribers.create(
            rid, "master", subscriber_id="reader", preview=True
        ),
    ),
    (
        "viewer",
        errors.DeleteSubscriberPermissionDenied,
        lambda subscribers, rid: subscribers.delete(rid, "master", "reader", preview=True),
    ),
    (
        "viewer",
        errors.CommitSubscriberOffsetsPermissionDenied,
        lambda subscribers, rid: subscribers.commit_offsets(
            rid, "master", "reader", offsets={"0": 0}, preview=True
        ),
    ),
    (
        "viewer",
        errors.ResetSubscriberOffsetsPermissionDenied,
        lambda subscribers, rid: subscribers.reset_offsets(
            rid, "master", "reader", position=EarliestPosition(), preview=True
        ),
    ),
    (
        "discoverer",
        errors.GetSubscriberReadPositionPermissionDenied,
        lambda subscribers, rid: subscribers.get_read_position(
            rid, "master", "reader", preview=True
        ),
    ),
    (
        "discoverer",
        errors.ReadRecordsFromSubscriberPermissionDenied,
        lambda subscribers, rid: subscribers.read_records(rid, "master", "reader", preview=True),
    ),
]
RESOURCE_CALLS: list[tuple[str, type[PermissionDeniedError], Call]] = [
    (
        "viewer",
        DeleteResourcePermissionDenied,
        lambda filesystem, rid: filesystem.Resource.delete(rid),
    ),
    (
        "viewer",
        RestoreResourcePermissionDenied,
        lambda filesystem, rid: filesystem.Resource.restore(rid),
    ),
    (
        "editor",
        PermanentlyDeleteResourcePermissionDenied,
        lambda filesystem, rid: filesystem.Resource.permanently_delete(rid),
    ),
    (
        "discoverer",
        GetAccessRequirementsPermissionDenied,
        lambda filesystem, rid: filesystem.Resource.get_access_requirements(rid),
    ),
    (
        "editor",
        AddResourceRolesPermissionDenied,
        lambda filesystem, rid: filesystem.Resource.Role.add(rid, roles=[everyone("owner")]),
    ),
    (
        "viewer",
        RemoveResourceRolesPermissionDenied,
        lambda filesystem, rid: filesystem.Resource.Role.remove(rid, roles=[everyone("viewer")]),
    ),
]
AFTER_THE_TRASH = (
    RestoreResourcePermissionDenied,
    PermanentlyDeleteResourcePermissionDenied,
)


def everyone(role_id: str) -> dict[str, Any]:
    return {"resourceRolePrincipal": {"type": "everyone"}, "roleId": role_id}


@pytest.mark.parametrize(("role", "error", "call"), STREAM_CALLS)
async def test_a_call_about_a_stream_raises_its_own_error(
    sdk: Sdk,
    person: Person,
    api: Api,
    stream: StreamUnderTest,
    role: str,
    error: type[PermissionDeniedError],
    call: Call,
) -> None:
    api.grant(stream.rid, person[0], role)
    streams = sdk.as_(person[1].token).streams.Dataset.Stream

    with pytest.raises(error) as caught:
        await answer(call(streams, stream.rid))

    assert caught.value.parameters == {"datasetRid": stream.rid, "streamBranchName": "master"}


@pytest.mark.parametrize(("role", "error", "call"), SUBSCRIBER_CALLS)
async def test_a_call_about_a_subscriber_raises_its_own_error(
    sdk: Sdk,
    person: Person,
    api: Api,
    stream: StreamUnderTest,
    role: str,
    error: type[PermissionDeniedError],
    call: Call,
) -> None:
    api.grant(stream.rid, person[0], role)
    subscribers = sdk.as_(person[1].token).streams.Dataset.Stream.Subscriber

    with pytest.raises(error) as caught:
        await answer(call(subscribers, stream.rid))

    assert caught.value.parameters == {
        "datasetRid": stream.rid,
        "streamBranchName": "master",
        "subscriberSubscriberId": "reader",
    }


@pytest.mark.parametrize(("role", "error", "call"), RESOURCE_CALLS)
async def test_a_call_about_a_resource_raises_its_own_error(
    sdk: Sdk,
    person: Person,
    api: Api,
    stream: StreamUnderTest,
    role: str,
    error: type[PermissionDeniedError],
    call: Call,
) -> None:
    api.grant(stream.rid, person[0], role)
    if error in AFTER_THE_TRASH:
        api.ok("DELETE", f"/api/v2/filesystem/resources/{stream.rid}")

    with pytest.raises(error) as caught:
        await answer(call(sdk.as_(person[1].token).filesystem, stream.rid))

    assert caught.value.parameters["resourceRid"] == stream.rid


async def test_a_call_about_a_folder_or_project_raises_its_own_error(
    sdk: Sdk, person: Person, api: Api
) -> None:
    project = api.new_project()
    api.grant(project, person[0], "viewer")
    client = sdk.as_(person[1].token)

    with pytest.raises(errors.CreateStreamingDatasetPermissionDenied):
        await answer(
            client.streams.Dataset.create(
                name="mine", parent_folder_rid=project, schema=SENSOR_SCHEMA, preview=True
            )
        )
    with pytest.raises(CreateFolderPermissionDenied):
        await answer(
            client.filesystem.Folder.create(display_name="mine", parent_folder_rid=project)
        )
    with pytest.raises(ReplaceProjectPermissionDenied) as caught:
        await answer(client.filesystem.Project.replace(project, display_name="m", preview=True))

    assert caught.value.parameters["projectRid"] == project


async def test_who_has_no_role_does_not_learn_that_a_stream_is_there(
    sdk: Sdk, person: Person, stream: StreamUnderTest
) -> None:
    client = sdk.as_(person[1].token)
    streams = client.streams.Dataset.Stream

    with pytest.raises(errors.StreamNotFound):
        await answer(streams.get(stream.rid, "master"))
    with pytest.raises(errors.StreamNotFound):
        await answer(streams.reset(stream.rid, "master", preview=True))
    with pytest.raises(ResourceNotFound):
        await answer(client.filesystem.Resource.get(stream.rid))
    with pytest.raises(NotFoundError) as caught:
        await answer(streams.publish_record(stream.rid, "master", record={"sensor_id": "a"}))

    assert caught.value.name == "StreamNotFound"


async def test_a_trashed_stream_is_not_written(client: Any, stream: StreamUnderTest) -> None:
    streams = client.streams.Dataset.Stream
    await answer(client.filesystem.Resource.delete(stream.rid))

    for call in [
        lambda: streams.publish_record(stream.rid, "master", record={"sensor_id": "a"}),
        lambda: streams.publish_records(stream.rid, "master", records=[{"sensor_id": "a"}]),
        lambda: streams.publish_binary_record(stream.rid, "master", b"x"),
        lambda: streams.reset(stream.rid, "master", preview=True),
        lambda: streams.create(stream.rid, branch_name="b", schema=SENSOR_SCHEMA, preview=True),
    ]:
        # The client has a class for this error, but no call declares that it raises it.
        with pytest.raises(BadRequestError) as caught:
            await answer(call())

        assert caught.value.name == "CannotWriteToTrashedStream"
        assert caught.value.parameters == {"datasetRid": stream.rid}


async def test_a_token_that_is_none_is_unauthorized(sdk: Sdk, stream: StreamUnderTest) -> None:
    client = sdk.as_("swp_this-is-no-token")

    for call in [
        lambda: client.streams.Dataset.Stream.get(stream.rid, "master"),
        lambda: client.streams.Dataset.Stream.publish_record(stream.rid, "master", record={}),
        client.admin.User.get_current,
    ]:
        with pytest.raises(UnauthorizedError) as caught:
            await answer(call())

        assert caught.value.name == "Default:Unauthorized"
