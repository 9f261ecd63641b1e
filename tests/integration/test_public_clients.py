"""Palantir's clients for native and single-page applications, unmodified, sign a person in."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from foundry_sdk import Config, FoundryClient, PublicClientAuth
from foundry_sdk._core.http_client import HttpClient

from fixtures.api import Api, StreamUnderTest
from fixtures.browser import CALLBACK, Browser, Client, query_of
from fixtures.osdk import INSTALL_SECONDS

RUN_SECONDS = 60
SCOPES = ["api:use-streams-write", "api:use-streams-read"]


@pytest.fixture
def auth(api: Api, app: Client) -> Iterator[PublicClientAuth]:
    """The Python client's way to sign in, not signed in yet."""
    config = Config(scheme="http")
    yield PublicClientAuth(
        client_id=app.client_id,
        redirect_url=CALLBACK,
        hostname=httpx.URL(api.url).netloc.decode(),
        scopes=SCOPES,
        should_refresh=False,
        config=config,
    )
    HttpClient(config).close()


def go_through(auth: PublicClientAuth, browser: Browser) -> None:
    """Follow the client's URL in *browser*, agree, and hand the client what arrives."""
    page = browser.get(auth.sign_in()).headers["location"]
    location = browser.answer(page) if page.startswith("/authorize?") else page
    assert location.startswith(f"{CALLBACK}?")
    arrived = query_of(location)
    auth.set_token(arrived["code"], arrived["state"])


def test_the_platform_sdk_signs_in_publishes_refreshes_and_signs_out(
    auth: PublicClientAuth, signed_in: Browser, api: Api, stream: StreamUnderTest
) -> None:
    user_id = signed_in.get("/api/v1/session").json()["user"]["id"]
    api.grant(stream.rid, user_id, "editor")
    config = Config(scheme="http")
    client = FoundryClient(auth, httpx.URL(api.url).netloc.decode(), config)

    go_through(auth, signed_in)
    first = auth.get_token()
    client.streams.Dataset.Stream.publish_record(
        stream.rid, "master", record={"sensor_id": "signed in"}
    )
    refreshed = auth._try_refresh_token()
    second = auth.get_token()
    client.streams.Dataset.Stream.publish_record(
        stream.rid, "master", record={"sensor_id": "refreshed"}
    )
    auth.sign_out()

    assert [value["sensor_id"] for value in stream.values()] == ["signed in", "refreshed"]
    assert (first.expires_in, refreshed) == (3600, True)
    assert second.access_token != first.access_token
    assert second.refresh_token != first.refresh_token
    for token in (first, second):
        assert api.as_(token.access_token).get("/multipass/api/me").status_code == 401


def test_the_platform_sdk_is_not_asked_about_twice(
    auth: PublicClientAuth, signed_in: Browser
) -> None:
    go_through(auth, signed_in)

    assert signed_in.get(auth.sign_in()).headers["location"].startswith(f"{CALLBACK}?code=")


@pytest.mark.timeout(INSTALL_SECONDS + RUN_SECONDS)
def test_the_osdk_signs_in_and_out(packages: Path, api: Api, app: Client) -> None:
    username, password = uuid.uuid4().hex, uuid.uuid4().hex
    api.ok("POST", "/api/v1/users", json={"username": username, "password": password})
    given = {
        "url": api.url,
        "clientId": app.client_id,
        "redirectUri": CALLBACK,
        "scopes": SCOPES,
        "username": username,
        "password": password,
    }

    done = subprocess.run(
        ["node", "sign-in.mjs", json.dumps(given)],
        cwd=packages,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["me"]["username"] == username
    assert outcome["token"]["expires_in"] == 3600
    assert outcome["token"]["refresh_token"].startswith("swr_")
    assert outcome["after"] == 401
