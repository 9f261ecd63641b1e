"""Which queries are let through, by what DuckDB's parser makes of them."""

from typing import Any

import duckdb
import pytest

from sluiceway.backends.duckdb.statement import StatementError, tables_of
from sluiceway.queries.types import TableName

STREAM = TableName("/Main/Shop/orders")


@pytest.fixture(scope="module")
def parse() -> Any:
    database = duckdb.connect()

    def tables(query: str) -> list[TableName]:
        [(serialized,)] = database.execute(
            "SELECT json_serialize_sql(?::VARCHAR)", [query]
        ).fetchall()
        return tables_of(serialized)

    return tables


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * FROM "/Main/Shop/orders"',
        "SELECT * FROM `/Main/Shop/orders` WHERE a IN (SELECT max(b) FROM `/Main/Shop/orders`)",
        'WITH a AS (FROM "/Main/Shop/orders") SELECT * FROM A, a AS b',
        'SELECT (SELECT max(x) FROM "/Main/Shop/orders")',
        'PIVOT "/Main/Shop/orders" ON x IN (1, 2) USING sum(y)',
        'SUMMARIZE "/Main/Shop/orders"',
        'SELECT * FROM (VALUES (1)) v(a), LATERAL (SELECT * FROM "/Main/Shop/orders" WHERE x = a)',
        'SELECT 1 UNION ALL TABLE "/Main/Shop/orders";',
    ],
)
def test_streams_are_found_wherever_they_stand(parse: Any, query: str):
    assert parse(query) == [STREAM]


def test_a_branch_is_told_apart(parse: Any):
    assert set(parse('SELECT * FROM dev."/Main/Shop/orders", "/Main/Shop/orders"')) == {
        STREAM,
        TableName("/Main/Shop/orders", "dev"),
    }


@pytest.mark.parametrize(
    "query",
    [
        # Files and the network.
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/*')",
        "SELECT * FROM read_parquet('https://example.com/x.parquet')",
        "SELECT * FROM parquet_scan('x')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM parquet_metadata('/x')",
        "SELECT * FROM 'x.csv'",
        "SELECT * FROM 'x.parquet'",
        'SELECT * FROM "https://example.com/x.csv"',
        "COPY (SELECT 1) TO '/tmp/x'",
        "COPY t FROM '/etc/passwd'",
        "EXPORT DATABASE '/tmp/x'",
        "IMPORT DATABASE '/tmp/x'",
        "ATTACH '/tmp/x.db'",
        "ATTACH 'https://example.com/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CREATE SECRET s (TYPE s3)",
        # The engine itself.
        "SET memory_limit = '100GB'",
        "RESET enable_external_access",
        "PRAGMA threads = 64",
        "PRAGMA version",
        "CALL pragma_version()",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('x')",
        "SELECT * FROM json_execute_serialized_sql('x')",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT * FROM temp.x",
        "SHOW TABLES",
        "SHOW ALL TABLES",
        "EXPLAIN ANALYZE SELECT 1",
        "CHECKPOINT",
        # Python's variables.
        "SELECT * FROM STREAM",
        "SELECT * FROM database",
        # Writes, also inside of a SELECT.
        "CREATE TABLE t AS SELECT 1",
        "INSERT INTO t VALUES (1)",
        "DROP TABLE t",
        "CREATE MACRO f(x) AS x",
        "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x",
        "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
        "WITH x AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM x",
        # More or less than one.
        "SELECT 1; DROP TABLE t",
        "SELECT 1; SELECT 2",
        "",
        ";",
        "-- nothing",
        "BEGIN",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        'SELECT * FROM "/Main/Shop/orders" AT (VERSION => 1)',
        'SELECT * FROM a.b."/Main/Shop/orders"',
    ],
)  # fmt: skip
def test_all_else_is_refused(parse: Any, query: str):
    with pytest.raises(StatementError):
        parse(query)


def test_what_is_nested_too_deep_is_refused_and_not_a_crash(parse: Any):
    with pytest.raises((StatementError, duckdb.Error)):
        parse("SELECT " + "(" * 5_000 + "1" + ")" * 5_000)


def test_a_refusal_says_where(parse: Any):
    with pytest.raises(StatementError) as refused:
        parse("SELECT *\nFROM orders")

    assert refused.value.position == len("SELECT *\nFROM ")
