"""How many publishes per second a server answers, durably, with one process and with workers.

One JSON line per case and number of workers; 1 is the server by itself. Needs wrk and taskset. The
server may use every core of the machine but the load runs on the same ones: on two cores the load,
the process with the log and the workers all share two, so what is gained there says little about a
machine with more. Each line names the cores.

    python bench/workers.py [--seconds 5] [--folder DIR] [--workers 1 2]
"""

import argparse
import os
import tempfile
from pathlib import Path

import msgspec

from harness import RECORD, Case, load, measure_fsync, serving, tell

BATCH = 1_000
CONNECTIONS = 64


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    everywhere = ",".join(map(str, cores))
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        tell(**measure_fsync(Path(made)))
        for workers in options.workers:
            folder = Path(made) / str(workers)
            folder.mkdir()
            environment = {"SLUICEWAY_SERVER__WORKERS": str(workers)}
            with serving(folder, cores=everywhere, **environment) as (server, _):
                path = f"{server.url}{server.make_stream('bench')}"
                single = msgspec.json.encode({"record": RECORD})
                batch = msgspec.json.encode({"records": [RECORD] * BATCH})
                for case in (
                    Case(
                        "publishRecord, one record",
                        f"{path}/publishRecord",
                        single,
                        server.headers,
                        CONNECTIONS,
                    ),
                    Case(
                        f"publishRecords, {BATCH} records",
                        f"{path}/publishRecords",
                        batch,
                        server.headers,
                        CONNECTIONS,
                        records=BATCH,
                    ),
                ):
                    found = load(case, options.seconds, folder, cores=everywhere)
                    tell(workers=workers, cores=len(cores), load_on="the same cores", **found)


if __name__ == "__main__":
    main()
