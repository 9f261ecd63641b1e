"""``sluiceway backup`` beside a server that is published to, and ``sluiceway restore``."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixtures.api import Api, StreamUnderTest, unique
from fixtures.archive import log_start
from fixtures.changes import CAPTURED_FIELDS
from fixtures.server import ServerProcess, clean_environment, sign_in, wait_until
from fixtures.sql import rows
from sluiceway.app.backup import back_up as back_up_here
from sluiceway.app.data_folder import database_url
from sluiceway.backends.embedded.log import open_log
from sluiceway.backends.sql.database import open_database
from sluiceway.backends.sql.streams import SqlStreamStore
from sluiceway.settings import load_settings

STATE_FILES = "warehouse/sluiceway/*__current/data/*.parquet"
OCTETS = {"Content-Type": "application/octet-stream"}
SMALL_SEGMENTS = {"SLUICEWAY_LOG__SEGMENT_BYTES": "65536"}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sluiceway", *map(str, arguments)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def back_up(data_dir: Path, target: Path) -> None:
    done = run("backup", target, "--data-dir", data_dir)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


class Publisher(threading.Thread):
    """Publishes rising numbers until stopped."""

    def __init__(self, stream: StreamUnderTest) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self.acknowledged = 0
        self.is_over = threading.Event()
        self.has_begun = threading.Event()

    def run(self) -> None:
        with Api(self._stream.api.url, self._stream.api.token) as api:
            self._publish(self._stream.as_(api))

    def _publish(self, stream: StreamUnderTest) -> None:
        while not self.is_over.is_set():
            first = self.acknowledged
            records = [{"sensor_id": "s", "temperature": float(first + n)} for n in range(50)]
            assert stream.publish(*records).status_code == 204
            self.acknowledged += len(records)
            if self.acknowledged > 5_000:
                self.has_begun.set()


@contextmanager
def publishing(stream: StreamUnderTest) -> Iterator[Publisher]:
    publisher = Publisher(stream)
    publisher.start()
    assert publisher.has_begun.wait(30)
    yield publisher
    publisher.is_over.set()
    publisher.join(30)
    assert not publisher.is_alive()


def temperatures(stream: StreamUnderTest) -> list[float]:
    found: list[float] = []
    while records := stream.records(start=len(found)):
        assert [record["offset"] for record in records] == list(
            range(len(found), len(found) + len(records))
        )
        found += [record["value"]["temperature"] for record in records]
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, Api]]:
    folder = tmp_path_factory.mktemp("backed-up")
    process = ServerProcess(folder / "data", SMALL_SEGMENTS).start()
    with Api(process.url, sign_in(process.url)) as api:
        yield process, api
    assert process.stop() == 0
    assert process.errors == ""


@pytest.fixture
def filled(served: tuple[ServerProcess, Api]) -> tuple[ServerProcess, StreamUnderTest]:
    process, api = served
    return process, api.new_stream()


def test_a_backup_of_a_running_server_starts_as_a_server_with_all_it_had_acknowledged(
    filled: tuple[ServerProcess, StreamUnderTest], tmp_path: Path
):
    server, stream = filled

    with publishing(stream) as publisher:
        acknowledged = publisher.acknowledged
        back_up(server.data_dir, tmp_path / "backup")
        at_most = publisher.acknowledged + 50
    restored = run("restore", tmp_path / "backup", "--data-dir", tmp_path / "restored")

    assert (restored.returncode, restored.stderr) == (0, ""), restored.stderr
    twin = ServerProcess(tmp_path / "restored", SMALL_SEGMENTS).start()
    # The very token, stream and view: everything that the server knew.
    with Api(twin.url, stream.api.token) as api:
        mirrored = stream.as_(api)
        found = temperatures(mirrored)
        assert mirrored.view() == stream.view()
        assert found == [float(number) for number in range(len(found))]
        assert acknowledged <= len(found) <= at_most
        assert mirrored.publish({"sensor_id": "s", "temperature": -1.0}).status_code == 204
        assert temperatures(mirrored)[-1] == -1.0
    assert twin.stop() == 0
    assert twin.errors == ""


async def test_streams_that_are_reset_meanwhile_have_their_log_in_the_backup(
    filled: tuple[ServerProcess, StreamUnderTest], tmp_path: Path
):
    server, stream = filled
    settings = load_settings(None, {}, {"server": {"data_dir": str(server.data_dir)}})
    other, is_over, resets = stream.api.new_stream(), threading.Event(), 0

    def reset() -> None:
        nonlocal resets
        with Api(server.url, stream.api.token) as api:
            while not is_over.is_set():
                api.ok("POST", f"{other.path}/reset?preview=true", json={})
                resets += 1

    thread = threading.Thread(target=reset, daemon=True)
    thread.start()
    for number in range(10):
        target = tmp_path / f"backup{number}"
        await back_up_here(settings, target)
        database = open_database(database_url(target))
        known = set(await SqlStreamStore(database).all_views())
        await database.close()
        log = await open_log(target / "log")
        assert known <= await log.views()
        await log.close()
    is_over.set()
    thread.join(30)
    assert resets, "no stream was reset meanwhile"


def test_only_the_owner_can_read_a_backup(
    filled: tuple[ServerProcess, StreamUnderTest], tmp_path: Path
):
    server, _ = filled

    back_up(server.data_dir, tmp_path / "backup")

    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_a_damaged_or_unfinished_backup_is_refused_and_nothing_is_made(
    filled: tuple[ServerProcess, StreamUnderTest], tmp_path: Path
):
    server, stream = filled
    assert stream.publish({"sensor_id": "s", "temperature": 1.0}).status_code == 204
    backup, target = tmp_path / "backup", tmp_path / "restored"
    back_up(server.data_dir, backup)
    segment = next((backup / "log" / "segments").glob("*.log"))
    content = segment.read_bytes()

    segment.write_bytes(content[:-1] + b"!")
    damaged = run("restore", backup, "--data-dir", target)
    segment.write_bytes(content)
    manifest = (backup / "backup.json").read_text()
    newer = manifest.replace('"format": 1', '"format": 2')
    (backup / "backup.json").write_text(newer)
    unknown = run("restore", backup, "--data-dir", target)
    outside = json.loads(manifest)
    outside["files"][0]["path"] = "../outside"
    (backup / "backup.json").write_text(json.dumps(outside))
    (tmp_path / "outside").write_bytes(b"")
    escaping = run("restore", backup, "--data-dir", target)
    (backup / "backup.json").unlink()
    unfinished = run("restore", backup, "--data-dir", target)

    assert "is damaged: it is not what backup.json says" in damaged.stderr
    assert "has the format 2, which is not known here" in unknown.stderr
    assert "which is outside of the folder" in escaping.stderr
    assert "is no backup, or one that was not finished" in unfinished.stderr
    codes = {done.returncode for done in (damaged, unknown, escaping, unfinished)}
    assert codes == {1}
    assert not target.exists()


def test_what_is_there_is_never_overwritten(
    filled: tuple[ServerProcess, StreamUnderTest], tmp_path: Path
):
    server, _ = filled
    backup = tmp_path / "backup"
    back_up(server.data_dir, backup)

    again = run("backup", backup, "--data-dir", server.data_dir)
    over = run("restore", backup, "--data-dir", server.data_dir)

    assert (again.returncode, over.returncode) == (1, 1)
    assert "is not empty" in again.stderr
    assert "is not empty" in over.stderr


def test_tables_and_files_are_restored_to_where_they_were(
    own_server: ServerProcess, tmp_path: Path
):
    own_server.environment |= {
        "SLUICEWAY_ARCHIVE__ENABLED": "true",
        "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1",
        "SLUICEWAY_ARCHIVE__HOT_SECONDS": "1",
        "SLUICEWAY_ARCHIVE__FOLD_RECORDS": "20",
    }
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream()
        for number in range(20):
            assert stream.publish({"sensor_id": "s", "temperature": float(number)}).is_success
        wait_until(lambda: log_start(own_server.data_dir) == 20, 30)
        changed = api.new_stream(CAPTURED_FIELDS)
        changes = [{"id": at % 7, "at": at, "gone": at == 19, "text": f"{at}"} for at in range(20)]
        assert changed.publish(*changes).is_success
        wait_until(lambda: list(own_server.data_dir.glob(STATE_FILES)), 30)
        name = {"name": unique("files"), "parentFolderRid": api.new_project()}
        dataset = api.ok("POST", "/api/v2/datasets", json=name)["rid"]
        files = f"/api/v2/datasets/{dataset}/files"
        api.ok("POST", f"{files}/a.txt/upload", content=b"hello", headers=OCTETS)

        back_up(own_server.data_dir, tmp_path / "backup")

        elsewhere = run("restore", tmp_path / "backup", "--data-dir", tmp_path / "elsewhere")
        assert elsewhere.returncode == 1
        assert f"restore them to {own_server.data_dir}, where they were" in elsewhere.stderr
        assert own_server.stop() == 0
        own_server.data_dir.rename(tmp_path / "lost")
        restored = run("restore", tmp_path / "backup", "--data-dir", own_server.data_dir)
        assert (restored.returncode, restored.stderr) == (0, "")
        own_server.start(own_server.port)
        assert temperatures(stream) == [float(number) for number in range(20)]
        assert list(own_server.data_dir.glob(STATE_FILES))
        current = rows(api, f'SELECT text FROM "{changed.rid}" ORDER BY id')
        assert current == [(f"{at}",) for at in (14, 15, 16, 17, 18, 13)]
        assert api.get(f"{files}/a.txt/content").content == b"hello"
    assert own_server.stop() == 0


def test_without_a_data_folder_there_is_nothing_to_back_up(tmp_path: Path):
    done = run("backup", tmp_path / "backup", "--data-dir", tmp_path / "none")

    assert done.returncode == 1
    assert "no server was ever started on the data folder" in done.stderr
    assert not (tmp_path / "backup").exists()
