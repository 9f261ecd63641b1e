"""Who may call what on a stream, and how soon that ends."""

import itertools
import uuid
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.applications import application
from fixtures.doors import JSON, OCTETS, Door

RECORD = {"sensor_id": "a"}
ROLES = ("none", "discoverer", "viewer", "editor", "owner")


class Call(NamedTuple):
    """A call, the weakest role that may make it, and what the others are told."""

    name: str
    path: str
    body: Any
    role: str
    denied: str
    unseen: str = "StreamNotFound"
    method: str = "POST"


PUBLISH = [
    Call(
        "publishRecord",
        "{fast}/publishRecord",
        {"record": RECORD},
        "editor",
        "PublishRecordToStreamPermissionDenied",
    ),
    Call(
        "publishRecords",
        "{fast}/publishRecords",
        {"records": [RECORD]},
        "editor",
        "PublishRecordsToStreamPermissionDenied",
    ),
    Call(
        "publishBinaryRecord",
        "{binary}/publishBinaryRecord",
        b"bytes",
        "editor",
        "PublishBinaryRecordToStreamPermissionDenied",
    ),
    Call(
        "jsonRecord",
        "{proxy}/jsonRecord",
        RECORD,
        "editor",
        "PublishRecordToStreamPermissionDenied",
    ),
    Call(
        "jsonRecords",
        "{proxy}/jsonRecords",
        [{"value": RECORD}],
        "editor",
        "PublishRecordsToStreamPermissionDenied",
    ),
    Call(
        "jsonRecordsToView",
        "{view}/jsonRecords",
        [{"value": RECORD}],
        "editor",
        "PublishRecordsToStreamPermissionDenied",
        "ViewNotFound",
    ),
]
OTHERS = [
    Call(
        "getRecords",
        "{fast}/getRecords?preview=true&partitionId=0&limit=5",
        None,
        "viewer",
        "GetRecordsFromStreamPermissionDenied",
        method="GET",
    ),
    Call(
        "getEndOffsets",
        "{fast}/getEndOffsets?preview=true",
        None,
        "viewer",
        "GetEndOffsetsForStreamPermissionDenied",
        method="GET",
    ),
    Call(
        "records",
        "{proxy}/records",
        None,
        "viewer",
        "GetRecordsFromStreamPermissionDenied",
        method="GET",
    ),
    Call(
        "recordsV2",
        "{view}/partition/0/recordsV2",
        None,
        "viewer",
        "GetRecordsFromStreamPermissionDenied",
        "ViewNotFound",
        method="GET",
    ),
    Call("getStream", "{path}", None, "viewer", "StreamNotFound", method="GET"),
    Call(
        "createStream",
        "{streams}?preview=true",
        {"branchName": "{new}", "schema": schema(field("a", "string"))},
        "editor",
        "CreateStreamPermissionDenied",
    ),
    Call(
        "createStreamingDataset",
        "/api/v2/streams/datasets/create?preview=true",
        {"name": "{new}", "parentFolderRid": "{folder}", "schema": schema(field("a", "string"))},
        "editor",
        "CreateStreamingDatasetPermissionDenied",
        "ResourceNotFound",
    ),
    Call(
        "createSubscriber",
        "{path}/subscribers?preview=true",
        {"subscriberId": "{new}"},
        "editor",
        "CreateSubscriberPermissionDenied",
    ),
    Call(
        "getReadPosition",
        "{fast}/subscribers/{subscriber}/getReadPosition?preview=true",
        None,
        "viewer",
        "GetSubscriberReadPositionPermissionDenied",
        method="GET",
    ),
    Call(
        "readRecords",
        "{fast}/subscribers/{subscriber}/readRecords?preview=true",
        {},
        "viewer",
        "ReadRecordsFromSubscriberPermissionDenied",
    ),
    Call(
        "commitOffsets",
        "{fast}/subscribers/{subscriber}/commitOffsets?preview=true",
        {"offsets": {}},
        "editor",
        "CommitSubscriberOffsetsPermissionDenied",
    ),
    Call(
        "resetOffsets",
        "{fast}/subscribers/{subscriber}/resetOffsets?preview=true",
        {"position": {"type": "earliest"}},
        "editor",
        "ResetSubscriberOffsetsPermissionDenied",
    ),
    Call(
        "deleteSubscriber",
        "{path}/subscribers/{subscriber}?preview=true",
        None,
        "editor",
        "DeleteSubscriberPermissionDenied",
        method="DELETE",
    ),
    Call("resetStream", "{path}/reset?preview=true", {}, "editor", "ResetStreamPermissionDenied"),
]
CASES = [
    *((call, door) for call, door in itertools.product(PUBLISH, Door)),
    *((call, Door.FAST) for call in OTHERS),
]


