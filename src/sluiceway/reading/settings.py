"""Settings of reading."""

import msgspec


class ReadingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[reading]`` in the configuration file, ``SLUICEWAY_READING__*`` in the environment."""

    records_max: int = 10_000
    """Most records that one ``getRecords`` answer holds; a larger ``limit`` is cut to it."""

    answer_bytes_max: int = 16 * 1_048_576
    """Most bytes of records in one answer; at least one record is given whatever its size."""

    subscribers_max: int = 1_000
    """Most subscribers of one stream."""

    live_subscribers_max: int = 1_000
    """Most clients that watch live tails at once, over all streams."""

    live_records_per_second: int = 200
    """Most records that a live tail shows in a second; of more, the newest, and how many not."""

    live_backlog_bytes_max: int = 4 * 1_048_576
    """Most bytes of events that wait for a live tail from which nothing is left out; one that is
    further behind than that is ended, and may resume."""

    waiting_requests_max: int = 1_000
    """Most ``getRecords`` requests that wait for records at once (``waitMs``)."""
