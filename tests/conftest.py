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
    "fixtures.postgres",
    "fixtures.databases",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a long run kill the server more often than the usual one does."""
    parser.addoption("--kill-rounds", type=int, default=10, help="rounds of the kill loop")
