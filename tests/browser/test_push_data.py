"""The pages Connect and Push data: each language, a token on the spot, and what is refused."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from fixtures.api import Api, StreamUnderTest
from fixtures.chromium import Window, Windows

LANGUAGES = ["cURL", "Python", "JavaScript", "Java"]


def json_card(page: Page) -> Locator:
    return page.get_by_role("region", name="Test with JSON")


def to_the_code(page: Page) -> None:
    """Go to the code by way of a personal token."""
    page.get_by_role("radio", name="Push with a personal token").check()
    page.get_by_role("button", name="Next step").click()
    expect(page.get_by_role("region", name="Get a token")).to_be_visible()


def write(page: Page, text: str) -> None:
    json_card(page).get_by_role("textbox", name="JSON records").fill(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_way_leads_to_its_code(window: Window, stream: StreamUnderTest, language: str) -> None:
    page = window.go(f"/streams/{stream.rid}/connect")

    ways = page.get_by_role("region", name="Connect via API")
    expect(ways.get_by_role("heading", name="Connect via API")).to_be_visible()
    ways.get_by_role("link", name=language, exact=True).click()
    expect(page.get_by_role("link", name="Go to third-party applications")).to_be_visible()
    to_the_code(page)

    for title in ("Get a token", "Push records"):
        region = page.get_by_role("region", name=title)
        expect(region.get_by_role("button", name="Copy")).to_be_visible()
        expect(region.locator("code")).to_be_visible()
    expect(page.get_by_role("region", name="Push records")).to_contain_text(stream.rid)


def test_the_page_has_its_names(window: Window, stream: StreamUnderTest) -> None:
    page = window.go(f"/streams/{stream.rid}/push/curl")

    for role, name in (
        ("radio", "Push with a third-party application"),
        ("radio", "Push with a personal token"),
        ("link", "Go to third-party applications"),
        ("textbox", "Client ID"),
        ("textbox", "Client secret"),
        ("link", "Manage application"),
        ("button", "Share"),
        ("button", "Next step"),
    ):
        expect(page.get_by_role(role, name=name, exact=True)).to_be_visible()  # type: ignore[arg-type]
    to_the_code(page)
    expect(json_card(page).get_by_role("textbox", name="JSON records")).to_be_visible()
    expect(json_card(page).get_by_role("button", name="Push")).to_be_enabled()
    expect(page.get_by_role("button", name="Start pipelining")).to_be_visible()


def test_several_records_are_pushed_at_once(window: Window, stream: StreamUnderTest) -> None:
    page = window.go(f"/streams/{stream.rid}/push/curl")
    to_the_code(page)

    write(page, '[{"sensor_id": "a"}, {"sensor_id": "b", "temperature": 1e300}]')
    json_card(page).get_by_role("button", name="Push").click()

    expect(json_card(page).get_by_text("2 records pushed and stored")).to_be_visible()
    assert [value["sensor_id"] for value in stream.values()] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[{"sensor_id": }]', re.compile("JSON|Unexpected", re.IGNORECASE)),
        ('[{"sensor_id": 7}]', re.compile("sensor_id")),
        ('[{"temperature": 1}]', re.compile("sensor_id")),
        ('[{"sensor_id": "a", "temperatur": 1}]', re.compile("temperatur")),
    ],
    ids=["no JSON", "wrong type", "missing", "unknown field"],
)
def test_json_that_does_not_fit_is_said_while_it_is_typed(
    window: Window, stream: StreamUnderTest, text: str, fault: re.Pattern[str]
) -> None:
    page = window.go(f"/streams/{stream.rid}/push/curl")
    to_the_code(page)

    write(page, text)

    editor = json_card(page).get_by_role("textbox", name="JSON records")
    expect(editor).to_have_attribute("aria-invalid", "true")
    expect(json_card(page).get_by_text(fault).last).to_be_visible()


def test_what_only_the_server_knows_is_said_at_the_field(
    window: Window, stream: StreamUnderTest
) -> None:
    window.announce("status of 400")
    page = window.go(f"/streams/{stream.rid}/push/curl")
    to_the_code(page)

    write(page, '[{"sensor_id": "a", "temperature": "warm"}]')
    push = json_card(page).get_by_role("button", name="Push")
    push.click()

    expect(json_card(page).get_by_text(re.compile("temperature: expected .*warm"))).to_be_visible()
    assert stream.values() == []


def test_who_may_only_read_is_told_so(windows: Windows, api: Api, stream: StreamUnderTest) -> None:
    person = api.new_person()
    api.grant(stream.rid, person.id, "viewer")
    window = windows.open().sign_in(person.username, person.password)
    window.announce("status of 403")
    page = window.go(f"/streams/{stream.rid}/push/curl")
    to_the_code(page)

    write(page, '[{"sensor_id": "a"}]')
    json_card(page).get_by_role("button", name="Push").click()

    expect(json_card(page).get_by_role("alert")).to_be_visible()
    assert stream.values() == []


def test_what_an_application_lacks_is_said_at_its_step(
    window: Window, api: Api, stream: StreamUnderTest
) -> None:
    body = {
        "clientType": "CONFIDENTIAL",
        "displayName": "lacking",
        "grantTypes": [],
        "operations": ["api:use-streams-read"],
    }
    made = api.ok("POST", "/multipass/api/clients", json=body)
    page = window.go(f"/streams/{stream.rid}/push/curl")

    page.get_by_role("textbox", name="Client ID").fill(made["clientId"])
    page.get_by_role("textbox", name="Client secret").fill("wrong")

    for line, words in (
        ("The application exists", "done"),
        ("The client credentials grant is enabled", "missing"),
        ("It may write to streams", "missing"),
        ("The stream is shared with it", "missing"),
    ):
        item = page.get_by_role("listitem").filter(has_text=f"{line}: {words}")
        expect(item).to_be_visible()


def test_credentials_are_kept_on_the_way_and_gone_after_a_reload(
    window: Window, stream: StreamUnderTest
) -> None:
    page = window.go(f"/streams/{stream.rid}/push/curl")
    page.get_by_role("textbox", name="Client secret").fill("swc_secret")

    page.get_by_role("link", name="Go to third-party applications").click()
    expect(page.get_by_role("heading", name="Third-party applications")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("textbox", name="Client secret")).to_have_value("swc_secret")
    page.reload()

    expect(page.get_by_role("textbox", name="Client secret")).to_have_value("")
