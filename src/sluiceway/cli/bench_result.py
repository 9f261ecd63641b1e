"""What ``sluiceway bench`` found, as JSON and for people."""

from typing import Final

import msgspec

from sluiceway.load.counts import Counts
from sluiceway.load.histogram import Histogram

BUSY: Final = 0.9
"""From this share of a core on, the load is the limit rather than the server."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One run; times in milliseconds, ``null`` where nothing was measured."""

    loop: str
    """``open``: requests at a rate, latencies from when they were due. ``closed``: each connection
    sends when it was answered, latencies from when it sent."""
    asked_per_second: float | None
    """The rate that was asked for."""
    seconds: float
    connections: int
    batch: int
    """Records of a request."""
    record_bytes: int
    """Bytes of a record's JSON, on average."""
    requests: int
    """Requests that were due, or sent."""
    accepted: int
    requests_per_second: float
    """Accepted ones."""
    records_per_second: float
    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    p999_ms: float | None
    max_ms: float | None
    unsent: int
    """Requests that were due, and for which no connection was free before the end."""
    failures: dict[str, int]
    """By status and error name, or by what happened."""
    delay_p99_ms: float | None
    """How late the load itself sent what was due."""
    processor_share: float
    """How much of a core the load used."""
    fsync_p50_ms: float | None
    fsync_p99_ms: float | None

    @property
    def is_clean(self) -> bool:
        """Whether all that was due was sent and accepted."""
        return not self.failures and not self.unsent


def summarise(
    counts: Counts,
    *,
    rate: float | None,
    connections: int,
    batch: int,
    record_bytes: int,
    fsync: Histogram | None,
) -> Result:
    """Sum a run up."""
    per_second = counts.accepted / counts.seconds if counts.seconds else 0.0
    latency = counts.latency
    return Result(
        loop="closed" if rate is None else "open",
        asked_per_second=rate,
        seconds=round(counts.seconds, 3),
        connections=connections,
        batch=batch,
        record_bytes=record_bytes,
        requests=counts.sent + counts.unsent,
        accepted=counts.accepted,
        requests_per_second=round(per_second, 1),
        records_per_second=round(per_second * batch, 1),
        p50_ms=_ms(latency, 50),
        p90_ms=_ms(latency, 90),
        p99_ms=_ms(latency, 99),
        p999_ms=_ms(latency, 99.9),
        max_ms=_ms(latency, 100),
        unsent=counts.unsent,
        failures=counts.failures,
        delay_p99_ms=None if rate is None else _ms(counts.delay, 99),
        processor_share=round(counts.processor_share, 3),
        fsync_p50_ms=_ms(fsync, 50),
        fsync_p99_ms=_ms(fsync, 99),
    )


def _ms(times: Histogram | None, percent: float) -> float | None:
    seconds = None if times is None else times.percentile(percent)
    return None if seconds is None else round(seconds * 1_000, 3)


def in_words(result: Result, descriptions: dict[str, str]) -> str:
    """Write a result for people."""
    lines = [
        ("load", _load(result)),
        ("accepted", _accepted(result)),
        ("latency", _latency(result)),
        ("disk", _disk(result)),
    ]
    if result.unsent:
        lines.append(("unsent", f"{result.unsent:,} were due, and no connection was free"))
    for name, times in sorted(result.failures.items(), key=lambda one: -one[1]):
        said = f": {descriptions[name]}" if name in descriptions else ""
        lines.append(("failed", f"{times:,} of {name}{said}"))
    lines.append(("generator", _generator(result)))
    return "\n".join(f"{name:<10} {text}" for name, text in lines)


def _load(result: Result) -> str:
    rate = (
        "closed loop: each connection sends when it was answered"
        if result.asked_per_second is None
        else f"open loop: {result.asked_per_second:,g} requests/s"
    )
    records = "1 record" if result.batch == 1 else f"{result.batch:,} records"
    return (
        f"{rate}; {result.seconds:,.1f} s, {result.connections:,} connections,"
        f" {records} of {result.record_bytes:,} bytes in a request"
    )


def _accepted(result: Result) -> str:
    return (
        f"{result.accepted:,} of {result.requests:,} requests:"
        f" {result.requests_per_second:,.0f} requests/s, {result.records_per_second:,.0f} records/s"
    )


def _latency(result: Result) -> str:
    since = "it was sent" if result.loop == "closed" else "it was due"
    return (
        f"p50 {_time(result.p50_ms)}  p90 {_time(result.p90_ms)}  p99 {_time(result.p99_ms)}"
        f"  p99.9 {_time(result.p999_ms)}  max {_time(result.max_ms)}, from when {since}"
    )


def _disk(result: Result) -> str:
    if result.fsync_p50_ms is None:
        return "not measured; see --fsync-dir"
    return (
        f"p50 {_time(result.fsync_p50_ms)}  p99 {_time(result.fsync_p99_ms)}"
        " to append 256 bytes and sync them"
    )


def _generator(result: Result) -> str:
    used = f"used {result.processor_share:.0%} of a core"
    if result.delay_p99_ms is not None:
        used += f"; sent what was due {_time(result.delay_p99_ms)} late (p99)"
    if result.processor_share >= BUSY:
        used += "; it is the limit itself, the server may be faster"
    return used


def _time(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:.3g} ms"  # noqa: PLR2004 - three digits
