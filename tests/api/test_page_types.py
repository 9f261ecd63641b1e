"""The types with which the pages call the API are those of the API."""

import subprocess
from pathlib import Path

from fixtures.api import Api
from fixtures.pages import ROOT
from fixtures.server import clean_environment

COMMITTED = ROOT / "web" / "src" / "lib" / "api-types.ts"


def test_the_pages_types_follow_from_the_served_description(api: Api, tmp_path: Path):
    out = tmp_path / "api-types.ts"
    url = f"{api.url}/api/openapi.json"

    subprocess.run(
        [
            *(ROOT / "tools" / "with-node", "npm", "run", "--silent", "--prefix", "web"),
            *("generate", "--", url, str(out)),
        ],
        cwd=ROOT,
        env=clean_environment(),
        check=True,
    )

    assert COMMITTED.read_text() == out.read_text(), "run `npm run generate` in web/"
