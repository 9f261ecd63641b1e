"""Signing in to the web pages: a cookie, and proof that a change is wanted."""

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.server import ADMIN_PASSWORD


@pytest.fixture
def browser(api: Api):
    """A client with cookies and no bearer token, signed in; its header proves its changes."""
    with httpx.Client(base_url=api.url) as client:
        answer = client.post(
            "/api/v1/session", json={"username": "admin", "password": ADMIN_PASSWORD}
        )
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrfToken"]
        yield client


def test_the_cookie_is_out_of_reach_of_scripts_and_foreign_pages(api: Api):
    with httpx.Client(base_url=api.url) as client:
        answer = client.post(
            "/api/v1/session", json={"username": "admin", "password": ADMIN_PASSWORD}
        )

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("sluiceway_session=sws_")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "sws_" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_the_session_is_told_again_after_a_reload(browser: httpx.Client):
    answer = browser.get("/api/v1/session").json()

    assert answer["user"]["username"] == "admin"
    assert answer["user"]["isAdmin"] is True
    assert answer["csrfToken"] == browser.headers["X-CSRF-Token"]


def test_reading_needs_the_cookie_alone(browser: httpx.Client):
    del browser.headers["X-CSRF-Token"]

    assert browser.get("/api/v2/admin/users/getCurrent?preview=true").status_code == 200


@pytest.mark.parametrize("word", [None, "", "0" * 64, "é"])
def test_a_change_without_the_right_word_is_refused(browser: httpx.Client, word: str | None):
    del browser.headers["X-CSRF-Token"]
    headers = {} if word is None else {b"X-CSRF-Token": word.encode("utf-8")}

    answer = browser.post("/api/v1/schemas/infer", json={"a": 1}, headers=headers)

    assert_error(answer, 403, "InvalidCsrfToken")


def test_the_word_of_another_session_is_refused(browser: httpx.Client, api: Api):
    with httpx.Client(base_url=api.url) as other:
        credentials = {"username": "admin", "password": ADMIN_PASSWORD}
        word = other.post("/api/v1/session", json=credentials).json()["csrfToken"]

    answer = browser.post("/api/v1/schemas/infer", json={"a": 1}, headers={"X-CSRF-Token": word})

    assert_error(answer, 403, "InvalidCsrfToken")


def test_the_pages_may_publish(browser: httpx.Client, stream: StreamUnderTest):
    body = {"records": [{"sensor_id": "from the page"}]}

    answer = browser.post(f"{stream.fast}/publishRecords", json=body)

    assert answer.status_code == 204, answer.text
    assert stream.values()[0]["sensor_id"] == "from the page"


def test_the_pages_may_not_publish_without_the_word(browser: httpx.Client, stream: StreamUnderTest):
    del browser.headers["X-CSRF-Token"]

    answer = browser.post(f"{stream.fast}/publishRecords", json={"records": [{"sensor_id": "x"}]})

    assert_error(answer, 403, "InvalidCsrfToken")
    assert stream.ends() == {"0": 0}


def test_signing_out_ends_the_session_and_removes_the_cookie(browser: httpx.Client):
    session = browser.cookies["sluiceway_session"]

    assert browser.delete("/api/v1/session").status_code == 204

    assert "sluiceway_session" not in browser.cookies
    browser.cookies.set("sluiceway_session", session)
    assert browser.get("/api/v1/session").status_code == 204
    assert_error(browser.get("/multipass/api/me"), 401, "Default:Unauthorized")


def test_nobody_is_signed_in_without_a_cookie(api: Api):
    with httpx.Client(base_url=api.url) as client:
        answer = client.get("/api/v1/session")

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_wrong_password_sets_no_cookie(api: Api):
    with httpx.Client(base_url=api.url) as client:
        answer = client.post(
            "/api/v1/session", json={"username": "nobody", "password": "wrong password!"}
        )

    assert_error(answer, 401, "InvalidCredentials")
    assert "set-cookie" not in answer.headers
