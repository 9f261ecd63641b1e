"""What the kernel lets a confined process do, with DuckDB's own walls left out."""

import json
import os
import subprocess
import sys
from pathlib import Path

from fixtures.server import clean_environment

CODE = """
import json, os, socket, sys, threading
import duckdb
from sluiceway.backends.duckdb import confinement

spare = os.open("/dev/null", os.O_RDONLY)
result = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
database = duckdb.connect(":memory:", config={"threads": 1})  # No setting of ours: all is allowed.
confinement.die_with(os.getppid())
confinement.close_all_but({result})
confinement.limit(memory_bytes=300 << 20, cpu_seconds=20, file_bytes=1000, files=2)
confinement.forbid()
tried = {}

def attempt(name, call):
    try:
        tried[name] = ["done", str(call())]
    except BaseException as error:
        tried[name] = [type(error).__name__, str(error)[:300]]

def in_a_thread(call):
    found = []
    def run():
        try:
            found.append(call())
        except OSError as error:
            found.append(type(error).__name__)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]

def sql(text):
    return lambda: database.execute(text).fetchall()

attempt("compute", sql("SELECT sum(range) FROM range(100000)"))
attempt("thread", lambda: in_a_thread(lambda: open("/etc/passwd")))
attempt("open", lambda: open("/etc/passwd"))
attempt("create", lambda: os.open("/tmp/sluiceway-was-here", os.O_CREAT))
attempt("list", lambda: os.listdir("/"))
attempt("stat", lambda: os.stat("/etc/passwd"))
attempt("unlink", lambda: os.unlink(sys.argv[1]))
attempt("socket", lambda: socket.socket())
attempt("unix", lambda: socket.socketpair())
attempt("fork", os.fork)
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
attempt("kill", lambda: os.kill(os.getppid(), 0))
attempt("closed", lambda: os.read(spare, 1))
attempt("code", lambda: __import__("mmap").mmap(-1, 4096, prot=7))
attempt("read_text", sql("SELECT * FROM read_text('/etc/passwd')"))
attempt("copy", sql("COPY (SELECT 1) TO '/tmp/sluiceway-was-here'"))
attempt("attach", sql("ATTACH '/tmp/sluiceway-was-here'"))
attempt("install", sql("INSTALL httpfs"))
attempt("memory", lambda: len(bytearray(400 << 20)))
attempt("small", lambda: os.write(result, b"x" * 1000))
attempt("large", lambda: os.write(result, b"x"))
os.write(1, json.dumps(tried).encode())
"""


def test_nothing_can_be_opened_reached_or_started_and_computing_goes_on(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE, str(tmp_path / "result")],
        env=clean_environment(),
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    tried = json.loads(done.stdout)
    assert tried.pop("compute") == ["done", "[(4999950000,)]"]
    assert tried.pop("thread") == ["done", "PermissionError"]
    assert tried.pop("small") == ["done", "1000"]
    assert tried.pop("memory")[0] == "MemoryError"
    assert tried.pop("large") == ["OSError", "[Errno 27] File too large"]
    assert tried.pop("closed") == ["OSError", "[Errno 9] Bad file descriptor"]
    assert tried.pop("read_text") == ["done", "[]"]  # It takes what cannot be listed for empty.
    for name in ("copy", "attach", "install"):
        assert tried.pop(name)[0] != "done", name
    assert {name: kind for name, (kind, _) in tried.items()} == dict.fromkeys(
        tried, "PermissionError"
    )
    assert len(tried) == 11
    assert not os.path.exists("/tmp/sluiceway-was-here")  # noqa: PTH110, S108 - what SQL was told
