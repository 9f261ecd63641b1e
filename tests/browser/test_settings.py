"""Personal tokens, users and groups."""

import re

from playwright.sync_api import Page, expect

from fixtures.api import Api, unique
from fixtures.chromium import Window, Windows


def open_menu(page: Page, of: str, item: str) -> None:
    page.get_by_role("button", name=f"Actions for {of}").click()
    page.get_by_role("menuitem", name=item).click()


def test_a_token_is_shown_once_and_works(window: Window, api: Api) -> None:
    page, name = window.go("/settings/tokens"), unique("token")

    page.get_by_role("button", name="Create token").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Create", exact=True).click()
    shown = page.get_by_role("dialog", name=f"{name} is created")
    token = shown.get_by_label("Token", exact=True).input_value()
    shown.get_by_role("button", name="Copy").click()
    shown.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row", name=re.compile(name))).to_contain_text("Enabled")

    assert api.as_(token).get("/api/v2/admin/users/getCurrent?preview=true").is_success
    assert token not in page.content()


def test_a_token_is_disabled_enabled_and_revoked(window: Window, api: Api) -> None:
    name = unique("token")
    made = api.ok("POST", "/multipass/api/tokens", json={"name": name, "secondsToLive": 3600})
    page = window.go("/settings/tokens")
    row = page.get_by_role("row", name=re.compile(name))

    open_menu(page, name, "Disable")
    expect(row).to_contain_text("Disabled")
    open_menu(page, name, "Enable")
    expect(row).to_contain_text("Enabled")
    open_menu(page, name, "Revoke")
    dialog = page.get_by_role("dialog", name=f"Revoke {name}?")
    dialog.get_by_role("button", name="Revoke").click()
    expect(dialog).to_have_count(0)

    answer = api.as_(made["access_token"]).get("/api/v2/admin/users/getCurrent?preview=true")
    assert answer.status_code == 401


def test_a_dialog_that_a_menu_opens_has_the_keyboard_and_gives_it_back(
    window: Window, api: Api
) -> None:
    name = unique("token")
    api.ok("POST", "/multipass/api/tokens", json={"name": name, "secondsToLive": 3600})
    page = window.go("/settings/tokens")

    page.get_by_role("button", name=f"Actions for {name}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Disable")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=f"Revoke {name}?")
    expect(dialog.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name=f"Actions for {name}")).to_be_focused()


def test_a_new_user_signs_in_until_disabled(window: Window, windows: Windows) -> None:
    page, name = window.go("/settings/users"), f"u{unique('').split()[-1]}"

    page.get_by_role("button", name="Create user").click()
    dialog = page.get_by_role("dialog", name="Create user")
    dialog.get_by_role("textbox", name="Username").fill(name)
    dialog.get_by_label("Password", exact=True).fill("short")
    expect(dialog.get_by_role("button", name="Create", exact=True)).to_be_disabled()
    dialog.get_by_label("Password", exact=True).fill("long enough to be safe")
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text(f"{name} can sign in now.")).to_be_visible()
    other = windows.open().sign_in(name, "long enough to be safe")
    expect(
        other.go("/projects").get_by_role("heading", name="Projects", exact=True)
    ).to_be_visible()
    open_menu(page, name, "Disable")
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("row", name=re.compile(name))).to_contain_text("Disabled")

    expect(other.go("/projects").get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_user_gets_another_password(window: Window, windows: Windows, api: Api) -> None:
    person = api.new_person()
    page = window.go("/settings/users")

    page.get_by_role("searchbox", name="Filter users").fill(person.username)
    open_menu(page, person.username, "Reset password")
    dialog = page.get_by_role("dialog", name=f"Reset the password of {person.username}")
    dialog.get_by_label("Password", exact=True).fill("another one that is safe")
    dialog.get_by_role("button", name="Reset password").click()
    expect(page.get_by_text(f"{person.username} has a new password.")).to_be_visible()

    windows.open().sign_in(person.username, "another one that is safe")


def test_a_group_gets_a_member(window: Window, api: Api) -> None:
    person, name = api.new_person(), unique("group")
    page = window.go("/settings/users")

    page.get_by_role("tab", name="Groups").click()
    page.get_by_role("button", name="Create group").click()
    dialog = page.get_by_role("dialog", name="Create group")
    dialog.get_by_role("textbox", name="Name").fill(name)
    dialog.get_by_role("button", name="Create", exact=True).click()
    page.get_by_role("row", name=re.compile(name)).get_by_role("button").first.click()
    panel = page.get_by_role("dialog", name=f"Members of {name}")
    expect(panel.get_by_text("Nobody is in it yet.")).to_be_visible()
    panel.get_by_role("combobox", name="New member").select_option(value=person.id)
    panel.get_by_role("button", name="Add").click()

    members = panel.get_by_role("list", name=f"Members of {name}")
    expect(members.get_by_text(person.username)).to_be_visible()


def test_one_changes_ones_own_password(windows: Windows, api: Api) -> None:
    person = api.new_person()
    window = windows.open().sign_in(person.username, person.password)
    window.announce("status of 40[013]")
    page = window.go("/projects")

    page.get_by_role("button", name=f"User menu of {person.username}").click()
    page.get_by_role("menuitem", name="Change password").click()
    dialog = page.get_by_role("dialog", name="Change password")
    for label, text in (
        ("Current password", "not the right one"),
        ("New password", "a new one that is safe"),
        ("New password again", "a new one that is safe"),
    ):
        dialog.get_by_label(label, exact=True).fill(text)
    dialog.get_by_role("button", name="Change password").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Current password", exact=True).fill(person.password)
    dialog.get_by_role("button", name="Change password").click()

    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    windows.open().sign_in(person.username, "a new one that is safe")
