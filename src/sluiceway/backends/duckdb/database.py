"""DuckDB, set up to compute and to do nothing else."""

from typing import Final

import duckdb
import pyarrow as pa

from sluiceway.backends.duckdb.descriptors import FOLDER, DescriptorFileSystem

_CONFIGURATION: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "python_enable_replacements": False,
    "python_scan_all_frames": False,
    "temp_directory": "",
}


def open_database(
    memory_bytes: int, files: DescriptorFileSystem | None = None
) -> duckdb.DuckDBPyConnection:
    """Open an empty database in memory that reaches no file but *files*, and no network.

    What it needs later is loaded here, before the process may open no file any more.
    """
    configuration = _CONFIGURATION | {"memory_limit": f"{memory_bytes}B"}
    database = duckdb.connect(":memory:", config=configuration)
    if files is not None:
        database.register_filesystem(files)
        database.execute(f"SET allowed_directories=['{FOLDER}']")
        # A footer is read several times; all else once, so that a cache only takes memory.
        database.execute("SET parquet_metadata_cache=true")
        database.execute("SET enable_external_file_cache=false")
    database.execute("SET enable_external_access=false")
    database.execute("SET TimeZone='UTC'")
    database.register("warm", pa.table({"n": [1], "at": pa.array([0], pa.timestamp("ms", "UTC"))}))
    warm = database.sql("SELECT *, json_serialize_sql('SELECT 1') FROM warm")
    for batch in warm.to_arrow_reader(1) or ():
        batch.to_pylist()  # Reads what Python knows of the time zone.
    database.unregister("warm")
    return database
