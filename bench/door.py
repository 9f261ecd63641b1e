"""How much processor time one publish costs inside the server, without sockets.

Connections are fed whole requests by hand and their answers are dropped, so what is measured is
parsing or recall, admission, validation, the log with its syncs, and the answer: everything but
the kernel's part of HTTP. One JSON line per case; the time is that of all threads, on average and
in the best short window, which other programs disturb least.

With ``--streams`` each request goes to another stream, in turn. The first ones to each stream are a
line of their own: they look up the stream and the caller's role on it.

    python bench/door.py [--seconds 3] [--connections 64] [--batch 1000] [--streams 10000]
        [--profile FILE]
"""

import argparse
import asyncio
import cProfile
import gc
import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import uvicorn
import uvloop
from uvicorn.server import ServerState

from sluiceway.app.services import Services, open_services
from sluiceway.app.web import create_app
from sluiceway.ingest.protocol import PublishProtocol
from sluiceway.settings import load_settings
from sluiceway.streams.types import CreateStreamingDatasetRequest

PASSWORD = "correct horse battery staple"
RECORD = {"sensor_id": "sensor4", "temperature": 4.132, "created_at": 1731426022784}
_WINDOW_TURNS = 32
_STREAMS_PER_TRANSACTION = 500
SCHEMA = {
    "fields": [
        {"name": name, "schema": {"nullable": nullable, "dataType": {"type": kind}}}
        for name, kind, nullable in (
            ("sensor_id", "string", False),
            ("temperature", "double", True),
            ("created_at", "timestamp", True),
        )
    ]
}


