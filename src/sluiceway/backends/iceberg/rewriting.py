"""Snapshots in which files take the place of others."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyiceberg.manifest import DataFile, ManifestFile
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Operation, Summary
from pyiceberg.table.update.snapshot import _OverwriteFiles
from pyiceberg.typedef import EMPTY_DICT


class _Overwrite(_OverwriteFiles):
    """Replaces files, and gives up what only says which files were removed earlier."""

    def _existing_manifests(self) -> list[ManifestFile]:
        # What PyIceberg keeps for ever would be read by every reader, and grow with each snapshot.
        found = super()._existing_manifests()
        return [one for one in found if one.has_added_files() or one.has_existing_files()]


class _Replace(_Overwrite):
    """Replaces files by others with the same rows: who reads what was added finds nothing new."""

    def _summary(self, snapshot_properties: Mapping[str, str] = EMPTY_DICT) -> Summary:
        summary = super()._summary(dict(snapshot_properties))
        return Summary(operation=Operation.REPLACE, **summary.additional_properties)


def replace(
    table: Table, old: Sequence[DataFile], new: Sequence[DataFile], summary: dict[str, str]
) -> None:
    """Put *new* in the place of *old*, which have the same rows, in one snapshot.

    Raises:
        CommitFailedException: Another commit came first; nothing was changed.
    """
    _write(_Replace, table, old, new, summary)


def overwrite(
    table: Table, old: Sequence[DataFile], new: Sequence[DataFile], summary: dict[str, str]
) -> None:
    """Put *new* in the place of *old*, whatever their rows are, in one snapshot.

    Raises:
        CommitFailedException: Another commit came first; nothing was changed.
    """
    _write(_Overwrite, table, old, new, summary)


def remove(
    table: Table,
    old: Sequence[DataFile],
    rest: Sequence[DataFile],
    summary: dict[str, str],
    properties: dict[str, str],
) -> None:
    """Take *old* away, with what is left of their rows in *rest*, in one snapshot.

    The table gets *properties* with it.

    Raises:
        CommitFailedException: Another commit came first; nothing was changed.
    """
    _write(_Overwrite, table, old, rest, summary, properties)


def _write(
    kind: type[_Overwrite],
    table: Table,
    old: Sequence[DataFile],
    new: Sequence[DataFile],
    summary: dict[str, str],
    properties: Mapping[str, str] = EMPTY_DICT,
) -> None:
    with table.transaction() as transaction:
        if properties:
            transaction.set_properties(dict(properties))
        update: Any = kind(
            operation=Operation.OVERWRITE if new else Operation.DELETE,
            transaction=transaction,
            io=table.io,
            snapshot_properties=summary,
        )
        with update as files:
            for file in old:
                files.delete_data_file(file)
            for file in new:
                files.append_data_file(file)
