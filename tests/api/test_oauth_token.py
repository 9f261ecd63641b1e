"""``POST /multipass/api/oauth2/token``."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote_plus

import httpx
import pytest

from fixtures.oauth import FORM, OAuthWorld, basic, credentials, open_http, open_oauth
from sluiceway.access.applications.types import ClientType, GrantType, RegisteredApplication
from sluiceway.access.oauth.failures import FAILURES_PER_WINDOW_MAX
from sluiceway.access.oauth.forms import FORM_BYTES_MAX
from sluiceway.access.scopes import Operation

TOKEN = "/multipass/api/oauth2/token"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OAuthWorld]:
    async with open_oauth(tmp_path) as opened:
        yield opened


@pytest.fixture
async def http(world: OAuthWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(world) as client:
        del client.headers["Authorization"]
        yield client


@pytest.fixture
async def app(world: OAuthWorld) -> RegisteredApplication:
    return await world.registered()


def assert_refused(answer: httpx.Response, status: int, error: str) -> None:
    """Check an error's form: RFC 6749, section 5.2, and nothing that a cache may keep."""
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) <= {"error", "error_description"}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"


async def test_the_walk_through_gets_a_token_with_its_scope(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    form = {**GRANT, **credentials(app), "scope": "api:use-streams-write"}

    answer = await http.post(TOKEN, data=form)

    reply = answer.json()
    assert answer.status_code == 200
    assert reply["token_type"] == "bearer"
    assert reply["expires_in"] == 3600
    assert reply["scope"] == "api:use-streams-write"
    assert "refresh_token" not in reply
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    caller = await world.authenticator.authenticate(reply["access_token"])
    assert caller.principal_id == app.application.service_user_id
    assert caller.username == caller.client_id == app.application.client_id
    assert caller.operations == {Operation.STREAMS_WRITE}
    assert not caller.is_admin


async def test_without_a_scope_an_unrestricted_application_gets_everything(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    reply = (await http.post(TOKEN, data={**GRANT, **credentials(app)})).json()

    assert "scope" not in reply
    assert (await world.authenticator.authenticate(reply["access_token"])).operations is None


async def test_offline_access_is_tolerated_and_gets_no_refresh_token(
    http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    form = {**GRANT, **credentials(app), "scope": "api:use-streams-write offline_access"}

    reply = (await http.post(TOKEN, data=form)).json()

    assert reply["scope"] == "api:use-streams-write"
    assert "refresh_token" not in reply


async def test_unknown_scopes_are_ignored_and_only_unknown_scopes_allow_nothing(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    form = {**GRANT, **credentials(app), "scope": "api:read-data api:use-ontologies-read"}

    reply = (await http.post(TOKEN, data=form)).json()

    assert reply["scope"] == ""
    caller = await world.authenticator.authenticate(reply["access_token"])
    assert caller.operations == frozenset()


async def test_a_token_ends_after_an_hour(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    reply = (await http.post(TOKEN, data={**GRANT, **credentials(app)})).json()

    token = await world.tokens.find(reply["access_token"])

    assert token is not None
    assert token.expires_ms == world.clock.now_ms() + 3_600_000


async def test_both_encodings_of_http_basic_work(
    http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    client_id, secret = app.application.client_id, str(app.secret)
    percent = "".join(f"%{ord(letter):02X}" for letter in secret)
    headers = [
        basic(client_id, secret),
        basic(quote_plus(client_id), quote_plus(secret)),
        basic(client_id, percent),
    ]

    answers = [await http.post(TOKEN, data=GRANT, headers={"Authorization": h}) for h in headers]

    assert [answer.status_code for answer in answers] == [200, 200, 200]


@pytest.mark.parametrize("wrong", ["secret", "client_id", "both", "empty"])
async def test_wrong_credentials_are_refused_and_why_is_not_told(
    http: httpx.AsyncClient, app: RegisteredApplication, wrong: str
) -> None:
    right = credentials(app)
    form = {
        "secret": {**right, "client_secret": right["client_secret"] + "x"},
        "client_id": {**right, "client_id": "0" * 32},
        "both": {"client_id": "ä", "client_secret": "ö"},
        "empty": {"client_id": "", "client_secret": ""},
    }[wrong]

    answer = await http.post(TOKEN, data={**GRANT, **form})

    assert_refused(answer, 401, "invalid_client")
    assert answer.json()["error_description"] == "client authentication failed"


@pytest.mark.parametrize("header", ["Basic !", "Basic ", "Basic Og==", "Basic eDp5"])
async def test_wrong_basic_credentials_are_refused_with_a_challenge(
    http: httpx.AsyncClient, header: str
) -> None:
    answer = await http.post(TOKEN, data=GRANT, headers={"Authorization": header})

    assert_refused(answer, 401, "invalid_client")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="sluiceway"'


async def test_two_sets_of_credentials_are_refused(
    http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    header = basic(app.application.client_id, str(app.secret))

    answer = await http.post(
        TOKEN, data={**GRANT, **credentials(app)}, headers={"Authorization": header}
    )

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    ("grant_type", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("password", "unsupported_grant_type"),
        ("implicit", "unsupported_grant_type"),
        ("authorization_code", "unauthorized_client"),
        ('ä"\\\n', "unsupported_grant_type"),
        ("CLIENT_CREDENTIALS", "unsupported_grant_type"),
        ("refresh_token", "invalid_request"),
    ],
)
async def test_other_grants_and_none_are_refused(
    http: httpx.AsyncClient, app: RegisteredApplication, grant_type: str | None, error: str
) -> None:
    form = (
        credentials(app) if grant_type is None else {**credentials(app), "grant_type": grant_type}
    )

    answer = await http.post(TOKEN, data=form)

    assert_refused(answer, 400, error)


async def test_a_public_application_has_no_client_credentials_grant(
    world: OAuthWorld, http: httpx.AsyncClient
) -> None:
    app = await world.registered(client_type=ClientType.PUBLIC, grant_types=())

    for secret in ({}, {"client_secret": "guess"}):
        answer = await http.post(TOKEN, data={**GRANT, **credentials(app), **secret})

        assert_refused(answer, 401, "invalid_client")


async def test_an_application_without_the_grant_is_refused(
    world: OAuthWorld, http: httpx.AsyncClient
) -> None:
    app = await world.registered(grant_types=(GrantType.REFRESH_TOKEN,))

    answer = await http.post(TOKEN, data={**GRANT, **credentials(app)})

    assert_refused(answer, 400, "unauthorized_client")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"grant_type":"client_credentials"}'),
        ("", b"grant_type=client_credentials"),
        (FORM, b""),
        (FORM, b"grant_type=client_credentials&grant_type=client_credentials"),
        (FORM, b"grant_type=%ff"),
        (FORM, b"\x00\xff"),
        (FORM, b"scope=" + b"a" * FORM_BYTES_MAX),
        (FORM, b"a" * 20_000_000),
    ],
    ids=["json", "no type", "empty", "twice", "no utf-8", "binary", "large", "huge"],
)
async def test_what_is_no_form_is_refused(
    http: httpx.AsyncClient, content_type: str, body: bytes
) -> None:
    answer = await http.post(TOKEN, content=body, headers={"Content-Type": content_type})

    assert_refused(answer, 400, "invalid_request")


async def test_credentials_in_the_query_are_not_looked_at(
    http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    answer = await http.post(TOKEN, data=GRANT, params=credentials(app))

    assert_refused(answer, 401, "invalid_client")


async def test_too_many_failures_must_wait_and_the_right_secret_need_not(
    http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    wrong = {**GRANT, **credentials(app), "client_secret": "guess"}
    for _ in range(FAILURES_PER_WINDOW_MAX):
        assert_refused(await http.post(TOKEN, data=wrong), 401, "invalid_client")

    answer = await http.post(TOKEN, data=wrong)

    assert_refused(answer, 429, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "60"
    assert (await http.post(TOKEN, data={**GRANT, **credentials(app)})).status_code == 200


async def test_getting_a_token_is_noted_with_the_application_and_in_the_trail(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    world.clock.time_ms += 5

    reply = (await http.post(TOKEN, data={**GRANT, **credentials(app)})).json()

    kept = await world.store.by_client_id(app.application.client_id)
    token = await world.tokens.find(reply["access_token"])
    assert kept is not None
    assert token is not None
    assert kept.used_ms == world.clock.now_ms()
    assert await world.access.actions(token.token_id) == ["token.issued"]


async def test_neither_secrets_nor_tokens_are_logged(
    http: httpx.AsyncClient, app: RegisteredApplication, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    form = {**GRANT, **credentials(app)}

    reply = (await http.post(TOKEN, data=form)).json()
    await http.post(TOKEN, data={**form, "client_secret": f"{app.secret}x"})

    assert caplog.text
    assert str(app.secret) not in caplog.text
    assert reply["access_token"] not in caplog.text


async def test_a_fault_of_the_server_is_told_in_the_same_form(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    await world.access.database.close()
    async with world.access.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE applications RENAME TO gone")

    answer = await http.post(TOKEN, data={**GRANT, **credentials(app)})

    assert_refused(answer, 503, "temporarily_unavailable")
    assert "gone" not in answer.text
