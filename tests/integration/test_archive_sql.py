"""Queries in SQL over a stream that lies in files, in the log, or in both."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.archive import log_start
from fixtures.changes import CAPTURED_FIELDS, Change, current_of
from fixtures.server import ServerProcess, sign_in, wait_until
from fixtures.sql import execute, path_of, results, rows, table

COLD = {
    "SLUICEWAY_ARCHIVE__ENABLED": "true",
    "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1",
    "SLUICEWAY_ARCHIVE__HOT_SECONDS": "0",
    "SLUICEWAY_ARCHIVE__MAINTAIN_COMMITS": "2",
    "SLUICEWAY_ARCHIVE__SNAPSHOTS_KEEP_SECONDS": "1",
    "SLUICEWAY_ARCHIVE__FOLD_RECORDS": "20",
    # What is in files is not handed over as lines.
    "SLUICEWAY_QUERIES__INPUT_BYTES_MAX": "1000000",
}
ITEM = {"type": "array", "itemsSchema": {"nullable": True, "dataType": {"type": "string"}}}
MAP = {
    "type": "map",
    "keySchema": {"nullable": False, "dataType": {"type": "string"}},
    "valueSchema": {"nullable": True, "dataType": {"type": "long"}},
}
EVERY_TYPE = schema(
    field("flag", "boolean"),
    field("tiny", "byte"),
    field("small", "short"),
    field("whole", "integer"),
    field("big", "long"),
    field("single", "float"),
    field("number", "double"),
    field("exact", {"type": "decimal", "precision": 38, "scale": 18}),
    field("text", "string", nullable=False),
    field("bytes", "binary"),
    field("day", "date"),
    field("at", "timestamp"),
    field("list", ITEM),
    field("map", MAP),
    field("struct", {"type": "struct", "subFields": [field("a", "long"), field("b", ITEM)]}),
    field("_offset", "string"),
)
"""One field of each type, and one that has the name of a column of ours."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("cold") / "data", COLD).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture
def api(server: ServerProcess) -> Iterator[Api]:
    administrator = Api(server.url, sign_in(server.url))
    yield administrator
    administrator.close()


def every_type(n: int) -> dict[str, Any]:
    if n % 5 == 4:
        return {"text": f"null {n}"}
    return {
        "flag": n % 2 == 0,
        "tiny": n - 10,
        "small": -300 * n,
        "whole": 70_000 * n,
        "big": 2**62 + n,
        "single": 0.1 * n,
        "number": ["NaN", "Infinity", 1e300, -0.5][n % 4],
        "exact": f"{n}.000000000000000001",
        "text": f"ø {n}",
        "bytes": "c2FtcGxl",
        "day": f"2026-01-{n + 1:02}",
        "at": 1_700_000_000_123 + n,
        "list": ["a", None, f"{n}"],
        "map": {"x": n, "y": None},
        "struct": {"a": n, "b": []},
        "_offset": "mine",
    }


def wait_for_files(stream: StreamUnderTest) -> None:
    """Wait until the table has what the stream has."""
    path = f"/api/v1/streams/{stream.rid}/master/description"
    ends = {one: end for one, end in stream.ends().items() if end}
    wait_until(lambda: stream.api.ok("GET", path)["archivedThrough"] == ends, 30)


def test_files_and_lines_give_the_same_columns_types_and_values(
    api: Api, server: ServerProcess
) -> None:
    stream = api.new_stream(EVERY_TYPE)
    assert stream.publish(*map(every_type, range(12))).is_success
    wait_for_files(stream)
    wait_until(lambda: log_start(server.data_dir) >= 12)
    lines = api.new_stream(EVERY_TYPE)
    assert lines.publish(*map(every_type, range(12))).is_success
    from_lines = table(api, f'SELECT * EXCLUDE (_ingested_at) FROM "{lines.rid}" ORDER BY text')

    from_files = table(api, f'SELECT * EXCLUDE (_ingested_at) FROM "{stream.rid}" ORDER BY text')
    described = f'SELECT column_name, column_type FROM (DESCRIBE "{stream.rid}")'

    assert from_files.schema == from_lines.schema
    assert from_files.num_rows == 12
    # As text, in which what is not a number equals itself.
    assert repr(from_files.to_pylist()) == repr(from_lines.to_pylist())
    assert rows(api, described)[-3:] == [
        ("_partition", "INTEGER"),
        ("__offset", "BIGINT"),
        ("_ingested_at", "TIMESTAMP WITH TIME ZONE"),
    ]


def test_what_is_in_files_is_not_counted_as_lines_and_only_what_is_needed_is_read(
    api: Api,
) -> None:
    stream = api.new_stream(
        schema(field("n", "integer"), field("s", "string"), field("d", "double"))
    )
    for at in range(0, 400, 100):
        records = [
            {"n": n, "s": f"{n} " * 1_000, "d": "NaN" if n == 7 else n} for n in range(at, at + 100)
        ]
        assert stream.publish(*records).is_success
    wait_for_files(stream)
    assert stream.publish({"n": 400, "s": "in the log"}).is_success

    query = f'SELECT count(*), sum(n), max(s) FROM "{stream.rid}" WHERE _offset >= 350'

    assert rows(api, query) == [(51, sum(range(350, 401)), "in the log")]
    # Not a number is more than any number, also where a file's statistics leave it out.
    assert rows(api, f'SELECT n FROM "{stream.rid}" WHERE d > 1000') == [(7,)]