class Wire(asyncio.Transport):
    """The client's side: sends its request again as soon as it is answered."""

    def __init__(self, pace: "Pace") -> None:
        super().__init__()
        self.pace = pace

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        """Take an answer."""
        if not bytes(data).startswith(b"HTTP/1.1 204"):
            raise SystemExit(bytes(data).decode())
        pace = self.pace
        pace.answered.append(self)
        if not pace.some.is_set():
            pace.some.set()

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Give addresses, and no socket or TLS."""
        return ("127.0.0.1", 1) if name in {"peername", "sockname"} else default

    def get_write_buffer_size(self) -> int:
        """Tell that every answer is taken at once."""
        return 0

    def pause_reading(self) -> None:
        """Do nothing: the next request is sent once the last one is answered."""

    def resume_reading(self) -> None:
        """Do nothing."""

    def is_closing(self) -> bool:
        """Tell that it is open."""
        return False

    def close(self) -> None:
        """Do nothing."""


class Pace:
    """The answers since the last turn."""

    def __init__(self) -> None:
        self.answered: list[Wire] = []
        self.some = asyncio.Event()


async def make_streams(services: Services, count: int) -> tuple[list[str], str]:
    """Make a user's token and so many streams; gives the streams' paths and the token."""
    await services.access.users.bootstrap(PASSWORD)
    admin = await services.access.users.by_username("admin")
    assert admin is not None
    await services.filesystem.spaces.bootstrap(admin.user_id)
    transport = httpx.ASGITransport(cast("Any", create_app(services)))
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        session = {"username": "admin", "password": PASSWORD}
        answer = await client.post("/multipass/api/sessions", json=session)
        token = answer.json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        path = {"path": "/Main/Quickstart", "preview": "true"}
        found = await client.get("/api/v2/filesystem/resources/getByPath", params=path)
        folder = found.json()["rid"]
    caller = await services.access.authenticator.authenticate(token)
    rids = []
    for start in range(0, count, _STREAMS_PER_TRANSACTION):
        async with services.database.begin():
            for number in range(start, min(start + _STREAMS_PER_TRANSACTION, count)):
                stream = {"name": f"bench {number}", "parentFolderRid": folder, "schema": SCHEMA}
                asked = msgspec.convert(stream, CreateStreamingDatasetRequest)
                rids.append((await services.streams.create_dataset(caller, asked)).rid)
    return [f"/api/v2/highScale/streams/datasets/{rid}/streams/master" for rid in rids], token


def request_of(path: str, token: str, batch: int) -> bytes:
    call, body = "publishRecord", msgspec.json.encode({"record": RECORD})
    if batch:
        call, body = "publishRecords", msgspec.json.encode({"records": [RECORD] * batch})
    head = (
        f"POST {path}/{call} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Load:
    """So many connections that are fed by hand."""

    def __init__(self, services: Services, connections: int) -> None:
        config = uvicorn.Config(cast("Any", create_app(services)), log_config=None)
        config.load()
        state, self.pace = ServerState(), Pace()
        state.default_headers = [(b"date", b"Thu, 26 Nov 2026 08:00:00 GMT")]
        self.protocols = {}
        for _ in range(connections):
            wire = Wire(self.pace)
            self.protocols[wire] = PublishProtocol(
                services.intake, services.connections, config, state, {}
            )
            self.protocols[wire].connection_made(wire)
        self.pace.answered = list(self.protocols)

    async def send(self, requests: Iterator[bytes], seconds: float) -> dict[str, object]:
        """Send *requests*, for so many seconds at most, and wait for the last answers."""
        pace, protocols = self.pace, self.protocols
        done, windows = 0, [(time.process_time(), 0)]
        started, cpu = time.perf_counter(), time.process_time()
        for turn in itertools.count():
            now, pace.answered = pace.answered, []
            pace.some.clear()
            # A copy, as each request of a client is bytes of its own.
            sent = [bytes(bytearray(one)) for one in itertools.islice(requests, len(now))]
            for wire, request in zip(now, sent, strict=False):
                protocols[wire].data_received(request)
            done += len(sent)
            if turn % _WINDOW_TURNS == 0:
                windows.append((time.process_time(), done))
            if len(sent) < len(now) or time.perf_counter() - started > seconds:
                pace.answered += now[len(sent) :]
                break
            await pace.some.wait()
        while len(pace.answered) < len(protocols):
            pace.some.clear()
            await pace.some.wait()
        elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
        windows.append((time.process_time(), done))
        rates = [
            (b[0] - a[0]) / (b[1] - a[1])
            for a, b in itertools.pairwise(windows[2:])
            if b[1] - a[1] > len(protocols)
        ]
        return {
            "connections": len(protocols),
            "requests": done,
            "requests_per_second": round(done / elapsed),
            "cpu_us_per_request": round(cpu / done * 1e6, 2),
            "cpu_us_least": round(min(rates, default=cpu / done) * 1e6, 2),
        }

    def close(self) -> None:
        """End all connections."""
        for protocol in self.protocols.values():
            protocol.connection_lost(None)


async def measure(options: argparse.Namespace, folder: Path) -> None:
    settings = load_settings(None, {"SLUICEWAY_SERVER__DATA_DIR": str(folder)})
    async with open_services(settings) as services:
        paths, token = await make_streams(services, options.streams)
        requests = [request_of(path, token, options.batch) for path in paths]
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)  # as the server does
        batch = options.batch
        case = {
            "case": f"publishRecords x {batch}" if batch else "publishRecord",
            "streams": options.streams,
        }
        profile = cProfile.Profile() if options.profile else None
        load = Load(services, options.connections)
        if profile and options.profile_first:
            profile.enable()
        first = await load.send(iter(requests), inf)
        print(json.dumps({**case, "first": True, **first}), flush=True)
        if profile:
            profile.disable()
            if not options.profile_first:
                profile.enable()
        again = await load.send(itertools.cycle(requests), options.seconds)
        if profile:
            profile.disable()
            profile.dump_stats(options.profile)
        print(json.dumps({**case, "first": False, **again}), flush=True)
        load.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--batch", type=int, default=0, help="records of a request; 0: one record")
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    parser.add_argument("--profile", help="write a profile of the event loop's thread here")
    parser.add_argument("--profile-first", action="store_true", help="of the first requests")
    options = parser.parse_args()
    os.environ.pop("SLUICEWAY_ADMIN_PASSWORD", None)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        uvloop.run(measure(options, Path(folder)))


if __name__ == "__main__":
    main()
