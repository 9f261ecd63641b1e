"""Projects and the panel that shares what lies in them."""

import re

from playwright.sync_api import Locator, Page, expect

from fixtures.api import Api, StreamUnderTest, unique
from fixtures.chromium import Window, Windows

SEARCH = "Search users, groups or client IDs"


def open_panel(page: Page) -> Locator:
    page.get_by_role("button", name="Share").click()
    panel = page.get_by_role("dialog", name="Share")
    expect(panel.get_by_role("tab", name="Roles")).to_be_visible()
    return panel


def share_with(panel: Locator, name: str, role: str) -> None:
    panel.get_by_role("searchbox", name=SEARCH).fill(name)
    panel.get_by_role("button", name="Add").click()
    panel.get_by_role("combobox", name="Role", exact=True).select_option(role)
    panel.get_by_role("button", name="Save").click()


def test_a_person_sees_what_is_shared_until_it_is_taken_away(
    window: Window, windows: Windows, api: Api, stream: StreamUnderTest
) -> None:
    person = api.new_person()
    other = windows.open().sign_in(person.username, person.password)
    other.announce("status of 40[34]")
    page = window.go(f"/streams/{stream.rid}")

    share_with(open_panel(page), person.username, "Viewer")
    expect(page.get_by_text("The roles are saved.")).to_be_visible()
    seen = other.go(f"/streams/{stream.rid}")
    expect(seen.get_by_role("table", name="Records")).to_be_visible()
    panel = open_panel(page)
    panel.get_by_role("combobox", name=f"Access of {person.username}").select_option("Take away")
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_have_count(0)
    seen = other.go(f"/streams/{stream.rid}")

    expect(seen.get_by_role("heading", level=1)).to_have_text(re.compile("Not found|No permission"))


def test_who_hands_on_more_than_the_own_role_is_told_so(
    windows: Windows, api: Api, stream: StreamUnderTest
) -> None:
    person = api.new_person()
    api.grant(stream.rid, person.id, "editor")
    api.grant(stream.rid, person.id, "owner")
    window = windows.open().sign_in(person.username, person.password)
    window.announce("status of 403")
    page = window.go(f"/streams/{stream.rid}")

    panel = open_panel(page)
    principal = {"type": "principalIdOnly", "principalId": person.id}
    taken = {"roles": [{"resourceRolePrincipal": principal, "roleId": "owner"}]}
    api.ok("POST", f"/api/v2/filesystem/resources/{stream.rid}/roles/remove", json=taken)
    share_with(panel, "admin", "Owner")

    expect(panel.get_by_role("alert")).to_contain_text("stronger than your own")
    panel = open_panel(window.go(f"/streams/{stream.rid}"))
    panel.get_by_role("searchbox", name=SEARCH).fill("admin")
    panel.get_by_role("button", name="Add").click()
    offered = panel.get_by_role("combobox", name="Role", exact=True).get_by_role("option")
    expect(offered).to_have_text(["Editor", "Viewer", "Discoverer"])


def test_nobody_of_that_name_is_said(window: Window, stream: StreamUnderTest) -> None:
    page = window.go(f"/streams/{stream.rid}")

    panel = open_panel(page)
    panel.get_by_role("searchbox", name=SEARCH).fill("nobody at all")

    expect(panel.get_by_text("begins with “nobody at all”")).to_be_visible()
    expect(panel.get_by_role("button", name="Save")).to_be_disabled()


def test_a_project_gets_a_folder_and_the_folder_a_stream(window: Window, api: Api) -> None:
    rid = api.new_project()
    page = window.go(f"/projects/{rid}")

    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Folder").click()
    dialog = page.get_by_role("dialog", name="New folder")
    dialog.get_by_role("textbox", name="Name").fill("Line 1")
    dialog.get_by_role("button", name="Create folder").click()
    page.get_by_role("link", name="Line 1").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Stream").click()

    expect(page.get_by_role("textbox", name="Stream name")).to_be_visible()
    expect(page.get_by_role("link", name="Line 1")).to_be_visible()


def test_a_project_that_is_made_opens(window: Window) -> None:
    page, name = window.go("/projects"), unique("made")

    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog", name="New project")
    dialog.get_by_role("textbox", name="Name").fill(name)
    dialog.get_by_role("button", name="Create project").click()

    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Projects").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_a_name_that_cannot_be_is_refused_with_the_reason(window: Window, api: Api) -> None:
    window.announce("status of 400")
    page = window.go(f"/projects/{api.new_project()}")

    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Folder").click()
    dialog = page.get_by_role("dialog", name="New folder")
    dialog.get_by_role("textbox", name="Name").fill("a/b")
    dialog.get_by_role("button", name="Create folder").click()

    expect(dialog.get_by_role("alert")).to_be_visible()
