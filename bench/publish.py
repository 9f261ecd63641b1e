"""How many publish requests per second one server process on one core answers, durably.

One JSON line per case. In the same run, on the same core: FastAPI's plain echo of the same body,
nginx's static answer where nginx is installed, and what the disk takes to make a write durable.
Needs wrk and taskset; the load comes from the second core.

    python bench/publish.py [--seconds 5] [--folder DIR]
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

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


class Case(msgspec.Struct, frozen=True):
    """One load: a URL, a body, and how many connections send it."""

    name: str
    url: str
    body: bytes
    headers: dict[str, str]
    connections: int
    records: int = 1


def measure_fsync(folder: Path, seconds: float = 1.0) -> dict[str, Any]:
    waits = []
    path = folder / "fsync"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        os.write(descriptor, b"x" * 256)
        os.fdatasync(descriptor)
        waits.append(time.perf_counter() - started)
    os.close(descriptor)
    path.unlink()
    waits.sort()
    return {
        "case": "disk: append 256 B and fdatasync",
        "per_second": round(len(waits) / seconds),
        "p50_us": round(waits[len(waits) // 2] * 1e6),
        "p99_us": round(waits[len(waits) * 99 // 100] * 1e6),
    }


def load(case: Case, seconds: int, folder: Path) -> dict[str, Any]:
    script = folder / "load.lua"
    headers = "".join(
        f'wrk.headers["{name}"] = "{value}"\n' for name, value in case.headers.items()
    )
    script.write_text(
        f'wrk.method = "POST"\n{headers}wrk.body = {json.dumps(case.body.decode())}\n'
    )
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{case.connections}", f"-d{seconds}s"]
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
        "p50": percentiles.get("50"),
        "p99": percentiles.get("99"),
        "errors": int(errors[1]) if errors else 0,
    }


@contextlib.contextmanager
def running(command: list[str], **environment: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def sluiceway(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Start the server and make a stream; gives its URL, the stream's path and a token."""
    command = [sys.executable, "-m", "sluiceway", "serve", "--port", "0"]
    with running(
        [*command, "--data-dir", str(folder / "data")], SLUICEWAY_ADMIN_PASSWORD=PASSWORD
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("listening on ").strip()
        with httpx.Client(base_url=url) as client:
            session = {"username": "admin", "password": PASSWORD}
            token = client.post("/multipass/api/sessions", json=session).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            path = {"path": "/Main/Quickstart", "preview": "true"}
            found = client.get("/api/v2/filesystem/resources/getByPath", params=path).json()
            stream = {"name": "bench", "parentFolderRid": found["rid"], "schema": SCHEMA}
            made = client.post("/api/v2/streams/datasets/create?preview=true", json=stream).json()
        yield url, f"/api/v2/highScale/streams/datasets/{made['rid']}/streams/master", token


@contextlib.contextmanager
def fastapi() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "fastapi_echo:app", "--port", str(port)]
    options = ["--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    with running([*command, *options, "--app-dir", str(HERE / "peers")]):
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/echo"


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port};"
        " keepalive_requests 10000000; location / { return 200; } } }\n"
    )
    with running(["nginx", "-c", str(configuration)]):
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/"


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


def cases(url: str, stream: str, token: str) -> Iterator[Case]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    single = msgspec.json.encode({"record": RECORD})
    batch = msgspec.json.encode({"records": [RECORD] * 1_000})
    for connections in (1, 64, 256):
        yield Case("publishRecord", f"{url}{stream}/publishRecord", single, headers, connections)
    yield Case("publishRecords x 1000", f"{url}{stream}/publishRecords", batch, headers, 16, 1_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        print(json.dumps(measure_fsync(folder)), flush=True)
        body, plain = msgspec.json.encode({"record": RECORD}), {"Content-Type": "application/json"}
        with fastapi() as url:
            echo = Case("peer: FastAPI echo, not stored", url, body, plain, 64)
            print(json.dumps(load(echo, options.seconds, folder)), flush=True)
        if shutil.which("nginx"):
            with nginx(folder) as url:
                static = Case("peer: nginx return 200, not stored", url, body, plain, 64)
                print(json.dumps(load(static, options.seconds, folder)), flush=True)
        with sluiceway(folder) as (url, stream, token):
            for case in cases(url, stream, token):
                print(json.dumps(load(case, options.seconds, folder)), flush=True)


if __name__ == "__main__":
    main()
