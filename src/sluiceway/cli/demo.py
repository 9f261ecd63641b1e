"""``sluiceway demo``: something to look at, and to measure a little."""

import asyncio
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
import httpx

from sluiceway.cli.calls import (
    CallError,
    accepted,
    ask,
    create_stream,
    find_resource,
    find_server,
    token_for,
)
from sluiceway.cli.configuration import (
    config_option,
    data_dir_option,
    settings_of,
    token_option,
    url_option,
)
from sluiceway.cli.sensors import SCHEMA, readings
from sluiceway.settings import Settings

_PROJECT_PATH: Final = "/Main/Quickstart"
_STREAM_NAME: Final = "Demo sensors"
_BRANCH: Final = "master"
_SENDERS: Final = 8
"""Requests in flight at most."""
_TIMEOUT_SECONDS: Final = 10.0
_BEHIND_SECONDS_MAX: Final = 0.1
"""Time that was lost beyond this is not made up for: a demo has no duty to push a backlog."""
_RETRY_SECONDS_MAX: Final = 10.0


@click.command()
@url_option
@token_option
@click.option(
    "--rate",
    type=click.FloatRange(min=0),
    default=100,
    show_default=True,
    help="Readings per second; 0 for as many as go.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Readings per request.",
)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so long.")
@data_dir_option
@config_option
def demo(
    url: str,
    token: str | None,
    rate: float,
    batch: int,
    seconds: float | None,
    data_dir: str | None,
    config: Path | None,
) -> None:
    """Push simulated sensor readings to a running server until stopped.

    They go to the stream "Demo sensors" in the project Quickstart, which is made if it is
    missing. Without --token, a token is made in the data folder of the server, so that must be
    on this machine.
    """
    settings = settings_of(config, data_dir=data_dir)
    push = _Push(rate, batch)
    failures: tuple[Exception, ...] = ()
    try:
        asyncio.run(_run(url.rstrip("/"), token, settings, push, seconds))
    except* CallError as group:
        failures = group.exceptions
    if failures:
        raise click.ClickException(str(_first_leaf(failures[0])))


def _first_leaf(error: BaseException) -> BaseException:
    return _first_leaf(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


async def _run(
    url: str, token: str | None, settings: Settings, push: "_Push", seconds: float | None
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_SECONDS) as client:
        await find_server(client)
        async with token_for(client, token, settings, "demo"):
            rid = await _find_stream(client)
            click.echo(f"pushing to {_PROJECT_PATH}/{_STREAM_NAME} ({rid}); stop with Ctrl-C")
            if seconds is not None:
                loop.call_later(seconds, stop.set)
            async with asyncio.TaskGroup() as tasks:
                for _ in range(_SENDERS):
                    tasks.create_task(push.run(client, rid, stop))
                tasks.create_task(_report(push, stop))
    click.echo(f"pushed {push.records:,} records")


async def _find_stream(client: httpx.AsyncClient) -> str:
    """Give the RID of the demo's stream, after making it if it is missing."""
    found = await find_resource(client, f"{_PROJECT_PATH}/{_STREAM_NAME}")
    if found is not None:
        return str(found["rid"])
    return await create_stream(client, _PROJECT_PATH, _STREAM_NAME, SCHEMA)


@dataclass(slots=True)
class _Push:
    """Sends readings at a rate, and counts."""

    rate: float
    batch: int
    records: int = 0
    latencies: list[float] = field(default_factory=list)
    """Seconds of each request since the counts were last shown."""
    refused: int = 0
    """Requests that the server asked to send again later."""
    _due: float = 0.0
    _bodies: Iterator[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._bodies = readings(self.batch)

    async def run(self, client: httpx.AsyncClient, rid: str, stop: asyncio.Event) -> None:
        """Send until *stop*; several of these run at a time."""
        path = f"/api/v2/highScale/streams/datasets/{rid}/streams/{_BRANCH}/publishRecords"
        headers = {"Content-Type": "application/json"}
        while not await _wait(stop, self._turn()):
            body = next(self._bodies)
            started = time.perf_counter()
            answer = await ask(client, "POST", path, content=body, headers=headers)
            if answer.status_code in {429, 503}:
                self.refused += 1
                seconds = float(answer.headers.get("Retry-After", "1"))
                await _wait(stop, min(seconds, _RETRY_SECONDS_MAX))
                continue
            accepted(answer)
            self.latencies.append(time.perf_counter() - started)
            self.records += self.batch

    def _turn(self) -> float:
        """Take the next turn; gives the seconds until it comes."""
        if self.rate == 0:
            return 0.0
        now = time.monotonic()
        self._due = max(self._due, now - _BEHIND_SECONDS_MAX) + self.batch / self.rate
        return self._due - now


async def _wait(stop: asyncio.Event, seconds: float) -> bool:
    """Wait so long, or until *stop*; tells whether to stop."""
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


async def _report(push: _Push, stop: asyncio.Event) -> None:
    """Show the rates each second: in one line on a terminal, else a line each."""
    is_terminal = sys.stdout.isatty()
    records, shown = 0, time.perf_counter()
    while not await _wait(stop, 1.0):
        now, latencies = time.perf_counter(), push.latencies
        push.latencies = []
        elapsed, newly = now - shown, push.records - records
        records, shown = push.records, now
        p50_ms = statistics.median(latencies) * 1_000 if latencies else 0.0
        line = (
            f"{records:,} records  {newly / elapsed:,.0f} records/s"
            f"  {len(latencies) / elapsed:,.0f} requests/s  p50 {p50_ms:.1f} ms"
            + (f"  {push.refused:,} asked to come later" if push.refused else "")
        )
        click.echo(f"\r\x1b[2K{line}" if is_terminal else line, nl=not is_terminal)
    if is_terminal:
        click.echo()
