"""Third-party applications: registered, limited, given another secret, deleted; and consent."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from fixtures.api import Api, unique
from fixtures.chromium import Window, Windows

LIST = "/settings/applications"
CALLBACK = "http://localhost:8765/callback"


def application(api: Api, **more: Any) -> dict[str, Any]:
    body = {"clientType": "CONFIDENTIAL", "displayName": unique("app"), "grantTypes": [], **more}
    made: dict[str, Any] = api.ok("POST", "/multipass/api/clients", json=body)
    return made


def described(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api.ok("GET", f"/multipass/api/clients/{made['clientId']}")
    return found


def register(page: Page, name: str, kind: str = "Server application") -> None:
    page.get_by_role("button", name="Register new application").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("dialog", name=f"{name} is registered")).to_be_visible()


def test_a_secret_that_was_not_copied_is_asked_about(window: Window) -> None:
    page, name = window.go("/projects"), unique("left")
    page.get_by_role("link", name="Applications").click()

    register(page, name)
    expect(page.get_by_label("Client ID", exact=True)).not_to_have_value("")
    expect(page.get_by_label("Client secret", exact=True)).not_to_have_value("")
    page.get_by_role("button", name="Done").click()
    question = page.get_by_role("dialog", name="Leave without the client secret?")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    expect(page.get_by_label("Client secret", exact=True)).to_be_visible()
    page.go_back()
    expect(question).to_be_visible()
    question.get_by_role("button", name="Leave without it").click()

    expect(page.get_by_label("Client secret", exact=True)).to_have_count(0)


def test_a_secret_that_was_copied_is_gone_with_the_dialog(window: Window) -> None:
    page, name = window.go(LIST), unique("copied")

    register(page, name)
    shown = page.get_by_role("dialog", name=f"{name} is registered")
    secret = shown.get_by_label("Client secret", exact=True).input_value()
    shown.get_by_role("button", name="Copy").last.click()
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_have_count(0)
    page.get_by_role("link", name=name).click()

    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    assert secret not in page.content()


def test_an_application_without_a_secret_shows_only_its_id(window: Window) -> None:
    page, name = window.go(LIST), unique("native")

    register(page, name, "Native or single-page application")

    expect(page.get_by_label("Client ID", exact=True)).not_to_have_value("")
    expect(page.get_by_label("Client secret")).to_have_count(0)


def test_what_an_application_may_do_is_saved(window: Window, api: Api) -> None:
    made = application(api)
    page = window.go(f"{LIST}/{made['clientId']}")

    page.get_by_role("switch", name="Client credentials grant").check()
    page.get_by_role("checkbox", name="api:use-streams-write").check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("is saved.")).to_be_visible()
    found = described(api, made)
    assert found["grantTypes"] == ["CLIENT_CREDENTIALS"]
    assert found["operations"] == ["api:use-streams-write"]


def test_a_redirect_url_that_is_none_is_refused_with_the_reason(window: Window, api: Api) -> None:
    window.announce("status of 400")
    made = application(api)
    page = window.go(f"{LIST}/{made['clientId']}")

    page.get_by_role("switch", name="Authorization code grant").check()
    page.get_by_role("textbox", name="Redirect URL 1").fill("ftp://nowhere")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_be_visible()
    assert described(api, made)["redirectUris"] == []


def test_a_rotated_secret_is_shown_once(window: Window, api: Api) -> None:
    made = application(api, grantTypes=["CLIENT_CREDENTIALS"])
    page = window.go(f"{LIST}/{made['clientId']}")

    page.get_by_role("button", name="Rotate secret").click()
    page.get_by_role("button", name="Rotate", exact=True).click()
    shown = page.get_by_role("dialog", name="The new secret")
    secret = shown.get_by_label("Client secret", exact=True).input_value()
    shown.get_by_role("button", name="Copy").last.click()
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_have_count(0)

    form = {"grant_type": "client_credentials", "client_id": made["clientId"]}
    answers = [
        api.as_(None).post("/multipass/api/oauth2/token", data=form | {"client_secret": one})
        for one in (secret, made["clientSecret"])
    ]
    assert [answer.is_success for answer in answers] == [True, False]


def test_an_application_is_deleted_once_its_name_is_typed(window: Window, api: Api) -> None:
    made = application(api)
    page = window.go(f"{LIST}/{made['clientId']}")

    page.get_by_role("button", name="Delete application").click()
    question = page.get_by_role("dialog", name=f"Delete {made['displayName']}?")
    expect(question.get_by_role("button", name="Delete", exact=True)).to_be_disabled()
    question.get_by_role("textbox").fill(made["displayName"])
    question.get_by_role("button", name="Delete", exact=True).click()

    expect(page.get_by_role("heading", name="Third-party applications")).to_be_visible()
    expect(page.get_by_role("link", name=made["displayName"])).to_have_count(0)
    assert api.get(f"/multipass/api/clients/{made['clientId']}").status_code == 404


def test_who_is_no_administrator_is_told_so(windows: Windows, api: Api) -> None:
    person = api.new_person()
    window = windows.open().sign_in(person.username, person.password)

    page = window.go(LIST)

    expect(page.get_by_text("Only for administrators")).to_be_visible()
    expect(page.get_by_role("button", name="Register new application")).to_have_count(0)
    expect(page.get_by_role("link", name="Applications")).to_have_count(0)


def test_a_person_agrees_to_an_application_and_takes_it_back(window: Window, api: Api) -> None:
    made = application(
        api,
        clientType="PUBLIC",
        grantTypes=["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
        redirectUris=[CALLBACK],
    )
    # The application's own page, to which the browser is sent back.
    window.context.route(f"{CALLBACK}**", lambda route: route.fulfill(body="thank you"))
    query = {
        "response_type": "code",
        "client_id": made["clientId"],
        "redirect_uri": CALLBACK,
        "scope": "api:use-streams-write",
        "state": "mine",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    text = "&".join(f"{name}={value}" for name, value in query.items())

    page = window.go(f"/multipass/api/oauth2/authorize?{text}")
    expect(page.get_by_role("heading", name=f"Authorize {made['displayName']}?")).to_be_visible()
    with page.expect_request(re.compile(f"^{CALLBACK}")) as sent:
        page.get_by_role("button", name="Approve").click()
    assert re.search(r"[?&]code=[^&]+", sent.value.url)
    assert "state=mine" in sent.value.url
    expect(page.get_by_text("thank you")).to_be_visible()
    page = window.go("/settings/tokens")
    row = page.get_by_role("row", name=re.compile(made["displayName"]))
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button").last.click()

    expect(row).to_have_count(0)
