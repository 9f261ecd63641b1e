"""Every page and dialog: readable for all (axe), within a narrow window, light and dark.

With ``--screenshots FOLDER`` each is looked at in both colours at both widths, and written down
as a picture (``make screenshots``).
"""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from fixtures.chromium import NARROW, WIDE, Window, Windows
from fixtures.pages import ROOT
from fixtures.plant import Plant
from fixtures.server import ADMIN_PASSWORD
from fixtures.tours import TOURS

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
HEIGHTS = {WIDE: 900, NARROW: 844}
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(WIDE, "light"), (NARROW, "dark")]
"""Each width and each scheme once: what axe finds depends on the one or on the other."""

PICTURES = [*LOOKS, (WIDE, "dark"), (NARROW, "light")]
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
