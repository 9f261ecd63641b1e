"""A server whose metadata are in PostgreSQL."""

import subprocess
import sys

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.deeds import Deeds
from fixtures.postgres import PostgresServer
from fixtures.server import ServerProcess, clean_environment, sign_in, wait_until

URL = "SLUICEWAY_SERVER__DATABASE_URL"


@pytest.fixture
def server(own_server: ServerProcess, postgres: PostgresServer) -> ServerProcess:
    """A server on a database of its own."""
    own_server.environment[URL] = postgres.new_database()
    return own_server.start()


@pytest.fixture
def api(server: ServerProcess):
    """The API as its administrator."""
    made = Api(server.url, sign_in(server.url))
    yield made
    made.close()


def test_everything_can_be_done(api: Api):
    done = [action for action, deed in Deeds(api).all() if deed() is not None]

    assert len(done) > 30


def test_what_was_made_is_there_after_a_restart(server: ServerProcess, api: Api):
    stream = api.new_stream()
    stream.publish({"sensor_id": "a"})

    assert server.stop() == 0
    server.start()

    again = StreamUnderTest(Api(server.url, api.token), stream.rid, stream.branch)
    assert again.publish({"sensor_id": "b"}).status_code == 204
    assert [value["sensor_id"] for value in again.values()] == ["a", "b"]
    assert not (server.data_dir / "sluiceway.db").exists()
    again.api.close()


def test_a_token_of_the_command_line_is_taken_by_the_running_server(
    server: ServerProcess, api: Api
):
    command = [sys.executable, "-m", "sluiceway", "token", "create", "--username", "admin"]

    made = subprocess.run(
        [*command, "--name", "cli", "--data-dir", str(server.data_dir)],
        env=clean_environment() | {URL: server.environment[URL]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    token = made.stdout.strip()
    assert api.as_(token).ok("GET", "/api/v2/admin/users/getCurrent")["username"] == "admin"


WITH_NUL: list[tuple[str, str, object]] = [
    ("GET", "/api/v2/filesystem/resources/getByPath?path=/Main/a%00b&preview=true", None),
    ("GET", "/api/v2/streams/datasets/ri.a.b.c.d/streams/a%00b", None),
    ("GET", "/api/v2/filesystem/resources/ri.a.b.c%00.d", None),
    ("GET", "/api/v2/admin/users/a%00b", None),
    ("GET", "/api/v2/admin/groups/a%00b", None),
    ("GET", "/multipass/api/clients/a%00b", None),
    ("POST", "/multipass/api/tokens", {"name": "a\0b"}),
    ("POST", "/multipass/api/tokens", {"name": "a", "description": "a\0b"}),
    ("POST", "/multipass/api/tokens/revoke", {"tokenId": "a\0b"}),
    ("POST", "/api/v2/admin/groups", {"name": "a\0b"}),
    ("POST", "/api/v2/admin/groups", {"name": "a", "description": "a\0b"}),
    ("POST", "/api/v2/admin/groups", {"name": "a", "attributes": {"a\0b": ["c\0d"]}}),
    ("POST", "/api/v1/users", {"username": "abc", "givenName": "a\0b"}),
    ("POST", "/api/v1/users", {"username": "abc", "email": "a\0b@c.de"}),
    ("POST", "/multipass/api/sessions", {"username": "a\0b", "password": "a\0b"}),
    (
        "POST",
        "/api/v2/admin/users/search?preview=true",
        {"where": {"type": "queryString", "value": "a\0b"}},
    ),
    (
        "POST",
        "/multipass/api/clients",
        {"displayName": "a\0b", "clientType": "CONFIDENTIAL", "grantTypes": []},
    ),
    (
        "POST",
        "/multipass/api/clients",
        {
            "displayName": "a",
            "description": "a\0b",
            "clientType": "CONFIDENTIAL",
            "grantTypes": [],
        },
    ),
]


def test_a_text_that_no_database_keeps_is_the_clients_fault(api: Api):
    answers = [api.request(method, path, json=body) for method, path, body in WITH_NUL]

    assert [answer.text for answer in answers if answer.status_code >= 500] == []


def test_texts_of_streams_and_subscribers_too(api: Api):
    stream = api.new_stream()
    create = f"{stream.path}/subscribers?preview=true"
    attempts = [
        api.post(create, json={"subscriberId": "a\0b"}),
        api.get(f"{stream.fast}/subscribers/a%00b/getReadPosition?preview=true"),
        api.post(
            f"/api/v2/streams/datasets/{stream.rid}/streams?preview=true",
            json={"branchName": "a\0b", "schema": stream.describe()["schema"]},
        ),
        api.as_(None).post(
            "/multipass/api/oauth2/token",
            data={"grant_type": "client_credentials", "client_id": "a\0b", "client_secret": "c\0d"},
        ),
    ]

    assert [answer.status_code for answer in attempts] == [400, 400, 400, 401]


def test_the_server_goes_on_once_the_database_answers_again(
    server: ServerProcess, api: Api, postgres: PostgresServer
):
    stream = api.new_stream()
    answers = [stream.publish({"sensor_id": "a"})]

    def is_refused() -> bool:
        answers.append(stream.publish({"sensor_id": "b"}))
        return answers[-1].status_code == 503

    postgres.stop()
    try:
        # What is remembered is trusted for up to a second.
        wait_until(is_refused, 30)
        wait_until(lambda: httpx.get(f"{server.url}/readyz").status_code == 503, 30)
        listed = api.get("/api/v2/admin/users")
    finally:
        postgres.start()
    wait_until(lambda: httpx.get(f"{server.url}/readyz").status_code == 200, 30)
    answers.append(stream.publish({"sensor_id": "c"}))

    assert answers[-1].status_code == 204
    assert_error(listed, 503, "DatabaseUnavailable")
    acknowledged = [answer for answer in answers if answer.status_code == 204]
    assert len(stream.values()) == len(acknowledged)
    assert "Traceback" not in server.errors, server.errors
