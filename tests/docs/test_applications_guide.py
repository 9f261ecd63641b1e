"""The guide about applications: its commands work, in their order."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from fixtures.server import ServerProcess, clean_environment
from sluiceway.access.scopes import Operation

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "guides" / "applications.md").read_text()
SCOPES = (DOCS / "reference" / "scopes.md").read_text()


@pytest.fixture
def output(own_server: ServerProcess, tmp_path: Path) -> str:
    """What the guide's commands print, each block under a line ``-- n``."""
    own_server.start()
    (tmp_path / ".venv").symlink_to(sys.prefix)
    blocks = re.findall(r"^```bash\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
    script = "".join(f"printf '\\n-- {number}\\n'\n{block}" for number, block in enumerate(blocks))
    script = script.replace("http://127.0.0.1:8080", own_server.url)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_guides_commands_give_what_it_says(output: str) -> None:
    parts = re.split(r"^-- \d+\n", output, flags=re.MULTILINE)
    sections = [part.strip() for part in parts[1:]]

    assert len(sections) == 10
    assert '"enabled": true' in sections[1]
    assert '"scope": "api:use-streams-write"' in sections[2]
    assert re.fullmatch(r'"[0-9a-f]{32}"', sections[3])
    assert '"displayName": "Meter gateway, north"' in sections[5]
    assert '"api:use-streams-write"' in sections[5]
    assert sections[6] == "{}"
    assert '"operations": []' in sections[7]
    assert sections[8] == ""


def test_the_guides_url_leads_a_browser_to_sign_in(output: str, own_server: ServerProcess) -> None:
    url = output.rsplit(maxsplit=1)[-1]

    answer = httpx.get(url)

    assert url.startswith(f"{own_server.url}/multipass/api/oauth2/authorize?")
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("operation", Operation)
def test_every_scope_is_in_the_reference_in_both_spellings(operation: Operation) -> None:
    assert f"`{operation.scope}` | `api:{operation}`" in SCOPES
