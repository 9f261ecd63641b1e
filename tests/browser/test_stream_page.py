"""A stream's page: records as they come, through whatever happens to the server and the stream."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.chromium import NARROW, Window, Windows
from fixtures.server import ADMIN_PASSWORD, ServerProcess, sign_in

TABS = ["Preview", "Details", "Metrics", "Subscribers", "Dead letters", "Activity"]


def reading(sensor: str) -> dict[str, Any]:
    return {"sensor_id": sensor, "temperature": 4.132}


def state(page: Page, word: str) -> Locator:
    return page.get_by_role("status").filter(has_text=re.compile(f"^{word}"))


def watch(window: Window, stream: StreamUnderTest) -> Page:
    """Open the stream's page, and wait until it is live."""
    page = window.go(f"/streams/{stream.rid}")
    expect(state(page, "Live")).to_be_visible()
    return page


def cell(page: Page, text: str) -> Locator:
    return page.get_by_role("table", name="Records").get_by_role("cell", name=text, exact=True)


def test_the_page_has_its_names(window: Window, stream: StreamUnderTest) -> None:
    page = watch(window, stream)

    for tab in TABS:
        expect(page.get_by_role("tab", name=tab)).to_be_visible()
    for name in ("Share", "Push data"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    expect(page.get_by_role("table", name="Records")).to_be_visible()
    page.set_viewport_size({"width": NARROW, "height": 844})
    boxes = [
        page.get_by_role("button", name=name, exact=True).bounding_box()
        for name in ("Share", "Push data", "Actions")
    ]
    assert len({box and box["y"] for box in boxes}) == 1
    page.get_by_role("button", name="Push data").click()

    expect(page.get_by_role("heading", name="Connect", exact=True)).to_be_visible()


def test_records_appear_until_the_updates_are_switched_off(
    window: Window, stream: StreamUnderTest
) -> None:
    page = watch(window, stream)
    updates = page.get_by_role("switch", name="Live updates")

    assert stream.publish(reading("before")).is_success
    expect(cell(page, "before")).to_be_visible()
    updates.uncheck()
    expect(state(page, "Paused")).to_be_visible()
    assert stream.publish(reading("meanwhile")).is_success
    page.wait_for_timeout(1_000)
    expect(cell(page, "meanwhile")).to_have_count(0)
    updates.check()

    expect(cell(page, "meanwhile")).to_be_visible()
    expect(cell(page, "before")).to_have_count(1)


def test_a_record_opens_with_all_of_its_json(window: Window, api: Api) -> None:
    stream = api.new_stream(schema(field("n", "long"), field("text", "string")))
    exact = {"n": 9_007_199_254_740_993, "text": "a\u0001 <b>"}
    page = watch(window, stream)

    assert stream.publish(exact).is_success
    page.get_by_role("button", name="Open record 0 of partition 0").click()

    opened = page.get_by_role("dialog", name="Record 0 of partition 0")
    expect(opened.get_by_role("region", name="Raw JSON")).to_contain_text("9007199254740993")
    expect(opened.get_by_text("a\u0001 <b>").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)


def test_records_are_found_by_text_key_and_partition(window: Window, api: Api) -> None:
    stream = api.new_stream(
        schema(field("sensor_id", "string", nullable=False), keys=["sensor_id"]),
        partitionsCount=2,
    )
    page = watch(window, stream)
    records = [{"sensor_id": f"line-{number}"} for number in range(8)]

    assert stream.publish(*records).is_success
    expect(cell(page, "line-7")).to_be_visible()
    page.get_by_role("searchbox", name="Filter by key").fill("line-3")
    expect(cell(page, "line-7")).to_have_count(0)
    expect(cell(page, "line-3")).to_be_visible()
    page.get_by_role("searchbox", name="Filter by key").fill("")
    page.get_by_role("searchbox", name="Filter records").fill("nothing like it")
    expect(page.get_by_text("None of the newest records matches")).to_be_visible()
    page.get_by_role("searchbox", name="Filter records").fill("")
    page.get_by_role("combobox", name="Partition").select_option("Partition 1")

    of_one = {record["value"]["sensor_id"] for record in stream.records(1)}
    expect(cell(page, re.compile("^line-"))).to_have_count(len(of_one))


def test_a_server_that_restarts_is_watched_on(own_server: ServerProcess, windows: Windows) -> None:
    api = Api(own_server.start().url, sign_in(own_server.url))
    stream = api.new_stream()
    window = windows.open(own_server.url).sign_in()
    window.announce("net::ERR_")
    page = watch(window, stream)
    assert stream.publish(reading("before")).is_success
    expect(cell(page, "before")).to_be_visible()

    own_server.kill()
    expect(state(page, "Connection lost, reconnecting")).to_be_visible()
    own_server.start(port=own_server.port)
    assert stream.publish(reading("after")).is_success

    expect(cell(page, "after")).to_be_visible()
    expect(cell(page, "before")).to_have_count(1)
    expect(state(page, "Live")).to_be_visible()
    api.close()


def test_a_stream_that_is_reset_is_watched_on(window: Window, stream: StreamUnderTest) -> None:
    page = watch(window, stream)
    assert stream.publish(reading("before")).is_success
    expect(cell(page, "before")).to_be_visible()

    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})
    expect(page.get_by_text("The stream was reset while you watched")).to_be_visible()
    assert stream.publish(reading("after")).is_success

    expect(cell(page, "after")).to_be_visible()
    expect(cell(page, "before")).to_have_count(0)


