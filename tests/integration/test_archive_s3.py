"""Open tables in a bucket of a real S3 server."""

import contextlib
from pathlib import Path

import pytest
from pyarrow.fs import FileSelector, FileType, S3FileSystem

from fixtures.archive import SENSORS, TABLE, add, iceberg_tables, line, rows_of, stored
from fixtures.s3 import KEY, SECRET, s3_server
from fixtures.server import wait_until
from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.types import Piece
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.foundation.rids import new_view_rid


def made(bucket: S3FileSystem, name: str) -> bool:
    """Make a bucket; tell whether that was possible: a server that just started may refuse."""
    with contextlib.suppress(OSError):
        bucket.create_dir(name)
        return True
    return False


def test_tables_live_in_a_bucket_and_wait_while_it_is_away(tmp_path: Path) -> None:
    (tmp_path / "s3").mkdir()
    with s3_server(tmp_path / "s3") as url:
        bucket = S3FileSystem(
            access_key=KEY,
            secret_key=SECRET,
            endpoint_override=url,
            region="us-east-1",
            allow_bucket_creation=True,
        )
        wait_until(lambda: made(bucket, "lake"), 60)
        properties = {
            "s3.endpoint": url,
            "s3.region": "us-east-1",
            "s3.access-key-id": KEY,
            "s3.secret-access-key": SECRET,
            "s3.connect-timeout": "1",
        }
        tables = iceberg_tables(
            tmp_path, warehouse="s3://lake/tables", catalog_properties=properties
        )
        tables.open(TABLE, new_view_rid(), SENSORS)
        for at in range(8):
            add(tables, {0: at * 10} if at else {}, Piece(0, [stored(at * 10, 10)]))

        done = maintain(tables, TABLE, 3_600)

        assert done.merged_files == 8
        (file,) = tables.describe(TABLE).files
        assert file.location.startswith(f"s3://lake/tables/{TABLE.namespace}/{TABLE.name}/data/")
        expected = [(at, line(at)[:-1]) for at in range(80)]
        assert rows_of(tables.catalogue, TABLE) == {0: expected}
        found = tables.read(TABLE, 0, 0, 100, 1 << 20)
        assert [(one.offset, one.value) for one in found] == expected
        tables.drop(TABLE)
        left = bucket.get_file_info(FileSelector("lake", recursive=True))
        assert [one.path for one in left if one.type == FileType.File] == []
    with pytest.raises(ArchiveUnavailableError):
        tables.open(TABLE, new_view_rid(), SENSORS)
    tables.close()
