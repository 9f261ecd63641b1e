"""A stream of changes and its current state in the archive, whatever is killed when."""

import io
import random
import signal
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fixtures.api import Api, StreamUnderTest
from fixtures.changes import CAPTURED_FIELDS, Change, current_of, read_current
from fixtures.clients import Sdk
from fixtures.server import ServerProcess, sign_in, wait_until
from fixtures.sql import rows
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import TableDescription, TableName
from sluiceway.backends.iceberg.current import CurrentTables
from sluiceway.backends.iceberg.tables import IcebergTables

FOLDING = {
    "SLUICEWAY_ARCHIVE__ENABLED": "true",
    "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1",
    "SLUICEWAY_ARCHIVE__FOLD_RECORDS": "20",
}


NAMES = ("id", "at", "gone", "text")
COLUMNS = 'id, "at", gone, text'


@pytest.fixture(scope="module")
def folding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that folds after a few changes."""
    process = ServerProcess(tmp_path_factory.mktemp("current") / "data", FOLDING).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture(scope="module")
def api(folding: ServerProcess) -> Iterator[Api]:
    with Api(folding.url, sign_in(folding.url)) as administrator:
        yield administrator


def archived(stream: StreamUnderTest) -> None:
    """Wait until the table has what the stream has."""
    path, ends = f"/api/v1/streams/{stream.rid}/master/description", stream.ends()
    wait_until(lambda: stream.api.ok("GET", path)["archivedThrough"] == ends, 30)


def described(data_dir: Path, ending: str = "") -> TableDescription | None:
    """Look at the table whose name ends so as another process does that starts now."""
    tables = IcebergTables(ArchiveSettings(), data_dir)
    try:
        found = [name for _, name in tables.catalogue.list_tables("sluiceway")]
        names = [name for name in found if name.endswith(ending) and "__" not in name]
        if not names:
            return None
        name = TableName("sluiceway", names[0])
        return CurrentTables(ArchiveSettings()).describe(tables, name)
    finally:
        tables.close()


def changes_of(stream: StreamUnderTest) -> dict[str, list[Change]]:
    """Give every change that the stream has, by partition in order."""
    found: dict[str, list[Change]] = {}
    for partition, end in stream.ends().items():
        changes = found[partition] = []
        while len(changes) < end:  # One call gives 10,000 at most.
            values = [one["value"] for one in stream.records(int(partition), start=len(changes))]
            assert values
            changes += [tuple(value[name] for name in NAMES) for value in values]
    return found


def between(
    changes: dict[str, list[Change]], starts: dict[str, int], ends: dict[str, int]
) -> list[Change]:
    """Give the current state that the changes between some offsets come to."""
    return current_of(
        one
        for partition, end in ends.items()
        for one in changes[partition][starts[partition] : end]
    )


def rows_of(content: bytes) -> list[Any]:
    table = pa.ipc.open_stream(content).read_all().select(NAMES)
    return [tuple(row.values()) for row in table.to_pylist()]


def asked(api: Api, query: str) -> list[Any]:
    """Ask for the columns of changes; give them by their keys."""
    found = [tuple(row) for row in rows(api, query)]
    return sorted(found, key=lambda one: (one[0] is not None, one[0]))


def folded(stream: StreamUnderTest, data_dir: Path) -> int:
    """Tell how many changes of a stream are in its state."""
    end = f"{stream.view().rpartition('.')[2].replace('-', '')[:12]}"
    found = described(data_dir, end)
    return 0 if found is None or found.current is None else sum(found.current.next_offsets.values())


def some(chance: random.Random) -> list[dict[str, object]]:
    return [
        {
            "id": chance.randrange(40),
            "at": chance.randrange(100),
            "gone": chance.random() < 0.2,
            "text": f"t{chance.randrange(1000)}",
        }
        for _ in range(10)
    ]


def test_the_current_state_is_what_the_changes_come_to_when_processes_are_killed(
    own_server: ServerProcess, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("--archive-kill-rounds")
    chance = random.Random()
    own_server.environment |= FOLDING
    own_server.start()
    port, folder = own_server.port, own_server.data_dir
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream(CAPTURED_FIELDS, partitionsCount=2)
        for at in range(rounds):
            for _ in range(chance.randrange(2, 20)):
                assert stream.publish(*some(chance)).is_success
            signal.sigtimedwait([], chance.random() * 2)
            children = psutil.Process(own_server.pid).children()
            victims = [one for one in children if "archiver" in one.cmdline()]
            if victims and at % 2 == 0:
                victims[0].kill()
            else:
                own_server.kill()
                own_server.start(port)
        assert stream.publish(*some(chance), *some(chance)).is_success
        ends = {int(partition): end for partition, end in stream.ends().items()}

        def is_folded() -> bool:
            found = described(folder)
            if found is None or found.next_offsets != ends or found.current is None:
                return False
            return sum(ends.values()) - sum(found.current.next_offsets.values()) < 20

        wait_until(is_folded, 60)
        found = described(folder)
        assert found is not None
        expected = current_of(chain.from_iterable(changes_of(stream).values()))
        assert read_current(found) == expected
        dataset = Sdk(own_server.url, is_async=False).as_(api.token).datasets.Dataset
        assert rows_of(dataset.read_table(stream.rid, format="ARROW")) == expected
        assert asked(api, f'SELECT {COLUMNS} FROM "{stream.rid}"') == expected
    assert own_server.stop() == 0


def test_read_table_gives_the_current_state_and_files_all_changes(
    api: Api, folding: ServerProcess
) -> None:
    chance = random.Random(3)
    stream = api.new_stream(CAPTURED_FIELDS, partitionsCount=2)
    dataset = Sdk(folding.url, is_async=False).as_(api.token).datasets.Dataset
    ends = [stream.ends()]
    for _ in range(3):
        assert stream.publish(*some(chance)).is_success
        archived(stream)
        ends.append(stream.ends())
        expected = between(changes_of(stream), ends[0], ends[-1])
        assert rows_of(dataset.read_table(stream.rid, format="ARROW")) == expected
    rids = [one.rid for one in dataset.transactions(stream.rid, preview=True)][::-1]
    wait_until(lambda: folded(stream, folding.data_dir) >= 20, 30)

    def read(**selection: str) -> list[Any]:
        return rows_of(dataset.read_table(stream.rid, format="ARROW", **selection))

    changes = changes_of(stream)
    texts = dataset.read_table(stream.rid, format="CSV", columns=["text"], row_limit=3)
    files = [dataset.File.content(stream.rid, one.path) for one in dataset.File.list(stream.rid)]

    assert read() == expected
    assert read(end_transaction_rid=rids[1]) == between(changes, ends[0], ends[2])
    assert read(start_transaction_rid=rids[2]) == between(changes, ends[2], ends[3])
    assert texts.decode().splitlines() == [
        '"text"',
        *(f'"{one[3]}"' for one in expected[:3]),
    ]
    assert sum(pq.read_table(io.BytesIO(content)).num_rows for content in files) == 30
