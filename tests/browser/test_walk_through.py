"""The whole way from signing in to records on the page, in one browser, by the words on it."""

import re
import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from fixtures.chromium import Window, Windows
from fixtures.server import ADMIN_PASSWORD, ServerProcess, clean_environment

FIELDS = {"sensor_id": "String", "temperature": "Double", "created_at": "Timestamp"}
RUN_SECONDS = 30


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_role("textbox", name="Username").fill("admin")
    page.get_by_role("textbox", name="Password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def define_stream(page: Page, name: str) -> None:
    page.get_by_role("link", name="Quickstart").click()
    page.get_by_role("button", name="New").click()
    page.get_by_role("menuitem", name="Stream").click()
    page.get_by_role("textbox", name="Stream name").fill(name)
    for field, kind in FIELDS.items():
        page.get_by_role("button", name="Add field").click()
        page.get_by_role("textbox", name="Field name").last.fill(field)
        page.get_by_role("combobox", name="Field type").last.select_option(kind)
    slider = page.get_by_role("slider", name="Throughput")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Normal: 1 partition"))
    page.get_by_role("button", name="Create stream").click()


def open_push_data(page: Page) -> None:
    expect(page.get_by_role("heading", name="Connect", exact=True)).to_be_visible()
    ways = page.get_by_role("region", name="Connect via API")
    ways.get_by_role("link", name="cURL").click()
    expect(page.get_by_role("heading", name="Push data")).to_be_visible()
    way = page.get_by_role("radio", name="Push with a third-party application")
    expect(way).to_be_checked()


def register_application(page: Page, name: str) -> tuple[str, str]:
    """Register it; gives the client ID, and the secret as it was copied."""
    page.get_by_role("link", name="Go to third-party applications").click()
    page.get_by_role("button", name="Register new application").first.click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("radio", name="Server application").check()
    page.get_by_role("button", name="Create").click()
    shown = page.get_by_role("dialog", name=f"{name} is registered")
    expect(shown.get_by_text("The secret is shown this once only.")).to_be_visible()
    client_id = shown.get_by_label("Client ID").input_value()
    shown.get_by_role("button", name="Copy").last.click()
    secret: str = page.evaluate("navigator.clipboard.readText()")
    assert shown.get_by_label("Client secret").input_value() == secret
    shown.get_by_role("button", name="Done").click()
    return client_id, secret


def enter_credentials(page: Page, client_id: str, secret: str) -> None:
    page.go_back()
    page.get_by_role("textbox", name="Client ID").fill(client_id)
    page.get_by_role("textbox", name="Client secret").fill(secret)


def enable_grant(page: Page) -> None:
    page.get_by_role("link", name="Manage application").click()
    page.get_by_role("switch", name="Client credentials grant").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    page.go_back()


def share_stream(page: Page, client_id: str) -> None:
    using = page.get_by_role("region", name="Using your new application")
    expect(using.get_by_text(client_id)).to_be_visible()
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("tab", name="Roles")).to_have_attribute("aria-selected", "true")
    page.get_by_role("searchbox", name="Search users, groups or client IDs").fill(client_id)
    page.get_by_role("button", name="Add").click()
    page.get_by_role("combobox", name="Role", exact=True).select_option("Editor")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The roles are saved.")).to_be_visible()


def read_code(page: Page) -> str:
    """Go on to the code; gives what the two boxes say, one after the other."""
    for line in (
        "The application exists",
        "The secret is right",
        "The client credentials grant is enabled",
        "It may write to streams",
        "The stream is shared with it",
    ):
        item = page.get_by_role("listitem").filter(has_text=line)
        expect(item).to_contain_text(f"{line}: done")
    page.get_by_role("button", name="Next step").click()
    pieces = []
    for title in ("Get a token", "Push records"):
        region = page.get_by_role("region", name=title)
        region.get_by_role("button", name="Copy").click()
        copied: str = page.evaluate("navigator.clipboard.readText()")
        assert region.locator("code").text_content() == copied
        pieces.append(copied)
    return "".join(pieces)


def run_in_terminal(code: str, folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", code],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def watch(window: Window, name: str) -> Page:
    """Open the stream's page in a second tab, and wait until it is live."""
    path = window.page.get_by_role("link", name=name).get_attribute("href")
    assert path is not None
    tab = window.context.new_page()
    tab.goto(path)
    expect(tab.get_by_role("switch", name="Live updates")).to_be_checked()
    expect(tab.get_by_role("status").filter(has_text=re.compile("^Live$"))).to_be_visible()
    return tab


def test_a_person_signs_in_and_sees_the_records_of_their_program(
    own_server: ServerProcess, windows: Windows, tmp_path: Path
) -> None:
    window = windows.open(own_server.start().url)
    page = window.page

    sign_in(page)
    define_stream(page, "Sensors")
    open_push_data(page)
    client_id, secret = register_application(page, "Sensor gateway")
    enter_credentials(page, client_id, secret)
    enable_grant(page)
    share_stream(page, client_id)
    code = read_code(page)
    tab = watch(window, "Sensors")
    run_in_terminal(code, tmp_path)

    records = tab.get_by_role("table", name="Records")
    expect(records.get_by_role("cell", name="sample")).to_be_visible()
    newest = page.get_by_role("list", name="Newest records")
    expect(newest.get_by_text('"sensor_id":"sample"')).to_be_visible()

    card = page.get_by_role("region", name="Test with JSON")
    card.get_by_role("textbox", name="JSON records").fill(
        '[{ "value": {"sensor_id":"sensor4","temperature":4.132} }]'
    )
    card.get_by_role("button", name="Push").click()
    expect(card.get_by_text("1 record pushed and stored")).to_be_visible()
    expect(records.get_by_role("cell", name="sensor4")).to_be_visible()
    expect(records.get_by_role("cell", name="4.132")).to_be_visible()
    page.get_by_role("button", name="Start pipelining").click()
    expect(page.get_by_role("dialog", name="Pipelines")).to_be_visible()
