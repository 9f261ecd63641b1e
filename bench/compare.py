"""How many single records per second others make durable, on the same core and disk as we do.

Each peer gets the record of the walk-through, one at a time, over 1, 64 and 256 connections, and
syncs each write before it answers, except where its line says otherwise. Clients run on the other
core: wrk for HTTP, and each other peer's own load program. A peer that is not installed is named.

    make peers && python bench/compare.py [--seconds 5] [--folder DIR]
"""

import argparse
import contextlib
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

from harness import (
    HERE,
    LOAD_CORE,
    RECORD,
    Case,
    find_nginx,
    free_port,
    load,
    measure_fsync,
    nginx,
    running,
    sluiceway,
    tell,
    wait_for,
)

PEERS = HERE.parent / ".venv-peers" / "bin"
CONNECTIONS = (1, 64, 256)
PLAIN = {"Content-Type": "application/json"}
BODY = msgspec.json.encode({"record": RECORD})
VALUE = msgspec.json.encode(RECORD).decode()

Measure = Callable[[int, Path], Iterator[dict[str, Any]]]
"""Measures one peer for so many seconds a case, in a folder of its own."""


class NotInstalledError(Exception):
    """A peer's program is missing."""


def program(name: str, *folders: str | Path) -> str:
    found = shutil.which(name, path=os.pathsep.join(map(str, [*folders, os.environ["PATH"]])))
    if found is None:
        raise NotInstalledError(name)
    return found


