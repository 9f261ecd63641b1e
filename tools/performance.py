"""Writes docs/performance.md and its charts from what the benchmarks printed.

Each file ``bench/results/NAME.RUN.jsonl`` is what one run of ``bench/NAME.py`` printed; of several
runs the medians count. ``make performance`` runs them all and then this.

    .venv-peers/bin/python tools/performance.py
"""

import json
import os
import platform
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib import pyplot as plt

from targets import verdicts

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = ROOT / "bench" / "results"
PAGE: Final = ROOT / "docs" / "performance.md"
INDEX: Final = ROOT / "docs" / "README.md"
INDEX_LINE: Final = (
    "- [Performance](performance.md): measured, beside others, and how the cost grows."
)
INDEX_AFTER: Final = "- [Spaces, projects, folders and resources](concepts/filesystem.md)"
CHARTS: Final = ROOT / "docs" / "images" / "performance"
NOTE: Final = "<!-- Written by tools/performance.py from a run of the benchmarks; do not edit. -->"
OURS: Final = "#0f6d7a"
OTHERS: Final = "#9aa5b1"

BESIDE: Final = """Each gets the record of the walk-through over the network, and answers when it is on disk, except
where its line says otherwise; requests per second.
"""
TARGETS: Final = """Set before anything was built, for one run on one machine: one core for the server, every record
synced, tokens and schemas checked.
"""
LIMITS: Final = """The first line is what the disk takes to make one small write durable, with nobody beside. nginx
answers the same request with nothing: what HTTP itself costs.
"""

RATES: Final = """One record in a request, 64 connections. Requests are due at fixed times, whatever was answered
before, and latencies count from then, as in [`sluiceway bench`](guides/operate.md#measure-it). *Unsent*
were due when no connection was free; *load late* is the 99th percentile of what the load itself lost.
"""

Line = dict[str, Any]

NAMING: Final = {"connections", "at", "subscribers", "batch_records", "workers", "asked_per_second"}
"""Numbers that say what a line is about; all others are measured."""

QUESTIONS: Final = {
    "record-bytes": ("Bytes of a record", "requests_per_second"),
    "batch": ("Records in a request", "records_per_second"),
    "connections": ("Connections", "requests_per_second"),
    "partitions": ("Partitions (1,000 keyed records in a request)", "records_per_second"),
    "streams": ("Streams, written in turn", "requests_per_second"),
    "streams-first": ("Streams, the first request to each", "requests_per_second"),
    "stored-records": ("Records stored before", "requests_per_second"),
}


def read(name: str) -> list[Line]:
    """Give the results of one benchmark, in the order in which it printed them."""
    runs: dict[str, list[Line]] = defaultdict(list)
    for path in sorted(RESULTS.glob(f"{name}.*.jsonl")):
        for text in path.read_text().splitlines():
            line = _flat(json.loads(text))
            texts = {key: value for key, value in line.items() if _is_name(key, value)}
            runs[json.dumps(texts, sort_keys=True)].append(line)
    return [_median(lines) for lines in runs.values()]


def _flat(line: Line) -> Line:
    """Give what a line has within another as facts of its own, one level deep."""
    flat: Line = {}
    for key, value in line.items():
        if isinstance(value, dict):
            flat |= {f"{key} {name}": inner for name, inner in value.items()}
        else:
            flat[key] = value
    return flat


def _is_name(key: str, value: object) -> bool:
    return isinstance(value, str) or key in NAMING


def _median(lines: Sequence[Line]) -> Line:
    found = dict(lines[0])
    for key, value in found.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            values = [line[key] for line in lines if line.get(key) is not None]
            found[key] = statistics.median(values)
    return found


def number(value: float | None) -> str:
    """Write a number with as many digits as it is worth."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def milliseconds(value: float | None) -> str:
    """Write a time."""
    return "" if value is None else f"{number(value)} ms"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table, numbers to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def machine() -> str:
    """Say what it was run on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    runs = max((int(path.name.split(".")[1]) for path in RESULTS.glob("*.jsonl")), default=1)
    return (
        f"Commit `{commit}`, {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores"
        f" ({model}), Linux {platform.release()}, Python {platform.python_version()};"
        f" medians of {runs} {'run' if runs == 1 else 'runs'}."
    )


def disk() -> str:
    """Say what the disk took, over all benchmarks of this run."""
    lines = [
        json.loads(text)
        for path in RESULTS.glob("*.jsonl")
        for text in path.read_text().splitlines()
        if '"disk: ' in text
    ]
    if not lines:
        return ""
    p50, p99 = (statistics.median(line[each] for line in lines) for each in ("p50_ms", "p99_ms"))
    return (
        "Before the benchmarks, appending 256 bytes and making them durable (`fdatasync`) took"
        f" {milliseconds(p50)} (p50) and {milliseconds(p99)} (p99).\n"
    )


