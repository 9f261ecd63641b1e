"""The page that defines a stream: by mouse, by keyboard alone, from a sample, and when wrong."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fixtures.api import Api, unique
from fixtures.chromium import Window

DESCRIBED = "/api/v2/streams/datasets"
SAMPLE = '[{"sensor_id": "a", "temperature": 4}, {"sensor_id": "b", "temperature": 5}]'


@pytest.fixture
def project(api: Api) -> str:
    return api.new_project()


def define(window: Window, project: str) -> Page:
    page = window.go(f"/new-stream?folder={project}")
    expect(page.get_by_role("textbox", name="Stream name")).to_be_focused()
    return page


def created(api: Api, page: Page) -> dict[str, Any]:
    """Wait for the page that follows; give the stream as the server has it."""
    expect(page.get_by_role("heading", name="Connect", exact=True)).to_be_visible()
    rid = page.url.split("/streams/")[1].split("/")[0]
    found: dict[str, Any] = api.ok("GET", f"{DESCRIBED}/{rid}/streams/master?preview=true")
    return found


def types(stream: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["schema"]["dataType"]["type"] for one in stream["schema"]["fields"]}


def tab_to(page: Page, role: str, name: str, key: str = "Tab") -> None:
    """Press Tab until an element of that name has the focus."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    for _ in range(60):
        if wanted.and_(page.locator(":focus")).count() == 1:
            return
        page.keyboard.press(key)
    pytest.fail(f"no {role} {name} can be reached by Tab")


def test_a_stream_is_defined_by_keyboard_alone(window: Window, project: str, api: Api) -> None:
    page = define(window, project)
    keys = page.keyboard

    keys.type(unique("by keyboard"))
    tab_to(page, "button", "Add field")
    keys.press("Enter")
    keys.type("sensor_id")
    keys.press("Enter")
    keys.type("created_at")
    tab_to(page, "combobox", "Field type")
    keys.type("Timest")
    keys.press("Shift+Tab")
    keys.press("Enter")
    keys.type("temperature")
    tab_to(page, "combobox", "Field type")
    keys.type("Double")
    keys.press("Shift+Tab")
    keys.press("Alt+ArrowUp")
    expect(page.get_by_role("textbox", name="Field name").nth(1)).to_be_focused()
    tab_to(page, "checkbox", "Key", "Shift+Tab")
    keys.press("Space")
    tab_to(page, "slider", "Throughput")
    keys.press("ArrowRight")
    tab_to(page, "button", "Create stream")
    keys.press("Enter")

    stream = created(api, page)
    assert types(stream) == {
        "sensor_id": "string",
        "temperature": "double",
        "created_at": "timestamp",
    }
    assert list(types(stream)) == ["sensor_id", "temperature", "created_at"]
    assert stream["partitionsCount"] == 2
    assert stream["schema"]["keyFieldNames"] == ["sensor_id"]


def test_a_schema_is_guessed_from_a_sample_that_warns_of_whole_numbers(
    window: Window, project: str, api: Api
) -> None:
    page = define(window, project)
    page.get_by_role("textbox", name="Stream name").fill(unique("guessed"))

    page.get_by_role("button", name="Generate from JSON sample...").click()
    dialog = page.get_by_role("dialog", name="Generate from JSON sample")
    expect(dialog.get_by_role("button", name="Use this schema")).to_be_disabled()
    dialog.get_by_role("textbox", name="JSON sample").fill(SAMPLE)
    dialog.get_by_role("button", name="Generate").click()
    guesses = dialog.get_by_role("region", name="Guessed schema")
    expect(guesses.get_by_role("listitem").filter(has_text="temperature")).to_contain_text(
        re.compile("decimal", re.IGNORECASE)
    )
    dialog.get_by_role("button", name="Use this schema").click()
    page.get_by_role("button", name="Create stream").click()

    assert types(created(api, page)) == {"sensor_id": "string", "temperature": "double"}


