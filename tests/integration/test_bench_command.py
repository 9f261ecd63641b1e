"""``sluiceway bench``, against a real server."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fixtures.api import Api, field, schema
from fixtures.server import ServerProcess, clean_environment, sign_in, wait_until
from sluiceway.cli import main

ALL_TYPES = schema(
    field("id", "long", nullable=False),
    field("at", "timestamp"),
    field("price", {"type": "decimal", "precision": 9, "scale": 2}),
    field("tags", {"type": "array", "itemsSchema": field("", "string")["schema"]}),
    keys=["id"],
)
PROJECT = "/Main/Quickstart"


def start(server: ServerProcess, *options: str, token: str | None = None) -> subprocess.Popen[str]:
    """Start the command; the token goes by the environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "sluiceway", "bench", "--url", server.url, *options],
        env=clean_environment() | ({} if token is None else {"SLUICEWAY_TOKEN": token}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(api: Api, server: ServerProcess, *options: str, code: int = 0) -> dict[str, Any]:
    """Run the command to its end, which is to be *code*; give its result."""
    process = start(server, "--json", *options, token=api.token)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (code, "")
    result: dict[str, Any] = json.loads(output)
    return result


def refusal(bench: subprocess.Popen[str]) -> str:
    """Give what a command says that is to fail."""
    output, errors = bench.communicate(timeout=60)
    assert (bench.returncode, output) == (1, "")
    assert "Traceback" not in errors
    return errors


def streams_of_the_project(api: Api) -> set[str]:
    """Name what lies in the project that a stream is made in by default, trash or not."""
    path = {"path": PROJECT, "preview": "true"}
    project = api.ok("GET", "/api/v2/filesystem/resources/getByPath", params=path)["rid"]
    found = api.ok("GET", f"/api/v2/filesystem/folders/{project}/children?preview=true")["data"]
    return {one["displayName"] for one in found if one["displayName"].startswith("Benchmark")}


def test_it_measures_with_a_stream_and_a_token_of_its_own_and_leaves_neither(
    server: ServerProcess, api: Api
) -> None:
    bench = start(server, "--data-dir", str(server.data_dir), "--seconds", "0.5", "--rate", "40")
    output, errors = bench.communicate(timeout=60)

    assert (bench.returncode, errors) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in output.splitlines())
    assert lines["load"].startswith("open loop: 40 requests/s")
    assert lines["accepted"].startswith("20 of 20 requests")
    assert lines["latency"].endswith("from when it was due")
    assert lines["disk"].endswith("to append 256 bytes and sync them")
    assert "of a core" in lines["generator"]
    assert streams_of_the_project(api) == set()
    tokens = api.ok("GET", "/multipass/api/tokens?type=USER_GENERATED&limit=500")["values"]
    assert {one["state"] for one in tokens if one["name"] == "bench"} == {"REVOKED"}


def test_records_are_made_up_from_the_schema_of_the_stream(server: ServerProcess, api: Api) -> None:
    stream = api.new_stream(ALL_TYPES, branchName="feat/x", partitionsCount=2)

    result = run(
        api, server, "--dataset", stream.rid, "--branch", "feat/x",
        "--seconds", "0.5", "--rate", "20", "--batch", "3",
    )  # fmt: skip

    assert (result["requests"], result["accepted"], result["unsent"]) == (10, 10, 0)
    assert result["failures"] == {}
    assert result["records_per_second"] == pytest.approx(3 * result["requests_per_second"], abs=0.2)
    # One request is sent before, to see whether it is taken at all.
    assert sum(stream.ends().values()) == 3 * 11
    assert len(stream.ends()) == 2
    assert result["fsync_p50_ms"] is None


def test_percentiles_rise_and_the_disk_is_measured_where_it_is_asked_for(
    server: ServerProcess, api: Api, tmp_path: Path
) -> None:
    result = run(api, server, "--seconds", "0.5", "--rate", "max", "--fsync-dir", str(tmp_path))

    found = [result[f"{name}_ms"] for name in ("p50", "p90", "p99", "p999", "max")]
    assert found == sorted(found)
    assert found[0] > 0
    assert (result["loop"], result["asked_per_second"]) == ("closed", None)
    assert result["requests"] == result["accepted"] > 0
    assert 0 < result["fsync_p50_ms"] <= result["fsync_p99_ms"]
    assert 0 < result["processor_share"] <= 1.1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [300, 4_000])
def test_records_have_the_size_that_is_asked_for(
    server: ServerProcess, api: Api, size: int
) -> None:
    stream = api.new_stream(schema(field("text", "string"), field("n", "long")))

    result = run(
        api, server, "--dataset", stream.rid, "--record-bytes", str(size),
        "--seconds", "0.2", "--rate", "10",
    )  # fmt: skip

    assert result["record_bytes"] == size
    sizes = {len(json.dumps(one, separators=(",", ":"))) for one in stream.values()}
    assert sizes == {size}


