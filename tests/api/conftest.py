"""The whole application on a temporary folder, for the tests of a module."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fixtures.filesystem_web import Site, open_site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Start the application with the first administrator."""
    async with open_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def site(shared_site: Site) -> Site:
    """Give the application with nothing but the first space and project.

    A module that asks for it marks its tests with ``asyncio(loop_scope="module")``.
    """
    await shared_site.empty()
    return shared_site
