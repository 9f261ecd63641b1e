"""Settings of publishing."""

from typing import Annotated, Literal

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
    """Bytes of bodies that are taken but not yet answered, over all streams; each request counts
    for 2 KiB more than its body.

    Past it the rest of a body is dropped as it arrives, and answered with 503 and
    ``Retry-After``.
    """

    hold_seconds: Annotated[int, msgspec.Meta(ge=0, le=600)] = 5
    """How long a client that publishes may have to wait while more than half of
    ``log.queue_bytes_max`` waits to become durable: it is not read from until there is room again.

    After that its next request is taken if it fits, and answered 503 ``LogBusy`` with
    ``Retry-After`` if it does not. 0: nobody waits.
    """

    request_dead_letters_max: int = 1_000
    """Most records of one request that may become dead letters; with more it is refused."""

    dead_letters_max: int = 10_000
    """Most dead letters that a stream keeps, counted from the oldest open one on."""

    dead_letters_bytes_max: int = 256 * 1_048_576
    """Most bytes of dead letters that a stream keeps, counted from the oldest open one on."""


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[limits]`` in the configuration file, ``SLUICEWAY_LIMITS__*`` in the environment.

    They hold for the publish calls. A request over one of them is answered 429, with
    ``Retry-After``.
    """

    profile: Literal["off", "foundry"] = "off"
    """``off`` limits nothing by itself. ``foundry`` has the numbers that Foundry documents: of a
    user 5,000 requests per minute and 30 at once, of a service user 800 at once.
    """

    user_requests_per_minute_max: int | None = None
    """Publish requests of one user in a minute.

    Empty: the profile's number; 0: no limit.
    """

    user_concurrent_requests_max: int | None = None
    """Publish requests of one user that are being worked on at once.

    Empty: the profile's number; 0: no limit.
    """

    service_user_requests_per_minute_max: int | None = None
    """Publish requests of one application acting for itself, in a minute.

    Empty: the profile's number; 0: no limit.
    """

    service_user_concurrent_requests_max: int | None = None
    """Publish requests of one application acting for itself that are being worked on at once.

    Empty: the profile's number; 0: no limit.
    """

    stream_requests_per_minute_max: int | None = None
    """Publish requests to one stream in a minute, whoever sends them.

    Empty: the profile's number; 0: no limit.
    """

    stream_concurrent_requests_max: int | None = None
    """Publish requests to one stream that are being worked on at once.

    Empty: the profile's number; 0: no limit.
    """

    entries_max: int = 100_000
    """Principals, and as many streams, that are kept count of at once.

    When all of them are in use, a further one is answered 429.
    """