def test_a_record_may_be_given_and_so_may_a_size_without_a_stream(
    server: ServerProcess, api: Api
) -> None:
    stream = api.new_stream(schema(field("n", "long")))

    run(
        api,
        server,
        "--dataset",
        stream.rid,
        "--record",
        '{"n": 7}',
        "--seconds",
        "0.1",
        "--rate",
        "50",
    )
    result = run(api, server, "--record-bytes", "1000", "--seconds", "0.1", "--rate", "50")

    assert {one["n"] for one in stream.values()} == {7}
    assert result["accepted"] == 5
    assert result["record_bytes"] == 1_000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_what_it_measured_when_it_is_stopped(
    server: ServerProcess, api: Api, number: signal.Signals
) -> None:
    stream = api.new_stream()
    options = ("--dataset", stream.rid, "--seconds", "3600", "--rate", "20", "--json")
    bench = start(server, *options, token=api.token)

    wait_until(lambda: stream.ends().get("0", 0) > 3, seconds=30)
    bench.send_signal(number)
    output, errors = bench.communicate(timeout=20)

    assert errors == ""
    result = json.loads(output)
    assert result["accepted"] + 1 == stream.ends()["0"]
    assert result["seconds"] < 60


def test_what_is_wrong_with_every_request_is_said_at_once(server: ServerProcess, api: Api) -> None:
    stream = api.new_stream()
    _, stranger = api.new_user()
    here = ("--dataset", stream.rid)
    warm = '{"sensor_id": "a", "temperature": "warm"}'
    cases = [
        ("401 Default:Unauthorized", start(server, *here, token="x")),
        ("a character that no token has", start(server, *here, token=f"{api.token}\n")),
        ("404 StreamNotFound", start(server, *here, "--branch", "none", token=api.token)),
        ("404 StreamNotFound", start(server, *here, "--record", "{}", token=stranger.token)),
        ("'temperature': expected double", start(server, *here, "--record", warm, token=api.token)),
        (
            "a record of this schema has",
            start(server, *here, "--record-bytes", "9", token=api.token),
        ),
        ("no project /Main/Nowhere", start(server, "--folder", "/Main/Nowhere", token=api.token)),
    ]

    said = [(expected, refusal(bench)) for expected, bench in cases]

    assert [one for one in said if one[0] not in one[1]] == []
    assert stream.ends() == {"0": 0}


def test_without_a_server_it_says_how_to_start_one(own_server: ServerProcess) -> None:
    own_server.url = "http://127.0.0.1:9"

    said = refusal(start(own_server, token="x"))

    assert "no server answers at http://127.0.0.1:9" in said
    assert "sluiceway serve" in said


@pytest.mark.parametrize(
    "option",
    [
        ("--rate", "0"),
        ("--rate", "1000001"),
        ("--rate", "fast"),
        ("--record", "[1]"),
        ("--connections", "0"),
        ("--fsync-dir", "/nowhere"),
    ],
)
def test_options_that_make_no_sense_are_refused(option: tuple[str, str]) -> None:
    done = CliRunner().invoke(main, ["bench", *option])

    assert done.exit_code == 2
    assert option[0] in done.output


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    done = CliRunner().invoke(main, ["bench", "--url", url])

    assert done.exit_code == 1
    assert done.output.startswith("Error: --url: ")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that takes one request to a stream at a time, and may be stopped and killed."""
    limits = {"SLUICEWAY_LIMITS__STREAM_CONCURRENT_REQUESTS_MAX": "1"}
    process = ServerProcess(tmp_path_factory.mktemp("single") / "data", limits).start()
    yield process
    process.kill()


@pytest.fixture
def single_api(single: ServerProcess) -> Iterator[Api]:
    with Api(single.url, sign_in(single.url)) as api:
        yield api


def test_refusals_are_counted_by_their_name_and_tell_in_the_exit_code(
    single: ServerProcess, single_api: Api
) -> None:
    result = run(single_api, single, "--seconds", "0.3", "--rate", "max", code=3)

    assert set(result["failures"]) == {"429 TooManyConcurrentRequests"}
    assert result["failures"]["429 TooManyConcurrentRequests"] > 10
    assert 0 < result["accepted"] < result["requests"]


def test_a_server_that_stands_still_is_seen_in_the_latencies_of_all_that_was_due(
    single: ServerProcess, single_api: Api
) -> None:
    stream = single_api.new_stream()
    options = ("--dataset", stream.rid, "--connections", "1", "--seconds", "1.5", "--rate", "100")
    bench = start(single, "--json", *options, token=single_api.token)
    wait_until(lambda: stream.ends()["0"] > 10, seconds=30)

    single.send_signal(signal.SIGSTOP)
    time.sleep(0.6)
    single.send_signal(signal.SIGCONT)
    result = json.loads(bench.communicate(timeout=60)[0])

    # Of 150 requests 60 were due meanwhile, and the first of them waited for all of it.
    assert result["requests"] == 150
    assert result["max_ms"] >= 590
    assert result["p90_ms"] >= 400


def test_a_server_that_is_killed_is_tried_until_it_is_back(
    single: ServerProcess, single_api: Api
) -> None:
    stream = single_api.new_stream()
    options = ("--dataset", stream.rid, "--connections", "1", "--seconds", "3600", "--rate", "50")
    bench = start(single, "--json", *options, token=single_api.token)
    wait_until(lambda: stream.ends()["0"] > 10, seconds=30)
    port = single.port

    single.kill()
    single.start(port)
    before = stream.ends()["0"]
    wait_until(lambda: stream.ends()["0"] > before + 10, seconds=30)
    bench.send_signal(signal.SIGINT)
    output, errors = bench.communicate(timeout=60)

    assert (bench.returncode, errors) == (3, "")
    result = json.loads(output)
    assert result["failures"]["no connection"] > 0
    assert result["accepted"] >= before
