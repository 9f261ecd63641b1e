"""Requests that no client of good will sends: each is refused as the client's own fault."""

import base64
import json
import socket
import time
import uuid
from typing import Any

import pytest

from fixtures.api import Api, assert_error, unique
from fixtures.server import ADMIN_PASSWORD, sign_in

JSON = {"Content-Type": "application/json"}
GUARD_SECONDS = 0.3
"""Until the server has read the head of a request and waits for its body."""


def calls_with_body(api: Api) -> list[tuple[str, str]]:
    """Give method and path of each call that takes JSON, from the server's own description."""
    document = api.ok("GET", "/api/openapi.json")
    return [
        (method.upper(), path.replace("{", "").replace("}", ""))
        for path, operations in sorted(document["paths"].items())
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


def begin(api: Api, path: str, body: bytes) -> socket.socket:
    """Send a POST up to the last byte of its body."""
    host, _, port = api.url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {api.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    connection.sendall(head.encode() + body[:-1])
    time.sleep(GUARD_SECONDS)
    return connection


def finish(connection: socket.socket, last: bytes) -> tuple[int, Any]:
    """Send the rest; give the answer."""
    with connection:
        connection.sendall(last)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body) if body else None


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\xff"}',
        b"\xff",
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 2_000,
        b"9" * 400,
        b"NaN",
        b"\x00",
        b"{",
        b'"x"',
    ],
)
def test_a_body_that_is_no_good_json_is_the_clients_fault(api: Api, body: bytes) -> None:
    for method, path in calls_with_body(api):
        answer = api.request(method, f"{path}?preview=true", content=body, headers=JSON)

        assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.text}"
        assert answer.json()["errorName"]


@pytest.mark.parametrize("field", ["resources", "description"])
def test_a_wrong_field_named_like_a_part_of_the_server_is_the_clients_fault(
    api: Api, field: str
) -> None:
    body = {"clientType": "PUBLIC", "displayName": "x", "grantTypes": [], field: 1}

    answer = api.post("/multipass/api/clients", json=body)

    reason = assert_error(answer, 400, "Conjure:InvalidArgument")["reason"]
    assert field in reason


@pytest.mark.parametrize(
    "content", ["1:everyone:" + "9" * 30, "1:everyone:0", "1:everyone:5", "1:everyone:", "1:x:1"]
)
def test_a_forged_page_token_of_roles_is_refused(api: Api, content: str) -> None:
    token = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
    path = f"/api/v2/filesystem/resources/{api.new_project()}/roles"

    answer = api.get(path, params={"pageToken": token})

    assert_error(answer, 400, "InvalidPageToken")


@pytest.mark.parametrize("path", ["/api/v2/admin/users/search", "/api/v2/admin/groups/search"])
def test_a_search_for_a_nul_is_refused(api: Api, path: str) -> None:
    body = {"where": {"type": "queryString", "value": "a\x00"}}

    assert_error(api.post(path, json=body), 400, "Conjure:InvalidArgument")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_form_of_a_foreign_page_begins_no_session(api: Api, media_type: str) -> None:
    body = json.dumps({"username": "admin", "password": ADMIN_PASSWORD})

    answer = api.as_(None).post(
        "/api/v1/session", content=body, headers={"Content-Type": media_type}
    )

    assert_error(answer, 415, "Conjure:UnsupportedMediaType")
    assert "set-cookie" not in answer.headers


def test_who_is_shut_out_while_its_body_is_on_the_way_does_nothing(api: Api) -> None:
    user_id, user = api.new_user(isAdmin=True)
    name = uuid.uuid4().hex
    body = json.dumps({"username": name, "password": "x" * 20, "isAdmin": True}).encode()
    connection = begin(user, "/api/v1/users", body)

    api.ok("POST", f"/api/v1/users/{user_id}/disable")
    status, answer = finish(connection, body[-1:])

    assert (status, answer["errorName"]) == (401, "Default:Unauthorized")
    search = {"where": {"type": "queryString", "value": name}}
    assert api.ok("POST", "/api/v2/admin/users/search", json=search)["data"] == []


def test_who_leaves_a_group_while_its_body_is_on_the_way_loses_its_roles(api: Api) -> None:
    stream = api.new_stream()
    user_id, user = api.new_user()
    group = api.ok("POST", "/api/v2/admin/groups", json={"name": unique("group")})["id"]
    members = f"/api/v2/admin/groups/{group}/groupMembers"
    api.ok("POST", f"{members}/add", json={"principalIds": [user_id]})
    api.grant(stream.rid, group, "editor")
    assert stream.as_(user).publish({"sensor_id": "a"}).status_code == 204
    body = json.dumps({"subscriberId": uuid.uuid4().hex}).encode()
    connection = begin(user, f"{stream.path}/subscribers?preview=true", body)

    api.ok("POST", f"{members}/remove", json={"principalIds": [user_id]})
    status, _ = finish(connection, body[-1:])

    assert status == 404
    assert_error(stream.as_(user).publish({"sensor_id": "a"}), 404, "StreamNotFound")


def test_a_very_long_password_costs_the_server_little(api: Api) -> None:
    user_id, _ = api.new_user()
    started = time.monotonic()

    answer = api.post(f"/api/v1/users/{user_id}/password", json={"newPassword": "\ufdfa" * 900_000})

    assert_error(answer, 400, "InvalidPassword")
    assert time.monotonic() - started < 5
    assert sign_in(api.url)
