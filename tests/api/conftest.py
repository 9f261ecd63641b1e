"""The whole application on a temporary folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.filesystem_web import Site, open_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Start the application with the first administrator, space and project."""
    async with open_site(tmp_path) as site:
        yield site