class World:
    """A project with streams, and a caller of each role on it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.folder = api.new_project()
        self.stream = api.new_stream(folder=self.folder)
        self.binary = api.new_stream(schema(field("payload", "binary")), self.folder)
        self.callers: dict[str, Api] = {}
        for role in ROLES:
            user_id, caller = api.new_user()
            if role != "none":
                api.grant(self.folder, user_id, role)
            self.callers[role] = caller

    def make(self, call: Call, caller: Api, door: Door = Door.FAST) -> httpx.Response:
        """Make a call with all that it needs."""
        stream = self.stream
        places = {
            "fast": stream.fast,
            "proxy": stream.proxy,
            "path": stream.path,
            "streams": stream.path.rpartition("/")[0],
            "binary": self.binary.fast,
            "folder": self.folder,
            "new": uuid.uuid4().hex[:12],
            "view": f"{stream.proxy.rpartition('/branches/')[0]}/views/{stream.view()}",
        }
        if "{subscriber}" in call.path:
            places["subscriber"] = self._subscriber()
        path = _filled(call.path, places)
        if call.body is None:
            return caller.request(call.method, path)
        if isinstance(call.body, bytes):
            return door.post(caller, path, call.body, OCTETS)
        text = _filled(msgspec.json.encode(call.body).decode(), places)
        return door.post(caller, path, text.encode(), JSON)

    def _subscriber(self) -> str:
        name = uuid.uuid4().hex
        path = f"{self.stream.path}/subscribers?preview=true"
        self.api.ok("POST", path, json={"subscriberId": name})
        return name


def _filled(text: str, places: dict[str, str]) -> str:
    for name, place in places.items():
        text = text.replace(f"{{{name}}}", place)
    return text


@pytest.fixture(scope="module")
def world(api: Api) -> World:
    return World(api)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("call", "door"), CASES, ids=lambda part: part.name if isinstance(part, Call) else part.value
)
def test_a_role_is_enough_or_the_exact_error_is_told(
    world: World, call: Call, door: Door, role: str
):
    answer = world.make(call, world.callers[role], door)

    if ROLES.index(role) >= ROLES.index(call.role):
        assert answer.is_success, answer.text
    elif role == "none":
        assert_error(answer, 404, call.unseen)
    else:
        status = 404 if call.denied == "StreamNotFound" else 403
        parameters = assert_error(answer, status, call.denied)
        if call.name != "createStreamingDataset":
            streams = {world.stream.rid, world.binary.rid}
            assert parameters["datasetRid"] in streams
            assert "streamBranchName" in parameters


@pytest.mark.parametrize(
    ("call", "door"), CASES, ids=lambda part: part.name if isinstance(part, Call) else part.value
)
def test_no_call_is_made_without_a_valid_token(world: World, call: Call, door: Door):
    nobody = world.make(call, world.api.as_(None), door)
    wrong = world.make(call, world.api.as_("slw_wrong"), door)
    strange = world.make(call, world.api.as_("x" * 10_000), door)

    assert_error(nobody, 401, "MissingCredentials")
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert_error(wrong, 401, "Default:Unauthorized")
    assert_error(strange, 401, "Default:Unauthorized")


@pytest.mark.parametrize("scope", ["api:use-streams-write", "api:streams-write"])
def test_a_token_for_writing_publishes_and_does_not_read(world: World, door: Door, scope: str):
    service_user, _, service = application(world.api, scope)
    world.api.grant(world.folder, service_user, "editor")

    published = [world.make(call, service, door) for call in PUBLISH]
    read = world.make(OTHERS[0], service)

    assert all(answer.is_success for answer in published)
    missing = assert_error(read, 403, "ApiUsageDenied")
    assert missing == {"missingScope": "api:use-streams-read"}


def test_a_token_for_reading_does_not_publish(world: World, door: Door):
    service_user, _, service = application(world.api, "api:use-streams-read")
    world.api.grant(world.folder, service_user, "editor")

    published = [world.make(call, service, door) for call in PUBLISH]

    for answer in published:
        missing = assert_error(answer, 403, "ApiUsageDenied")
        assert missing == {"missingScope": "api:use-streams-write"}
    assert world.make(OTHERS[0], service).is_success


def test_the_scope_is_looked_at_before_the_stream(api: Api, door: Door, stream: StreamUnderTest):
    _, _, service = application(api, "api:use-streams-read")

    answer = door.publish(stream.as_(service), RECORD)

    assert_error(answer, 403, "ApiUsageDenied")


def test_a_stream_in_the_trash_takes_no_records(door: Door, stream: StreamUnderTest):
    resource = f"/api/v2/filesystem/resources/{stream.rid}"
    assert door.publish(stream, RECORD).is_success

    stream.api.ok("DELETE", resource)
    trashed = door.publish(stream, RECORD)
    stream.api.ok("POST", f"{resource}/restore?preview=true")
    restored = door.publish(stream, RECORD)

    assert assert_error(trashed, 400, "CannotWriteToTrashedStream") == {"datasetRid": stream.rid}
    assert restored.is_success
    assert len(stream.values()) == 2


def test_a_stream_below_the_trash_takes_no_records(api: Api, door: Door):
    folder = {"parentFolderRid": api.new_project(), "displayName": "inner"}
    inner = api.ok("POST", "/api/v2/filesystem/folders?preview=true", json=folder)["rid"]
    stream = api.new_stream(folder=inner)

    api.ok("DELETE", f"/api/v2/filesystem/resources/{inner}")

    assert_error(door.publish(stream, RECORD), 400, "CannotWriteToTrashedStream")


def test_a_stream_that_is_deleted_for_ever_is_gone(door: Door, stream: StreamUnderTest):
    resource = f"/api/v2/filesystem/resources/{stream.rid}"
    stream.api.ok("DELETE", resource)
    stream.api.ok("POST", f"{resource}/permanentlyDelete?preview=true")

    assert_error(door.publish(stream, RECORD), 404, "StreamNotFound")


def test_a_view_of_an_unseen_stream_is_not_told(api: Api, door: Door, stream: StreamUnderTest):
    user_id, somebody = api.new_user()
    own = api.new_stream()
    api.grant(own.rid, user_id, "viewer")
    path = f"/stream-proxy/api/streams/{own.rid}/views/{stream.view()}/jsonRecords"

    answer = door.post(somebody, path, b'[{"value": {"sensor_id": "a"}}]')

    assert assert_error(answer, 404, "ViewNotFound") == {"viewRid": stream.view()}


def test_a_group_and_everyone_may_be_granted(api: Api, stream: StreamUnderTest, door: Door):
    user_id, somebody = api.new_user()
    theirs = stream.as_(somebody)
    body = {"name": uuid.uuid4().hex}
    group = api.ok("POST", "/api/v2/admin/groups", json=body)["id"]
    members = f"/api/v2/admin/groups/{group}/groupMembers"
    api.grant(stream.rid, group, "editor")

    outside = door.publish(theirs, RECORD)
    api.ok("POST", f"{members}/add", json={"principalIds": [user_id]})
    inside = door.publish(theirs, RECORD)
    api.ok("POST", f"{members}/remove", json={"principalIds": [user_id]})
    outside_again = door.publish(theirs, RECORD)
    grant = {"roles": [{"resourceRolePrincipal": {"type": "everyone"}, "roleId": "editor"}]}
    roles = f"/api/v2/filesystem/resources/{stream.rid}/roles"
    api.ok("POST", f"{roles}/add", json=grant)
    everyone = door.publish(theirs, RECORD)

    assert_error(outside, 404, "StreamNotFound")
    assert inside.is_success
    assert_error(outside_again, 404, "StreamNotFound")
    assert everyone.is_success


def test_a_role_on_the_project_reaches_the_stream(api: Api, door: Door):
    folder = api.new_project()
    stream = api.new_stream(folder=folder)
    user_id, somebody = api.new_user()
    api.grant(folder, user_id, "viewer")
    api.grant(stream.rid, user_id, "editor")

    assert door.publish(stream.as_(somebody), RECORD).is_success
