"""A server and its archiver: what is published is in an open table, whatever is killed when."""

import contextlib
import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from pyiceberg.catalog import Catalog

from fixtures.api import Api, StreamUnderTest, assert_error, unique
from fixtures.archive import log_start, rows_of
from fixtures.server import ServerProcess, clean_environment, sign_in, wait_until
from fixtures.sql import path_of, results
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import TableName
from sluiceway.backends.iceberg.catalogue import open_catalogue

ONE_CALL = 10_000
"""So many records are read to be compared; the whole of a large table is what `verify` compares."""
ARCHIVING = {"SLUICEWAY_ARCHIVE__ENABLED": "true", "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1"}


@pytest.fixture(scope="module")
def archiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that archives; shared, also by tests that kill its archiver."""
    process = ServerProcess(tmp_path_factory.mktemp("archive") / "data", ARCHIVING).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture(scope="module")
def catalogue(archiving: ServerProcess) -> Iterator[Catalog]:
    opened = open_catalogue(ArchiveSettings(), archiving.data_dir)
    yield opened
    opened.close()


@pytest.fixture
def api(archiving: ServerProcess) -> Iterator[Api]:
    with Api(archiving.url, sign_in(archiving.url)) as administrator:
        yield administrator


def archivers(server: ServerProcess) -> list[psutil.Process]:
    found = []
    for one in psutil.Process(server.pid).children():
        # One that has just ended has no command line any more.
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            if "archiver" in one.cmdline():
                found.append(one)
    return found


def table_of(catalogue: Catalog, stream: StreamUnderTest) -> TableName | None:
    end = stream.view().rpartition(".")[2].replace("-", "")[:12]
    found = [name for name in catalogue.list_tables("sluiceway") if name[1].endswith(end)]
    return TableName(*found[0]) if found else None


def values_of(catalogue: Catalog, stream: StreamUnderTest) -> dict[int, list[int]]:
    """Give the offsets of the table by partition."""
    table = table_of(catalogue, stream)
    rows = rows_of(catalogue, table) if table is not None else {}
    return {partition: [offset for offset, _ in found] for partition, found in rows.items()}


def dense(stream: StreamUnderTest) -> dict[int, list[int]]:
    return {int(one): list(range(end)) for one, end in stream.ends().items() if end}


def assert_archived(catalogue: Catalog, stream: StreamUnderTest) -> None:
    """Wait until the table has what the stream has; then compare every byte."""
    wait_until(lambda: values_of(catalogue, stream) == dense(stream), 30)
    table = table_of(catalogue, stream)
    assert table is not None
    for partition, rows in rows_of(catalogue, table).items():
        read = stream.records(partition, limit=ONE_CALL)
        assert [at for at, _ in rows[:ONE_CALL]] == [record["offset"] for record in read]


def record(number: int) -> dict[str, Any]:
    return {"sensor_id": f"s-{number % 7}", "temperature": number / 3, "created_at": number}


def test_a_stream_page_is_told_how_far_the_table_is_and_how_it_is_opened(
    archiving: ServerProcess, api: Api, catalogue: Catalog
):
    stream = api.new_stream()
    page = f"/api/v1/streams/{stream.rid}/master"
    assert api.ok("GET", f"{page}/archive") == {}
    assert stream.publish({"sensor_id": "s", "temperature": 1.5}).is_success
    waits = api.ok("GET", f"{page}/statistics")
    assert waits["archiveBehindSeconds"] >= 0

    assert_archived(catalogue, stream)
    found = wait_until(
        lambda: (one := api.ok("GET", f"{page}/statistics"))["archiveBehindSeconds"] == 0 and one
    )
    table = api.ok("GET", f"{page}/archive")["table"]

    assert (found["partitions"][0]["endOffset"], found["partitions"][0]["archivedThrough"]) == (
        1,
        1,
    )
    assert table["table"] == str(table_of(catalogue, stream))
    assert table["catalogType"] == "sql"
    assert table["catalogUri"] == f"sqlite:///{(archiving.data_dir / 'warehouse.db').absolute()}"
    assert table["metadataLocation"] == catalogue.load_table(table["table"]).metadata_location
    assert table["columns"] == [
        "sensor_id",
        "temperature",
        "created_at",
        "_partition",
        "_offset",
        "_ingested_at",
    ]
    assert (table["filesCount"], table["rowsCount"]) == (1, 1)
    assert table["storedBytes"] > 0
    user_id, discoverer = api.new_user()
    api.grant(stream.rid, user_id, "discoverer")
    with discoverer:
        assert discoverer.get(f"{page}/archive").status_code == 403


def test_what_is_published_is_in_a_table_within_seconds(
    api: Api, archiving: ServerProcess, catalogue: Catalog
) -> None:
    stream = api.new_stream(partitionsCount=3)

    for at in range(0, 60, 10):
        assert stream.publish(*map(record, range(at, at + 10))).is_success

    assert_archived(catalogue, stream)
    assert len(archivers(archiving)) == 1


def test_the_command_proves_what_is_there_and_names_what_is_not(
    api: Api, archiving: ServerProcess, catalogue: Catalog
) -> None:
    stream = api.new_stream()
    assert stream.publish(*map(record, range(40))).is_success
    assert_archived(catalogue, stream)

    whole = verify(archiving, stream.rid)
    table = table_of(catalogue, stream)
    assert table is not None
    catalogue.load_table((table.namespace, table.name)).delete("_offset = 7")
    broken = verify(archiving, stream.rid)

    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout) == {
        "verifiedRecords": 40,
        "comparedRecords": 40,
        "unprovenRecords": 0,
        "waitingRecords": 0,
        "problems": [],
    }
    assert broken.returncode == 3, broken.stderr
    kinds = {problem["kind"] for problem in json.loads(broken.stdout)["problems"]}
    assert kinds == {"RECORDS_MISSING"}


def test_the_command_makes_one_file_of_many(
    api: Api, archiving: ServerProcess, catalogue: Catalog
) -> None:
    stream = api.new_stream()
    for number in range(8):
        assert stream.publish(record(number)).is_success
        assert_archived(catalogue, stream)

    done = command(archiving, "maintain", stream.rid)

    assert done.stdout.startswith("merged 8 files, "), done.stderr
    assert_archived(catalogue, stream)
    assert command(archiving, "maintain", stream.rid).stdout.startswith("merged 0 files, ")


def verify(server: ServerProcess, dataset: str) -> subprocess.CompletedProcess[str]:
    return command(server, "verify", dataset, "--json")


def command(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "sluiceway", *arguments, "--url", server.url]
    return subprocess.run(
        [*program, "--data-dir", str(server.data_dir)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_killed_archiver_is_started_again_and_goes_on(
    api: Api, archiving: ServerProcess, catalogue: Catalog
) -> None:
    stream = api.new_stream()
    assert stream.publish(record(1)).is_success
    assert_archived(catalogue, stream)
    (before,) = archivers(archiving)

    before.kill()
    assert stream.publish(record(2)).is_success

    assert_archived(catalogue, stream)
    assert before.pid not in [one.pid for one in archivers(archiving)]


def test_the_table_of_a_stream_that_is_reset_is_dropped(
    api: Api, archiving: ServerProcess, catalogue: Catalog
) -> None:
    stream = api.new_stream()
    assert stream.publish(record(1)).is_success
    assert_archived(catalogue, stream)
    table = table_of(catalogue, stream)
    assert table is not None
    files = archiving.data_dir / "warehouse" / table.namespace / table.name
    assert files.is_dir()

    api.ok("POST", f"{stream.path}/reset?preview=true", json={})
    assert stream.publish(record(2), record(3)).is_success

    wait_until(lambda: not files.exists())
    assert_archived(catalogue, stream)


def test_a_server_that_is_told_to_stop_leaves_no_archiver_and_archives_the_rest_later(
    own_server: ServerProcess,
) -> None:
    own_server.environment |= ARCHIVING
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream()
        assert stream.publish(record(1)).is_success
        wait_until(lambda: archivers(own_server))
        (archiver,) = archivers(own_server)
        assert stream.publish(record(2)).is_success

        assert own_server.stop() == 0

    assert not archiver.is_running()
    own_server.start(int(api.url.rpartition(":")[2]))
    opened = open_catalogue(ArchiveSettings(), own_server.data_dir)
    with Api(own_server.url, sign_in(own_server.url)) as again:
        assert_archived(opened, stream.as_(again))
    opened.close()
    assert own_server.stop() == 0


def test_nothing_is_lost_or_doubled_when_processes_are_killed(
    own_server: ServerProcess, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("--archive-kill-rounds")
    chance = random.Random()
    own_server.environment |= ARCHIVING
    own_server.start()
    port = own_server.port
    opened = open_catalogue(ArchiveSettings(), own_server.data_dir)
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream(partitionsCount=2)
        for at in range(rounds):
            for number in range(chance.randrange(1, 30)):
                assert stream.publish(*map(record, range(number * 10))).is_success or number == 0
            victims = archivers(own_server)
            pause(chance)
            if victims and at % 2:
                victims[0].kill()
            else:
                own_server.kill()
                own_server.start(port)
        assert_archived(opened, stream)
        proof = verify(own_server, stream.rid)
        assert proof.returncode == 0, proof.stdout
        assert json.loads(proof.stdout)["verifiedRecords"] == sum(stream.ends().values())
    opened.close()
    assert own_server.stop() == 0


def pause(chance: random.Random) -> None:
    """Wait for a moment that no test names: the archiver is at any step then."""
    signal.sigtimedwait([], chance.random() * 1.5)


def test_publishing_goes_on_when_the_tables_cannot_be_written(
    own_server: ServerProcess, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    own_server.environment |= ARCHIVING | {"SLUICEWAY_ARCHIVE__WAREHOUSE": str(blocked)}
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream()
        assert stream.publish(record(1)).is_success
        wait_until(lambda: "wait to be archived" in own_server.errors)

        assert stream.publish(record(2)).is_success

        blocked.unlink()
        opened = open_catalogue(ArchiveSettings(), own_server.data_dir)
        assert_archived(opened, stream)
        opened.close()
    assert own_server.stop() == 0


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Trimmed"]:
    """A server whose log gives records up as soon as they are in a table, and a stream of such."""
    settings = ARCHIVING | {"SLUICEWAY_ARCHIVE__HOT_SECONDS": "1"}
    server = ServerProcess(tmp_path_factory.mktemp("trimmed") / "data", settings).start()
    with Api(server.url, sign_in(server.url)) as api:
        stream = api.new_stream()
        path = f"{stream.path}/subscribers"
        api.ok("POST", f"{path}?preview=true", json={"subscriberId": unique("old")})
        for at in range(0, 60, 10):
            assert stream.publish(*map(record, range(at, at + 10))).is_success
        before = stream.records()
        wait_until(lambda: log_start(server.data_dir) == 60, 30)
        yield Trimmed(server, api, stream, before)
    assert server.stop() == 0
    assert "Traceback" not in server.errors, server.errors


@dataclass(frozen=True)
class Trimmed:
    """A stream whose records are in its table alone."""

    server: ServerProcess
    api: Api
    stream: StreamUnderTest
    before: list[Any]
    """Its records, as they were read from the log."""


def read_in_every_way(trimmed: Trimmed) -> list[httpx.Response]:
    """Read all records with `getRecords`, their table as CSV, and how many SQL finds."""
    api, stream = trimmed.api, trimmed.stream
    asked = {"partitionId": "0", "limit": 1_000, "startOffset": 0, "preview": "true"}
    return [
        api.get(f"{stream.fast}/getRecords", params=asked),
        api.get(f"/api/v2/datasets/{stream.rid}/readTable", params={"format": "CSV"}),
        results(api, f"SELECT count(*), max(temperature) FROM `{path_of(stream)}`"),
    ]


def test_reads_are_whole_or_refused_while_the_archiver_is_killed(trimmed: Trimmed) -> None:
    def in_table_alone() -> list[bytes]:
        answers = read_in_every_way(trimmed)
        assert [answer.status_code for answer in answers] == [200] * 3
        found = [answer.content for answer in answers]
        return found if found[1].count(b"\n") == len(json.loads(found[0])) + 1 else []

    # Other tests may have published one more.
    whole = wait_until(in_table_alone, 30)
    assert len(json.loads(whole[0])) >= len(trimmed.before) == 60

    def are_whole() -> bool:
        return [answer.content for answer in read_in_every_way(trimmed)] == whole

    for _ in range(2):
        (archiver,) = archivers(trimmed.server)
        archiver.kill()
        for answer, expected in zip(read_in_every_way(trimmed), whole, strict=True):
            if answer.status_code == 200:
                assert answer.content == expected
            else:
                assert assert_error(answer, 503, "ArchiveUnavailable")["retryable"]
        wait_until(are_whole, 30)


def test_readers_do_not_notice_that_the_log_has_given_records_up(trimmed: Trimmed) -> None:
    api, stream = trimmed.api, trimmed.stream
    subscribers = api.ok("GET", f"/api/v1/streams/{stream.rid}/master/subscribers")
    path = stream.path.replace("/streams/", "/highScale/streams/", 1) + "/subscribers"
    subscriber = subscribers["data"][0]["subscriberId"]
    assert stream.publish(record(60)).is_success

    after = stream.records()
    read = api.ok("POST", f"{path}/{subscriber}/readRecords?preview=true", json={"limit": 1_000})
    described = api.ok("GET", f"/api/v1/streams/{stream.rid}/master/description")

    assert after[:60] == trimmed.before
    assert [one["offset"] for one in after] == list(range(61))
    assert read["recordsByPartition"]["0"] == after
    assert int(described["archivedThrough"]["0"]) >= 60
