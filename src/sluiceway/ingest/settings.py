"""Settings of publishing."""

import msgspec


class IngestSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[ingest]`` in the configuration file, ``SLUICEWAY_INGEST__*`` in the environment."""

    record_bytes_max: int = 1_048_576
    """Largest record, in bytes of its canonical form (compact JSON, defaults written out).

    Foundry's limit of 1 MB; a larger record is answered with ``RecordTooLarge``.
    """

    request_bytes_max: int = 16 * 1_048_576
    """Largest request body of a publish call, in bytes."""

    request_records_max: int = 10_000
    """Most records that one request may carry."""

    inflight_bytes_max: int = 256 * 1_048_576
    """Bytes of bodies that are taken but not yet stored, over all streams.

    Past it the rest of a body is dropped as it arrives, and answered with 503 and
    ``Retry-After``.
    """

    request_dead_letters_max: int = 1_000
    """Most records of one request that may become dead letters; with more it is refused."""

    dead_letters_max: int = 10_000
    """Most dead letters that a stream keeps, counted from the oldest open one on."""

    dead_letters_bytes_max: int = 256 * 1_048_576
    """Most bytes of dead letters that a stream keeps, counted from the oldest open one on."""
