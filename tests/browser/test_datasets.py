"""A dataset of files on its page: filled by hand, looked at, and cleared."""

import re
from pathlib import Path

from playwright.sync_api import expect

from fixtures.api import Api, unique
from fixtures.chromium import Window

COLUMNS = [
    {"name": "id", "type": "LONG", "nullable": False},
    {"name": "city", "type": "STRING", "nullable": True},
]


def test_files_are_uploaded_read_as_a_table_and_deleted(
    window: Window, api: Api, tmp_path: Path
) -> None:
    folder, name = api.new_project(), unique("orders")
    page = window.go(f"/projects/{folder}")
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Dataset of files").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Create dataset").click()
    expect(page.get_by_role("cell", name="Dataset", exact=True)).to_be_visible()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_text("No files yet")).to_be_visible()
    rid = re.search(r"/datasets/([^?]+)", page.url)
    assert rid is not None

    (tmp_path / "a.csv").write_text("id,city\n9007199254740993,Oslo\n")
    (tmp_path / "b.csv").write_text("id,city\n2,\n")
    page.get_by_role("button", name="Upload files").click()
    dialog = page.get_by_role("dialog", name="Upload files")
    dialog.get_by_label("Files").set_input_files([tmp_path / "a.csv", tmp_path / "b.csv"])
    dialog.get_by_role("textbox", name="Folder").fill("2026/")
    dialog.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("2 files uploaded.")).to_be_visible()
    expect(page.get_by_role("cell", name="2026/a.csv", exact=True)).to_be_visible()

    body = {"schema": {"fieldSchemaList": COLUMNS}, "dataframeReader": "CSV"}
    api.ok("PUT", f"/api/v2/datasets/{rid[1]}/putSchema", json=body)
    page.get_by_role("tab", name="Table").click()
    rows = page.get_by_role("table", name="Rows")
    expect(rows.get_by_role("cell", name="9007199254740993")).to_be_visible()
    expect(rows.get_by_role("cell", name="null")).to_be_visible()

    page.get_by_role("button", name="Branches").click()
    page.get_by_role("menuitem", name="New branch").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("next")
    page.get_by_role("button", name="Create branch").click()
    expect(page.get_by_role("combobox", name="Branch")).to_have_value("next")
    expect(rows.get_by_role("cell", name="9007199254740993")).to_be_visible()
    page.get_by_role("button", name="Branches").click()
    page.get_by_role("menuitem", name="Delete branch next").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete branch").click()
    expect(page.get_by_role("combobox", name="Branch")).to_have_value("master")

    page.get_by_role("tab", name="Files").click()
    page.get_by_role("button", name="Delete 2026/b.csv").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("cell", name="2026/b.csv", exact=True)).to_have_count(0)
    page.get_by_role("tab", name="History").click()
    transactions = page.get_by_role("table", name="Transactions")
    expect(transactions.get_by_role("cell", name=re.compile("^(DELETE|UPDATE)$"))).to_have_text(
        ["DELETE", "UPDATE"]
    )
