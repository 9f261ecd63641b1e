"""The catalogue, and what its library and the file system may raise."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from sqlalchemy import event

from sluiceway.archive.errors import ArchiveTableNotFoundError, ArchiveUnavailableError
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.backends.iceberg.files import FILE_IO, make_folder
from sluiceway.foundation.errors import SluicewayError

CATALOGUE: Final = "sluiceway"
"""The name under which the catalogue has our tables, where one has several."""
_REASON_LENGTH_MAX: Final = 500


def warehouse_of(settings: ArchiveSettings, data_folder: Path) -> str:
    """Give where the tables' files go: a folder's absolute path, or a URL."""
    return settings.warehouse or str((data_folder / "warehouse").absolute())


def open_catalogue(settings: ArchiveSettings, data_folder: Path) -> Catalog:
    """Open the catalogue that is set.

    Raises:
        ArchiveUnavailableError: It cannot be opened.
    """
    properties = {
        "type": "sql",
        "uri": settings.catalog_uri or settings.own_catalog_uri(data_folder) or "",
        "warehouse": warehouse_of(settings, data_folder),
        "py-io-impl": FILE_IO,
        **settings.catalog_properties,
    }
    with translated():
        if not settings.catalog_uri:
            make_folder(data_folder)
        catalogue = load_catalog(CATALOGUE, **properties)
        if isinstance(catalogue, SqlCatalog) and catalogue.engine.dialect.name == "sqlite":
            event.listen(catalogue.engine, "connect", _set_up_sqlite)
            catalogue.engine.dispose()
        catalogue.create_namespace_if_not_exists(settings.namespace)
    return catalogue


def _set_up_sqlite(connection: Any, _entry: object) -> None:  # noqa: ANN401 - the driver's own
    # A commit must outlast a power cut: the log may give up records that are in a table.
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what libraries raise into our own errors.

    Whatever it is, the records are still in the log: it is tried again. What we raise ourselves
    goes on as it is.
    """
    try:
        yield
    except (SluicewayError, AssertionError):
        raise
    except NoSuchTableError as error:
        raise ArchiveTableNotFoundError(reason_of(error)) from error
    except (Exception, pa.ArrowException) as error:
        raise ArchiveUnavailableError(f"{type(error).__name__}: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """Give what a library said, in one line of bounded length."""
    return " ".join(str(error).split())[:_REASON_LENGTH_MAX]
