"""What the pages show of a stream's open table, and the code with which others open it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet
import pytest
from playwright.sync_api import Page, expect

from fixtures.api import Api, StreamUnderTest
from fixtures.chromium import Windows
from fixtures.server import ServerProcess, clean_environment, sign_in, wait_until

ARCHIVING = {"SLUICEWAY_ARCHIVE__ENABLED": "true", "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1"}


@pytest.fixture(scope="module")
def archiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("archive") / "data", ARCHIVING).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture(scope="module")
def stream(archiving: ServerProcess) -> Iterator[StreamUnderTest]:
    """A stream of twelve records that are all in its table."""
    with Api(archiving.url, sign_in(archiving.url)) as api:
        made = api.new_stream()
        records = [{"sensor_id": f"line-{n % 3}", "temperature": n / 2} for n in range(12)]
        assert made.publish(*records).is_success
        described = f"/api/v1/streams/{made.rid}/master/description"
        wait_until(lambda: api.ok("GET", described)["archivedThrough"] == {"0": 12}, 30)
        yield made


@pytest.fixture
def page(archiving: ServerProcess, windows: Windows) -> Page:
    return windows.open(archiving.url).sign_in().page


def code_of(page: Page, program: str) -> str:
    page.get_by_role("radio", name=program).check()
    return page.get_by_role("region", name=program).locator("pre").inner_text()


def run(code: str) -> str:
    """Run Python as a reader would who pasted it."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_proves_the_table_and_its_code_opens_it(
    page: Page, stream: StreamUnderTest
) -> None:
    page.goto(f"/streams/{stream.rid}?tab=details")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text(re.compile("^12 rows of the table were read back"))).to_be_visible()
    expect(page.get_by_text(re.compile("has 12 rows in 1 file"))).to_be_visible()

    assert "line-0" in run(code_of(page, "DuckDB"))
    assert "'temperature': 4.5" in run(code_of(page, "PyIceberg"))


def test_retention_is_set_after_it_was_said_what_would_go(
    page: Page, stream: StreamUnderTest
) -> None:
    page.goto(f"/streams/{stream.rid}?tab=details")
    card = page.get_by_role("region", name="Retention")
    card.get_by_role("button", name="Edit retention").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Delete for ever after").fill("30")
    dialog.get_by_role("button", name="See what would go").click()
    expect(dialog.get_by_text("Applied now, it deletes nothing.")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()

    expect(card.get_by_text("30 days, then deleted for ever")).to_be_visible()


def test_the_metrics_say_that_the_table_has_it_all(page: Page, stream: StreamUnderTest) -> None:
    page.goto(f"/streams/{stream.rid}?tab=metrics")

    expect(page.get_by_text("0 records not in the table yet")).to_be_visible()
    expect(page.get_by_role("cell", name="to 12")).to_be_visible()
    title = "Records not in the table yet, since this page is open"
    expect(page.get_by_role("figure", name=title).locator("canvas")).to_be_visible()


def test_records_are_sorted_filtered_and_counted(page: Page, stream: StreamUnderTest) -> None:
    page.goto(f"/streams/{stream.rid}")
    page.get_by_role("radio", name="Archive").check()
    table = page.get_by_role("table", name="Archive")
    expect(page.get_by_text(re.compile("^12 records"))).to_be_visible()

    page.get_by_role("button", name="temperature", exact=True).click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("line-0")
    page.get_by_role("button", name="temperature", exact=True).click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("5.5")
    page.get_by_role("combobox", name="Column").select_option("sensor_id")
    page.get_by_role("textbox", name="Value").fill("line-1")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_text(re.compile("^4 records"))).to_be_visible()
    page.get_by_role("button", name="Statistics of temperature").click()

    panel = page.get_by_role("dialog", name="temperature")
    expect(panel.get_by_role("definition").nth(5)).to_have_text("5.0")
    expect(panel.get_by_role("figure").locator("canvas")).to_be_visible()
    expect(panel.get_by_role("listitem")).to_have_count(4)
    page.keyboard.press("Escape")

    page.reload()
    expect(page.get_by_text(re.compile("^4 records"))).to_be_visible()
    page.go_back()
    expect(page.get_by_text(re.compile("^12 records"))).to_be_visible()
    expect(table.get_by_role("row").nth(1)).to_contain_text("5.5")


def test_commits_and_files_of_a_stream_are_seen(
    page: Page, stream: StreamUnderTest, tmp_path: Path
) -> None:
    page.goto(f"/streams/{stream.rid}?tab=history")
    expect(page.get_by_role("table", name="Transactions").get_by_text("APPEND")).to_be_visible()
    expect(page.get_by_role("figure").locator("canvas")).to_be_visible()
    page.get_by_role("tab", name="Files").click()
    files = page.get_by_role("table", name="Files")

    expect(files.get_by_role("button", name=re.compile("^Delete"))).to_have_count(0)
    with page.expect_download() as started:
        files.get_by_role("link", name=re.compile("^Download")).click()
    started.value.save_as(tmp_path / "part.parquet")

    assert pyarrow.parquet.read_table(tmp_path / "part.parquet").num_rows == 12
