"""Settings of datasets."""

import msgspec


class DatasetSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[datasets]`` in the configuration file, ``SLUICEWAY_DATASETS__*`` in the environment."""

    file_bytes_max: int = 1_073_741_824
    """Largest file of a dataset, in bytes."""

    uploads_max: int = 32
    """Files that are uploaded at once; one more is answered 503 with ``Retry-After``."""

    transaction_files_max: int = 10_000
    """Most files that one transaction may have, those that it removes included."""

    view_transactions_max: int = 10_000
    """Most transactions that follow a ``SNAPSHOT``, or the first one, on a branch."""

    table_files_max: int = 10_000
    """Most files of a dataset that is read as a table."""

    table_rows_max: int = 1_000_000
    """Most rows of a table that is not stored as Parquet (Foundry's limit)."""

    tables_max: int = 4
    """Tables that are read at once, each by a process; one more is answered 503."""

    table_bytes_max: int = 1_073_741_824
    """Most memory of a process that reads a table, in bytes."""

    table_seconds_max: int = 120
    """How long a process that reads a table may take for the next piece of it."""
