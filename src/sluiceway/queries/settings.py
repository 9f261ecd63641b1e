"""Settings of queries in SQL."""

import msgspec


class QuerySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[queries]`` in the configuration file, ``SLUICEWAY_QUERIES__*`` in the environment."""

    running_max: int = 4
    """Most queries that run at once; each is a process of its own on one core."""

    running_per_principal_max: int = 2
    """Most queries of one user that run at once."""

    seconds_max: int = 60
    """How long a query may take; then it is ended and has failed."""

    memory_bytes_max: int = 512 * 1_048_576
    """Most memory of one query, its records and what it computes from them."""

    input_bytes_max: int = 256 * 1_048_576
    """Most bytes of records that one query is given as lines, over all of its streams: those that
    are in no file of the archive yet, or all when the files are not on this machine."""

    files_max: int = 1_000
    """Most files of the archive that one query reads, over all of its streams."""

    query_bytes_max: int = 100_000
    """Longest text of a query."""

    tables_max: int = 20
    """Most streams that one query names."""

    rows_max: int = 1_000_000
    """Most rows of a result (Foundry's bound); a query that has more has failed."""

    result_bytes_max: int = 256 * 1_048_576
    """Most bytes of one result."""

    results_bytes_max: int = 2_048 * 1_048_576
    """Most bytes of all results that are kept; past it the oldest goes before its time."""

    results_max: int = 200
    """Most queries that are remembered once they ended; past it the oldest goes."""

    results_keep_seconds: int = 600
    """How long a query and its result are kept once it ended."""
