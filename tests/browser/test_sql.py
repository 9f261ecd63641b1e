"""The SQL page: a query is written, run, seen, downloaded and canceled."""

import csv
import re
from pathlib import Path

from playwright.sync_api import expect

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.chromium import Window
from fixtures.sql import path_of, write_query

BIG = 9_007_199_254_740_993


def accounts(api: Api) -> StreamUnderTest:
    """Make a stream with two records, one of which a spreadsheet would compute."""
    stream = api.new_stream(schema(field("name", "string"), field("big", "long")))
    assert stream.publish({"name": "=1+1", "big": BIG}, {"name": "plain", "big": 2}).is_success
    return stream


def test_a_stream_is_asked_from_its_page(window: Window, api: Api, tmp_path: Path) -> None:
    stream = accounts(api)
    page = window.go(f"/streams/{stream.rid}")

    page.get_by_role("link", name="Query with SQL").click()
    editor = page.get_by_role("textbox", name="Query")
    expect(editor).to_contain_text(f'FROM "{path_of(stream)}"')
    editor.press("Control+Enter")

    rows = page.get_by_role("table", name="Rows")
    expect(rows.get_by_role("cell", name=str(BIG), exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("^2 rows in"))).to_be_visible()
    page.get_by_role("radio", name="Chart").check()
    expect(page.get_by_role("figure").locator("canvas")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    started.value.save_as(tmp_path / "result.csv")
    found = list(csv.DictReader((tmp_path / "result.csv").read_text().splitlines()))
    assert sorted((row["name"], row["big"]) for row in found) == [
        ("'=1+1", str(BIG)),
        ("plain", "2"),
    ]


def test_a_query_is_put_together_from_names_linked_and_mended(window: Window, api: Api) -> None:
    stream = accounts(api)
    window.announce("status of 400")
    page = window.go("/sql")
    name = path_of(stream).rpartition("/")[2]

    write_query(page, "SELEC sum(big) AS total FROM ")
    page.get_by_role("searchbox", name="Search streams").fill(name)
    page.get_by_role("button", name=f"Insert {name}").click()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("Syntax error")
    expect(page.locator(".cm-lintRange-error")).to_have_text("SELEC")
    write_query(page, f'SELECT sum(big) AS total FROM "{path_of(stream)}"')
    page.get_by_role("button", name="Run").click()

    total = page.get_by_role("table", name="Rows").get_by_role("cell", name=str(BIG + 2))
    expect(total).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name="Query")).to_contain_text("sum(big)")
    page.get_by_role("button", name="Last queries").click()
    page.get_by_role("menuitem", name=re.compile("^SELEC sum")).click()
    expect(page.get_by_role("textbox", name="Query")).to_contain_text("SELEC sum(big)")


def test_a_query_that_does_not_end_is_canceled(window: Window) -> None:
    page = window.go("/sql")
    write_query(page, "SELECT count(*) FROM range(1000000000000) a, range(1000000) b")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text(re.compile(r"^0\.\d s$"))).to_be_visible()

    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("The query was canceled")).to_be_visible()
