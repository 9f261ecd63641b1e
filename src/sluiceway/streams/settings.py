"""Settings of streams."""

import msgspec


class StreamSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[streams]`` in the configuration file, ``SLUICEWAY_STREAMS__*`` in the environment."""

    default_branch: str = "master"
    """The branch of a new streaming dataset when the request names none (Foundry's default)."""

    partitions_max: int = 256
    """Most partitions of one stream."""

    branches_max: int = 1_000
    """Most branches of one streaming dataset."""

    cache_entries_max: int = 20_000
    """Most stream descriptors, and most role decisions, kept in memory for the publish path.

    A descriptor with a role takes 2 KB. Streams with the same schema share what checks their
    records: 15 KB, with 2,000 fields 900 KB.
    """

    statistics_streams_max: int = 20_000
    """Most streams of which statistics are kept in memory: those that were last published to.

    One that takes records without a pause for a day takes 25 KB, at first it is 2 KB.
    """
