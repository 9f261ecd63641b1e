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
    parser.addoption("--kill-rounds", type=int, default=5, help="rounds of the kill loop")
    help_rounds = "how often the server is killed under clients that repeat"
    parser.addoption("--exactly-once-rounds", type=int, default=3, help=help_rounds)
    parser.addoption("--exactly-once-seed", type=int, help="the seed that such a run printed")
    help_rounds = "how often the server or its archiver is killed while records are archived"
    parser.addoption("--archive-kill-rounds", type=int, default=2, help=help_rounds)
    help_workers = "how many workers the server has that tests share"
    parser.addoption("--workers", type=int, default=1, help=help_workers)
    parser.addoption("--screenshots", help="the folder to write pictures of the pages into")