def test_each_record_is_read_once_while_files_are_committed_and_merged(api: Api) -> None:
    stream = api.new_stream(schema(field("n", "long")), partitionsCount=3)
    acknowledged = 0
    is_over = threading.Event()

    def publish() -> None:
        nonlocal acknowledged
        with Api(api.url, api.token) as own:
            publisher = stream.as_(own)
            while not is_over.is_set():
                numbers = range(acknowledged, acknowledged + 7)
                assert publisher.publish(*[{"n": n} for n in numbers]).is_success
                acknowledged += 7

    thread = threading.Thread(target=publish)
    thread.start()
    query = f'SELECT count(*), count(DISTINCT n), min(n), max(n) FROM "{stream.rid}"'
    try:
        wait_until(lambda: acknowledged)
        for _ in range(4):
            before = acknowledged
            ((count, distinct, least, most),) = rows(api, query)

            assert count == distinct == most - least + 1
            assert least == 0
            assert before <= count
    finally:
        is_over.set()
        thread.join()
    assert rows(api, query) == [(acknowledged, acknowledged, 0, acknowledged - 1)]


def test_a_stream_of_changes_is_its_current_state_and_its_changelog(
    api: Api, server: ServerProcess
) -> None:
    chance = random.Random(35)
    stream = api.new_stream(CAPTURED_FIELDS, partitionsCount=2)
    path = path_of(stream)
    query = f'SELECT id, "at", gone, text FROM "{path}"'
    changes = list[Change]()
    for at in range(4):
        new: list[Change] = [
            (
                chance.choice([None, *range(25)]),
                chance.choice([None, *range(40)]),
                chance.choice([None, False, False, True]),
                f"{at}-{one}",
            )
            for one in range(30)
        ]
        names = ("id", "at", "gone", "text")
        assert stream.publish(*[dict(zip(names, one, strict=True)) for one in new]).is_success
        changes += new
        if at == 1:
            wait_for_files(stream)
        wanted = current_of(changes)

        assert rows(api, f"{query} ORDER BY id NULLS FIRST") == wanted
    wait_for_files(stream)
    wait_until(lambda: any(server.data_dir.glob("warehouse/*/*__current/data/*.parquet")), 30)
    more = [f"count(*) FROM `{stream.rid}/changelog`", f'count(*) FROM "{path}" WHERE "at" > 30']
    counts = rows(api, f"SELECT ({'), ('.join(f'SELECT {one}' for one in more)})")

    assert rows(api, f"{query} ORDER BY id NULLS FIRST") == current_of(changes)
    assert counts == [(120, sum(1 for one in current_of(changes) if one[1] and one[1] > 30))]
    plain = path_of(api.new_stream())
    answer = execute(api, f'SELECT * FROM "{plain}/changelog"')
    assert "without change data capture" in answer.json()["parameters"]["errorMessage"]


def test_another_streams_files_are_not_to_be_had(api: Api) -> None:
    secret = api.new_stream()
    own = api.new_stream()
    assert secret.publish({"sensor_id": "secret"}).is_success
    assert own.publish({"sensor_id": "own"}).is_success
    wait_for_files(secret)
    wait_for_files(own)
    user_id, user = api.new_user()
    api.grant(own.rid, user_id, "viewer")

    assert rows(user, f'SELECT sensor_id FROM "{own.rid}"') == [("own",)]
    for wanted in (
        f'"{secret.rid}"',
        "read_parquet('archive://0.parquet')",
        "'archive://0.parquet'",
    ):
        answer = user.post(
            "/api/v2/sqlQueries/execute",
            json={"query": f'SELECT * FROM "{own.rid}", {wanted}'},
        )
        assert answer.status_code == 400, (wanted, answer.text)
        assert answer.json()["errorName"] == "QueryParseError"


def test_the_files_of_a_query_are_bounded(own_server: ServerProcess) -> None:
    own_server.environment |= COLD | {
        "SLUICEWAY_ARCHIVE__MAINTAIN_COMMITS": "100",
        "SLUICEWAY_QUERIES__FILES_MAX": "1",
    }
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream()
        query = f'SELECT count(*) FROM "{stream.rid}"'
        assert stream.publish({"sensor_id": "a"}).is_success
        wait_for_files(stream)
        assert rows(api, query) == [(1,)]

        assert stream.publish({"sensor_id": "b"}).is_success
        wait_for_files(stream)

        assert "more than 1 files" in results(api, query).json()["parameters"]["errorMessage"]
    assert own_server.stop() == 0
