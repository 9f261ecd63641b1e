"""All pages: links lead somewhere, the index is complete, decisions have their parts."""

import re
from pathlib import Path

import httpx
import pytest

from fixtures.pages import ROOT
from fixtures.server import ServerProcess

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))
PARTS = ["Context", "Decision", "Consequences", "Alternatives"]
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Give the anchors that the headings of a page make."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        if link.startswith(("https://", "http://")):
            continue
        target, _, anchor = link.partition("#")
        linked = (page.parent / target).resolve() if target else page

        assert linked.exists(), link
        assert not anchor or anchor in anchors(linked), link


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link).resolve() for link in _LINK.findall(index.read_text())}

    missing = [name(page) for page in ROOT.glob("docs/**/*.md") if page not in linked | {index}]

    assert missing == []


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_has_all_its_parts(page: Path) -> None:
    text = page.read_text()

    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.search(r"^Status: (accepted|superseded)", text, re.MULTILINE)
    assert [part for part in PARTS if f"\n## {part}\n" not in text] == []


def test_no_two_decisions_have_one_number() -> None:
    # A gap is a number that was given to a decision that is still being written.
    numbers = [page.name[:4] for page in DECISIONS]

    assert len(set(numbers)) == len(numbers)


def test_every_metric_is_documented(server: ServerProcess) -> None:
    served = httpx.get(f"{server.url}/metrics").text
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text()

    families = set(re.findall(r"^# TYPE (\w+) ", served, re.MULTILINE))
    documented = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))

    assert {family for family in families if not family.endswith("_created")} == documented
