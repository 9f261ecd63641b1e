"""``GET /multipass/api/oauth2/authorize`` and the calls of the page that asks the user."""

import uuid
from urllib.parse import unquote, urlencode

import httpx
import pytest

from fixtures.api import Api, assert_error
from fixtures.browser import AUTHORIZE, CALLBACK, REQUEST, Browser, Client, challenge, query_of
from fixtures.server import sign_in
from sluiceway.access.oauth.requests import QUERY_BYTES_MAX


def assert_refused(answer: httpx.Response, error: str) -> None:
    """Check that the browser stays here and is told why, in OAuth2's form."""
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    assert set(answer.json()) == {"error", "error_description"}
    assert "location" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_a_visitor_signs_in_first_and_comes_back(visitor: Browser, app: Client) -> None:
    location = visitor.authorize(app.query())

    page, _, back = location.partition("?next=")
    assert page == "/sign-in"
    assert unquote(back) == f"{AUTHORIZE}?{urlencode(app.query())}"


@pytest.mark.parametrize("cookie", ["sws_" + "x" * 43, "nonsense"])
def test_a_session_that_is_none_signs_in_too(visitor: Browser, app: Client, cookie: str) -> None:
    visitor.cookies.set("sluiceway_session", cookie)

    assert visitor.authorize(app.query()).startswith("/sign-in?next=")


def test_a_personal_token_in_the_cookie_is_no_session(
    visitor: Browser, api: Api, app: Client
) -> None:
    made = api.ok("POST", "/multipass/api/tokens", json={"name": "cookie", "description": ""})
    visitor.cookies.set("sluiceway_session", made["access_token"])

    assert visitor.authorize(app.query()).startswith("/sign-in?next=")


def test_a_user_is_asked_with_the_same_query(signed_in: Browser, app: Client) -> None:
    location = signed_in.authorize(app.query())

    assert location == f"/authorize?{urlencode(app.query())}"


def test_nothing_on_the_way_keeps_the_answer(signed_in: Browser, app: Client) -> None:
    answer = signed_in.get(AUTHORIZE, params=app.query())

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_page_learns_who_asks_for_what(signed_in: Browser, api: Api) -> None:
    described = {"description": "Reads meters.", "logoUri": "https://example.com/logo.png"}
    app = Client(api, **described)
    scope = "api:streams-write api:read-data offline_access api:use-streams-read"

    answer = signed_in.get(REQUEST, params=app.query(scope=scope))

    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert body["client"] == {
        "clientId": app.client_id,
        "displayName": app.name,
        **described,
    }
    assert body["redirectHost"] == "localhost:8765"
    assert [one["scope"] for one in body["scopes"]] == [
        "api:use-streams-read",
        "api:use-streams-write",
        "offline_access",
    ]
    assert all(one["description"] for one in body["scopes"])


def test_agreeing_sends_a_code_to_the_application(signed_in: Browser, app: Client) -> None:
    location = signed_in.answer(signed_in.authorize(app.query()))

    assert location.startswith(f"{CALLBACK}?")
    answer = query_of(location)
    assert set(answer) == {"code", "state"}
    assert answer["state"] == "a state & more"
    assert answer["code"].startswith("swg_")


def test_a_request_without_state_gets_none_back(signed_in: Browser, app: Client) -> None:
    location = signed_in.answer(signed_in.authorize(app.query(state=None)))

    assert set(query_of(location)) == {"code"}


def test_the_redirect_uri_keeps_its_own_query(signed_in: Browser, api: Api) -> None:
    uri = "https://example.com/cb?tenant=a%20b"
    app = Client(api, redirectUris=[uri])

    location = signed_in.answer(signed_in.authorize(app.query(redirect_uri=uri)))

    assert location.startswith(f"{uri}&code=swg_")


