"""``sluiceway bench``: how fast a server is, on its machine, for one's own records."""

import asyncio
import random
import signal
import ssl
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click
import httpx
import msgspec
import uvloop

from sluiceway.cli.bench_result import in_words, summarise
from sluiceway.cli.calls import CallError, accepted, ask, create_stream, find_server, token_for
from sluiceway.cli.configuration import (
    config_option,
    data_dir_option,
    settings_of,
    token_option,
    url_option,
)
from sluiceway.cli.open_files import room_for_connections
from sluiceway.cli.sensors import SCHEMA
from sluiceway.load.bodies import (
    RecordsImpossibleError,
    make_bodies,
    record_bytes,
    record_maker,
    write_request,
)
from sluiceway.load.counts import Counts
from sluiceway.load.disk import measure_fsync
from sluiceway.load.histogram import Histogram
from sluiceway.load.run import Load, Target
from sluiceway.schema.types import StreamSchema
from sluiceway.settings import Settings

_NOT_CLEAN: Final = 3
_RATE_MAX: Final = 1_000_000
_CALL_SECONDS: Final = 60.0
_FILLED: Final = "text"
_PORTS: Final = {"http": 80, "https": 443}


class Rate(click.ParamType[float]):
    """Requests per second, or ``max``, which is given as 0."""

    name = "rate"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read a number over 0, or ``max``."""
        if value == "max":
            return 0.0
        try:
            rate = float(value)
        except ValueError:
            rate = 0.0
        if not 0 < rate <= _RATE_MAX:
            self.fail(f"{value!r} is neither max nor a number up to {_RATE_MAX:,}", param, ctx)
        return rate


class Record(click.ParamType[dict[str, Any]]):
    """A record, as JSON."""

    name = "json"

    def convert(
        self,
        value: str | dict[str, Any],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> dict[str, Any]:
        """Read a JSON object."""
        try:
            return (
                msgspec.json.decode(value, type=dict[str, Any]) if isinstance(value, str) else value
            )
        except msgspec.MsgspecError as error:
            self.fail(f"is no record: {error}", param, ctx)


@dataclass(frozen=True, slots=True)
class _Options:
    """What the command was asked for."""

    url: httpx.URL
    token: str | None
    dataset: str | None
    branch: str
    folder: str
    rate: float | None
    connections: int
    batch: int
    seconds: float
    record_bytes: int | None
    record: dict[str, Any] | None
    timeout: float
    as_json: bool


@click.command()
@url_option
@token_option
@click.option("--dataset", metavar="RID", help="Publish to this one.  [default: one made for it]")
@click.option("--branch", default="master", show_default=True, help="The stream of --dataset.")
@click.option(
    "--folder",
    default="/Main/Quickstart",
    show_default=True,
    help="Where a dataset is made, which is deleted for ever afterwards.",
)
@click.option(
    "--rate",
    type=Rate(),
    default="1000",
    show_default=True,
    help="Requests per second, due at even distances; or max.",
)
@click.option(
    "--connections",
    type=click.IntRange(1, 10_000),
    default=64,
    show_default=True,
    help="Requests on their way at most, each on a connection of its own.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Records per request.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=10,
    show_default=True,
    help="How long.",
)
@click.option("--record-bytes", type=click.IntRange(min=1), help="Bytes of each record's JSON.")
@click.option("--record", type=Record(), help="Send this record, instead of made-up ones.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=10,
    show_default=True,
    help="Seconds until a request counts as failed.",
)
@click.option(
    "--fsync-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=(
        "Measure before what syncing a small write takes in this folder. That says something only"
        " on the server's machine, on the disk of its data.  [default: the data folder, when a"
        " token is made in it]"
    ),
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")
@data_dir_option
@config_option
def bench(
    url: str,
    rate: float,
    fsync_dir: Path | None,
    data_dir: str | None,
    config: Path | None,
    **rest: Any,  # noqa: ANN401 - of _Options
) -> None:
    """Publish to a running server, and say how long it takes.

    Requests are due at fixed times, whatever was answered before (an open loop), and a latency
    counts from when its request was due: a server that stands still for a second makes all
    wait that were due in it. With --rate max each connection sends when it was answered (a
    closed loop): that finds out how much goes through, and its latencies are those of a server
    that is asked for no more than it does.

    Records are made up from the schema of the stream. Reading it needs the scope
    api:use-streams-read and the role Viewer; give --record where the token may only publish.
    Without --token, a token is made in the data folder of the server, so that must be on this
    machine. Load and server on one machine share its cores.

    Exits with 0 when all was accepted, with 3 when something was refused, failed or was not
    sent in time, and with 1 when nothing could be measured. Ctrl-C ends the measuring early.
    """
    settings = settings_of(config, data_dir=data_dir)
    options = _Options(url=_url(url), rate=rate or None, **rest)
    if options.connections > room_for_connections():
        raise click.ClickException("this process may not open so many files as --connections")
    if fsync_dir is None and options.token is None:
        fsync_dir = Path(settings.server.data_dir)
    try:
        is_clean = uvloop.run(_run(options, settings, fsync_dir))
    except (CallError, RecordsImpossibleError) as error:
        raise click.ClickException(str(error)) from None
    if not is_clean:
        sys.exit(_NOT_CLEAN)


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.rstrip("/"))
    except httpx.InvalidURL as error:
        raise click.ClickException(f"--url: {error}") from None
    if url.scheme not in _PORTS or not url.host:
        raise click.ClickException(f"--url: {text} is no http:// or https:// URL")
    return url


async def _run(options: _Options, settings: Settings, fsync_dir: Path | None) -> bool:
    """Measure and print; tells whether everything was accepted."""
    tls = httpx.create_ssl_context()
    async with httpx.AsyncClient(base_url=options.url, timeout=_CALL_SECONDS, verify=tls) as client:
        await find_server(client)
        async with (
            token_for(client, options.token, settings, "bench") as token,
            _stream(client, options) as stream,
        ):
            bodies = make_bodies(await _maker(client, options, stream), options.batch)
            call = "publishRecord" if options.batch == 1 else "publishRecords"
            path = f"/api/v2/highScale/streams/{stream}/{call}"
            # What is wrong with all requests is said before anything is measured.
            head = {"Content-Type": "application/json"}
            accepted(await ask(client, "POST", path, content=bodies[0], headers=head))
            fsync = _fsync(fsync_dir)
            host = options.url.netloc.decode()
            where = options.url.raw_path.decode().rstrip("/") + path
            load = Load(
                _target(options.url, tls),
                [write_request(host, where, token, body) for body in bodies],
                connections=options.connections,
                rate=options.rate,
                timeout_seconds=options.timeout,
            )
            counts = await _measure(load, options.seconds)
    result = summarise(
        counts,
        rate=options.rate,
        connections=options.connections,
        batch=options.batch,
        record_bytes=record_bytes(bodies, options.batch),
        fsync=fsync,
    )
    as_text = msgspec.json.encode(result).decode() if options.as_json else ""
    click.echo(as_text or in_words(result, counts.descriptions))
    return result.is_clean


@asynccontextmanager
async def _stream(client: httpx.AsyncClient, options: _Options) -> AsyncIterator[str]:
    """Give the part of paths that names the stream; one that was made for it is deleted."""
    if options.dataset is not None:
        yield f"datasets/{quote(options.dataset, safe='')}/streams/{quote(options.branch, safe='')}"
        return
    fields = [*SCHEMA["fields"]]
    if options.record_bytes is not None:
        text = {"nullable": False, "dataType": {"type": "string"}}
        fields.append({"name": _FILLED, "schema": text})
    name = f"Benchmark {uuid.uuid4()}"
    rid = await create_stream(client, options.folder, name, {"fields": fields})
    try:
        yield f"datasets/{rid}/streams/master"
    finally:
        await _delete(client, rid, f"{options.folder}/{name}")


async def _delete(client: httpx.AsyncClient, rid: str, path: str) -> None:
    resource = f"/api/v2/filesystem/resources/{rid}"
    query = {"preview": "true"}
    try:
        accepted(await ask(client, "DELETE", resource, params=query))
        accepted(await ask(client, "POST", f"{resource}/permanentlyDelete", params=query))
    except CallError as error:
        click.echo(f"{path} is still there: {error}", err=True)


async def _maker(client: httpx.AsyncClient, options: _Options, stream: str) -> Any:  # noqa: ANN401 - see record_maker
    if options.record is not None:
        record = options.record
        return lambda: record
    answer = accepted(await ask(client, "GET", f"/api/v2/streams/{stream}"))
    schema = msgspec.convert(answer.json()["schema"], StreamSchema)
    return record_maker(schema, options.record_bytes, random.Random())  # noqa: S311 - no secret


def _fsync(folder: Path | None) -> Histogram | None:
    if folder is None:
        return None
    try:
        return measure_fsync(folder)
    except OSError as error:
        click.echo(f"the disk under {folder} is not measured: {error}", err=True)
        return None


def _target(url: httpx.URL, tls: ssl.SSLContext) -> Target:
    port = url.port or _PORTS[url.scheme]
    return Target(url.host, port, tls if url.scheme == "https" else None)


async def _measure(load: Load, seconds: float) -> Counts:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    progress = _Progress(load) if sys.stderr.isatty() else None
    try:
        return await load.run(seconds, stop, progress.show if progress else lambda: None)
    except OSError as error:
        raise CallError(str(error)) from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        if progress:
            progress.clear()


class _Progress:
    """A line on a terminal that is written over each second."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._seconds = 0
        self._accepted = 0

    def show(self) -> None:
        """Show what the last second brought."""
        counts = self._load.counts
        self._seconds += 1
        newly, self._accepted = counts.accepted - self._accepted, counts.accepted
        p99 = counts.latency.percentile(99)
        line = f"{self._seconds:,} s  {newly:,} requests/s  {self._load.in_flight:,} on their way"
        line += "" if p99 is None else f"  p99 {p99 * 1_000:,.1f} ms"
        line += f"  {counts.failed:,} failed" if counts.failed else ""
        click.echo(f"\r\x1b[2K{line}", nl=False, err=True)

    def clear(self) -> None:
        """Leave the line as it was."""
        click.echo("\r\x1b[2K", nl=False, err=True)
