"""The repository itself: dependencies with reasons, the changelog, nothing of one machine's."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import sluiceway
from fixtures.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SKIPPED = {"build", "data", "dist", "node_modules", "results", "__pycache__"}
HOSTS = re.compile(
    r"https?://[^\s\"'<>)]*(?:pypi|pythonhosted|npmjs|npm-registry|artifactory|nexus)[^\s\"'<>)]*"
    r"|--(?:extra-)?index-url|\bindex-url\s*=|\"resolved\":"
)
LARGEST_READ = 4_000_000


def names(requirements: list[str]) -> set[str]:
    """Give the package names of requirements."""
    return {re.split(r"[^A-Za-z0-9._-]", one)[0] for one in requirements}


def documented(heading: str) -> set[str]:
    """Give the packages of one table of the decision about dependencies."""
    page = (ROOT / "docs" / "decisions" / "0010-dependencies.md").read_text()
    section = re.split(r"^###? ", page, flags=re.MULTILINE)
    table = next(part for part in section if part.startswith(heading))
    return set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "requirements"),
    [
        ("To run\n", PROJECT["project"]["dependencies"]),
        (
            "To run with PostgreSQL\n",
            PROJECT["project"]["optional-dependencies"]["postgresql"],
        ),
        ("To test", PROJECT["dependency-groups"]["test"]),
        ("To check", PROJECT["dependency-groups"]["lint"]),
    ],
)
def test_each_dependency_has_its_reason(heading: str, requirements: list[str]) -> None:
    assert documented(heading) == names(requirements)


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()

    versions = re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)

    assert versions[0] == PROJECT["project"]["version"] == sluiceway.__version__


def files() -> Iterator[Path]:
    """Give the files that a clone would have, near enough: no hidden and no made ones."""
    pending = [ROOT]
    while pending:
        for path in pending.pop().iterdir():
            if path.name in SKIPPED or (path.name.startswith(".") and path.name != ".ci"):
                continue
            if path.is_dir():
                pending.append(path)
            elif path.stat().st_size <= LARGEST_READ and path != Path(__file__):
                yield path


def test_no_file_names_a_package_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files()
        if (match := HOSTS.search(path.read_text(errors="replace")))
    ]

    assert found == []
