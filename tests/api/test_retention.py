"""``/api/v1/streams/…/retention``, on a server without an archive: the log is all there is."""

from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from sluiceway.archive.settings import ArchiveSettings

NOTHING = {"hotSeconds": None, "hotBytes": None, "coldSeconds": None}
SETTINGS = ArchiveSettings(enabled=False)


def path_of(stream: StreamUnderTest) -> str:
    return f"/api/v1/streams/{stream.rid}/{stream.branch}/retention"


@pytest.fixture
def path(stream: StreamUnderTest) -> str:
    return path_of(stream)


def test_nothing_is_set_at_first_and_records_are_kept_for_ever(
    api: Api, stream: StreamUnderTest, path: str
) -> None:
    assert stream.publish({"sensor_id": "a"}).is_success

    assert api.ok("GET", path) == NOTHING | {
        "legalHold": None,
        "isArchived": False,
        "startOffsets": {"0": 0},
    }
    nothing = {"records": 0, "bytes": 0, "partitions": {}}
    assert api.ok("POST", f"{path}/preview", json={}) == {
        "deleted": nothing | {"files": 0, "oldestTime": None, "newestTime": None},
        "trimmed": nothing,
        "legalHold": None,
    }


def test_what_is_set_is_given_back_and_what_is_left_out_is_not_set(api: Api, path: str) -> None:
    policy = {"hotSeconds": 86_400, "hotBytes": 1 << 30, "coldSeconds": 30 * 86_400}

    set_ = api.ok("PUT", path, json=policy)
    got = api.ok("GET", path)
    less = api.ok("PUT", path, json={"coldSeconds": 60})

    assert set_ == got
    assert {name: got[name] for name in policy} == policy
    assert {name: less[name] for name in policy} == NOTHING | {"coldSeconds": 60}


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("hotSeconds", 1, SETTINGS.hot_seconds_max),
        ("hotBytes", 1_048_576, 1 << 50),
        ("coldSeconds", 1, 100 * 366 * 86_400),
    ],
)
def test_times_and_sizes_are_within_bounds(
    api: Api, path: str, field: str, least: int, most: int
) -> None:
    for value in (least, most):
        assert api.ok("PUT", path, json={field: value})[field] == value
        api.ok("POST", f"{path}/preview", json={field: value})
    for value in (least - 1, most + 1):
        for answer in (
            api.put(path, json={field: value}),
            api.post(f"{path}/preview", json={field: value}),
        ):
            facts = assert_error(answer, 400, "InvalidRetention")
            assert facts == {"field": field, "value": value, "valueMin": least, "valueMax": most}
    assert api.ok("GET", path)[field] == most


def test_a_word_that_is_no_part_of_a_policy_is_refused(api: Api, path: str) -> None:
    assert_error(api.put(path, json={"coldDays": 3}), 400, "Conjure:InvalidArgument")


def test_a_preview_says_what_the_log_would_lose_and_changes_nothing(api: Api, path: str) -> None:
    stream = api.new_stream(partitionsCount=2)
    for _ in range(4):
        assert stream.publish(*[{"sensor_id": "x" * 60_000}] * 9).is_success
    ends = stream.ends()

    due = api.ok("POST", f"{path_of(stream)}/preview", json={"hotBytes": 1_048_576})

    partitions = due["deleted"]["partitions"]
    assert due["trimmed"]["records"] == 0
    assert due["deleted"]["records"] == sum(one["records"] for one in partitions.values()) > 0
    assert due["deleted"]["bytes"] > 60_000 * due["deleted"]["records"]
    assert due["deleted"]["oldestTime"] <= due["deleted"]["newestTime"]
    for partition, gone in partitions.items():
        assert gone["startOffset"] == 0 < gone["endOffset"] < ends[partition]
    assert len(stream.records(0)) == ends["0"]
    assert api.ok("GET", path_of(stream))["startOffsets"] == {"0": 0, "1": 0}


