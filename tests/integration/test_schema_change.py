"""A schema that grows while records are published, archived and read, whatever is killed when."""

import signal
import threading
from collections.abc import Iterator
from typing import Any

import psutil
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.archive import log_start
from fixtures.changes import CAPTURED_FIELDS
from fixtures.clients import Sdk
from fixtures.server import ServerProcess, sign_in, wait_until
from fixtures.sql import rows
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.backends.iceberg.catalogue import open_catalogue

GROWING = {
    "SLUICEWAY_ARCHIVE__ENABLED": "true",
    "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1",
    "SLUICEWAY_ARCHIVE__HOT_SECONDS": "0",
    "SLUICEWAY_ARCHIVE__FOLD_RECORDS": "2",
    "SLUICEWAY_SERVER__WORKERS": "2",
}


def struct(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "struct", "subFields": list(fields)}


OLD = schema(
    field("key", "string", nullable=False),
    field("n", "integer"),
    field("place", struct(field("x", "float"))),
    keys=["key"],
)
NEW = schema(
    field("unit", "string"),
    field("key", "string", nullable=False),
    field("n", "long"),
    field("place", struct(field("name", "string"), field("x", "double"))),
    keys=["key"],
)


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with workers, whose log gives up what is in tables; one test kills it."""
    process = ServerProcess(tmp_path_factory.mktemp("growing") / "data", GROWING).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture(scope="module")
def api(growing: ServerProcess) -> Iterator[Api]:
    with Api(growing.url, sign_in(growing.url)) as administrator:
        yield administrator


@pytest.fixture(scope="module")
def catalogue(growing: ServerProcess) -> Iterator[Catalog]:
    opened = open_catalogue(ArchiveSettings(), growing.data_dir)
    yield opened
    opened.close()


def old_record(number: int) -> dict[str, Any]:
    place = {"x": number + 0.1} if number % 2 else None
    return {"key": f"k{number % 5}", "n": number, "place": place}


def new_record(number: int) -> dict[str, Any]:
    place = {"name": f"p{number}", "x": 0.5}
    return {"unit": "C", "key": f"k{number % 5}", "n": number + (1 << 40), "place": place}


def change(stream: StreamUnderTest, to: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/v1/streams/{stream.rid}/master/schema"
    made: dict[str, Any] = stream.api.ok("POST", path, json={"schema": to})
    return made


def archived(stream: StreamUnderTest) -> None:
    """Wait until the table has what the stream has."""
    path = f"/api/v1/streams/{stream.rid}/master/description"
    ends = {one: end for one, end in stream.ends().items() if end}
    wait_until(lambda: stream.api.ok("GET", path)["archivedThrough"] == ends, 30)


def table_of(catalogue: Catalog, view: str, ending: str = "") -> Table:
    end = view.rpartition(".")[2].replace("-", "")[:12] + ending
    (name,) = [one for one in catalogue.list_tables("sluiceway") if one[1].endswith(end)]
    return catalogue.load_table(name)


def as_sent(stream: StreamUnderTest) -> list[str]:
    """Read every partition as the very text of its answer."""
    query = "limit=10000&startOffset=0&preview=true"
    answers = [
        stream.api.get(f"{stream.fast}/getRecords?partitionId={partition}&{query}")
        for partition in sorted(stream.ends())
    ]
    return [answer.text.removesuffix("]") for answer in answers]


def verified(stream: StreamUnderTest) -> dict[str, int]:
    """Hold the whole table against what was pushed; give the sums."""
    sums, token = {"verifiedRecords": 0, "unprovenRecords": 0, "problems": 0}, None
    while True:
        body = {} if token is None else {"pageToken": token}
        found = stream.api.ok("POST", f"/api/v1/streams/{stream.rid}/master/verify", json=body)
        sums["problems"] += len(found.get("problems", []))
        for name in ("verifiedRecords", "unprovenRecords"):
            sums[name] += found[name]
        token = found.get("nextPageToken")
        if token is None:
            return sums


def test_old_records_stay_byte_for_byte_and_every_door_has_both(
    api: Api, growing: ServerProcess, catalogue: Catalog
) -> None:
    stream = api.new_stream(OLD, partitionsCount=2)
    view = stream.view()
    assert stream.publish(*map(old_record, range(10))).is_success
    archived(stream)
    before = as_sent(stream)
    ids = {one.name: one.field_id for one in table_of(catalogue, stream.view()).schema().fields}

    assert change(stream, NEW)["isApplied"]
    # Whichever worker takes them, the change was answered before.
    for number in range(10, 20):
        with Api(growing.url, api.token) as other:
            assert stream.as_(other).publish(new_record(number)).status_code == 204
    archived(stream)
    ends = stream.ends()
    wait_until(lambda: log_start(growing.data_dir, view) == max(ends.values()), 30)

    after = as_sent(stream)
    assert all(text.startswith(old) for text, old in zip(after, before, strict=True))
    assert stream.view() == view
    assert verified(stream) == {"verifiedRecords": 20, "unprovenRecords": 0, "problems": 0}
    table = table_of(catalogue, stream.view())
    assert [one.name for one in table.schema().fields][:4] == ["unit", "key", "n", "place"]
    assert {one.name: one.field_id for one in table.schema().fields} | ids == {
        one.name: one.field_id for one in table.schema().fields
    }
    assert table.scan(row_filter="n > 5").to_arrow().num_rows == 14
    dataset = Sdk(growing.url, is_async=False).as_(api.token).datasets.Dataset
    content = dataset.read_table(stream.rid, format="ARROW")
    read = pa.ipc.open_stream(content).read_all().select(["n", "unit", "place"]).to_pylist()
    expected = [
        {
            "n": one["n"],
            "unit": one.get("unit"),
            "place": one["place"] and {"name": one["place"].get("name"), "x": one["place"]["x"]},
        }
        for one in [*map(old_record, range(10)), *map(new_record, range(10, 20))]
    ]
    assert sorted(read, key=lambda one: one["n"]) == expected
    assert stream.publish(new_record(20), old_record(3)).is_success
    query = "SELECT n, unit, place.name, place.x FROM \"{}\" WHERE n < 2 OR unit = 'C' ORDER BY n"
    found = rows(api, query.format(stream.rid))
    assert found[:2] == [(0, None, None, None), (1, None, None, 1.1)]
    assert found[-1] == (20 + (1 << 40), "C", "p20", 0.5)
    assert len(found) == 13
    where = {"where": {"unit": None}, "pageSize": 100}
    asked = api.ok("POST", f"/api/v1/streams/{stream.rid}/master/query", json=where)
    assert {one["value"]["n"] for one in asked["data"]} == set(range(10))


def test_a_table_follows_its_schema_after_a_crash_between_the_two(
    api: Api, growing: ServerProcess, catalogue: Catalog
) -> None:
    stream = api.new_stream(OLD)
    assert stream.publish(old_record(1)).is_success
    archived(stream)
    (archiver,) = [
        one for one in psutil.Process(growing.pid).children() if "archiver" in one.cmdline()
    ]
    archiver.send_signal(signal.SIGSTOP)

    assert change(stream, NEW)["isApplied"]
    view = stream.view()
    growing.send_signal(signal.SIGKILL)
    archiver.kill()
    growing.wait()

    assert table_of(catalogue, view).schema().fields[0].name == "key"
    growing.start(growing.port)
    wait_until(lambda: table_of(catalogue, stream.view()).schema().fields[0].name == "unit", 30)
    assert stream.publish(new_record(2)).is_success
    archived(stream)
    assert verified(stream)["verifiedRecords"] == 2


def test_publishes_that_run_during_a_change_are_all_stored(
    api: Api, growing: ServerProcess, catalogue: Catalog
) -> None:
    stream = api.new_stream(OLD, partitionsCount=2)
    stopped, answers = threading.Event(), list[int]()

    def publish() -> None:
        with Api(growing.url, api.token) as other:
            mine = stream.as_(other)
            while not stopped.is_set():
                answers.append(mine.publish(old_record(len(answers))).status_code)

    publishers = [threading.Thread(target=publish) for _ in range(3)]
    for one in publishers:
        one.start()
    wait_until(lambda: len(answers) > 60, 30)
    assert change(stream, NEW)["isApplied"]
    wait_until(lambda: len(answers) > 120, 30)
    stopped.set()
    for one in publishers:
        one.join()

    archived(stream)
    assert set(answers) == {204}
    assert sum(stream.ends().values()) == len(answers)
    proof = verified(stream)
    assert proof == {"verifiedRecords": len(answers), "unprovenRecords": 0, "problems": 0}
    assert table_of(catalogue, stream.view()).scan().to_arrow().num_rows == len(answers)


def test_a_current_state_grows_too(api: Api, growing: ServerProcess, catalogue: Catalog) -> None:
    stream = api.new_stream(CAPTURED_FIELDS)
    for number in range(4):
        assert stream.publish({"id": number, "at": 1, "gone": False, "text": "a"}).is_success
    archived(stream)
    wait_until(lambda: _has_state(catalogue, stream), 30)
    fields = [field("added", "string"), field("id", "long"), *CAPTURED_FIELDS["fields"][1:]]

    assert change(stream, CAPTURED_FIELDS | {"fields": fields})["isApplied"]
    assert stream.publish({"id": 1, "at": 2, "text": "b", "added": "x"}).is_success
    assert stream.publish({"id": 1 << 40, "at": 2, "text": "b", "added": "y"}).is_success
    archived(stream)

    expected = [(0, None), (1, "x"), (2, None), (3, None), (1 << 40, "y")]
    dataset = Sdk(growing.url, is_async=False).as_(api.token).datasets.Dataset
    content = dataset.read_table(stream.rid, format="ARROW", columns=["id", "added"])
    read = pa.ipc.open_stream(content).read_all().to_pylist()
    assert [(one["id"], one["added"]) for one in read] == expected
    assert rows(api, f'SELECT id, added FROM "{stream.rid}" ORDER BY id') == expected
    wait_until(
        lambda: table_of(catalogue, stream.view(), "__current").scan().to_arrow().num_rows == 5, 30
    )
    state = table_of(catalogue, stream.view(), "__current").scan().to_arrow()
    assert sorted(zip(state["id"].to_pylist(), state["added"].to_pylist(), strict=True)) == expected


def _has_state(catalogue: Catalog, stream: StreamUnderTest) -> bool:
    end = stream.view().rpartition(".")[2].replace("-", "")[:12] + "__current"
    return any(name[1].endswith(end) for name in catalogue.list_tables("sluiceway"))
