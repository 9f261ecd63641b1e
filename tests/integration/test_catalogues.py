"""Open tables in each kind of catalogue that may be set, with the real server that it is kept by."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyiceberg.catalog import Catalog

from fixtures.archive import SENSORS, TABLE, add, iceberg_tables, line, rows_of, stored
from fixtures.postgres import PostgresServer
from fixtures.s3 import KEY, SECRET, rest_catalogue
from sluiceway.archive.errors import ArchiveConflictError, ArchiveTableNotFoundError
from sluiceway.archive.types import Piece
from sluiceway.backends.iceberg.files import DurableFileIO
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.foundation.rids import new_view_rid


def is_there(catalogue: Catalog, location: str) -> bool:
    """Tell whether a file is there; of what is no table's any more not even that may be asked."""
    try:
        return DurableFileIO(catalogue.properties).new_input(location).exists()
    except PermissionError:
        return False


@pytest.fixture
def in_postgresql(postgres: PostgresServer) -> dict[str, Any]:
    """The settings of a catalogue in PostgreSQL."""
    url = postgres.new_database().replace("+asyncpg", "+psycopg")
    return {"catalog_uri": url}


@pytest.fixture
def behind_rest(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The settings of an Iceberg REST catalogue."""
    folder = tmp_path / "rest"
    folder.mkdir()
    with rest_catalogue(folder, "lake") as catalogue:
        properties = {
            "type": "rest",
            "credential": f"{KEY}:{SECRET}",
            "oauth2-server-uri": f"{catalogue.url}/v1/oauth/tokens",
            "s3.endpoint": catalogue.s3_url,
            "s3.region": "us-east-1",
            "s3.access-key-id": KEY,
            "s3.secret-access-key": SECRET,
        }
        yield {
            "warehouse": f"s3://{catalogue.bucket}",
            "catalog_uri": catalogue.url,
            "catalog_properties": properties,
        }


@pytest.mark.parametrize("kind", ["in_postgresql", "behind_rest"])
def test_tables_are_made_written_merged_read_and_dropped(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings, view = request.getfixturevalue(kind), new_view_rid()
    tables = iceberg_tables(tmp_path, **settings)
    tables.open(TABLE, view, SENSORS)
    for at in range(8):
        add(tables, {0: at * 10} if at else {}, Piece(0, [stored(at * 10, 10)]))
    with pytest.raises(ArchiveConflictError) as conflict:
        add(tables, {0: 70}, Piece(0, [stored(70, 10)]))
    assert conflict.value.next_offsets == {0: 80}

    done = maintain(tables, TABLE, 3_600)

    assert done.merged_files == 8
    again = iceberg_tables(tmp_path, **settings)
    assert again.open(TABLE, view, SENSORS).next_offsets == {0: 80}
    add(again, {0: 80}, Piece(0, [stored(80, 10)]))
    expected = [(at, line(at)[:-1]) for at in range(90)]
    assert rows_of(tables.catalogue, TABLE) == {0: expected}
    found = again.read(TABLE, 0, 0, 100, 1 << 20)
    assert [(one.offset, one.value) for one in found] == expected

    files = [file.location for file in again.describe(TABLE).files]
    again.drop(TABLE)
    assert [file for file in files if is_there(again.catalogue, file)] == []
    with pytest.raises(ArchiveTableNotFoundError):
        again.describe(TABLE)
    assert again.open(TABLE, view, SENSORS).next_offsets == {}
    again.close()
    tables.close()