def ours(seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    with sluiceway(folder) as (url, stream, token):
        headers = PLAIN | {"Authorization": f"Bearer {token}"}
        for connections in CONNECTIONS:
            case = Case("Sluiceway", f"{url}{stream}/publishRecord", BODY, headers, connections)
            yield load(case, seconds, folder)


def static(seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    found = find_nginx()
    if found is None:
        raise NotInstalledError("nginx")
    with nginx(found, folder) as url:
        for connections in CONNECTIONS:
            case = Case("nginx return 200, not stored", url, BODY, PLAIN, connections)
            yield load(case, seconds, folder)


def by_hand(seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    with _asgi("sqlite_app:app", folder) as url:
        for connections in CONNECTIONS:
            case = Case("FastAPI and aiosqlite", f"{url}/records", BODY, PLAIN, connections)
            yield load(case, seconds, folder)


def rakaia(seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    with _asgi("rakaia_app:app", folder) as url:
        stream = f"{url}/v1/stream/bench"
        httpx.put(stream, headers=PLAIN).raise_for_status()
        for connections in CONNECTIONS:
            case = Case("Rakaia", stream, VALUE.encode(), PLAIN, connections)
            yield load(case, seconds, folder)


@contextlib.contextmanager
def _asgi(app: str, folder: Path) -> Iterator[str]:
    port = free_port()
    command = [program("uvicorn", PEERS), app, "--port", str(port), "--no-access-log"]
    options = ["--loop", "uvloop", "--http", "httptools", "--app-dir", str(HERE / "peers")]
    with running([*command, *options], {"PEER_FOLDER": str(folder)}):
        wait_for(port)
        yield f"http://127.0.0.1:{port}"


def nats(seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    yield from _nats("NATS JetStream, sync_interval always", "always", seconds, folder)


def nats_lazy(seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    yield from _nats("NATS JetStream, default: synced every 2 minutes", "2m", seconds, folder)


def _nats(name: str, sync: str, seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    port = free_port()
    configuration = folder / "nats.conf"
    configuration.write_text(
        f"listen: 127.0.0.1:{port}\n"
        f"jetstream {{\n  store_dir: {folder}/nats\n  sync_interval: {sync}\n}}\n"
    )
    client = [program("python", PEERS), str(HERE / "peers" / "nats_load.py")]
    with running([program("nats-server", PEERS), "-c", str(configuration)]):
        wait_for(port)
        for connections in CONNECTIONS:
            arguments = [str(port), str(connections), str(seconds), VALUE]
            line = json.loads(_output([*client, *arguments]))
            yield {"case": name, "connections": connections, **line}


def redis(seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    port = free_port()
    server = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
    durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    with running([*server, *durable, "--dir", str(folder)]):
        wait_for(port)
        for connections in CONNECTIONS:
            rate = _xadd(port, connections, 2_000)["rps"]
            found = _xadd(port, connections, max(2_000, int(float(rate) * seconds)))
            yield {
                "case": "Redis XADD, appendfsync always",
                "connections": connections,
                "requests_per_second": round(float(found["rps"])),
                "p50_ms": float(found["p50_latency_ms"]),
                "p99_ms": float(found["p99_latency_ms"]),
            }


def _xadd(port: int, connections: int, requests: int) -> dict[str, str]:
    command = [program("redis-benchmark"), "-p", str(port), "-c", str(connections)]
    said = _output([*command, "-n", str(requests), "--csv", "XADD", "bench", "*", "value", VALUE])
    names, values = (re.findall(r'"((?:[^"\\]|\\.)*)"', line) for line in said.splitlines()[-2:])
    # The first column is the command itself, whatever it holds.
    return dict(zip(names[1:], values[-len(names) + 1 :], strict=True))


def postgres(seconds: int, folder: Path) -> Iterator[dict[str, Any]]:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parts[4]))
    user = pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else None
    port, data, script = free_port(), folder / "postgres", folder / "insert.sql"
    if user is not None:
        os.chown(folder, user, -1)
    script.write_text(f"INSERT INTO records (value) VALUES ('{VALUE}');\n")  # noqa: S608 - our own record
    initdb = [program("initdb", *versions), "-D", str(data), "-U", "bench", "-A", "trust"]
    subprocess.run(
        initdb, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd="/"
    )
    server = [program("postgres", *versions), "-D", str(data), "-p", str(port), "-k", ""]
    settings = ["-c", "max_connections=300", "-c", "synchronous_commit=on"]
    with running([*server, "-h", "127.0.0.1", *settings], user=user):
        address = ["-h", "127.0.0.1", "-p", str(port), "-U", "bench"]
        is_ready = [program("pg_isready", *versions), *address, "-q"]
        while subprocess.run(is_ready, check=False).returncode:
            time.sleep(0.1)
        create = "CREATE TABLE records (id bigserial PRIMARY KEY, value jsonb)"
        _output([program("psql", *versions), *address, "-q", "-c", create, "postgres"])
        for connections in CONNECTIONS:
            yield _pgbench([program("pgbench", *versions), *address], connections, seconds, folder)


def _pgbench(command: list[str], connections: int, seconds: int, folder: Path) -> dict[str, Any]:
    log = folder / f"pgbench-{connections}"
    options = ["-n", "-M", "prepared", "-c", str(connections), "-j", "1"]
    # Until as many backends have started as there are connections, nothing is counted.
    options += ["-T", str(max(seconds, 5))]
    files = ["-f", str(folder / "insert.sql"), "--log", f"--log-prefix={log}"]
    said = _output([*command, *options, *files, "postgres"])
    rate = re.search(r"tps = ([\d.]+)", said)
    assert rate is not None, said
    waits = sorted(
        int(line.split()[2]) / 1_000
        for path in folder.glob(f"{log.name}.*")
        for line in path.read_text().splitlines()
    )
    return {
        "case": "PostgreSQL INSERT",
        "connections": connections,
        "requests_per_second": round(float(rate[1])),
        "p50_ms": waits[len(waits) // 2],
        "p99_ms": waits[len(waits) * 99 // 100],
    }


def _output(command: list[str]) -> str:
    done = subprocess.run(
        ["taskset", "-c", LOAD_CORE, *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


ALL: dict[str, Measure] = {
    "nginx": static,
    "sluiceway": ours,
    "nats": nats,
    "nats-lazy": nats_lazy,
    "redis": redis,
    "postgres": postgres,
    "rakaia": rakaia,
    "by-hand": by_hand,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the servers keep their data")
    parser.add_argument("--only", choices=ALL, action="append")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        Path(name).chmod(0o755)
        tell(**measure_fsync(Path(name)))
        for peer in options.only or ALL:
            folder = Path(name) / peer
            folder.mkdir()
            try:
                for line in ALL[peer](options.seconds, folder):
                    tell(**line)
            except NotInstalledError as error:
                tell(case=peer, skipped=f"{error} is not installed: make peers")


if __name__ == "__main__":
    main()
