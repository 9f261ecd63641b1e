"""The description of a stream: everything that the head of its page shows, in one call."""

from typing import Any

from fixtures.api import SENSOR_SCHEMA, Api, StreamUnderTest, assert_error
from fixtures.live import page_of


def described(stream: StreamUnderTest) -> dict[str, Any]:
    found: dict[str, Any] = stream.api.ok("GET", f"{page_of(stream)}/description")
    return found


def test_a_description_says_what_the_stream_is(api: Api):
    folder = api.new_project()
    stream = api.new_stream(folder=folder, branchName="feat/x", partitionsCount=3)
    resource = api.ok("GET", f"/api/v2/filesystem/resources/{stream.rid}")
    me = api.ok("GET", "/api/v2/admin/users/getCurrent?preview=true")

    found = described(stream)

    assert found["datasetRid"] == stream.rid
    assert (found["name"], found["path"]) == (resource["displayName"], resource["path"])
    assert (found["parentFolderRid"], found["projectRid"]) == (folder, folder)
    assert (found["branchName"], found["branches"]) == ("feat/x", ["feat/x"])
    assert found["viewRid"] == stream.view()
    assert found["schema"] == SENSOR_SCHEMA
    assert (found["partitionsCount"], found["compressed"]) == (3, False)
    assert found["streamType"] == "LOW_LATENCY"
    assert (found["createdBy"], found["createdByName"]) == (me["id"], "admin")
    assert found["createdTime"].endswith("Z")
    assert found["viewCreatedTime"].endswith("Z")
    assert (found["role"], found["trashStatus"]) == ("owner", "NOT_TRASHED")


def test_the_sample_record_can_be_published(stream: StreamUnderTest):
    sample = described(stream)["sampleRecord"]

    assert stream.publish(sample).status_code == 204


def test_all_branches_are_named(stream: StreamUnderTest):
    for name in ("feat/x", "a"):
        body = {"branchName": name, "schema": SENSOR_SCHEMA}
        path = f"/api/v2/streams/datasets/{stream.rid}/streams?preview=true"
        stream.api.ok("POST", path, json=body)

    assert described(stream)["branches"] == ["a", "feat/x", "master"]


def test_a_stream_in_the_trash_says_so(stream: StreamUnderTest):
    stream.api.ok("DELETE", f"/api/v2/filesystem/resources/{stream.rid}")

    assert described(stream)["trashStatus"] == "DIRECTLY_TRASHED"


def test_the_role_is_the_caller_s_own(stream: StreamUnderTest):
    user_id, user = stream.api.new_user()
    path = f"{page_of(stream)}/description"

    assert_error(user.get(path), 404, "StreamNotFound")
    stream.api.grant(stream.rid, user_id, "discoverer")
    assert_error(user.get(path), 403, "ViewStreamPermissionDenied")
    stream.api.grant(stream.rid, user_id, "viewer")
    assert described(stream.as_(user))["role"] == "viewer"


def test_there_is_no_description_of_what_is_not_there(stream: StreamUnderTest):
    path = f"/api/v1/streams/{stream.rid}/nowhere/description"

    assert_error(stream.api.get(path), 404, "StreamNotFound")
