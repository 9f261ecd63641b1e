"""Signing in and out in the browser, and the colours that a person chooses."""

import re

from playwright.sync_api import expect

from fixtures.chromium import Window, Windows
from fixtures.server import ADMIN_PASSWORD

BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def test_a_wrong_password_is_refused_and_the_right_one_leads_to_the_page(windows: Windows) -> None:
    window = windows.open()
    window.announce(r"status of 401 .*/api/v1/session")
    page = window.go("/settings/tokens")

    page.get_by_role("textbox", name="Username").fill("admin")
    page.get_by_role("textbox", name="Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("The username or the password is not right.")
    page.get_by_role("textbox", name="Password").fill(ADMIN_PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Tokens", exact=True)).to_be_visible()
    assert page.url == f"{window.url}/settings/tokens"


def test_who_signs_out_is_asked_to_sign_in_again(window: Window) -> None:
    page = window.go("/projects")

    page.get_by_role("button", name="User menu of admin").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_session_that_ended_leads_to_the_sign_in_page_and_back(window: Window) -> None:
    window.announce(r"status of 401")
    page = window.go("/projects")
    expect(page.get_by_role("link", name="Quickstart")).to_be_visible()

    window.end_session()
    page.get_by_role("link", name="Users").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("textbox", name="Username").fill("admin")
    page.get_by_role("textbox", name="Password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("table", name="Users")).to_be_visible()


def test_the_colours_follow_the_system_until_they_are_chosen(window: Window) -> None:
    page = window.go("/projects")
    root = page.locator("html")
    light = page.evaluate(BACKGROUND)

    page.emulate_media(color_scheme="dark")
    expect(root).to_have_class(re.compile("bp6-dark"))
    page.wait_for_function(f"(light) => {BACKGROUND} !== light", arg=light)
    page.get_by_role("button", name="Colours").click()
    page.get_by_role("option", name="Light").click()
    expect(root).not_to_have_class(re.compile("bp6-dark"))
    page.reload()

    expect(page.get_by_role("heading", name="Projects", exact=True)).to_be_visible()
    page.wait_for_function(f"(light) => {BACKGROUND} === light", arg=light)


def test_the_keyboard_can_skip_the_navigation(window: Window) -> None:
    page = window.go("/projects")
    expect(page.get_by_role("link", name="Quickstart")).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()
