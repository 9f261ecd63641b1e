"""Queries in SQL: what they give, whom, and within which bounds."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.changes import CAPTURED_FIELDS
from fixtures.server import ServerProcess, sign_in, wait_until
from fixtures.sql import execute, orders, path_of, results, rows, table

ENDLESS = (
    "SELECT count(*) FROM range(1000000000000) a, range(1000000) b WHERE a.range % 7 = b.range"
)


@pytest.fixture(scope="module")
def stream(api: Api) -> StreamUnderTest:
    return orders(api)


@pytest.fixture(scope="module")
def path(stream: StreamUnderTest) -> str:
    return path_of(stream)


def test_a_stream_is_a_table_with_its_fields_and_three_of_our_own(
    api: Api, stream: StreamUnderTest
):
    found = table(api, f"SELECT * FROM `{stream.rid}` ORDER BY _offset")

    assert found.schema.names == [
        *("id", "city", "price", "sent", "tags"),
        *("_partition", "_offset", "_ingested_at"),
    ]
    assert found["id"].to_pylist() == list(range(6))
    assert found["price"].to_pylist()[1] == Decimal("1.50")
    assert found["tags"].to_pylist()[:2] == [[], ["a", None]]
    assert found["sent"].cast(pa.int64()).to_pylist()[2] == 1_700_000_002_000_000
    assert found["_partition"].to_pylist() == [0] * 6
    assert found["_offset"].to_pylist() == list(range(6))
    assert found.schema.field("_ingested_at").type == pa.timestamp("us", "UTC")


def test_a_stream_is_named_by_its_path_and_joined_with_itself(api: Api, path: str):
    query = f'SELECT a.city, sum(b.price) FROM "{path}" a JOIN "{path}" b USING (id) GROUP BY 1'

    assert sorted(rows(api, query)) == [("Bergen", Decimal("10.50")), ("Oslo", Decimal("7.50"))]


def test_whatever_reads_is_let_through(api: Api, path: str):
    wanted = {
        "WITH big AS (SELECT * FROM {t} WHERE id > 3) SELECT count(*) FROM big": 2,
        "SELECT count(*) FROM (SELECT id FROM {t} UNION SELECT id + 3 FROM {t})": 9,
        "SELECT sum(id) FROM {t} WHERE id IN (SELECT max(id) FROM {t})": 5,
        "FROM {t} SELECT count(DISTINCT city)": 2,
        "SELECT count(*) FROM (SELECT unnest(tags) FROM {t})": 6,
        "SELECT count(*) FROM (DESCRIBE {t})": 8,
        "SELECT count(*) FROM generate_series(1, 10)": 10,
        "SELECT strftime(max(date_trunc('hour', sent)), '%H:%M') FROM {t}": "22:00",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
        " SELECT max(i) FROM n": 9,
    }
    parts = ", ".join(f"({query})" for query in wanted)  # One process for all of them.

    assert rows(api, f"SELECT * FROM (SELECT {parts.format(t=f'{chr(34)}{path}{chr(34)}')})") == [
        tuple(wanted.values())
    ]


def test_an_empty_stream_has_its_columns_and_no_rows(api: Api):
    empty = api.new_stream()

    assert table(api, f'SELECT sensor_id, _offset FROM "{empty.rid}"').num_rows == 0


def test_a_query_reads_all_that_was_acknowledged_when_it_began(api: Api):
    stream = api.new_stream(schema(field("n", "integer")), partitionsCount=3)
    for n in range(30):
        assert stream.publish({"n": n}, {"n": n + 100}).is_success
        if n % 10 == 0:
            found = rows(api, f'SELECT count(*), count(DISTINCT n) FROM "{stream.rid}"')

            assert found == [(2 * n + 2, 2 * n + 2)]


def test_our_columns_give_way_to_fields_of_their_names(api: Api):
    stream = api.new_stream(schema(field("_offset", "string"), field("_Partition", "string")))
    assert stream.publish({"_offset": "mine", "_Partition": "too"}).is_success

    found = table(api, f'SELECT * FROM "{stream.rid}"')

    assert found.schema.names == [
        *("_offset", "_Partition"),
        *("__partition", "__offset", "_ingested_at"),
    ]


def test_a_branch_stands_before_the_name_or_among_the_fallbacks(api: Api, stream: StreamUnderTest):
    dev = {"branchName": "dev", "schema": schema(field("n", "integer"))}
    api.ok("POST", f"/api/v2/streams/datasets/{stream.rid}/streams?preview=true", json=dev)
    other = StreamUnderTest(api, stream.rid, "dev")
    assert other.publish({"n": 7}).is_success

    both = f'SELECT d.n, count(*) FROM dev."{stream.rid}" d, "{stream.rid}" m GROUP BY 1'

    assert rows(api, both) == [(7, 6)]
    assert rows(
        api, f'SELECT n FROM "{stream.rid}"', fallbackBranchIds=["nowhere", "dev", "master"]
    ) == [(7,)]
    parameters = assert_error(
        execute(api, f'SELECT * FROM "{stream.rid}"', fallbackBranchIds=["nowhere"]),
        400,
        "QueryParseError",
    )
    assert "no stream on branch nowhere" in parameters["errorMessage"]


def test_a_result_may_be_csv(api: Api, stream: StreamUnderTest):
    query = f'SELECT id, city FROM "{stream.rid}" ORDER BY id LIMIT 2'

    answer = results(api, query, serializationFormat="CSV")

    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["id", "city"],
        ["0", "Oslo"],
        ["1", "Bergen"],
    ]


def test_times_are_written_in_utc(api: Api):
    query = "SELECT TIMESTAMPTZ '2026-11-29 10:00:00.5+02' AS at UNION ALL SELECT NULL"
    query_id = execute(api, query).json()["queryId"]

    text = results(api, query, serializationFormat="CSV").text
    download = api.get(f"/api/v1/sqlQueries/{query_id}/download", params={"format": "csv"})

    assert sorted(csv.reader(io.StringIO(text)))[1:] == [["2026-11-29 08:00:00.500000Z"], ["at"]]
    assert download.text == text


def test_what_does_not_fit_csv_is_said(api: Api, stream: StreamUnderTest):
    answer = results(api, f'SELECT tags FROM "{stream.rid}"', serializationFormat="CSV")

    assert_error(answer, 400, "ColumnTypesNotSupported")


def test_a_page_gets_the_first_thousand_rows(api: Api):
    query = "SELECT range AS n, 9007199254740993 AS big, 'a' AS s, 1.5::DECIMAL(4, 2) AS d FROM range(1001)"
    query_id = execute(api, query).json()["queryId"]

    found = api.ok("GET", f"/api/v1/sqlQueries/{query_id}")

    assert (found["rowsCount"], found["inputs"]) == (1_001, [])
    assert [one["name"] for one in found["result"]["columns"]] == ["n", "big", "s", "d"]
    assert len(found["result"]["rows"]) == 1_000
    assert found["result"]["rows"][-1] == [999, "9007199254740993", "a", "1.50"]


def test_a_download_is_harmless_in_a_spreadsheet_and_parquet_is_exact(api: Api):
    query = "SELECT '=1+1' AS \"@a\", -1 AS n UNION ALL SELECT 'plain', 2 ORDER BY n"
    query_id = execute(api, query).json()["queryId"]
    download = f"/api/v1/sqlQueries/{query_id}/download"

    text = api.get(download, params={"format": "csv"})
    parquet = api.get(download, params={"format": "parquet"})

    assert list(csv.reader(io.StringIO(text.text))) == [
        ["'@a", "n"],
        ["'=1+1", "-1"],
        ["plain", "2"],
    ]
    assert text.headers["content-disposition"] == 'attachment; filename="result.csv"'
    assert pa.parquet.read_table(io.BytesIO(parquet.content)).to_pylist() == [
        {"@a": "=1+1", "n": -1},
        {"@a": "plain", "n": 2},
    ]


# Who may ask, and who may read.


def test_what_one_may_not_read_is_not_read(api: Api, stream: StreamUnderTest, path: str):
    user_id, stranger = api.new_user()
    query = f'SELECT 1 FROM "{path}"'

    assert_error(execute(stranger, query), 400, "QueryParseError")
    assert_error(execute(stranger, f"SELECT 1 FROM `{stream.rid}`"), 400, "QueryParseError")

    api.grant(stream.rid, user_id, "discoverer")
    parameters = assert_error(execute(stranger, query), 403, "ReadQueryInputsPermissionDenied")
    assert parameters["rids"] == [stream.rid]

    api.grant(stream.rid, user_id, "viewer")
    assert rows(stranger, query) == [(1,)] * 6


def test_the_streams_that_one_may_read_are_listed(api: Api, stream: StreamUnderTest, path: str):
    user_id, reader = api.new_user()
    seen, hidden = orders(api), api.new_stream()
    captured = api.new_stream(CAPTURED_FIELDS)
    for readable in (seen, captured):
        api.grant(readable.rid, user_id, "viewer")
    api.grant(hidden.rid, user_id, "discoverer")
    name = path.rpartition("/")[2]

    all_of_reader = reader.ok("GET", "/api/v1/sqlTables")
    one = api.ok("GET", "/api/v1/sqlTables", params={"text": name.upper()})

    listed = {found["datasetRid"]: found["hasChangelog"] for found in all_of_reader["data"]}
    assert listed == {seen.rid: False, captured.rid: True}
    assert all_of_reader["isComplete"] is True
    plain = {"datasetRid": stream.rid, "name": name, "path": path, "hasChangelog": False}
    assert one["data"] == [plain]
    files = api.ok(
        "POST",
        "/api/v2/datasets",
        json={"name": "files of " + name, "parentFolderRid": api.new_project()},
    )
    listed = api.ok("GET", "/api/v1/sqlTables", params={"text": name})["data"]
    assert files["rid"] not in [found["datasetRid"] for found in listed]


def test_a_query_is_only_its_askers(api: Api, stream: StreamUnderTest):
    query_id = execute(api, f'SELECT * FROM "{stream.rid}"').json()["queryId"]
    _, stranger = api.new_user()

    for method, call in (("GET", "getStatus"), ("GET", "getResults"), ("POST", "cancel")):
        answer = stranger.request(method, f"/api/v2/sqlQueries/{query_id}/{call}")
        assert_error(answer, 403, "QueryPermissionDenied")
    assert_error(stranger.get(f"/api/v1/sqlQueries/{query_id}"), 403, "QueryPermissionDenied")


def test_a_result_goes_with_the_right_to_read_its_streams(api: Api):
    stream = orders(api)
    user_id, reader = api.new_user()
    api.grant(stream.rid, user_id, "viewer")
    query_id = execute(reader, f'SELECT * FROM "{stream.rid}"').json()["queryId"]
    assert reader.get(f"/api/v2/sqlQueries/{query_id}/getResults").is_success

    principal = {"type": "principalIdOnly", "principalId": user_id}
    body = {"roles": [{"resourceRolePrincipal": principal, "roleId": "viewer"}]}
    api.ok("POST", f"/api/v2/filesystem/resources/{stream.rid}/roles/remove", json=body)

    answer = reader.get(f"/api/v2/sqlQueries/{query_id}/getResults")
    assert_error(answer, 403, "ReadQueryInputsPermissionDenied")


# What is wrong with a query.


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT 1; SELECT 2", "has 2 statements"),
        ('SELECT * FROM "/Main/nothing/here"', "there is no stream"),
        ("SELECT * FROM `ri.foundry.main.dataset.0f6a0ea8-9f4a-4a6c-8f1c-1a1ab62c9c11`", "no stream"),
    ],
)  # fmt: skip
def test_what_is_no_query_over_streams_is_refused_at_once(api: Api, query: str, reason: str):
    parameters = assert_error(execute(api, query), 400, "QueryParseError")

    assert reason in parameters["errorMessage"]


def test_a_wrong_column_is_said_with_its_name_and_place(api: Api, stream: StreamUnderTest):
    answer = results(api, f'SELECT nothing FROM "{stream.rid}"')

    message = assert_error(answer, 400, "QueryParseError")["errorMessage"]
    assert 'column "nothing" not found' in message
    assert "LINE 1: SELECT nothing FROM" in message
    assert message.endswith("\n" + " " * len("LINE 1: SELECT ") + "^" * len("nothing"))


def test_a_failure_stands_in_the_status(api: Api):
    query_id = execute(api, "SELECT 'x'::INTEGER").json()["queryId"]
    status = f"/api/v2/sqlQueries/{query_id}/getStatus"

    found = wait_until(lambda: (one := api.ok("GET", status))["type"] != "running" and one)

    assert found["type"] == "failed"
    assert "Could not convert" in found["errorMessage"]
    answer = api.get(f"/api/v2/sqlQueries/{query_id}/getResults")
    assert_error(answer, 500, "QueryFailed")


# Bounds, each on a server that has small ones.


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    settings = {
        "RUNNING_MAX": "2",
        "RUNNING_PER_PRINCIPAL_MAX": "1",
        "SECONDS_MAX": "6",
        "MEMORY_BYTES_MAX": str(128 * 1_048_576),
        "INPUT_BYTES_MAX": "10000",
        "QUERY_BYTES_MAX": "2000",
        "TABLES_MAX": "2",
        "ROWS_MAX": "1000",
        "RESULT_BYTES_MAX": "100000",
        "RESULTS_BYTES_MAX": "300000",
    }
    environment = {f"SLUICEWAY_QUERIES__{name}": value for name, value in settings.items()}
    process = ServerProcess(Path(tmp_path_factory.mktemp("small")), environment).start()
    administrator = Api(process.url, sign_in(process.url))
    administrator.process = process  # type: ignore[attr-defined]
    yield administrator
    administrator.close()
    assert process.stop() == 0


def failure(api: Api, query: str) -> str:
    """Run a query that must fail; say why."""
    answer = execute(api, query)
    if answer.status_code == 200:
        answer = api.get(f"/api/v2/sqlQueries/{answer.json()['queryId']}/getResults")
    reason: str = assert_error(answer, 500, "QueryFailed")["errorMessage"]
    return reason


def test_rows_are_bounded(small: Api):
    assert table(small, "SELECT * FROM range(1000)").num_rows == 1_000
    assert "more than 1,000 rows" in failure(small, "SELECT * FROM range(1001)")


def test_the_bytes_of_a_result_are_bounded(small: Api):
    assert table(small, "SELECT repeat('x', 90000)").num_rows == 1
    assert "more than 100,000 bytes" in failure(small, "SELECT repeat('x', 100001)")


def test_the_records_of_a_query_are_bounded(small: Api):
    stream = small.new_stream(schema(field("s", "string")))
    line = len('{"s":""}\n')
    assert stream.publish({"s": "x" * (10_000 - 2 * line)}).is_success
    query = f'SELECT count(*) FROM "{stream.rid}"'
    assert stream.publish({"s": ""}).is_success

    assert rows(small, query) == [(2,)]
    assert stream.publish({"s": ""}).is_success
    assert "more than 10000 bytes" in failure(small, query)


def test_the_text_and_the_streams_of_a_query_are_bounded(small: Api):
    at_most = "SELECT 1 --".ljust(2_000, "x")
    assert rows(small, at_most) == [(1,)]
    assert_error(execute(small, at_most + "x"), 400, "Conjure:InvalidArgument")

    streams = [small.new_stream().rid for _ in range(3)]
    assert rows(small, f'SELECT count(*) FROM "{streams[0]}", "{streams[1]}"') == [(0,)]
    three = ", ".join(f'"{rid}"' for rid in streams)
    assert_error(execute(small, f"SELECT * FROM {three}"), 400, "QueryParseError")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT list(range) FROM range(100000000)",
        "WITH RECURSIVE t AS (SELECT 'xy' AS s UNION ALL SELECT s || s FROM t) SELECT list(s) FROM t",
    ],
)
def test_memory_is_bounded(small: Api, query: str):
    assert "memory" in failure(small, query)


def test_a_result_is_written_as_it_comes(small: Api):
    query = (
        "WITH RECURSIVE t AS (SELECT repeat('x', 99) AS s UNION ALL SELECT s || s FROM t) FROM t"
    )

    # Held whole, it would be too much for the memory of a query first.
    assert "larger than it may be" in failure(small, query)


def test_a_query_that_does_not_end_is_ended_in_time_and_the_next_one_runs(small: Api):
    assert "longer than 6 seconds" in failure(small, ENDLESS)
    assert rows(small, "SELECT 1") == [(1,)]


def test_as_many_run_as_may_and_a_canceled_one_makes_room(api: Api):
    (_, first), (_, second), (_, third) = (api.new_user() for _ in range(3))
    begun = [(one, execute(one, ENDLESS).json()["queryId"]) for one in (first, first, second)]

    refused = execute(first, "SELECT 1")
    assert_error(refused, 429, "TooManyQueries")
    assert refused.headers["retry-after"] == "1"
    begun.append((second, execute(second, ENDLESS).json()["queryId"]))
    assert_error(execute(third, "SELECT 1"), 429, "TooManyQueries")

    for one, query_id in begun:
        query = f"/api/v2/sqlQueries/{query_id}"
        assert one.ok("GET", f"{query}/getStatus") == {"type": "running", "queryId": query_id}
        one.ok("POST", f"{query}/cancel")
        one.ok("POST", f"{query}/cancel")
        assert one.ok("GET", f"{query}/getStatus") == {"type": "canceled"}
        assert_error(one.get(f"{query}/getResults"), 400, "QueryCanceled")
    assert rows(first, "SELECT 1") == [(1,)]


def test_the_oldest_results_make_room(small: Api):
    kept = []
    for _ in range(4):
        answer = execute(small, "SELECT repeat('x', 60000)")
        kept.append(f"/api/v2/sqlQueries/{answer.json()['queryId']}/getResults")
        assert small.get(kept[-1]).is_success

    assert_error(small.get(kept[0]), 403, "QueryPermissionDenied")
    assert small.get(kept[-1]).is_success
