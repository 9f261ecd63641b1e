"""Starting the processes that belong to a server."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from typing import Any

import msgspec

from sluiceway.settings import ENVIRONMENT_PREFIX, Settings


async def spawn(command: str, inherited: Sequence[int], niceness: int = 0) -> Process:
    """Start ``sluiceway`` *command* with open files; ``give_settings`` comes next.

    The environment has none of our settings, which the process is told. It runs at *niceness* more than
    this process (``setpriority(2)``) before it has imported anything, and so do all of its threads.

    Raises:
        OSError: It cannot be started.
    """
    environment: dict[str, Any] = {
        name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sluiceway", command),
        *map(str, inherited),
        stdin=PIPE,
        stdout=DEVNULL,
        pass_fds=inherited,
        env=environment,
    )
    if niceness:
        own = os.getpriority(os.PRIO_PROCESS, 0)
        with contextlib.suppress(OSError):  # It has ended, or none may be set: it works at any.
            os.setpriority(os.PRIO_PROCESS, process.pid, own + niceness)
    return process


def give_settings(process: Process, settings: Settings) -> None:
    """Tell a new process the settings, over its standard input."""
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(settings))
    process.stdin.close()