def test_the_first_redirect_uri_is_taken_when_none_is_named(signed_in: Browser, api: Api) -> None:
    app = Client(api, redirectUris=["https://example.com/first", CALLBACK])

    location = signed_in.answer(signed_in.authorize(app.query(redirect_uri=None)))

    assert location.startswith("https://example.com/first?code=")


def test_refusing_tells_the_application_so(signed_in: Browser, app: Client) -> None:
    location = signed_in.answer(signed_in.authorize(app.query()), "deny")

    answer = query_of(location)
    assert location.startswith(f"{CALLBACK}?")
    assert (answer["error"], answer["state"]) == ("access_denied", "a state & more")
    assert "code" not in answer
    assert signed_in.authorize(app.query()).startswith("/authorize?")


REFUSED = {
    "no client": ({"client_id": None}, "invalid_client"),
    "unknown client": ({"client_id": "0" * 32}, "invalid_client"),
    "strange client": ({"client_id": 'ä"\\'}, "invalid_client"),
    "another redirect": ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
    "longer redirect": ({"redirect_uri": f"{CALLBACK}/x"}, "invalid_request"),
    "another port": ({"redirect_uri": "http://localhost:8766/callback"}, "invalid_request"),
    "strange redirect": ({"redirect_uri": 'ä"\\\n'}, "invalid_request"),
    "no response type": ({"response_type": None}, "invalid_request"),
    "implicit": ({"response_type": "token"}, "unsupported_response_type"),
    "hybrid": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "strange type": ({"response_type": 'ä"\\\n'}, "unsupported_response_type"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "offline alone": ({"scope": "offline_access"}, "invalid_scope"),
    "plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "plain by default": ({"code_challenge_method": None}, "invalid_request"),
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "no PKCE": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "short challenge": ({"code_challenge": "a" * 42}, "invalid_request"),
    "long challenge": ({"code_challenge": "a" * 44}, "invalid_request"),
    "padded challenge": ({"code_challenge": "a" * 42 + "="}, "invalid_request"),
    "large": ({"state": "s" * QUERY_BYTES_MAX}, "invalid_request"),
    "many fields": ({f"field{n}": "x" for n in range(30)}, "invalid_request"),
}


@pytest.mark.parametrize(("changes", "error"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_told_here_and_to_the_page(
    signed_in: Browser, app: Client, changes: dict[str, str | None], error: str
) -> None:
    query = app.query(**changes)

    answer = signed_in.get(AUTHORIZE, params=query)
    asked = signed_in.get(REQUEST, params=query)
    decided = signed_in.post(REQUEST, json={"query": urlencode(query), "decision": "approve"})

    assert_refused(answer, error)
    assert assert_error(asked, 400, "InvalidAuthorizationRequest")["error"] == error
    assert assert_error(decided, 400, "InvalidAuthorizationRequest")["error"] == error


@pytest.mark.parametrize("more", ["&state=b", "&redirect_uri=https://evil.example/", "&x=%ff"])
def test_a_field_twice_or_no_text_is_refused(signed_in: Browser, app: Client, more: str) -> None:
    assert_refused(signed_in.get(f"{AUTHORIZE}?{urlencode(app.query())}{more}"), "invalid_request")


def test_a_query_just_below_the_limit_is_taken(signed_in: Browser, app: Client) -> None:
    left = QUERY_BYTES_MAX - len(urlencode(app.query(state="")))

    location = signed_in.authorize(app.query(state="s" * left))

    assert location.startswith("/authorize?")


def test_a_confidential_application_may_go_without_pkce(signed_in: Browser, api: Api) -> None:
    app = Client(api, clientType="CONFIDENTIAL")

    location = signed_in.authorize(app.query(code_challenge=None, code_challenge_method=None))

    assert location.startswith("/authorize?")
    answer = signed_in.get(AUTHORIZE, params=app.query(code_challenge_method="plain"))
    assert_refused(answer, "invalid_request")


@pytest.mark.parametrize(
    "changes",
    [{"grantTypes": ["REFRESH_TOKEN"]}, {"resources": ["ri.compass.main.folder.a"]}],
    ids=["no grant", "restricted to projects"],
)
def test_an_application_that_may_not_act_for_users_is_refused(
    signed_in: Browser, api: Api, changes: dict[str, list[str]]
) -> None:
    app = Client(api, **changes)

    assert_refused(signed_in.get(AUTHORIZE, params=app.query()), "unauthorized_client")


def test_a_disabled_application_is_refused(signed_in: Browser, api: Api, app: Client) -> None:
    api.ok("DELETE", f"/multipass/api/client-installations/{app.client_id}")

    assert_refused(signed_in.get(AUTHORIZE, params=app.query()), "unauthorized_client")


def test_scopes_beyond_the_application_are_not_asked_for(signed_in: Browser, api: Api) -> None:
    app = Client(api, operations=["api:use-streams-read"], grantTypes=["AUTHORIZATION_CODE"])
    scope = "api:use-streams-read api:use-admin-write offline_access"

    named = signed_in.get(REQUEST, params=app.query(scope=scope)).json()["scopes"]
    none_named = signed_in.get(REQUEST, params=app.query(scope=None)).json()["scopes"]

    assert [one["scope"] for one in named] == ["api:use-streams-read"]
    assert none_named == named


def test_consent_is_remembered_for_the_same_scopes_and_fewer(
    signed_in: Browser, app: Client
) -> None:
    both = "api:use-streams-read api:use-streams-write"
    signed_in.code(app.query(scope=both))

    fewer = signed_in.authorize(app.query(scope="api:streams-read"))
    more = signed_in.authorize(app.query(scope=f"{both} api:use-admin-read"))
    offline = signed_in.authorize(app.query(scope=f"{both} offline_access"))

    assert fewer.startswith(f"{CALLBACK}?code=")
    assert more.startswith("/authorize?")
    assert offline.startswith("/authorize?")


def test_consent_is_one_persons_alone(
    signed_in: Browser, visitor: Browser, app: Client, api: Api
) -> None:
    signed_in.code(app.query())
    with Browser(base_url=api.url) as other:
        other.sign_in()

        assert other.authorize(app.query()).startswith("/authorize?")


def test_without_a_need_for_consent_nobody_is_asked(signed_in: Browser, api: Api) -> None:
    app = Client(api)
    path = f"/multipass/api/client-installations/{app.client_id}"
    api.ok("PUT", path, json={"requireConsent": False})

    location = signed_in.authorize(app.query())
    api.ok("PUT", path, json={"requireConsent": True})

    assert location.startswith(f"{CALLBACK}?code=")
    assert signed_in.authorize(app.query()).startswith("/authorize?")


def test_disabling_an_application_forgets_consent(
    signed_in: Browser, api: Api, app: Client
) -> None:
    signed_in.code(app.query())
    path = f"/multipass/api/client-installations/{app.client_id}"
    api.ok("DELETE", path)
    api.ok("PUT", path, json={})

    assert signed_in.authorize(app.query()).startswith("/authorize?")


def test_a_person_sees_and_revokes_what_they_authorized(
    signed_in: Browser, api: Api, app: Client
) -> None:
    other = Client(api)
    tokens = app.exchange(signed_in.code(app.query(scope="api:use-streams-read"))).json()
    kept = other.exchange(signed_in.code(other.query())).json()
    pending = signed_in.code(app.query(scope="api:use-streams-read"))

    listed = signed_in.get("/api/v1/authorizations").json()["data"]
    revoked = signed_in.delete(f"/api/v1/authorizations/{app.client_id}")

    (mine,) = [one for one in listed if one["client"]["clientId"] == app.client_id]
    assert len(listed) == 2
    assert mine["client"]["displayName"] == app.name
    assert [one["scope"] for one in mine["scopes"]] == ["api:use-streams-read"]
    assert mine["authorizedTime"] <= mine["lastUsedTime"]
    assert revoked.status_code == 204
    me = "/multipass/api/me"
    assert api.as_(tokens["access_token"]).get(me).status_code == 401
    assert api.as_(kept["access_token"]).get(me).status_code == 200
    assert app.exchange(pending).json()["error"] == "invalid_grant"
    again = signed_in.delete(f"/api/v1/authorizations/{app.client_id}")
    assert_error(again, 404, "AuthorizationNotFound")
    assert signed_in.authorize(app.query()).startswith("/authorize?")


def test_authorizations_come_in_pages(signed_in: Browser, api: Api) -> None:
    clients = [Client(api) for _ in range(3)]
    for app in clients:
        signed_in.code(app.query())

    first = signed_in.get("/api/v1/authorizations", params={"pageSize": 2}).json()
    query = {"pageSize": "2", "pageToken": first["nextPageToken"]}
    second = signed_in.get("/api/v1/authorizations", params=query).json()

    found = [one["client"]["clientId"] for one in first["data"] + second["data"]]
    assert found == sorted(app.client_id for app in clients)
    assert "nextPageToken" not in second


def test_a_deleted_application_is_authorized_no_more(
    signed_in: Browser, api: Api, app: Client
) -> None:
    signed_in.code(app.query())
    api.ok("DELETE", f"/multipass/api/clients/{app.client_id}")

    assert signed_in.get("/api/v1/authorizations").json()["data"] == []


def test_agreeing_needs_the_sessions_word(signed_in: Browser, app: Client) -> None:
    del signed_in.headers["X-CSRF-Token"]
    body = {"query": urlencode(app.query()), "decision": "approve"}

    answer = signed_in.post(REQUEST, json=body)
    revoked = signed_in.delete(f"/api/v1/authorizations/{app.client_id}")

    assert_error(answer, 403, "InvalidCsrfToken")
    assert_error(revoked, 403, "InvalidCsrfToken")
    assert signed_in.authorize(app.query()).startswith("/authorize?")


def test_no_program_agrees_for_its_user(signed_in: Browser, api: Api, app: Client) -> None:
    body = {"query": urlencode(app.query()), "decision": "approve"}
    made = api.ok("POST", "/multipass/api/tokens", json={"name": "x", "description": ""})
    personal = api.as_(made["access_token"])
    code = signed_in.code(app.query(scope="api:use-admin-write"))
    program = api.as_(app.exchange(code).json()["access_token"])

    answers = [one.post(REQUEST, json=body) for one in (personal, program)]
    asked = [one.get(REQUEST, params=app.query()) for one in (personal, program)]
    listed = program.get("/api/v1/authorizations")
    revoked = program.delete(f"/api/v1/authorizations/{app.client_id}")

    for answer in (*answers, *asked, listed, revoked):
        assert_error(answer, 403, "AuthorizationPermissionDenied")
    assert personal.get("/api/v1/authorizations").status_code == 200


@pytest.mark.parametrize("decision", ["", "APPROVE", None])
def test_any_other_answer_is_refused(signed_in: Browser, app: Client, decision: str | None) -> None:
    body = {"query": urlencode(app.query()), "decision": decision}

    assert_error(signed_in.post(REQUEST, json=body), 400, "Conjure:InvalidArgument")


def test_a_script_signs_in_and_agrees_without_a_browser(api: Api, app: Client) -> None:
    username, password = uuid.uuid4().hex, uuid.uuid4().hex
    api.ok("POST", "/api/v1/users", json={"username": username, "password": password})
    script = api.as_(sign_in(api.url, username, password))
    body = {"query": f"?{urlencode(app.query())}", "decision": "approve"}

    location = script.ok("POST", REQUEST, json=body)["redirectTo"]

    reply = app.exchange(query_of(location)["code"]).json()
    assert api.as_(reply["access_token"]).ok("GET", "/multipass/api/me")["username"] == username


def test_the_challenge_of_the_specification_is_understood() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
