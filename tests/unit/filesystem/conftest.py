"""A tree of resources on a database in a temporary folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.databases import open_tables
from fixtures.filesystem import Tree
from sluiceway.filesystem.settings import FilesystemSettings


@pytest.fixture
async def tree(tmp_path: Path) -> AsyncIterator[Tree]:
    """Make the services with the space Main and the project Quickstart."""
    async with open_tables(tmp_path) as database:
        tree = Tree(database, FilesystemSettings())
        await tree.bootstrap()
        yield tree