def test_a_sample_that_is_no_json_is_refused_with_the_reason(window: Window, project: str) -> None:
    window.announce("status of 400")
    page = define(window, project)

    page.get_by_role("button", name="Generate from JSON sample...").click()
    dialog = page.get_by_role("dialog", name="Generate from JSON sample")
    dialog.get_by_role("textbox", name="JSON sample").fill('{"sensor_id": ')
    dialog.get_by_role("button", name="Generate").click()

    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_role("button", name="Use this schema")).to_be_disabled()


def test_what_is_wrong_stands_at_the_bottom_and_leads_to_its_field(
    window: Window, project: str
) -> None:
    page = define(window, project)
    create = page.get_by_role("button", name="Create stream")
    summary = page.get_by_role("button", name=re.compile("problems? to fix"))
    problems = page.get_by_role("list", name="Problems")

    expect(create).to_be_disabled()
    expect(summary).to_have_text("2 problems to fix")
    expect(problems).to_be_hidden()
    summary.hover()
    expect(problems.get_by_role("button")).to_have_count(2)
    page.mouse.move(10, 10)
    expect(problems).to_be_hidden()
    summary.focus()
    expect(problems).to_be_visible()
    problems.get_by_role("button", name=re.compile("Stream name")).click()
    expect(page.get_by_role("textbox", name="Stream name")).to_be_focused()
    page.keyboard.type("mended")

    expect(summary).to_have_text("1 problem to fix")
    expect(create).to_be_disabled()


def test_a_click_that_leaves_a_wrong_input_meets_what_it_was_aimed_at(
    window: Window, project: str
) -> None:
    page = define(window, project)
    page.set_viewport_size({"width": 1440, "height": 1400})

    page.get_by_role("button", name="Add field").click()
    expect(page.get_by_text("Give the stream a name.", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="Field name")).to_be_focused()
    page.get_by_role("button", name="Generate from JSON sample...").click()

    expect(page.get_by_role("dialog", name="Generate from JSON sample")).to_be_visible()


def test_a_name_that_is_taken_is_said_at_the_name(window: Window, project: str, api: Api) -> None:
    window.announce("status of 40[09]")
    taken = api.new_stream(folder=project)
    name = api.ok("GET", f"/api/v2/filesystem/resources/{taken.rid}?preview=true")["displayName"]
    page = define(window, project)

    page.get_by_role("textbox", name="Stream name").fill(name)
    page.get_by_role("button", name="Add field").click()
    page.get_by_role("textbox", name="Field name").fill("a")
    page.get_by_role("button", name="Create stream").click()

    expect(page.get_by_role("textbox", name="Stream name")).to_have_attribute(
        "aria-invalid", "true"
    )
    expect(page.get_by_text(re.compile("already")).first).to_be_visible()


def test_fields_of_every_kind_arrive_as_they_were_drawn(
    window: Window, project: str, api: Api
) -> None:
    page = define(window, project)
    page.get_by_role("textbox", name="Stream name").fill(unique("kinds"))
    rows = page.get_by_role("list", name="Fields", exact=True)

    for name, kind in (("price", "Decimal"), ("tags", "Array"), ("place", "Struct")):
        page.get_by_role("button", name="Add field", exact=True).click()
        page.keyboard.type(name)
        row = rows.get_by_role("group", name=name, exact=True)
        row.get_by_role("combobox", name="Field type").select_option(kind)
    price = rows.get_by_role("group", name="price", exact=True)
    price.get_by_label("Precision").fill("10")
    price.get_by_label("Scale").fill("2")
    place = rows.get_by_role("group", name="place", exact=True)
    inner = place.get_by_role("list", name="Fields of place")
    inner.get_by_role("textbox", name="Field name").first.fill("lat")
    page.get_by_role("button", name="Create stream").click()

    stream = created(api, page)
    assert types(stream) == {"price": "decimal", "tags": "array", "place": "struct"}
    price_type = stream["schema"]["fields"][0]["schema"]["dataType"]
    assert (price_type["precision"], price_type["scale"]) == (10, 2)