def test_each_role_may_what_it_may(api: Api, stream: StreamUnderTest, path: str) -> None:
    users = {}
    for role in (None, "discoverer", "viewer", "editor", "owner"):
        user_id, users[role] = api.new_user()
        if role is not None:
            api.grant(stream.rid, user_id, role)

    def may(role: str | None, method: str, more: str = "", **kwargs: Any) -> httpx.Response:
        return users[role].request(method, f"{path}{more}", **kwargs)

    hold = {"json": {"reason": "case 7"}}
    for role, method, more, body, name in (
        ("viewer", "PUT", "", {"json": {}}, "PutRetentionPermissionDenied"),
        ("discoverer", "GET", "", {}, "GetRetentionPermissionDenied"),
        ("discoverer", "POST", "/preview", {"json": {}}, "GetRetentionPermissionDenied"),
        ("editor", "PUT", "/legal-hold", hold, "SetLegalHoldPermissionDenied"),
        ("editor", "DELETE", "/legal-hold", {}, "SetLegalHoldPermissionDenied"),
    ):
        facts = assert_error(may(role, method, more, **body), 403, name)
        assert facts["datasetRid"] == stream.rid
    for method, more, body in (
        ("GET", "", {}),
        ("PUT", "", {"json": {}}),
        ("POST", "/preview", {"json": {}}),
        ("PUT", "/legal-hold", hold),
        ("DELETE", "/legal-hold", {}),
    ):
        assert_error(may(None, method, more, **body), 404, "StreamNotFound")
    assert may("viewer", "GET").is_success
    assert may("viewer", "POST", "/preview", json={}).is_success
    assert may("editor", "PUT", json={"coldSeconds": 60}).is_success
    assert may("owner", "PUT", "/legal-hold", **hold).is_success
    assert may("owner", "DELETE", "/legal-hold").status_code == 204


def test_a_stream_on_legal_hold_is_neither_reset_nor_deleted_for_ever(
    api: Api, stream: StreamUnderTest, path: str
) -> None:
    assert stream.publish({"sensor_id": "a"}).is_success
    set_ = api.ok("PUT", f"{path}/legal-hold", json={"reason": "case 7 of the court"})
    assert set_["setByName"] == "admin"
    assert api.ok("GET", path)["legalHold"] == set_

    reset = api.post(f"{stream.path}/reset?preview=true", json={})
    trash = f"/api/v2/filesystem/resources/{stream.rid}"
    folder = api.ok("GET", f"{trash}?preview=true")["parentFolderRid"]
    api.ok("DELETE", f"/api/v2/filesystem/resources/{folder}?preview=true")
    purge = api.post(f"/api/v2/filesystem/resources/{folder}/permanentlyDelete?preview=true")

    for answer in (reset, purge):
        facts = assert_error(answer, 409, "StreamOnLegalHold")
        assert facts == {
            "datasetRid": stream.rid,
            "streamBranchName": "master",
            "reason": "case 7 of the court",
            "setTime": set_["setTime"],
        }
        assert "which admin set at" in answer.json()["errorDescription"]
    api.ok("POST", f"/api/v2/filesystem/resources/{folder}/restore?preview=true")
    assert stream.values() == [{"sensor_id": "a", "temperature": None, "created_at": None}]
    api.ok("DELETE", f"{path}/legal-hold")
    api.ok("DELETE", f"{path}/legal-hold")
    assert api.ok("GET", path)["legalHold"] is None
    api.ok("POST", f"{stream.path}/reset?preview=true", json={})


@pytest.mark.parametrize(("length", "fits"), [(0, False), (1, True), (1_000, True), (1_001, False)])
def test_a_hold_has_a_reason_of_bounded_length(
    api: Api, path: str, length: int, *, fits: bool
) -> None:
    answer = api.put(f"{path}/legal-hold", json={"reason": "x" * length})

    if fits:
        assert answer.json()["reason"] == "x" * length
    else:
        assert_error(answer, 400, "Conjure:InvalidArgument")


def test_what_was_set_is_in_the_activity_of_the_stream(
    api: Api, stream: StreamUnderTest, path: str
) -> None:
    api.ok("PUT", path, json={"coldSeconds": 60})
    api.ok("PUT", f"{path}/legal-hold", json={"reason": "case 7"})
    api.ok("DELETE", f"{path}/legal-hold")

    activity = api.ok("GET", path.replace("/retention", "/activity"))["data"]

    assert [event["text"] for event in activity[:3]] == [
        "admin lifted the legal hold on branch master",
        "admin set a legal hold on branch master: case 7",
        "admin changed how long records of branch master are kept",
    ]
    assert activity[2]["details"]["coldSeconds"] == 60
