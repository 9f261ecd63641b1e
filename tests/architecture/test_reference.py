"""The reference pages say what the code says."""

import re
import subprocess
import sys

import msgspec
import pytest

from fixtures.pages import ROOT
from fixtures.server import clean_environment
from sluiceway.settings import Settings

SETTINGS = [
    (section.name, setting.name)
    for section in msgspec.structs.fields(Settings)
    for setting in msgspec.structs.fields(section.type)
]


def test_the_pages_that_follow_from_the_code_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("section", "name"), SETTINGS)
def test_a_setting_is_documented(section: str, name: str) -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    part = re.split(r"^## ", page, flags=re.MULTILINE)
    of_section = next(text for text in part if text.startswith(f"{section}\n"))

    assert f"| `{name}` |" in of_section
    assert f"`SLUICEWAY_{section.upper()}__{name.upper()}`" in of_section
