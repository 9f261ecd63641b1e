"""The fixtures that every test may ask for; each kind lives in a module of ``fixtures``."""

import pytest

pytest_plugins = [
    "fixtures.server",
    "fixtures.api",
    "fixtures.doors",
    "fixtures.clients",
    "fixtures.browser",
    "fixtures.osdk",
    "fixtures.chromium",
    "fixtures.plant",
    "fixtures.postgres",
    "fixtures.databases",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a long run kill the server more often, and a run of the pages write pictures."""
    parser.addoption("--kill-rounds", type=int, default=10, help="rounds of the kill loop")
    parser.addoption("--screenshots", help="the folder to write pictures of the pages into")
