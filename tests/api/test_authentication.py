"""Who is let in: sessions, forged and ended tokens, users that are shut out."""

import uuid

import httpx
import pytest

from fixtures.api import Api, assert_error
from fixtures.server import ADMIN_PASSWORD, ServerProcess, sign_in, wait_until

CURRENT = "/api/v2/admin/users/getCurrent"
SESSIONS = "/multipass/api/sessions"
STALE_SECONDS = 1.0
"""What a change may take to reach every call."""


def new_token(api: Api, **more) -> tuple[str, str]:
    made = api.ok("POST", "/multipass/api/tokens", json={"name": "test", **more})
    return made["access_token"], made["tokenInfo"]["tokenId"]


def publish_record(stream, token: str) -> httpx.Response:
    return stream.as_(stream.api.as_(token)).publish({"sensor_id": "a"})


def test_a_session_is_a_bearer_token_for_sixteen_hours(api: Api) -> None:
    answer = httpx.post(
        f"{api.url}{SESSIONS}", json={"username": "admin", "password": ADMIN_PASSWORD}
    )

    body = answer.json()
    assert answer.status_code == 200
    assert (body["expires_in"], body["token_type"]) == (16 * 3_600, "bearer")
    assert answer.headers["cache-control"] == "no-store"
    assert api.as_(body["access_token"]).ok("GET", CURRENT)["username"] == "admin"


def test_signing_out_ends_the_session_at_once(api: Api) -> None:
    session = api.as_(sign_in(api.url))
    session.ok("GET", CURRENT)

    assert session.delete(f"{SESSIONS}/current").status_code == 204

    assert_error(session.get(CURRENT), 401, "Default:Unauthorized")


@pytest.mark.parametrize(
    ("username", "password"), [("admin", "wrong"), ("nobody", ADMIN_PASSWORD), ("", "")]
)
def test_wrong_credentials_are_refused_alike(api: Api, username: str, password: str) -> None:
    answer = api.as_(None).post(SESSIONS, json={"username": username, "password": password})

    assert assert_error(answer, 401, "InvalidCredentials") == {}
    assert answer.json()["errorCode"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '{"username": "admin"}', '{"username": 1, "password": "x"}'],
)
def test_a_sign_in_that_says_too_little_is_refused(api: Api, body: str) -> None:
    answer = api.as_(None).post(
        SESSIONS, content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["errorName"] in {"Conjure:InvalidArgument", "MissingPostBody"}


def test_too_many_wrong_passwords_are_told_when_to_come_back(own_server: ServerProcess) -> None:
    own_server.environment["SLUICEWAY_ACCESS__SIGN_IN_ATTEMPTS_PER_USER"] = "2"
    url = f"{own_server.start().url}{SESSIONS}"
    wrong = {"username": "admin", "password": "wrong"}

    answers = [httpx.post(url, json=wrong) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 300
    assert_error(answers[2], 429, "TooManySignInAttempts")
    assert sign_in_is_refused(own_server.url)


def sign_in_is_refused(url: str) -> bool:
    body = {"username": "admin", "password": ADMIN_PASSWORD}
    return httpx.post(f"{url}{SESSIONS}", json=body).status_code == 429


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"}],
)
def test_without_a_token_credentials_are_missing(api: Api, headers: dict[str, str]) -> None:
    answer = api.as_(None).get(CURRENT, headers=headers)

    assert_error(answer, 401, "MissingCredentials")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "forge",
    [
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: "swa_" + text[4:],
        lambda text: "swr_" + text[4:],
        lambda text: text[4:],
        lambda _: "swp_" + "A" * 43,
        lambda _: str(uuid.uuid4()),
        lambda _: "eyJhbGciOiJub25lIn0.e30.",
    ],
)
def test_a_forged_token_is_refused(api: Api, forge) -> None:
    text, _ = new_token(api)

    answer = api.as_(forge(text)).get(CURRENT)

    assert_error(answer, 401, "Default:Unauthorized")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_token_ends_after_its_seconds(api: Api, stream) -> None:
    text, _ = new_token(api, secondsToLive=1)

    assert publish_record(stream, text).status_code == 204
    wait_until(lambda: publish_record(stream, text).status_code == 401, 3)
    assert_error(api.as_(text).get(CURRENT), 401, "Default:Unauthorized")


@pytest.mark.parametrize("verb", ["disable", "revoke"])
def test_ending_a_token_is_heard_on_the_publish_path_within_a_second(
    api: Api, stream, verb: str
) -> None:
    text, token_id = new_token(api)
    assert publish_record(stream, text).status_code == 204

    assert api.ok("POST", f"/multipass/api/tokens/{verb}", json={"tokenId": token_id}) is True

    wait_until(lambda: publish_record(stream, text).status_code == 401, STALE_SECONDS)
    assert_error(publish_record(stream, text), 401, "Default:Unauthorized")


def test_an_enabled_token_is_taken_again(api: Api, stream) -> None:
    text, token_id = new_token(api)
    api.ok("POST", "/multipass/api/tokens/disable", json={"tokenId": token_id})

    assert api.ok("POST", "/multipass/api/tokens/enable", json={"tokenId": token_id}) is True

    assert publish_record(stream, text).status_code == 204


def test_a_disabled_user_is_shut_out_within_a_second_until_it_is_enabled(api: Api, stream) -> None:
    user_id, user = api.new_user()
    api.grant(stream.rid, user_id, "editor")
    as_user = stream.as_(user)
    assert as_user.publish({"sensor_id": "a"}).status_code == 204

    api.ok("POST", f"/api/v1/users/{user_id}/disable")
    wait_until(lambda: as_user.publish({"sensor_id": "a"}).status_code == 401, STALE_SECONDS)
    assert_error(user.get(CURRENT), 401, "Default:Unauthorized")

    api.ok("POST", f"/api/v1/users/{user_id}/enable")
    assert as_user.publish({"sensor_id": "a"}).status_code == 204


def test_a_deleted_user_is_shut_out(api: Api) -> None:
    user_id, user = api.new_user()
    user.ok("GET", CURRENT)

    assert api.delete(f"/api/v2/admin/users/{user_id}").status_code == 204

    assert_error(user.get(CURRENT), 401, "Default:Unauthorized")


def test_no_secret_is_in_the_log_or_the_data_folder(own_server: ServerProcess) -> None:
    own_server.environment["SLUICEWAY_SERVER__LOG_LEVEL"] = "debug"
    own_server.start()
    session = sign_in(own_server.url)
    api = Api(own_server.url, session)
    token, _ = new_token(api)
    wrong = "a wrong password"
    httpx.post(f"{own_server.url}{SESSIONS}", json={"username": "admin", "password": wrong})
    api.post("/api/v1/users", json={"username": "no spaces", "password": wrong})
    forged = token[:-4] + "AAAA"
    api.as_(forged).get(CURRENT)
    api.as_(token).get("/no/such/path")
    api.close()

    own_server.stop()

    kept = own_server.errors.encode() + b"".join(
        path.read_bytes() for path in own_server.data_dir.rglob("*") if path.is_file()
    )
    assert own_server.errors
    for secret in (ADMIN_PASSWORD, wrong, session[4:], token[4:], forged[4:]):
        assert secret.encode() not in kept
