"""The fixtures that every test may ask for; each kind lives in a module of ``fixtures``."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LONGEST = (
    "browser/test_appearance.py",
    "integration/test_openapi_conformance.py",
    "integration/test_archive.py",
    "api/test_sql_queries.py",
    "integration/test_kill_loop.py",
    "integration/test_server_life.py",
    "integration/test_postgresql.py",
    "browser/test_stream_page.py",
    "browser/test_push_data.py",
    "browser/test_settings.py",
    "docs/test_guides.py",
    "unit/schema/test_round_trip.py",
    "browser/test_session.py",
    "integration/test_tls.py",
    "api/test_workers.py",
    "api/test_proxies.py",
    "api/test_authorize.py",
    "integration/test_demo_command.py",
    "integration/test_reset_crash.py",
    "api/test_connections.py",
    "integration/test_log_crash.py",
    "integration/test_exactly_once.py",
)
"""The files that take longest, which begin first: the last to begin is what the others wait for."""

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
    parser.addoption("--kill-rounds", type=int, default=3, help="rounds of the kill loop")
    help_rounds = "how often the server is killed under clients that repeat"
    parser.addoption("--exactly-once-rounds", type=int, default=3, help=help_rounds)
    parser.addoption("--exactly-once-seed", type=int, help="the seed that such a run printed")
    help_rounds = "how often the server or its archiver is killed while records are archived"
    parser.addoption("--archive-kill-rounds", type=int, default=2, help=help_rounds)
    help_rounds = "how often the server or its archiver is killed while records are deleted"
    parser.addoption("--retention-kill-rounds", type=int, default=2, help=help_rounds)
    help_examples = "how many requests are made up for each operation that is described"
    parser.addoption("--openapi-examples", type=int, default=3, help=help_examples)
    help_workers = "how many workers the server has that tests share"
    parser.addoption("--workers", type=int, default=1, help=help_workers)
    parser.addoption("--screenshots", help="the folder to write pictures of the pages into")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, and leave the order that there is among the others."""
    turns = {TESTS / name: turn for turn, name in enumerate(LONGEST)}
    assert all(path.is_file() for path in turns), "a file of LONGEST is not there any more"
    items.sort(key=lambda item: turns.get(item.path, len(turns)))
