"""What those who run the server ask it: health, metrics, the description of the API."""

import re
import uuid

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.doors import Door

LABELS = {"call", "status", "error", "le"}


def samples(api: Api) -> dict[str, float]:
    """Read the metrics: each sample's name and labels, and its value."""
    text = api.get("/metrics").text
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_sound_server_says_so_to_anybody(api: Api, path: str):
    answer = httpx.get(f"{api.url}{path}")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "log": "writable"})


def test_every_metric_is_there_with_no_label_but_the_known_ones(api: Api, stream: StreamUnderTest):
    stream.publish({"sensor_id": "a"})
    stream.publish({"sensor_id": 1})

    answer = httpx.get(f"{api.url}/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    for name in (
        "sluiceway_requests_total",
        "sluiceway_rejected_total",
        "sluiceway_published_records_total",
        "sluiceway_stored_bytes_total",
        "sluiceway_commit_seconds_bucket",
        "sluiceway_fsync_seconds_bucket",
        "sluiceway_queued_batches",
        "sluiceway_queued_bytes",
        "sluiceway_inflight_bytes",
        "sluiceway_log_writable",
    ):
        assert re.search(rf"^{name}[ {{]", answer.text, re.MULTILINE), name
    assert set(re.findall(r'(\w+)="', answer.text)) <= LABELS


def test_requests_and_records_are_counted_by_both_doors(
    api: Api, door: Door, stream: StreamUnderTest
):
    before = samples(api)

    for _ in range(3):
        assert door.publish(stream, {"sensor_id": "a"}, {"sensor_id": "b"}).is_success
    door.publish(stream, {"sensor_id": 1})

    after = samples(api)
    grown = {
        name: after[name] - before.get(name, 0)
        for name in after
        if after[name] != before.get(name, 0)
    }
    assert grown['sluiceway_requests_total{call="publishRecords",status="204"}'] == 3
    assert grown['sluiceway_requests_total{call="publishRecords",status="400"}'] == 1
    assert grown['sluiceway_rejected_total{error="RecordDoesNotMatchStreamSchema"}'] == 1
    assert grown["sluiceway_published_records_total"] == 6
    assert grown["sluiceway_commit_seconds_count"] == 3
    assert after["sluiceway_inflight_bytes"] == 0
    assert after["sluiceway_queued_bytes"] == 0


def test_no_metric_holds_what_a_client_sent(api: Api):
    secret = uuid.uuid4().hex

    api.get(f"/{secret}")
    api.request(secret, "/healthz")
    api.post(f"/api/v2/highScale/streams/datasets/{secret}/streams/x/publishRecord", json={})

    assert secret not in api.get("/metrics").text


def test_the_description_of_the_api_is_for_anybody(api: Api):
    answer = httpx.get(f"{api.url}/api/openapi.json")

    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Sluiceway"
    publish = document["paths"][
        "/api/v2/highScale/streams/datasets/{dataset_rid}/streams/{branch_name}/publishRecords"
    ]["post"]
    assert publish["operationId"] == "publishRecords"
    assert {"204", "400", "401", "403", "404", "413", "503"} <= set(publish["responses"])
    assert "application/json" in publish["requestBody"]["content"]


def test_every_operation_has_a_name_a_sentence_and_a_tag(api: Api):
    document = api.ok("GET", "/api/openapi.json")

    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    for one in operations:
        assert one.get("description", one.get("summary")), one["operationId"]
        assert one["tags"], one["operationId"]


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/api", "/api/v2/highScale", "//healthz/x", "/%00"]
)
def test_an_unknown_path_is_answered_like_every_error(api: Api, path: str):
    answer = api.as_(None).get(path)

    assert_error(answer, 404, "Default:NotFound")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "BREW"])
def test_a_wrong_method_is_answered_like_every_error(api: Api, method: str):
    answer = api.request(method, "/healthz")

    if method == "BREW":
        assert_error(answer, 400, "Conjure:InvalidArgument")
    else:
        assert_error(answer, 405, "Default:MethodNotAllowed")
        assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "MissingPostBody"),
        (b"{", "Conjure:InvalidArgument"),
        (b"[]", "Conjure:InvalidArgument"),
        (b'{"displayName": NaN}', "Conjure:InvalidArgument"),
        (b"\xff", "Conjure:InvalidArgument"),
        (b"[" * 100_000, "Conjure:InvalidArgument"),
        (b'{"a":' * 300, "Conjure:InvalidArgument"),
    ],
)
def test_a_broken_body_of_any_other_call_is_refused(api: Api, body: bytes, error: str):
    path = "/api/v2/filesystem/folders?preview=true"

    answer = api.post(path, content=body, headers={"Content-Type": "application/json"})

    assert_error(answer, 400, error)


def test_a_body_of_any_other_call_is_bounded(api: Api):
    path = "/api/v2/filesystem/folders?preview=true"
    headers = {"Content-Type": "application/json"}

    answer = api.post(path, content=b" " * (4 * 1_048_576 + 1), headers=headers)

    assert_error(answer, 413, "Default:RequestEntityTooLarge")


def test_an_answer_without_content_is_described_without_any(api: Api):
    paths = api.ok("GET", "/api/openapi.json")["paths"]
    empty = [
        operation["responses"]["204"]
        for path in paths.values()
        for operation in path.values()
        if "204" in operation.get("responses", {})
    ]

    assert len(empty) > 10
    assert all("content" not in response for response in empty)


def test_every_publish_call_is_described_with_what_makes_it_exactly_once(api: Api):
    paths = api.ok("GET", "/api/openapi.json")["paths"]
    publish = [
        operation
        for path in paths.values()
        for operation in path.values()
        if operation["tags"] == ["Publish"] and "requestBody" in operation
    ]

    assert len(publish) == 7
    for operation in publish:
        headers = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
        assert headers == {"Idempotency-Key", "Producer-Id", "Producer-Epoch", "Producer-Seq"}
        assert {"204", "409", "422"} <= operation["responses"].keys()
