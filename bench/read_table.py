"""How fast is a dataset read as a table, and what does that take of the server's memory?

One file of Parquet with rows of three columns is uploaded, and read as an Arrow stream and as CSV. Then as
many records of three fields are pushed to a stream, and once they are archived, that is read in the same
way. Prints a JSON line for each: rows and bytes per second, seconds of processor time, and the most memory
that the server had and that the largest of its processes had; with a stream that may be the archiver.

    python bench/read_table.py [--rows 10000000] [--folder DIR]
"""

import argparse
import contextlib
import io
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # it has no types
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harness import LOAD_CORE, SERVER_CORE, Server, serving, tell

SCHEMA = {
    "fieldSchemaList": [
        {"name": "id", "type": "LONG", "nullable": False},
        {"name": "temperature", "type": "DOUBLE", "nullable": True},
        {"name": "sensor_id", "type": "STRING", "nullable": True},
    ]
}
BATCH = 1_000_000
PUSH_BATCH = 10_000
"""Records of a request; most that one may have."""
ARCHIVED_SECONDS_MAX = 600


def parquet(rows: int) -> bytes:
    """Write the file, a million rows at a time."""
    sink = io.BytesIO()
    schema = pa.schema({"id": pa.int64(), "temperature": pa.float64(), "sensor_id": pa.string()})
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for first in range(0, rows, BATCH):
            ids = pa.array(range(first, min(first + BATCH, rows)), pa.int64())
            names = pc.binary_join_element_wise("sensor", pc.cast(ids, pa.string()), "-")
            table = pa.table(
                [ids, pc.divide(pc.cast(ids, pa.float64()), 7.0), names], schema=schema
            )
            writer.write_table(table)
    return sink.getvalue()


class Memory(threading.Thread):
    """Watches how much memory a server and its processes have."""

    def __init__(self, server: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.server_bytes = self.reader_bytes = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        """Look again and again."""
        while not self.is_over.wait(0.02):
            self.server_bytes = max(self.server_bytes, self.server.memory_info().rss)
            for child in self.server.children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    self.reader_bytes = max(self.reader_bytes, child.memory_info().rss)

    def cpu_seconds(self) -> float:
        """Give what the server and its processes have used."""
        return sum(
            sum(one.cpu_times()[:2]) for one in (self.server, *self.server.children(recursive=True))
        )


@contextlib.contextmanager
def watched(pid: int) -> Iterator[Memory]:
    memory = Memory(psutil.Process(pid))
    memory.start()
    yield memory
    memory.is_over.set()
    memory.join()


def fill(server: Server, client: httpx.Client, rows: int) -> str:
    """Make a dataset with the table; gives its path."""
    made = client.post("/api/v2/datasets", json={"name": "bench", "parentFolderRid": server.folder})
    path = f"/api/v2/datasets/{made.raise_for_status().json()['rid']}"
    client.post(
        f"{path}/files/a.parquet/upload",
        content=parquet(rows),
        headers={"Content-Type": "application/octet-stream"},
    ).raise_for_status()
    client.put(f"{path}/putSchema", json={"schema": SCHEMA}).raise_for_status()
    return path


def push(client: httpx.Client, server: Server, rows: int) -> str:
    """Push records to a stream and wait until they are archived; gives the dataset's path."""
    stream = server.make_stream("bench stream", partitionsCount=2)
    dataset_rid = stream.split("/")[-3]
    started = time.perf_counter()
    for first in range(0, rows, PUSH_BATCH):
        ids = pa.array(range(first, min(first + PUSH_BATCH, rows)), pa.int64())
        names = pc.binary_join_element_wise("sensor", pc.cast(ids, pa.string()), "-")
        batch = pa.record_batch(
            {
                "sensor_id": names,
                "temperature": pc.divide(pc.cast(ids, pa.float64()), 7.0),
                "created_at": pc.add(ids, 1_731_426_022_784).cast(pa.timestamp("ms", "UTC")),
            }
        )
        body = io.BytesIO()
        with pa.ipc.new_stream(body, batch.schema) as writer:
            writer.write_batch(batch)
        client.post(
            f"/api/v1/streams/{dataset_rid}/master/records",
            content=body.getvalue(),
            headers={"Content-Type": "application/vnd.apache.arrow.stream"},
        ).raise_for_status()
    pushed = time.perf_counter()
    while True:
        about = client.get(f"/api/v1/streams/{dataset_rid}/master/description")
        if sum(about.raise_for_status().json()["archivedThrough"].values()) == rows:
            break
        assert time.perf_counter() - pushed < ARCHIVED_SECONDS_MAX, "the archive does not keep up"
        time.sleep(0.2)
    tell(
        table="stream",
        rows=rows,
        push_seconds=round(pushed - started, 1),
        behind_seconds=round(time.perf_counter() - pushed, 1),
    )
    return f"/api/v2/datasets/{dataset_rid}"


def read(client: httpx.Client, table: str, path: str, form: str, pid: int, rows: int) -> None:
    """Read the table once, and tell what it took."""
    with watched(pid) as memory:
        used, started, size = memory.cpu_seconds(), time.perf_counter(), 0
        with client.stream("GET", f"{path}/readTable", params={"format": form}) as answer:
            answer.raise_for_status()
            for piece in answer.iter_raw():
                size += len(piece)
        seconds = time.perf_counter() - started
        used = memory.cpu_seconds() - used
    tell(
        table=table,
        format=form,
        rows=rows,
        megabytes=round(size / 1e6, 1),
        seconds=round(seconds, 2),
        rows_per_second=round(rows / seconds),
        cpu_seconds=round(used, 2),
        server_mib=round(memory.server_bytes / 2**20),
        reader_mib=round(memory.reader_bytes / 2**20),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=arguments.folder) as folder,
        serving(
            Path(folder), cores=f"{SERVER_CORE},{LOAD_CORE}", SLUICEWAY_ARCHIVE__ENABLED="true"
        ) as (server, pid),
        httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {server.token}"}, timeout=600
        ) as client,
    ):
        for table, path in (
            ("files", fill(server, client, arguments.rows)),
            ("stream", push(client, server, arguments.rows)),
        ):
            for form in ("ARROW", "ARROW", "CSV"):
                read(client, table, path, form, pid, arguments.rows)


if __name__ == "__main__":
    main()
