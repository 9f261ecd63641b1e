"""Record logs on which the contract suite runs.

A further backend joins with a class like `EmbeddedHome` in `HOMES`.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from sluiceway.backends.embedded.log import open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.streams.log import RecordLog


class LogHome(Protocol):
    """A place where one log lives, also while it is closed."""

    async def open(self) -> RecordLog:
        """Open the log; the one opened before must be closed."""
        ...

    async def open_with_notes(self, notes_max: int, keep_min_seconds: int) -> RecordLog:
        """Open it so that it keeps few notes."""
        ...


class EmbeddedHome:
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def open(self) -> RecordLog:
        """Open the log; see `LogHome.open`."""
        return await open_log(self._folder / "log")

    async def open_with_notes(self, notes_max: int, keep_min_seconds: int) -> RecordLog:
        """Open it so that it keeps few notes; see `LogHome.open_with_notes`."""
        settings = EmbeddedLogSettings(notes_max=notes_max, notes_keep_min_seconds=keep_min_seconds)
        return await open_log(self._folder / "log", settings)


HOMES = {"embedded": EmbeddedHome}


@pytest.fixture(params=sorted(HOMES))
def log_home(request: pytest.FixtureRequest, tmp_path: Path) -> LogHome:
    """Where a log lives that can be closed and opened again."""
    return HOMES[request.param](tmp_path)


@pytest.fixture
async def log(log_home: LogHome) -> AsyncIterator[RecordLog]:
    """An open log without views."""
    log = await log_home.open()
    yield log
    await log.close()
