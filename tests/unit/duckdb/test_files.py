"""Files that the server hands to the process of a query, and what the process makes of them."""

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet
import pytest

from fixtures.api import field, schema
from fixtures.server import clean_environment
from sluiceway.backends.duckdb.process import DuckDbEngine, ProcessRun
from sluiceway.backends.duckdb.wire import FILES_AT_ONCE
from sluiceway.queries.engine import Piece
from sluiceway.queries.errors import QueryFailedError
from sluiceway.queries.types import QueryLimits, SerializationFormat, TableName
from sluiceway.schema.types import StreamSchema

NAME = TableName("/Main/Project/numbers")
NUMBERS = msgspec.convert(schema(field("n", "long"), field("later", "string")), StreamSchema)
LIMITS = QueryLimits(20, 512 << 20, 1_000, 1 << 20, 70)


def write(folder: Path, *numbers: int, **more: Any) -> str:
    """Write a file as the archive has it; give its path."""
    count = len(numbers)
    columns = {
        "n": pa.array(numbers, pa.int64()),
        **more,
        "_partition": pa.array([0] * count, pa.int32()),
        "_offset": pa.array(numbers, pa.int64()),
        "_ingested_at": pa.array([0] * count, pa.timestamp("us", "UTC")),
    }
    path = folder / f"{numbers[0]}.parquet"
    pyarrow.parquet.write_table(pa.table(columns), path, store_schema=False)
    return str(path)


@pytest.fixture
def result() -> IO[bytes]:
    return tempfile.TemporaryFile(buffering=0)


@pytest.fixture
async def run(result: IO[bytes]) -> AsyncIterator[ProcessRun]:
    query = f'SELECT count(*), sum(n), count(later), max(_offset) FROM "{NAME.name}"'
    begun = await DuckDbEngine().start(query, SerializationFormat.ARROW, LIMITS, result.fileno())
    assert await begun.tables() == [NAME]
    await begun.declare(0, NAME, NUMBERS)
    yield begun
    await begun.stop()
    result.close()


async def row_of(run: ProcessRun, result: IO[bytes]) -> tuple[Any, ...]:
    outcome = await run.finish()
    result.seek(0)
    (row,) = (
        pa.ipc.open_stream(io.BytesIO(result.read(outcome.result_bytes))).read_all().to_pylist()
    )
    return tuple(row.values())


async def test_files_of_an_older_schema_and_lines_are_one_table(
    run: ProcessRun, result: IO[bytes], tmp_path: Path
) -> None:
    old = write(tmp_path, 0, 1, 2)
    narrow = write(tmp_path, 3, n=pa.array([3], pa.int32()))
    new = write(tmp_path, 4, 5, later=pa.array(["x", "y"]))

    await run.attach(0, [old, narrow, new])
    await run.feed(0, Piece(0, [(6, 1, 0)], b'{"n":6,"later":"z"}\n'))

    assert await row_of(run, result) == (7, 21, 3, 6)


async def test_a_file_that_is_gone_is_said_and_the_stream_begins_anew(
    run: ProcessRun, result: IO[bytes], tmp_path: Path
) -> None:
    first = write(tmp_path, 0)

    with pytest.raises(FileNotFoundError):
        await run.attach(0, [first] * FILES_AT_ONCE + [str(tmp_path / "gone.parquet")])
    await run.declare(0, NAME, NUMBERS)
    await run.attach(0, [write(tmp_path, 7, 8)])

    assert await row_of(run, result) == (2, 15, 0, 8)


async def test_as_many_files_as_may_be_and_no_more(
    run: ProcessRun, result: IO[bytes], tmp_path: Path
) -> None:
    path = write(tmp_path, 1)
    await run.attach(0, [path] * LIMITS.files)
    assert (await row_of(run, result))[0] == LIMITS.files

    other = await DuckDbEngine().start(
        f'SELECT * FROM "{NAME.name}"', SerializationFormat.ARROW, LIMITS, result.fileno()
    )
    await other.tables()
    await other.declare(0, NAME, NUMBERS)
    with pytest.raises(QueryFailedError, match="files were to be opened"):
        await other.attach(0, [path] * (LIMITS.files + FILES_AT_ONCE))
    await other.stop()


async def test_a_file_that_is_none_is_a_failure_of_the_query(
    run: ProcessRun, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and nothing else")
    await run.attach(0, [str(broken)])

    with pytest.raises(QueryFailedError):
        await run.finish()


CODE = """
import json, os, sys
from sluiceway.backends.duckdb import confinement
from sluiceway.backends.duckdb.database import open_database
from sluiceway.backends.duckdb.descriptors import DescriptorFileSystem

own, other = (os.open(path, os.O_RDONLY) for path in sys.argv[1:3])
files = DescriptorFileSystem()
database = open_database(100 << 20, files)
confinement.die_with(os.getppid())
confinement.limit(memory_bytes=300 << 20, cpu_seconds=20, file_bytes=1 << 20, files=2)
confinement.forbid()
path = files.add(own)
database.execute(f"CREATE VIEW own AS SELECT n FROM read_parquet('{path}')")
tried = {}
for query in [*json.loads(sys.argv[3]), f"SELECT * FROM read_text('/proc/self/fd/{other}')"]:
    try:
        tried[query] = database.execute(query).fetchall()
    except Exception as error:
        tried[query] = type(error).__name__
os.write(1, json.dumps(tried).encode())
"""
HOSTILE = (
    "SELECT * FROM read_parquet('archive://1.parquet')",
    "SELECT * FROM read_parquet('archive://*.parquet', filename=true) WHERE n > 1",
    "SELECT * FROM read_text('archive://../1.parquet')",
    "SELECT * FROM read_blob('/proc/self/fd/*')",
    "SELECT * FROM '/etc/passwd'",
    "COPY (SELECT 1) TO 'archive://0.parquet'",
    "COPY (SELECT 1) TO 'archive://2.parquet'",
    "ATTACH 'archive://0.parquet' AS more",
    "SET allowed_directories=['/']",
    "SET allowed_paths=['/etc/passwd']",
    "SET enable_external_access=true",
    "INSTALL httpfs",
    "LOAD 'archive://0.parquet'",
)


def test_without_the_first_wall_there_is_nothing_but_what_was_handed_over(tmp_path: Path) -> None:
    own, other = write(tmp_path, 1), write(tmp_path, 2)
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            CODE,
            own,
            other,
            json.dumps(["FROM own", *HOSTILE]),
        ],
        env=clean_environment(),
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    tried = json.loads(done.stdout)
    assert tried.pop("FROM own") == [[1]]
    assert len(tried) == len(HOSTILE) + 1
    # What cannot be listed is taken for empty, as in any folder.
    assert [query for query, answer in tried.items() if answer and isinstance(answer, list)] == []
    assert pyarrow.parquet.read_table(own)["n"].to_pylist() == [1]
