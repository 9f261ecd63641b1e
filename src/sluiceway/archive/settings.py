"""Settings of the archive."""

from pathlib import Path
from typing import Annotated, Final

import msgspec

_MIB: Final = 1024 * 1024


class ArchiveSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[archive]`` in the configuration file, ``SLUICEWAY_ARCHIVE__*`` in the environment."""

    enabled: bool = True
    """Whether records are put into open tables. When it is turned on again, they are taken up from
    where they were left.
    """

    warehouse: str = ""
    """Where the tables' files go: a folder, or a URL such as ``s3://bucket/folder``. Empty:
    ``warehouse`` in the data folder.
    """

    catalog_uri: str = ""
    """The Iceberg catalogue: a SQLAlchemy URL, or what ``catalog_properties`` make of it. Empty:
    ``warehouse.db``, SQLite, in the data folder.
    """

    catalog_properties: dict[str, str] = {}
    """Further properties of the catalogue and its file system, by PyIceberg's names, such as
    ``type``, ``s3.endpoint`` or ``s3.region``. In the environment: a JSON object. Credentials are
    better in the environment, as ``AWS_ACCESS_KEY_ID``: ``sluiceway check`` prints all settings.
    """

    namespace: str = "sluiceway"
    """The catalogue's namespace for new tables."""

    age_seconds: Annotated[int, msgspec.Meta(ge=1)] = 5
    """How old the oldest record that is in no table may become before a commit takes it."""

    commit_bytes: Annotated[int, msgspec.Meta(ge=_MIB)] = 64 * _MIB
    """Bytes of records that one commit moves at most; so many do not wait for their age."""

    hot_seconds: Annotated[int, msgspec.Meta(ge=0)] = 3_600
    """How long records stay in the log when they are in a table; then they are read from there, and
    the log gives their space back. A backup has to take less. 0: no longer than it takes.
    """

    hot_seconds_min: Annotated[int, msgspec.Meta(ge=0)] = 600
    """How long records stay in the log at least when they are in a table, whatever the retention of
    their stream says; ``hot_seconds`` if that is less. A backup has to take less.
    """

    hot_seconds_max: Annotated[int, msgspec.Meta(ge=0)] = 30 * 86_400
    """The longest time for which the retention of a stream may have the log keep its records."""

    retention_seconds: Annotated[int, msgspec.Meta(ge=1)] = 3_600
    """How often the retention of streams is applied: records are kept so much longer, at most, than
    it says.
    """

    maintain_commits: Annotated[int, msgspec.Meta(ge=2)] = 32
    """After so many commits to a table its small files are merged, its old snapshots expired."""

    fold_records: Annotated[int, msgspec.Meta(ge=1)] = 50_000
    """With change data capture: after so many records, or a sixteenth of the current state if that is
    more, they are taken into it. Until then each read looks through them.
    """

    snapshots_keep_seconds: Annotated[int, msgspec.Meta(ge=1)] = 600
    """How long a snapshot that is not the current one can still be read, and its files are kept."""

    compression_level: Annotated[int, msgspec.Meta(ge=1, le=19)] = 3
    """zstd level of the Parquet files."""

    stop_seconds: Annotated[int, msgspec.Meta(ge=1)] = 10
    """How long commits in progress may take to finish once the server is told to stop."""

    def own_catalog_uri(self, data_folder: Path) -> str | None:
        """Give the URL of the catalogue in the data folder; ``None`` when another one is set.

        Only this one is told to readers: another may have a password in it.
        """
        if self.catalog_uri or {"uri", "type"} & self.catalog_properties.keys():
            return None
        return f"sqlite:///{(data_folder / 'warehouse.db').absolute()}"

    @property
    def hot_floor_seconds(self) -> int:
        """The shortest time for which the retention of a stream may have the log keep records."""
        return min(self.hot_seconds_min, self.hot_seconds) if self.enabled else 1
