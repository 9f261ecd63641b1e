"""The authorization code grant at the token endpoint."""

import httpx
import pytest

from fixtures.api import Api, assert_error
from fixtures.browser import CALLBACK, Browser, Client, challenge

ME = "/multipass/api/me"


def assert_refused(answer: httpx.Response, status: int, error: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.fixture
def code(signed_in: Browser, app: Client) -> str:
    return signed_in.code(app.query())


def test_a_code_buys_a_token_of_the_user(
    signed_in: Browser, api: Api, app: Client, code: str
) -> None:
    answer = app.exchange(code)

    reply = answer.json()
    assert answer.status_code == 200, answer.text
    assert (reply["token_type"], reply["expires_in"]) == ("bearer", 3600)
    assert reply["scope"] == "api:use-streams-write"
    assert "refresh_token" not in reply
    me = api.as_(reply["access_token"]).ok("GET", ME)
    assert me["username"] == signed_in.get("/api/v1/session").json()["user"]["username"]


def test_the_token_may_do_what_the_user_may_within_its_scope(
    signed_in: Browser, api: Api, app: Client, code: str
) -> None:
    stream = api.new_stream()
    user_id = signed_in.get("/api/v1/session").json()["user"]["id"]
    program = stream.as_(api.as_(app.exchange(code).json()["access_token"]))

    unshared = program.publish({"sensor_id": "a"})
    api.grant(stream.rid, user_id, "editor")
    shared = program.publish({"sensor_id": "b"})
    beyond = program.api.get(f"{stream.fast}/getRecords?preview=true&partitionId=0&limit=1")

    assert unshared.status_code in {403, 404}
    assert shared.status_code == 204, shared.text
    assert_error(beyond, 403, "ApiUsageDenied")
    assert [value["sensor_id"] for value in stream.values()] == ["b"]


def test_an_administrators_application_is_no_administrator_beyond_its_scope(
    visitor: Browser, api: Api, app: Client
) -> None:
    program = api.as_(app.exchange(visitor.sign_in().code(app.query())).json()["access_token"])

    assert_error(program.get("/multipass/api/clients"), 403, "ApiUsageDenied")
    body = {"name": "more", "description": ""}
    assert program.post("/multipass/api/tokens", json=body).status_code == 403


@pytest.mark.parametrize("scope", ["api:read-data api:use-ontologies-read", "api:use-admin-read"])
def test_only_scopes_that_are_not_to_be_had_give_a_token_that_may_do_nothing(
    signed_in: Browser, api: Api, scope: str
) -> None:
    app = Client(api, operations=["api:use-streams-write"])

    reply = app.exchange(signed_in.code(app.query(scope=scope))).json()

    assert reply["scope"] == ""
    program = api.as_(reply["access_token"])
    assert program.get(ME).status_code == 200
    assert_error(program.get("/api/v2/filesystem/spaces?preview=true"), 403, "ApiUsageDenied")


def test_what_the_application_lost_since_is_left_out(signed_in: Browser, api: Api) -> None:
    app = Client(api)
    code = signed_in.code(app.query(scope="api:use-streams-read api:streams-write"))
    path = f"/multipass/api/client-installations/{app.client_id}"
    api.ok("PUT", path, json={"operations": ["api:use-streams-write"]})

    assert_refused(app.exchange(code), 400, "invalid_grant")
    again = app.exchange(signed_in.code(app.query(scope="api:use-streams-read api:streams-write")))
    assert again.json()["scope"] == "api:streams-write"


def test_a_confidential_application_proves_itself(signed_in: Browser, api: Api) -> None:
    app = Client(api, clientType="CONFIDENTIAL")
    code = signed_in.code(app.query())

    assert_refused(app.exchange(code, client_secret=None), 401, "invalid_client")
    assert_refused(app.exchange(code, client_secret="wrong"), 401, "invalid_client")
    assert app.exchange(code).status_code == 200


def test_a_confidential_application_without_pkce_sends_no_verifier(
    signed_in: Browser, api: Api
) -> None:
    app = Client(api, clientType="CONFIDENTIAL")
    query = app.query(code_challenge=None, code_challenge_method=None)
    code = signed_in.code(query)

    assert_refused(app.exchange(code), 400, "invalid_request")
    assert app.exchange(code, code_verifier=None).status_code == 200


@pytest.mark.parametrize(
    ("verifier", "error"),
    [
        ("w" * 43, "invalid_grant"),
        (challenge(), "invalid_grant"),
        (None, "invalid_request"),
        ("v" * 42, "invalid_request"),
        ("v" * 129, "invalid_request"),
        ("ä" * 43, "invalid_request"),
    ],
    ids=["wrong", "the challenge", "none", "short", "long", "letters"],
)
def test_a_wrong_verifier_buys_nothing(
    app: Client, code: str, verifier: str | None, error: str
) -> None:
    assert_refused(app.exchange(code, code_verifier=verifier), 400, error)


@pytest.mark.parametrize("uri", [None, f"{CALLBACK}/", "https://evil.example/"])
def test_the_redirect_uri_must_be_repeated(app: Client, code: str, uri: str | None) -> None:
    assert_refused(app.exchange(code, redirect_uri=uri), 400, "invalid_grant")


def test_a_redirect_uri_that_was_not_named_may_be_left_out_but_not_be_another(
    signed_in: Browser, app: Client
) -> None:
    code = signed_in.code(app.query(redirect_uri=None))

    wrong = app.exchange(code, redirect_uri="https://evil.example/")

    assert_refused(wrong, 400, "invalid_grant")
    assert app.exchange(code, redirect_uri=None).status_code == 200


@pytest.mark.parametrize("text", ["", "x", "swg_" + "x" * 43, "swa_" + "x" * 43, "ä"], ids=range(5))
def test_what_is_no_code_buys_nothing(app: Client, text: str) -> None:
    error = "invalid_grant" if text else "invalid_request"

    assert_refused(app.exchange(text), 400, error)


def test_a_code_of_another_application_buys_nothing_and_stays(
    api: Api, app: Client, code: str
) -> None:
    thief = Client(api)

    assert_refused(thief.exchange(code), 400, "invalid_grant")
    assert app.exchange(code).status_code == 200


def test_a_code_used_twice_ends_what_it_bought(signed_in: Browser, api: Api, app: Client) -> None:
    code = signed_in.code(app.query(scope="api:use-streams-write offline_access"))
    reply = app.exchange(code).json()
    rotated = app.refresh(reply["refresh_token"]).json()

    assert_refused(app.exchange(code), 400, "invalid_grant")

    for token in (reply["access_token"], rotated["access_token"]):
        assert api.as_(token).get(ME).status_code == 401
    assert_refused(app.refresh(rotated["refresh_token"]), 400, "invalid_grant")


def test_a_thief_who_uses_a_code_again_ends_nothing_of_another_application(
    api: Api, app: Client, code: str
) -> None:
    reply = app.exchange(code).json()

    assert_refused(Client(api).exchange(code), 400, "invalid_grant")

    assert api.as_(reply["access_token"]).get(ME).status_code == 200


def test_offline_access_gives_a_refresh_token_that_rotates(
    signed_in: Browser, api: Api, app: Client
) -> None:
    code = signed_in.code(app.query(scope="api:use-streams-write offline_access"))
    first = app.exchange(code).json()

    second = app.refresh(first["refresh_token"]).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"] == "api:use-streams-write"
    me = [api.as_(one["access_token"]).ok("GET", ME)["username"] for one in (first, second)]
    assert me[0] == me[1] == signed_in.get("/api/v1/session").json()["user"]["username"]


def test_an_application_without_refresh_tokens_gets_none(signed_in: Browser, api: Api) -> None:
    app = Client(api, grantTypes=["AUTHORIZATION_CODE"])

    reply = app.exchange(signed_in.code(app.query(scope="api:use-streams-write offline_access")))

    assert "refresh_token" not in reply.json()


def test_a_disabled_application_exchanges_nothing_and_enabling_does_not_revive_a_code(
    api: Api, app: Client, code: str
) -> None:
    path = f"/multipass/api/client-installations/{app.client_id}"
    api.ok("DELETE", path)

    disabled = app.exchange(code)
    api.ok("PUT", path, json={})

    assert_refused(disabled, 400, "unauthorized_client")
    assert_refused(app.exchange(code), 400, "invalid_grant")


def test_ending_a_users_tokens_ends_codes_too(
    signed_in: Browser, api: Api, app: Client, code: str
) -> None:
    user_id = signed_in.get("/api/v1/session").json()["user"]["id"]
    api.ok("POST", f"/api/v2/admin/users/{user_id}/revokeAllTokens?preview=true")

    assert_refused(app.exchange(code), 400, "invalid_grant")


def test_a_code_makes_no_calls_and_tells_nothing_of_itself(signed_in: Browser, api: Api) -> None:
    app = Client(api, clientType="CONFIDENTIAL")
    code = signed_in.code(app.query())
    form = {**app.credentials, "token": code}

    told = api.as_(None).post("/multipass/api/oauth2/introspect", data=form)
    api.as_(None).post("/multipass/api/oauth2/revoke_token", data=form)

    assert told.json() == {"active": False}
    assert_error(api.as_(code).get(ME), 401, "Default:Unauthorized")
    assert app.exchange(code).status_code == 200


def test_revoking_one_token_ends_all_of_the_sign_in(
    signed_in: Browser, api: Api, app: Client
) -> None:
    reply = app.exchange(
        signed_in.code(app.query(scope="api:use-streams-write offline_access"))
    ).json()
    form = {**app.credentials, "token": reply["access_token"]}

    answer = api.as_(None).post("/multipass/api/oauth2/revoke_token", data=form)

    assert answer.status_code == 200
    assert_refused(app.refresh(reply["refresh_token"]), 400, "invalid_grant")