def targets_section() -> str:
    """Write what the measurements are held against."""
    rows = [[one.what, one.target, one.measured, one.word] for one in verdicts(read)]
    head = ["", "target", "measured", ""]
    return "\n".join(["## Targets\n", TARGETS, table(head, rows), ""])


def compare_section() -> str:
    """Write how we stand beside others."""
    lines = [line for line in read("compare") if "connections" in line]
    if not lines:
        return ""
    rates: dict[str, dict[int, Line]] = defaultdict(dict)
    for line in lines:
        rates[line["case"]][line["connections"]] = line
    chart_bars(
        "compare",
        {name: of[64]["requests_per_second"] for name, of in rates.items() if 64 in of},  # noqa: PLR2004
        "requests per second, 64 connections",
    )
    rows = [
        [
            name,
            *(number(of[count]["requests_per_second"]) for count in (1, 64, 256)),
            *(milliseconds(of[64][each]) for each in ("p50_ms", "p99_ms")),
        ]
        for name, of in rates.items()
    ]
    head = ["", "1 connection", "64 connections", "256 connections", "p50 at 64", "p99 at 64"]
    skipped = [line for line in read("compare") if "skipped" in line]
    return "\n".join(
        [
            "## One record at a time, beside others\n",
            BESIDE,
            table(head, rows),
            "\n![Requests per second beside others](images/performance/compare.svg)\n",
            *(f"Not measured: {line['case']} ({line['skipped']}).\n" for line in skipped),
        ]
    )


def publish_section() -> str:
    """Write our own calls beside what the machine can do."""
    lines = read("publish")
    if not lines:
        return ""
    rows = [
        [
            line["case"],
            number(line.get("connections")),
            number(line["requests_per_second"]),
            number(line.get("records_per_second")),
            *(milliseconds(line.get(each)) for each in ("p50_ms", "p99_ms")),
        ]
        for line in lines
    ]
    head = ["", "connections", "requests/s", "records/s", "p50", "p99"]
    return "\n".join(
        [
            "## Publishing, beside the machine's own limits\n",
            LIMITS,
            table(head, rows),
            "",
        ]
    )


def scale_section() -> str:
    """Write how the cost grows."""
    points: dict[str, list[Line]] = defaultdict(list)
    for line in read("scale"):
        if "by" in line:
            points[line["by"]].append(line)
    if not points:
        return ""
    parts = ["## How the cost grows\n"]
    for question, (label, measure) in QUESTIONS.items():
        found = sorted(points.get(question, []), key=lambda line: line["at"])
        if not found:
            continue
        chart_line(question, [(line["at"], line[measure]) for line in found], label, measure)
        head = [label, "requests/s", "records/s", "p50", "p99"]
        rows = [
            [
                number(line["at"]),
                number(line["requests_per_second"]),
                number(line["records_per_second"]),
                *(milliseconds(line[each]) for each in ("p50_ms", "p99_ms")),
            ]
            for line in found
        ]
        parts += [
            f"### {label}\n",
            table(head, rows),
            f"\n![{label}](images/performance/{question}.svg)\n",
        ]
    return "\n".join(parts)


def rates_section() -> str:
    """Write how latency grows with the rate, up to more than goes through."""
    lines = [line for line in read("rates") if "asked_per_second" in line]
    if not lines:
        return ""
    points = [(int(line["asked_per_second"]), line["p99_ms"]) for line in lines]
    chart_line("rates", points, "requests per second", "p99, milliseconds", scale="log")
    rows = [
        [
            number(line["asked_per_second"]),
            number(line["requests_per_second"]),
            *(milliseconds(line[f"{each}_ms"]) for each in ("p50", "p90", "p99", "p999", "max")),
            number(line["unsent"]),
            milliseconds(line["delay_p99_ms"]),
        ]
        for line in lines
    ]
    head = ["asked for", "accepted/s", "p50", "p90", "p99", "p99.9", "max", "unsent", "load late"]
    return "\n".join(
        [
            "## Latency at a rate\n",
            RATES,
            table(head, rows),
            "\n![p99 by requests per second](images/performance/rates.svg)\n",
        ]
    )


def plain_section(name: str, title: str, text: str) -> str:
    """Write the lines of a benchmark as they are, a column for each fact."""
    # What the disk takes stands once, at the top.
    lines = [line for line in read(name) if not str(line.get("case")).startswith("disk: ")]
    if not lines:
        return ""
    keys = list(dict.fromkeys(key for line in lines for key in line))
    rows = [[_cell(line.get(key)) for key in keys] for line in lines]
    head = [key.replace("_", " ") for key in keys]
    return f"## {title}\n\n{text}\n\n{table(head, rows)}\n"


