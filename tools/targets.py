"""What the performance page holds the measurements against, and whether they reach it."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Line = Mapping[str, Any]
Read = Callable[[str], Sequence[Line]]
"""Gives the results of one benchmark, by its name."""

NGINX: Final = "nginx return 200, not stored"
NATS: Final = "NATS JetStream, sync_interval always"
BATCHES: Final = "publishRecords x 1000"
DECODE: Final = "msgspec decodes the batches, nothing else"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target, what was measured, and whether that reaches it."""

    what: str
    target: str
    measured: str
    is_met: bool | None
    """``None`` when it was not measured."""

    @property
    def word(self) -> str:
        """Say it in a word."""
        return {True: "met", False: "**missed**", None: "not measured"}[self.is_met]


def verdicts(read: Read) -> list[Verdict]:
    """Hold the results against every target."""
    publish, compare = _Results(read("publish")), _Results(read("compare"))
    return [
        _share(
            "publishRecord, 64 connections",
            "nginx's static answer",
            publish.rate("publishRecord", 64),
            publish.rate(NGINX, 64),
            0.6,
        ),
        _share(
            "the same",
            "NATS JetStream that syncs each write",
            compare.rate("Sluiceway", 64),
            compare.rate(NATS, 64),
            8,
        ),
        _share(
            "publishRecord, 256 connections",
            "nginx's static answer",
            publish.rate("publishRecord", 256),
            publish.rate(NGINX, 256),
            0.8,
        ),
        _most("the same, p99", "ms", publish.get("publishRecord", "p99_ms", 256), 15),
        _least(
            "publishRecords of 1,000 records",
            "records/s",
            publish.get(BATCHES, _RECORDS),
            1_800_000,
        ),
        _share(
            "the same",
            "decoding the same bodies with msgspec",
            publish.get(BATCHES, _RECORDS),
            publish.get(DECODE, _RECORDS),
            0.2,
        ),
        _one_connection(publish),
        _fan_out(_Results(read("fanout"))),
        *_start(read("start")),
        _memory(read("overload")),
        _streams(read("scale")),
        *_archive(read("archive")),
        *_read_table(read("read_table")),
        _current_state(read("current_state")),
    ]


_RECORDS: Final = "records_per_second"
_REQUESTS: Final = "requests_per_second"
_VISIBLE: Final = "push to visible in the table"
_DISK: Final = "disk: append 256 B and fdatasync"


