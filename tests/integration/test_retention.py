"""Retention of a server with an archive, through its own calls, over seconds, also when it is killed."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from fixtures.api import Api, StreamUnderTest
from fixtures.archive import log_start
from fixtures.server import ServerProcess, sign_in, wait_until

SETTINGS = {
    "SLUICEWAY_ARCHIVE__ENABLED": "true",
    "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1",
    "SLUICEWAY_ARCHIVE__RETENTION_SECONDS": "1",
    "SLUICEWAY_ARCHIVE__SNAPSHOTS_KEEP_SECONDS": "1",
    "SLUICEWAY_ARCHIVE__HOT_SECONDS_MIN": "1",
}


@pytest.fixture(scope="module")
def retaining(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("retention") / "data", SETTINGS).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture
def api(retaining: ServerProcess) -> Iterator[Api]:
    with Api(retaining.url, sign_in(retaining.url)) as administrator:
        yield administrator


def path_of(stream: StreamUnderTest) -> str:
    return f"/api/v1/streams/{stream.rid}/{stream.branch}"


def starts_of(stream: StreamUnderTest) -> dict[str, int]:
    found: dict[str, int] = stream.api.ok("GET", f"{path_of(stream)}/retention")["startOffsets"]
    return found


def archived_through(stream: StreamUnderTest) -> dict[str, int]:
    found: dict[str, int] = stream.api.ok("GET", f"{path_of(stream)}/description")[
        "archivedThrough"
    ]
    return found


def deletions(stream: StreamUnderTest) -> list[dict[str, Any]]:
    """Give the details of what was deleted, as the activity tells it, oldest first."""
    events = stream.api.ok("GET", f"{path_of(stream)}/activity?pageSize=500")["data"]
    found = [one["details"] for one in events if one["action"] == "retention.deleted"]
    return found[::-1]


def publish(stream: StreamUnderTest, count: int) -> None:
    assert stream.publish(*[{"sensor_id": f"s-{at}"} for at in range(count)]).is_success


def test_records_go_when_they_are_old_enough_and_what_remains_is_where_it_was(
    api: Api, retaining: ServerProcess
) -> None:
    stream = api.new_stream(partitionsCount=2)
    publish(stream, 20)
    publish(stream, 30)
    wait_until(lambda: archived_through(stream) == stream.ends(), 30)
    before = stream.records(0)
    ends = stream.ends()

    due = api.ok("POST", f"{path_of(stream)}/retention/preview", json={"coldSeconds": 1})
    api.ok("PUT", f"{path_of(stream)}/retention", json={"coldSeconds": 1})
    wait_until(lambda: starts_of(stream) == ends, 30)
    publish(stream, 1)
    (partition,) = [one for one, end in stream.ends().items() if end > ends[one]]
    api.ok("PUT", f"{path_of(stream)}/retention", json={"coldSeconds": 3_600})

    assert due["deleted"]["records"] == 50
    assert due["deleted"]["files"] >= 1
    assert sum(one["records"] for one in deletions(stream)) >= 50
    assert len(before) == ends["0"]
    read = stream.records(int(partition))
    assert [one["offset"] for one in read] in ([ends[partition]], [])
    transactions = api.ok("GET", f"/api/v2/datasets/{stream.rid}/transactions?preview=true")["data"]
    assert {one["transactionType"] for one in transactions} == {"APPEND", "DELETE"}
    metrics = api.get("/metrics").text
    assert "sluiceway_retention_deletions_total" in metrics
    # Also from the disk, though nothing is merged.
    warehouse = retaining.data_dir / "warehouse" / "sluiceway"
    wait_until(lambda: files_of(warehouse, stream) <= 2, 30)


def files_of(warehouse: Path, stream: StreamUnderTest) -> int:
    end = stream.view().rpartition(".")[2].replace("-", "")[:12]
    (folder,) = warehouse.glob(f"*_{end}")
    return len(list(folder.rglob("*.parquet")))


def test_the_log_keeps_as_little_as_is_set_and_readers_do_not_notice(
    api: Api, retaining: ServerProcess
) -> None:
    stream = api.new_stream()
    for _ in range(3):
        publish(stream, 10)
    before = stream.records()

    api.ok("PUT", f"{path_of(stream)}/retention", json={"hotSeconds": 1})
    view = stream.view()
    wait_until(lambda: log_start(retaining.data_dir, view) == 30, 30)

    assert stream.records() == before
    assert starts_of(stream) == {"0": 0}
    assert deletions(stream) == []


def test_a_hold_keeps_what_the_policy_would_delete(api: Api) -> None:
    held, free = api.new_stream(), api.new_stream()
    api.ok("PUT", f"{path_of(held)}/retention/legal-hold", json={"reason": "case 7"})
    for stream in (held, free):
        publish(stream, 10)
        api.ok("PUT", f"{path_of(stream)}/retention", json={"coldSeconds": 1})

    wait_until(lambda: starts_of(free) == {"0": 10}, 30)

    wait_until(lambda: archived_through(held) == {"0": 10}, 30)
    due = api.ok("POST", f"{path_of(held)}/retention/preview", json={})
    assert (due["deleted"]["records"], due["legalHold"]["reason"]) == (10, "case 7")
    assert len(held.records()) == 10
    api.ok("DELETE", f"{path_of(held)}/retention/legal-hold")
    wait_until(lambda: starts_of(held) == {"0": 10}, 30)


def test_what_is_deleted_is_told_once_and_what_is_young_is_kept_when_processes_are_killed(
    own_server: ServerProcess, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("--retention-kill-rounds")
    chance = random.Random()
    own_server.environment |= SETTINGS
    own_server.start()
    port, published = own_server.port, 0
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream()
        retention = f"{path_of(stream)}/retention"
        for at in range(rounds):
            publish(stream, 10)
            published += 10
            api.ok("PUT", retention, json={"coldSeconds": 1})
            signal.sigtimedwait([], 0.5 + chance.random() * 3)
            victims = archivers(own_server)
            if victims and at % 2:
                victims[0].kill()
            else:
                own_server.kill()
                own_server.start(port)
        publish(stream, 5)
        published += 5
        wait_until(lambda: starts_of(stream) == {"0": published}, 40)
        gone = [one["ranges"]["0"] for one in deletions(stream)]
        counted = sum(one["records"] for one in deletions(stream))
        api.ok("PUT", retention, json={})
        publish(stream, 3)

        # Each record was told of once, and they follow each other without a gap.
        assert counted == published
        assert [first for first, _ in gone] == [0, *[end for _, end in gone[:-1]]]
        assert gone[-1][1] == published
        assert [one["offset"] for one in stream.records()] == [published + at for at in range(3)]
    assert own_server.stop() == 0


def archivers(server: ServerProcess) -> list[psutil.Process]:
    children = psutil.Process(server.pid).children()
    return [one for one in children if "archiver" in one.cmdline()]
