"""``sluiceway token create``, beside a server that runs and one that does not."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fixtures.api import Api
from fixtures.server import ServerProcess, clean_environment
from sluiceway.cli import main

COMMAND = ["token", "create", "--data-dir"]


def create(data_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sluiceway", *COMMAND, str(data_dir), *options],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def seconds_left(server: ServerProcess, token: str) -> int:
    api = Api(server.url, token)
    left: int = api.ok("GET", "/multipass/api/token/ttl")
    assert api.ok("GET", "/multipass/api/me")["username"] == "admin"
    api.close()
    return left


def test_the_token_alone_is_printed_and_the_running_server_takes_it_at_once(
    server: ServerProcess,
) -> None:
    made = create(server.data_dir, "--username=admin", "--name=n")

    assert (made.returncode, made.stderr) == (0, "")
    token = made.stdout.removesuffix("\n")
    assert len(token) == 47
    assert 7 * 86_400 - 60 < seconds_left(server, token) <= 7 * 86_400


def test_a_token_made_while_the_server_is_stopped_is_taken_later(
    own_server: ServerProcess,
) -> None:
    own_server.start()
    own_server.stop()

    made = create(own_server.data_dir, "--username=admin", "--name=n", "--expires-in=12h")

    assert 12 * 3_600 - 60 < seconds_left(own_server.start(), made.stdout.strip()) <= 12 * 3_600


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--username=nobody", "--name=n"), 1, "there is no user 'nobody'"),
        (("--username=admin", "--name="), 1, "a token's name has 1 to 255"),
        (("--username=admin", "--name=n", "--expires-in=367d"), 1, "a token lives 1 to"),
        (("--username=admin", "--name=n", "--expires-in=0s"), 1, "a token lives 1 to"),
        (("--username=admin", "--name=n", "--expires-in=7"), 2, "write 7d, 12h, 30m or 45s"),
        (("--username=admin", "--name=n", "--expires-in=-1d"), 2, "write 7d, 12h, 30m or 45s"),
        (("--username=admin", "--name=n", "--expires-in=1w"), 2, "write 7d, 12h, 30m or 45s"),
        (("--name=n",), 2, "--username"),
    ],
)
def test_what_is_not_possible_is_said_on_stderr(
    server: ServerProcess, options: tuple[str, ...], code: int, message: str
) -> None:
    made = CliRunner().invoke(main, [*COMMAND, str(server.data_dir), *options])

    assert (made.exit_code, made.stdout) == (code, "")
    assert message in made.stderr


def test_a_folder_without_a_server_is_said_on_stderr_and_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "nothing"

    made = CliRunner().invoke(main, [*COMMAND, str(folder), "--username=admin", "--name=n"])

    assert (made.exit_code, made.stdout) == (1, "")
    assert str(folder) in made.stderr
    assert not folder.exists()
