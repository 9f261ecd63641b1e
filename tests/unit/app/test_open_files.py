"""How many connections fit into the files that a process may open, asked in a process of its own."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.server import ADMIN_PASSWORD, clean_environment
from sluiceway.cli.open_files import FILES_KEPT

ASK = (
    "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}));"
    "from sluiceway.cli.open_files import room_for_connections as room;"
    "print(room(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
)


@pytest.mark.parametrize(
    ("soft", "hard", "room"),
    [
        (256, 2_000, 2_000 - FILES_KEPT),
        (2_000, 2_000, 2_000 - FILES_KEPT),
        (256, FILES_KEPT + 1, 1),
        (256, FILES_KEPT, 1),
    ],
)
def test_the_limit_is_raised_and_files_are_kept_for_the_log(
    soft: int, hard: int, room: int
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", ASK.format(soft=soft, hard=hard)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told.split() == [str(room), str(hard)]


def test_a_server_that_may_open_few_files_says_that_it_takes_fewer_connections(
    tmp_path: Path,
) -> None:
    command = f"ulimit -n {FILES_KEPT + 5}; exec {sys.executable} -m sluiceway serve --port 0"
    process = subprocess.Popen(
        ["sh", "-c", f"{command} --data-dir {tmp_path / 'data'}"],
        env=clean_environment() | {"SLUICEWAY_ADMIN_PASSWORD": ADMIN_PASSWORD},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("listening")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)

    assert process.returncode == 0
    assert re.search(r"connections_max is 4096, .* open files for 5:", errors)