def test_a_session_that_ends_ends_the_watching(window: Window, stream: StreamUnderTest) -> None:
    page = watch(window, stream)

    window.end_session()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=30_000)
    page.get_by_role("textbox", name="Username").fill("admin")
    page.get_by_role("textbox", name="Password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(state(page, "Live")).to_be_visible()


def test_who_loses_the_role_while_watching_is_told(
    windows: Windows, api: Api, stream: StreamUnderTest
) -> None:
    person = api.new_person()
    api.grant(stream.rid, person.id, "viewer")
    window = windows.open().sign_in(person.username, person.password)
    page = watch(window, stream)

    principal = {"type": "principalIdOnly", "principalId": person.id}
    body = {"roles": [{"resourceRolePrincipal": principal, "roleId": "viewer"}]}
    api.ok("POST", f"/api/v2/filesystem/resources/{stream.rid}/roles/remove", json=body)

    expect(page.get_by_role("alert")).to_be_visible(timeout=30_000)


def test_who_has_no_role_is_told_that_there_is_no_such_stream(
    windows: Windows, api: Api, stream: StreamUnderTest
) -> None:
    person = api.new_person()
    window = windows.open().sign_in(person.username, person.password)
    window.announce("status of 40[34]")

    page = window.go(f"/streams/{stream.rid}")

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Not found|No permission"))


def test_a_viewer_may_look_and_not_touch(
    windows: Windows, api: Api, stream: StreamUnderTest
) -> None:
    person = api.new_person()
    api.grant(stream.rid, person.id, "viewer")
    window = windows.open().sign_in(person.username, person.password)

    page = watch(window, stream)
    page.get_by_role("tab", name="Details").click()

    expect(page.get_by_text("Only editors and owners of the stream can do this.")).to_be_visible()
    expect(page.get_by_role("button", name="Reset stream")).to_have_count(0)
    expect(page.get_by_role("button", name="Share")).to_have_count(0)


def test_a_reset_needs_the_name_typed(window: Window, stream: StreamUnderTest) -> None:
    assert stream.publish(reading("before")).is_success
    page = window.go(f"/streams/{stream.rid}?tab=details")
    name = page.get_by_role("heading", level=1).text_content() or ""

    page.get_by_role("button", name="Reset stream").click()
    dialog = page.get_by_role("dialog", name=f"Reset {name}?")
    expect(dialog.get_by_role("button", name="Reset")).to_be_disabled()
    dialog.get_by_role("textbox", name=f"Type {name} to confirm").fill(name)
    dialog.get_by_role("button", name="Reset").click()

    expect(page.get_by_text("is empty now.")).to_be_visible()
    assert stream.values() == []


def test_the_metrics_count_what_was_pushed(window: Window, stream: StreamUnderTest) -> None:
    assert stream.publish(reading("a"), reading("b")).is_success
    assert stream.publish({"sensor_id": 7}).status_code == 400

    page = window.go(f"/streams/{stream.rid}?tab=metrics")

    expect(page.get_by_role("figure").first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()


def test_the_activity_names_what_was_done(window: Window, stream: StreamUnderTest) -> None:
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})

    page = window.go(f"/streams/{stream.rid}?tab=activity")

    rows = page.get_by_role("row")
    expect(rows.filter(has_text=re.compile("reset", re.IGNORECASE)).first).to_be_visible()


def test_a_dead_letter_is_mended_and_replayed(window: Window, stream: StreamUnderTest) -> None:
    path = f"/api/v1/streams/{stream.rid}/master/records?onInvalid=dead-letter"
    letters = [reading("a") | {"temperature": "warm"}, reading("b") | {"temperature": "cold"}]
    stream.api.ok("POST", path, json=letters)
    page = window.go(f"/streams/{stream.rid}?tab=dead-letters")

    page.get_by_role("button", name="open dead letter 0").click()
    panel = page.get_by_role("dialog", name="Dead letter 0")
    editor = panel.get_by_role("textbox", name="Mended record")
    expect(editor).to_contain_text("warm")
    window.announce("400")
    panel.get_by_role("button", name="Replay").click()
    expect(panel.get_by_role("alert")).to_contain_text("temperature")
    editor.fill('{"sensor_id": "a", "temperature": 21.5}')
    panel.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("Stored at offset 0 of partition 0.")).to_be_visible()

    table = page.get_by_role("table", name="Dead letters")
    expect(table.get_by_role("button", name="open dead letter 0")).to_have_count(0)
    table.get_by_role("checkbox", name="Choose dead letter 1").check(force=True)
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.get_by_text("No dead letters")).to_be_visible()
    assert [value["temperature"] for value in stream.values()] == [21.5]
