"""Every page and dialog: readable for all (axe), within a narrow window, light and dark.

With ``--screenshots FOLDER`` each is looked at in both colours at both widths, and written down
as a picture (``make screenshots``).
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from fixtures.chromium import NARROW, WIDE, Window, Windows
from fixtures.pages import ROOT
from fixtures.plant import CALLBACK, Plant
from fixtures.server import ADMIN_PASSWORD
from fixtures.sql import write_query

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
HEIGHTS = {WIDE: 900, NARROW: 844}
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(WIDE, "light"), (NARROW, "dark")]
"""Each width and each scheme once: what axe finds depends on the one or on the other."""

PICTURES = [*LOOKS, (WIDE, "dark"), (NARROW, "light")]
SAMPLE = """[
  {"sensor_id": "line-1", "temperature": 21, "at": "2026-11-26T08:00:00Z", "tags": ["a"]},
  {"sensor_id": "line-2", "temperature": 22, "at": "2026-11-26T08:00:01Z", "tags": []}
]"""

SETTLED = """(scheme) => {
  const isEndless = (one) => one.effect.getComputedTiming().iterations === Infinity;
  const isDark = document.documentElement.classList.contains("bp6-dark");
  const moving = document.getAnimations().filter((one) => one.playState === "running");
  const ending = moving.filter((one) => !isEndless(one));
  ending.forEach((one) => one.finish());
  return isDark === (scheme === "dark") && ending.length === 0;
}"""
"""The colours are those of the scheme, and nothing moves any more: what would end is ended."""
LOOK_MS = 30
"""How often it is looked; by itself Playwright looks when a frame is drawn, and none may be."""

Tour = Callable[[Page, Plant], Iterator[str]]
"""Walks from page to page; gives the name of each place where it stands."""

TOURS: dict[str, Tour] = {}


def tour(function: Tour) -> Tour:
    """Take a function into the tours."""
    TOURS[function.__name__] = function
    return function


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def press(page: Page | Locator, name: str) -> None:
    button(page, name).click()


def choose(page: Page, menu: str, item: str) -> None:
    press(page, menu)
    page.get_by_role("menuitem", name=item).click()


def dialog(page: Page, name: str | re.Pattern[str]) -> Locator:
    found = page.get_by_role("dialog", name=name)
    expect(found).to_be_visible()
    return found


def leave(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def sees(page: Page, heading: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


@tour
def signing_in(page: Page, _plant: Plant) -> Iterator[str]:
    page.context.clear_cookies()
    page.goto("/sign-in")
    sees(page, "Sign in")
    yield "sign-in"


@tour
def projects(page: Page, plant: Plant) -> Iterator[str]:
    page.goto("/projects")
    expect(page.get_by_role("button", name="Actions for Plant north")).to_be_visible()
    yield "projects"
    press(page, "New project")
    dialog(page, "New project")
    yield "projects-new"
    leave(page)
    page.get_by_role("link", name="Plant north").click()
    expect(page.get_by_role("cell", name="Dataset", exact=True)).to_be_visible()
    yield "project"
    press(page, "New")
    expect(page.get_by_role("menuitem", name="Stream")).to_be_visible()
    yield "project-new-menu"
    page.get_by_role("menuitem", name="Folder").click()
    dialog(page, "New folder")
    yield "project-new-folder"
    leave(page)
    press(page, "Actions for Archive 2025")
    expect(page.get_by_role("menu")).to_be_visible()
    yield "project-row-menu"
    page.keyboard.press("Escape")
    page.goto(f"/projects/{plant.empty_project}")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    yield "project-empty"


@tour
def shell(page: Page, _plant: Plant) -> Iterator[str]:
    page.goto("/no/such/page")
    sees(page, "Not found")
    yield "not-found"
    choose(page, "User menu of admin", "Change password")
    dialog(page, "Change password")
    yield "change-password"
    leave(page)
    press(page, "Colours")
    expect(page.get_by_role("listbox")).to_be_visible()
    yield "colours"


@tour
def defining(page: Page, plant: Plant) -> Iterator[str]:
    page.goto(f"/new-stream?folder={plant.project}")
    expect(page.get_by_text("Plant north").last).to_be_visible()
    yield "define-empty"
    press(page, "Generate from JSON sample...")
    sample = dialog(page, re.compile("Generate from JSON sample"))
    sample.get_by_role("textbox", name="JSON sample").fill(SAMPLE)
    press(sample, "Generate")
    expect(sample.get_by_role("region", name="Guessed schema")).to_be_visible()
    yield "define-sample"
    press(sample, "Use this schema")
    expect(page.get_by_role("textbox", name="Field name").first).to_have_value("sensor_id")
    press(page, "Add field")
    last = page.get_by_role("list", name="Fields").get_by_role("group").last
    last.get_by_role("textbox", name="Field name").fill("place")
    last.get_by_role("combobox", name="Field type").select_option("Struct")
    press(page, "Describe sensor_id")
    page.get_by_role("checkbox", name="Key").first.check()
    page.get_by_role("switch", name="Records carry the changes of a table").check()
    page.get_by_role("textbox", name="Stream name").fill("Readings / south")
    page.get_by_role("slider", name="Throughput").focus()
    page.keyboard.press("ArrowRight")
    yield "define-filled"
    page.get_by_role("button", name=re.compile("problems? to fix")).focus()
    expect(page.get_by_role("list", name="Problems")).to_be_visible()
    yield "define-problems"


@tour
def pushing(page: Page, plant: Plant) -> Iterator[str]:
    page.goto(f"/streams/{plant.readings.rid}/connect")
    sees(page, "Connect")
    yield "connect"
    page.get_by_role("link", name="cURL").click()
    sees(page, "Push data")
    yield "push-empty"
    page.get_by_role("textbox", name="Client ID").fill(plant.application["clientId"])
    page.get_by_role("textbox", name="Client secret").fill(plant.application["clientSecret"])
    expect(page.get_by_text("The stream is shared with it: done")).to_be_visible()
    yield "push-application"
    page.get_by_role("radio", name="Push with a personal token").check()
    expect(page.get_by_label("Valid for")).to_be_visible()
    yield "push-token"
    page.get_by_role("radio", name="Push with a third-party application").check()
    press(page, "Next step")
    expect(page.get_by_role("list", name="Newest records")).to_be_visible()
    expect(page.get_by_role("textbox", name="JSON records")).to_be_visible()
    yield "push-code"
    page.get_by_role("textbox", name="JSON records").fill('[{"sensor_id": 7}, {"temperatur": 1}]')
    expect(page.get_by_role("textbox", name="JSON records")).to_have_attribute(
        "aria-invalid", "true"
    )
    yield "push-code-wrong"
    press(page, "Start pipelining")
    dialog(page, "Pipelines")
    yield "push-pipelining"


@tour
def watching(page: Page, plant: Plant) -> Iterator[str]:
    page.goto(f"/streams/{plant.readings.rid}")
    expect(page.get_by_role("status").filter(has_text=re.compile("^Live$"))).to_be_visible()
    plant.push_readings()
    records = page.get_by_role("table", name="Records")
    expect(records.get_by_role("cell", name=re.compile("^line-")).first).to_be_visible()
    yield "stream"
    records.get_by_role("button", name=re.compile("^Open record")).first.click()
    dialog(page, re.compile("Record"))
    yield "stream-record"
    leave(page)
    page.get_by_role("radio", name="Archive").check()
    expect(page.get_by_role("table", name="Archive")).to_be_visible()
    yield "stream-archive"
    press(page, "Statistics of temperature")
    expect(dialog(page, "temperature").locator("canvas")).to_be_visible()
    yield "stream-column"
    leave(page)
    press(page, "Actions")
    expect(page.get_by_role("menu")).to_be_visible()
    yield "stream-actions"
    page.keyboard.press("Escape")
    page.goto(f"/streams/{plant.orders.rid}")
    expect(page.get_by_text("Waiting for records")).to_be_visible()
    yield "stream-empty"


@tour
def asking(page: Page, plant: Plant) -> Iterator[str]:
    page.goto("/sql")
    sees(page, "SQL")
    streams = page.get_by_role("region", name="Streams")
    expect(streams.get_by_role("button", name=re.compile("^Insert Line readings"))).to_be_visible()
    expect(page.get_by_role("textbox", name="Query")).to_be_visible()
    press(page, "Fields of Line readings")
    expect(streams.get_by_role("button", name="Insert temperature double")).to_be_visible()
    yield "sql-empty"
    table = f"`{plant.readings.rid}`"
    query = f"SELECT sensor_id, count(*) AS readings, avg(temperature) AS mean FROM {table} GROUP BY ALL"
    write_query(page, f"{query} ORDER BY 1")
    press(page, "Run")
    expect(page.get_by_role("table", name="Rows")).to_be_visible()
    yield "sql-result"
    press(page, "Open row 1")
    dialog(page, "Row 1")
    yield "sql-row"
    leave(page)
    page.get_by_role("radio", name="Chart").check()
    expect(page.locator("canvas")).to_be_visible()
    yield "sql-chart"
    write_query(page, "SELEC 1")
    press(page, "Run")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "sql-failed"


@tour
def files(page: Page, plant: Plant) -> Iterator[str]:
    page.goto(f"/datasets/{plant.files}")
    expect(page.get_by_role("table", name="Files")).to_be_visible()
    yield "dataset-files"
    press(page, "Upload files")
    dialog(page, "Upload files")
    yield "dataset-upload"
    leave(page)
    press(page, "Delete 2026/11/28.csv")
    dialog(page, "Delete 2026/11/28.csv?")
    yield "dataset-delete"
    leave(page)
    page.get_by_role("tab", name="Table").click()
    expect(page.get_by_role("table", name="Rows")).to_be_visible()
    yield "dataset-table"
    page.get_by_role("tab", name="History").click()
    expect(page.locator("canvas")).to_be_visible()
    yield "dataset-history"
    page.get_by_role("tab", name="Schema").click()
    expect(page.get_by_role("table", name="Schema")).to_be_visible()
    yield "dataset-schema"


@tour
def tabs(page: Page, plant: Plant) -> Iterator[str]:
    page.goto(f"/streams/{plant.readings.rid}?tab=details")
    expect(page.get_by_role("region", name="Danger zone")).to_be_visible()
    press(page, "Verify now")
    expect(page.get_by_role("table", name="Proof by partition")).to_be_visible()
    yield "stream-details"
    press(page, "Edit retention")
    dialog(page, "How long is Line readings kept?")
    yield "stream-retention"
    leave(page)
    press(page, "Reset stream")
    dialog(page, "Reset Line readings?")
    yield "stream-reset"
    leave(page)
    page.get_by_role("tab", name="Metrics").click()
    expect(page.get_by_role("figure").first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    yield "stream-metrics"
    page.get_by_role("tab", name="Subscribers").click()
    expect(page.get_by_role("table", name="Subscribers")).to_be_visible()
    yield "stream-subscribers"
    choose(page, "Actions for alarms", "Reset position")
    dialog(page, "Where does alarms read next?")
    yield "stream-subscriber-reset"
    leave(page)
    page.get_by_role("tab", name="Dead letters").click()
    expect(page.get_by_role("table", name="Dead letters")).to_be_visible()
    yield "stream-dead-letters"
    page.get_by_role("button", name="open dead letter 0").click()
    expect(dialog(page, "Dead letter 0").get_by_role("textbox")).to_be_visible()
    yield "stream-dead-letter"
    leave(page)
    page.get_by_role("tab", name="Activity").click()
    expect(page.get_by_role("table")).to_be_visible()
    yield "stream-activity"


@tour
def sharing(page: Page, plant: Plant) -> Iterator[str]:
    page.goto(f"/streams/{plant.readings.rid}?tab=details")
    press(page, "Share")
    expect(page.get_by_role("list", name="Who has access")).to_be_visible()
    page.get_by_role("searchbox", name="Search users, groups or client IDs").fill("grace")
    expect(button(page, "Add")).to_be_visible()
    yield "share-search"
    press(page, "Add")
    expect(page.get_by_role("combobox", name="Role", exact=True)).to_be_visible()
    yield "share"


@tour
def applications(page: Page, plant: Plant) -> Iterator[str]:
    page.goto("/settings/applications")
    expect(page.get_by_role("link", name="Sensor gateway")).to_be_visible()
    yield "applications"
    press(page, "Register new application")
    form = dialog(page, "Register new application")
    yield "application-register"
    form.get_by_role("textbox", name="Name").fill("Line PLC")
    press(form, "Create")
    shown = dialog(page, "Line PLC is registered")
    yield "application-secret"
    press(shown, "Done")
    dialog(page, re.compile("Leave without"))
    yield "application-secret-leave"
    press(page, "Leave without it")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"/settings/applications/{plant.signing_in['clientId']}")
    sees(page, "Shift dashboard")
    yield "application-native"
    page.goto(f"/settings/applications/{plant.application['clientId']}")
    sees(page, "Sensor gateway")
    yield "application"
    press(page, "Delete application")
    dialog(page, "Delete Sensor gateway?")
    yield "application-delete"


@tour
def tokens(page: Page, _plant: Plant) -> Iterator[str]:
    page.goto("/settings/tokens")
    expect(page.get_by_role("table", name="Personal tokens")).to_be_visible()
    yield "tokens"
    press(page, "Create token")
    form = dialog(page, "Create token")
    yield "token-create"
    form.get_by_role("textbox", name="Name").fill("notebook")
    press(form, "Create")
    dialog(page, "notebook is created")
    yield "token-created"


@tour
def users(page: Page, _plant: Plant) -> Iterator[str]:
    page.goto("/settings/users")
    expect(page.get_by_role("table", name="Users")).to_be_visible()
    yield "users"
    press(page, "Create user")
    dialog(page, "Create user")
    yield "user-create"
    leave(page)
    choose(page, "Actions for ada", "Reset password")
    dialog(page, "Reset the password of ada")
    yield "user-password"
    leave(page)
    page.get_by_role("tab", name="Groups").click()
    expect(page.get_by_role("table", name="Groups")).to_be_visible()
    yield "groups"
    press(page, "Create group")
    dialog(page, "Create group")
    yield "group-create"
    leave(page)
    page.get_by_role("button", name=re.compile("Members of|Shift leads|1 member")).first.click()
    dialog(page, "Members of Shift leads")
    yield "group-members"


@tour
def consent(page: Page, plant: Plant) -> Iterator[str]:
    query = {
        "response_type": "code",
        "client_id": plant.signing_in["clientId"],
        "redirect_uri": CALLBACK,
        "scope": "api:use-streams-read api:use-streams-write offline_access",
        "state": "s",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    page.goto("/authorize?" + "&".join(f"{name}={value}" for name, value in query.items()))
    sees(page, "Authorize Shift dashboard?")
    yield "consent"


@tour
def failing(page: Page, plant: Plant) -> Iterator[str]:
    page.goto("/projects/ri.compass.main.folder.00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "project-unknown"
    page.goto("/streams/ri.foundry.main.dataset.00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "stream-unknown"
    page.context.clear_cookies()
    credentials = {"username": "grace", "password": "wrong horse battery staple"}
    assert page.context.request.post("/api/v1/session", data=credentials).ok
    page.goto("/settings/applications")
    sees(page, "Third-party applications")
    yield "applications-denied"
    page.goto("/settings/users")
    expect(page.get_by_text("Only for administrators")).to_be_visible()
    yield "users-denied"
    page.goto("/projects")
    sees(page, "Projects")
    yield "projects-of-nobody"


REFUSALS = {"failing": r"status of 40[34]", "asking": "status of 400"}


@pytest.fixture
def screenshots(pytestconfig: pytest.Config) -> Path | None:
    folder: str | None = pytestconfig.getoption("screenshots")
    return None if folder is None else Path(folder)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", TOURS)
def test_what_a_page_shows_is_for_everybody(
    plant: Plant, windows: Windows, screenshots: Path | None, name: str
) -> None:
    window = windows.open(plant.server.url).sign_in(password=ADMIN_PASSWORD)
    if name in REFUSALS:
        window.announce(REFUSALS[name])

    faults = [
        fault
        for place in TOURS[name](window.page, plant)
        for fault in inspect(window, place, screenshots)
    ]

    assert "\n".join(faults) == ""


def inspect(window: Window, place: str, screenshots: Path | None) -> list[str]:
    """Look at where the window stands, wide and narrow, light and dark; gives what is wrong."""
    page = window.page
    faults: list[str] = []
    for width, scheme in LOOKS if screenshots is None else PICTURES:
        appear(page, width, scheme)
        where = f"{place}-{width}-{scheme}"
        if screenshots is not None:
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=screenshots / f"{where}.png", full_page=True)
        faults += [f"{where}: {fault}" for fault in (*violations(page), *overflow(page))]
    appear(page, WIDE, "light")
    return faults


def appear(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    """Make the window so wide, in these colours, and wait until it is."""
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(SETTLED, arg=scheme, polling=LOOK_MS)


def violations(page: Page) -> list[str]:
    """Give what axe finds."""
    if page.evaluate("typeof window.axe") == "undefined":
        # Not as a script element, which the content security policy refuses.
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate("axe.run().then((done) => done.violations)")
    return [
        f"{one['id']}: {node['html'][:300]} {json.dumps(node['failureSummary'])}"
        for one in found
        for node in one["nodes"]
    ]


def overflow(page: Page) -> list[str]:
    """Give by how much the page is wider than its window."""
    by: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"wider than the window by {by} pixels"] if by > 0 else []