def _cell(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return number(value) if is_number else "" if value is None else str(value)  # type: ignore[arg-type] # a number


def chart_bars(name: str, values: dict[str, float], label: str) -> None:
    """Draw one bar for each name, ours in its own colour."""
    figure, axes = plt.subplots(figsize=(8, 0.45 * len(values) + 1))
    names = list(values)[::-1]
    colours = [OURS if one.startswith("Sluiceway") else OTHERS for one in names]
    bars = axes.barh(names, [values[one] for one in names], color=colours)
    axes.bar_label(bars, [number(values[one]) for one in names], padding=4)
    axes.set_xlabel(label)
    axes.margins(x=0.12)
    _write(figure, name, axes.spines)


def chart_line(
    name: str,
    points: Sequence[tuple[int, float]],
    label: str,
    measure: str,
    *,
    scale: str = "linear",
) -> None:
    """Draw a number over what it was measured at."""
    figure, axes = plt.subplots(figsize=(8, 3))
    axes.plot(range(len(points)), [value for _, value in points], color=OURS, marker="o")
    axes.set_xticks(range(len(points)), [f"{at:,}" for at, _ in points])
    axes.set_xlabel(label)
    axes.set_ylabel(measure.replace("_", " "))
    axes.set_yscale(scale)
    if scale == "linear":
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    if scale == "log":
        axes.yaxis.set_minor_formatter(lambda value, _: number(value))
    axes.grid(axis="y", color="#e4e8ec")
    _write(figure, name, axes.spines)


def _write(figure: plt.Figure, name: str, spines: Any) -> None:  # noqa: ANN401 - matplotlib's own
    for side in ("top", "right"):
        spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(CHARTS / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)


SECTIONS: Final[Sequence[Callable[[], str]]] = (
    targets_section,
    publish_section,
    compare_section,
    scale_section,
    rates_section,
    lambda: plain_section(
        "fanout",
        "The live tail",
        "Many subscribers of one stream, from publish to what each of them received.",
    ),
    lambda: plain_section(
        "bulk",
        "Forms of bodies",
        "The same records in one request after the other, in each form that our own call takes.",
    ),
    lambda: plain_section(
        "columns",
        "Lines and columns",
        "Stored lines turned into columns and back, by one core, beside readers that make columns "
        "without checking them against a schema.",
    ),
    lambda: plain_section(
        "archive",
        "The archive",
        "How long after it was due a record is in the table, how fast records are taken up that wait, "
        "and what the archive costs publishing: server and archiver share one core.",
    ),
    lambda: plain_section(
        "read_table",
        "Reading a table",
        "A table as a stream of Arrow and as CSV, with the memory of the server and of the process that "
        "reads for it.",
    ),
    lambda: plain_section(
        "current_state",
        "The current state of changes",
        "What a stream with change data capture has now, from its changes.",
    ),
    lambda: plain_section(
        "workers",
        "More than one process",
        "The same load on one process, and on workers; all of them and the load share the cores.",
    ),
    lambda: plain_section(
        "overload",
        "Beyond what the disk can take",
        "Requests come at many times the rate that can be stored.",
    ),
    lambda: plain_section(
        "start",
        "From the start to the first record",
        "The whole server, from the start of its process to its first acknowledged record.",
    ),
    lambda: plain_section(
        "recovery",
        "Opening a large log",
        "The record log alone is filled, and opened after a kill and after a clean stop.",
    ),
)

METHOD: Final = """The server has one core, the load comes from another; both share the machine with nobody. Data are on
a disk, and each acknowledged record was synced to it. Our server checks a token and the schema of
every record. Load over HTTP is wrk's where nothing else is said: each connection sends its next
request when the last one is answered, so latencies are those of a server that is asked for no more than
it does; under "Latency at a rate" they are those that its producers meet. Numbers from shared machines vary by a third from run to run: read ratios within a run, not digits.

`make performance` measures anew and writes this page. The scripts are in [`bench/`](../bench)."""


def main() -> None:
    """Write the page and the charts."""
    mpl.use("svg")
    plt.rcParams.update({"svg.hashsalt": "sluiceway", "font.size": 10})
    CHARTS.mkdir(parents=True, exist_ok=True)
    sections = [section() for section in SECTIONS]
    parts = [
        NOTE,
        "# Performance\n",
        METHOD + "\n",
        machine() + "\n",
        disk(),
        *filter(None, sections),
    ]
    PAGE.write_text("\n".join(parts).rstrip() + "\n")
    print(f"wrote {PAGE}")
    index = INDEX.read_text()
    if INDEX_LINE not in index:
        # The index names every page, and a page that is not there cannot be named before.
        INDEX.write_text(index.replace(INDEX_AFTER, f"{INDEX_LINE}\n{INDEX_AFTER}"))


if __name__ == "__main__":
    main()
