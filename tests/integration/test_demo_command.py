"""``sluiceway demo``, against a real server."""

import re
import signal
import subprocess
import sys
import time

import httpx
import pytest

from fixtures.api import Api
from fixtures.server import ServerProcess, clean_environment, wait_until


def start(server: ServerProcess, *options: str) -> "subprocess.Popen[str]":
    """Start the demo."""
    return subprocess.Popen(
        [sys.executable, "-m", "sluiceway", "demo", "--url", server.url, *options],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stored(api: Api) -> int:
    """Count the records of the demo's stream; none while there is no such stream."""
    path = "/api/v2/filesystem/resources/getByPath"
    found = api.get(path, params={"path": "/Main/Quickstart/Demo sensors"})
    if found.status_code == httpx.codes.NOT_FOUND:
        return 0
    rid = found.json()["rid"]
    stream = f"/api/v2/highScale/streams/datasets/{rid}/streams/master"
    ends: dict[str, int] = api.ok("GET", f"{stream}/getEndOffsets?preview=true")
    return sum(ends.values())


def test_it_makes_its_stream_and_pushes_at_the_rate_for_so_long(
    server: ServerProcess, api: Api
) -> None:
    before = stored(api)

    demo = start(
        server, "--data-dir", str(server.data_dir), "--seconds", "2", "--rate", "60", "--batch", "3"
    )
    output, errors = demo.communicate(timeout=60)

    assert (demo.returncode, errors) == (0, "")
    assert re.search(
        r"^[\d,]+ records  [\d,]+ records/s  [\d,]+ requests/s  p50 ", output, re.MULTILINE
    )
    pushed = re.search(r"^pushed ([\d,]+) records$", output, re.MULTILINE)
    assert pushed is not None
    count = int(pushed[1].replace(",", ""))
    assert stored(api) - before == count
    assert count % 3 == 0
    assert 0 < count <= 150


def test_the_token_that_it_makes_ends_with_it(server: ServerProcess, api: Api) -> None:
    demo = start(server, "--data-dir", str(server.data_dir), "--seconds", "0.5")
    demo.communicate(timeout=60)

    tokens = api.ok("GET", "/multipass/api/tokens?type=USER_GENERATED&limit=500")["values"]

    states = {token["state"] for token in tokens if token["name"] == "demo"}
    assert states == {"REVOKED"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_it_is_told_to(
    server: ServerProcess, api: Api, number: signal.Signals
) -> None:
    before = stored(api)
    demo = start(server, "--token", str(api.token))

    wait_until(lambda: stored(api) > before, seconds=30)
    demo.send_signal(number)
    output, errors = demo.communicate(timeout=20)

    assert (demo.returncode, errors) == (0, "")
    assert "pushed" in output


def test_without_a_server_it_says_how_to_start_one(own_server: ServerProcess) -> None:
    own_server.url = "http://127.0.0.1:9"

    demo = start(own_server, "--token", "x")
    _, errors = demo.communicate(timeout=60)

    assert demo.returncode == 1
    assert "no server answers at http://127.0.0.1:9" in errors
    assert "sluiceway serve" in errors
    assert "Traceback" not in errors


def test_with_a_token_that_is_not_valid_it_says_so(server: ServerProcess) -> None:
    demo = start(server, "--token", "x")
    _, errors = demo.communicate(timeout=60)

    assert demo.returncode == 1
    assert "401 Default:Unauthorized" in errors


def test_a_server_that_goes_away_ends_it_with_a_message(own_server: ServerProcess) -> None:
    own_server.start()
    demo = start(own_server, "--data-dir", str(own_server.data_dir))
    assert demo.stdout is not None
    demo.stdout.readline()
    time.sleep(0.2)

    own_server.kill()
    _, errors = demo.communicate(timeout=60)

    assert demo.returncode == 1
    assert "the server does not answer any more" in errors
    assert "Traceback" not in errors