class _Results:
    """Finds a number by the case and the connections that it is of."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines

    def get(self, case: str, what: str, connections: int | None = None) -> float | None:
        for line in self.lines:
            if line.get("case") == case and connections in {None, line.get("connections")}:
                found: float | None = line.get(what)
                return found
        return None

    def rate(self, case: str, connections: int) -> float | None:
        return self.get(case, _REQUESTS, connections)


def _share(
    what: str, of_what: str, ours: float | None, other: float | None, least: float
) -> Verdict:
    target = f"at least {least:g} times {of_what}"
    if ours is None or not other:
        return Verdict(what, target, "", None)
    measured = f"{ours / other:.2g} times ({ours:,.0f} and {other:,.0f})"
    return Verdict(what, target, measured, ours >= least * other)


def _least(what: str, unit: str, value: float | None, least: float) -> Verdict:
    target = f"at least {least:,g} {unit}" if least < 1e5 else f"at least {least:,.0f} {unit}"  # noqa: PLR2004 - where g goes over to powers
    if value is None:
        return Verdict(what, target, "", None)
    return Verdict(what, target, f"{value:,.0f} {unit}", value >= least)


def _most(what: str, unit: str, value: float | None, most: float) -> Verdict:
    target = f"at most {most:,.3g} {unit}"
    if value is None:
        return Verdict(what, target, "", None)
    return Verdict(what, target, f"{value:,.3g} {unit}", value <= most)


def _one_connection(publish: _Results) -> Verdict:
    what, disk = "publishRecord, 1 connection, p50", publish.get(_DISK, "p50_ms")
    if disk is None:
        return Verdict(what, "at most 0.5 ms over the disk's sync", "", None)
    found = _most(what, "ms", publish.get("publishRecord", "p50_ms", 1), disk + 0.5)
    return Verdict(what, f"{found.target}: 0.5 over the disk's sync", found.measured, found.is_met)


def _fan_out(fanout: _Results) -> Verdict:
    what = "live tail, 1,000 subscribers, 50 records/s, p99"
    target = "at most 6.5 ms, or half of the best other's"
    ours: float | None = None
    others: list[float] = []
    for line in fanout.lines:
        p99 = line.get("p99_ms")
        if "subscribers" not in line or p99 is None:
            continue
        if str(line["case"]).startswith("Sluiceway"):
            ours = p99
        else:
            others.append(p99)
    if ours is None:
        return Verdict(what, target, "", None)
    measured = f"{ours:.3g} ms" + (f"; the best other {min(others):.3g} ms" if others else "")
    most = max(6.5, min(others, default=0) / 2)
    return Verdict(what, target, measured, ours <= most)


def _start(lines: Sequence[Line]) -> list[Verdict]:
    """Give one for an empty folder and one for each way in which a full one was left."""
    found = []
    for line in lines:
        stopped_by = line["stopped_by"]
        what = f"start to the first acknowledged record, {stopped_by}"
        if stopped_by.startswith("SIG"):
            what += f" before, {line['stored_gigabytes']:g} GB in the log"
        found.append(_most(what, "s", line["first_record_seconds"], 1))
    return found or [_most("start to the first acknowledged record", "s", None, 1)]


def _memory(lines: Sequence[Line]) -> Verdict:
    most = max((line["rss_mib most"] for line in lines if "rss_mib most" in line), default=None)
    return _most("memory while pushed ten times as much as it takes", "MiB", most, 512)


def _streams(lines: Sequence[Line]) -> Verdict:
    rates = {line["at"]: line[_REQUESTS] for line in lines if line.get("by") == "streams"}
    return _share(
        "10,000 streams, written in turn", "one stream", rates.get(10_000), rates.get(1), 0.7
    )


def _archive(lines: Sequence[Line]) -> list[Verdict]:
    found = _Results(lines)
    visible, archiving = _VISIBLE, "archiving what waits, server and archiver on one core"
    rates: dict[str, dict[str, list[float]]] = {}
    for line in lines:
        if "archive" in line:
            runs = rates.setdefault(line["case"], {})
            runs.setdefault(line["archive"], []).append(line[_REQUESTS])
    return [
        _most(f"{visible}, p50", "s", found.get(visible, "p50_seconds"), 5),
        _most("the same, p95", "s", found.get(visible, "p95_seconds"), 10),
        _least("archiving, one core", "records/s", found.get(archiving, _RECORDS), 500_000),
        *(
            _share(
                f"{case}, with the archive",
                "without",
                statistics.median(runs.get("on", [0])),
                statistics.median(runs.get("off", [0])),
                0.7,
            )
            for case, runs in rates.items()
        ),
    ]


def _read_table(lines: Sequence[Line]) -> list[Verdict]:
    streams = [line for line in lines if line.get("table") == "stream"]
    arrow = [line for line in streams if line.get("format") == "ARROW"]
    rate = min((line["rows_per_second"] for line in arrow), default=None)
    most = max((line["server_mib"] for line in arrow), default=None)
    return [
        _least("readTable of a stream as Arrow, 10 million rows", "rows/s", rate, 1_000_000),
        _most("the server's memory meanwhile", "MiB", most, 300),
    ]


def _current_state(lines: Sequence[Line]) -> Verdict:
    what = "current state of 10 million changes of a million keys, first page"
    pages = [line for line in lines if str(line.get("case")).startswith("first page")]
    return _most(what, "s", max((line["seconds"] for line in pages), default=None), 2)
