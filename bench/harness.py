"""What the benchmarks share: a server on one core, load from the other, the machine's limits.

Load is wrk's: so many connections, each of which sends its next request when the last one is
answered. Its latencies are therefore those of a server that is asked for no more than it does.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from sluiceway.load.disk import measure_fsync as measure

HERE = Path(__file__).parent
PASSWORD = "correct horse battery staple"
SERVER_CORE, LOAD_CORE = "0", "1"
RECORD = {"sensor_id": "sensor4", "temperature": 4.132, "created_at": 1731426022784}
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
_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}


class Case(msgspec.Struct, frozen=True):
    """One load: a URL, a body, and how many connections send it."""

    name: str
    url: str
    body: bytes
    headers: dict[str, str]
    connections: int
    records: int = 1
    script: str = ""
    """Lua that is added to what wrk runs."""


def tell(**line: object) -> None:
    """Print one result."""
    print(json.dumps(line), flush=True)


def measure_fsync(folder: Path, seconds: float = 1.0) -> dict[str, Any]:
    """Say what the disk under *folder* takes to make a small write durable."""
    found = measure(folder, seconds)
    p50, p99 = found.percentile(50), found.percentile(99)
    assert p50 is not None
    assert p99 is not None
    return {
        "case": "disk: append 256 B and fdatasync",
        "requests_per_second": round(found.count / seconds),
        "p50_ms": round(p50 * 1e3, 3),
        "p99_ms": round(p99 * 1e3, 3),
    }


def load(case: Case, seconds: int, folder: Path, *, cores: str = LOAD_CORE) -> dict[str, Any]:
    """Send the load for so many seconds; gives rates, and latencies in milliseconds."""
    script = folder / "load.lua"
    headers = "".join(
        f'wrk.headers["{name}"] = "{value}"\n' for name, value in case.headers.items()
    )
    script.write_text(
        f'wrk.method = "POST"\n{headers}wrk.body = {json.dumps(case.body.decode())}\n{case.script}'
    )
    command = ["taskset", "-c", cores, "wrk", "-t1", f"-c{case.connections}", f"-d{seconds}s"]
    done = subprocess.run(
        [*command, "--latency", "-s", str(script), case.url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done)
    assert rate is not None, done
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    percentiles = dict(re.findall(r"(50|99)%\s+([\d.]+\w+)", done))
    return {
        "case": case.name,
        "connections": case.connections,
        "requests_per_second": round(float(rate[1])),
        "records_per_second": round(float(rate[1]) * case.records),
        "p50_ms": _milliseconds(percentiles["50"]),
        "p99_ms": _milliseconds(percentiles["99"]),
        "errors": int(errors[1]) if errors else 0,
    }


def _milliseconds(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)([a-z]+)", text)
    assert found is not None, text
    return round(float(found[1]) * _UNITS_MS[found[2]], 3)


def processor_seconds(process_id: int) -> float:
    """Tell how much processor time a process has used, in user and in system mode."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def wait_for(port: int) -> None:
    """Wait until somebody listens on *port*."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


@contextlib.contextmanager
def running(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    core: str = SERVER_CORE,
    user: int | None = None,
) -> Iterator["subprocess.Popen[str]"]:
    """Run a program on one core while the block lasts."""
    process = subprocess.Popen(
        ["taskset", "-c", core, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | dict(environment or {}),
        user=user,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


class Server:
    """A server of ours that runs, and how to make streams on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, timeout=60)
        session = {"username": "admin", "password": PASSWORD}
        made = self.client.post("/multipass/api/sessions", json=session).json()
        self.token: str = made["access_token"]
        self.headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self.client.headers.update(self.headers)
        path = {"path": "/Main/Quickstart", "preview": "true"}
        found = self.client.get("/api/v2/filesystem/resources/getByPath", params=path).json()
        self.folder: str = found["rid"]

    def make_stream(self, name: str, schema: Mapping[str, object] = SCHEMA, **more: object) -> str:
        """Make a stream; gives the path of its publish calls."""
        body = {"name": name, "parentFolderRid": self.folder, "schema": schema, **more}
        made = self.client.post("/api/v2/streams/datasets/create?preview=true", json=body)
        made.raise_for_status()
        return f"/api/v2/highScale/streams/datasets/{made.json()['rid']}/streams/master"


@contextlib.contextmanager
def serving(
    folder: Path,
    program: Sequence[str] = ("-m", "sluiceway"),
    *,
    cores: str = SERVER_CORE,
    **environment: str,
) -> Iterator[tuple[Server, int]]:
    """Run our server on its core, or on *cores*; gives it and its process id.

    It does not archive unless told to: that is another question, of ``archive.py``.
    """
    command = [sys.executable, *program, "serve", "--port", "0"]
    with running(
        [*command, "--data-dir", str(folder / "data")],
        {"SLUICEWAY_ADMIN_PASSWORD": PASSWORD, "SLUICEWAY_ARCHIVE__ENABLED": "false"} | environment,
        core=cores,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield Server(line.removeprefix("listening on ").strip()), process.pid


@contextlib.contextmanager
def sluiceway(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Start the server and make a stream; gives its URL, the stream's path and a token."""
    with serving(folder) as (server, _):
        yield server.url, server.make_stream("bench"), server.token


def find_nginx() -> str | None:
    """Give the path of nginx, which is not on everybody's."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextlib.contextmanager
def nginx(program: str, folder: Path) -> Iterator[str]:
    """Run nginx with a static answer: what HTTP itself costs on this machine."""
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port};"
        " keepalive_requests 10000000; location / { return 200; } } }\n"
    )
    with running([program, "-c", str(configuration)]):
        wait_for(port)
        yield f"http://127.0.0.1:{port}/"
