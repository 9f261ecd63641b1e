"""Activity and subscribers of a stream: who did what, who reads and how far behind it is."""

from typing import Any

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.live import page_of

GOOD = {"sensor_id": "s1", "temperature": 1.5, "created_at": None}


def listed(api: Api, stream: StreamUnderTest, what: str, **query: Any) -> list[dict[str, Any]]:
    """Give all pages of a list."""
    found: list[dict[str, Any]] = []
    while True:
        page = api.ok("GET", f"{page_of(stream)}/{what}", params=query)
        found += page["data"]
        if "nextPageToken" not in page:
            return found
        query["pageToken"] = page["nextPageToken"]


def subscribe(stream: StreamUnderTest, name: str, position: str = "earliest") -> None:
    body = {"subscriberId": name, "readPosition": {"type": position}}
    stream.api.ok("POST", f"{stream.path}/subscribers?preview=true", json=body)


def test_what_was_done_is_told_newest_first(stream: StreamUnderTest):
    user_id, _ = stream.api.new_user()
    username = stream.api.ok("GET", f"/api/v2/admin/users/{user_id}")["username"]
    stream.api.grant(stream.rid, user_id, "editor")
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})

    events = listed(stream.api, stream, "activity")

    assert [event["action"] for event in events] == [
        "stream.reset",
        "role.granted",
        "stream.created",
        "resource.registered",
    ]
    assert events[0]["text"] == "admin reset the stream on branch master; its records are gone"
    assert events[1]["text"] == f"admin granted the role Editor to {username}"
    assert {event["actorName"] for event in events} == {"admin"}
    assert [int(event["eventId"]) for event in events] == sorted(
        (int(event["eventId"]) for event in events), reverse=True
    )


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_the_pages_hold_each_event_once(stream: StreamUnderTest, size: int):
    for _ in range(2):
        stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})

    events = listed(stream.api, stream, "activity", pageSize=size)

    actions = [event["action"] for event in events]
    assert actions == ["stream.reset", "stream.reset", "stream.created", "resource.registered"]


def test_only_owners_see_addresses(stream: StreamUnderTest):
    user_id, user = stream.api.new_user()
    stream.api.grant(stream.rid, user_id, "viewer")

    of_viewer = listed(user, stream, "activity")

    assert {event["origin"] for event in listed(stream.api, stream, "activity")} == {"127.0.0.1"}
    assert len(of_viewer) == 3
    assert not any("origin" in event for event in of_viewer)


@pytest.mark.parametrize("token", ["x", "MTp4", "MTotMQ", "MTo5OTk5OTk5OTk5OTk5OTk5OTk5OQ"])
def test_a_token_of_another_list_is_refused(stream: StreamUnderTest, token: str):
    answer = stream.api.get(f"{page_of(stream)}/activity?pageToken={token}")

    assert_error(answer, 400, "InvalidPageToken")


def test_subscribers_are_listed_with_how_far_behind_they_are(api: Api):
    stream = api.new_stream(partitionsCount=2)
    for _ in range(5):
        stream.publish(GOOD)
    subscribe(stream, f"{stream.rid}-b")
    subscribe(stream, f"{stream.rid}-a", "latest")
    reader = f"{stream.fast}/subscribers/{stream.rid}-b"
    api.ok("POST", f"{reader}/commitOffsets?preview=true", json={"offsets": {"0": 1}})

    ahead, behind = listed(api, stream, "subscribers", pageSize=1)

    assert ahead["subscriberId"].endswith("-a")
    assert (ahead["lag"], ahead["lagTotal"]) == ({"0": 0, "1": 0}, 0)
    assert ahead["readPosition"] == {"type": "latest"}
    assert behind["positions"] == {"0": 2, "1": 0}
    assert (behind["lag"], behind["lagTotal"]) == ({"0": 1, "1": 2}, 3)
    assert behind["viewRid"] == stream.view()
    assert behind["createdTime"].endswith("Z")


def test_a_subscriber_that_has_not_read_since_a_reset_goes_on_from_the_first_record(
    stream: StreamUnderTest,
):
    stream.publish(GOOD, GOOD)
    subscribe(stream, stream.rid, "latest")
    before = stream.view()
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})
    stream.publish(GOOD)

    (found,) = listed(stream.api, stream, "subscribers")

    assert found["viewRid"] == before
    assert (found["positions"], found["lagTotal"]) == ({"0": 0}, 1)


@pytest.mark.parametrize("what", ["activity", "subscribers"])
def test_who_may_not_read_learns_nothing(stream: StreamUnderTest, what: str):
    path = f"{page_of(stream)}/{what}"
    user_id, user = stream.api.new_user()

    assert_error(user.get(path), 404, "StreamNotFound")
    stream.api.grant(stream.rid, user_id, "discoverer")
    assert_error(user.get(path), 403, "ViewStreamPermissionDenied")
    assert_error(stream.api.get(f"{path}?pageSize=0"), 400, "InvalidPageSize")
    assert_error(stream.api.get(f"{path}?pageSize=1001"), 400, "InvalidPageSize")
