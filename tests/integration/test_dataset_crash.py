"""Datasets when the server is killed: what was committed is there, and nothing else stays."""

import contextlib
import socket
from pathlib import Path
from urllib.parse import quote

from fixtures.api import Api, unique
from fixtures.server import ServerProcess, sign_in, wait_until

MIB = 1_048_576


def contents(server: ServerProcess) -> list[Path]:
    """Give the files in which contents are kept."""
    return [path for path in (server.data_dir / "files").rglob("*") if path.is_file()]


def begin_upload(api: Api, server: ServerProcess, path: str) -> socket.socket:
    """Send all of an upload but its last byte."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {2 * MIB + 1}\r\n\r\n"
    )
    connection.sendall(head.encode() + b"x" * 2 * MIB)
    return connection


def test_a_kill_loses_nothing_that_was_committed_and_leaves_nothing_else(
    own_server: ServerProcess,
) -> None:
    own_server.start()
    with contextlib.closing(Api(own_server.url, sign_in(own_server.url))) as api:
        folder = api.new_project()
        body = {"name": unique("dataset"), "parentFolderRid": folder}
        dataset = f"/api/v2/datasets/{api.ok('POST', '/api/v2/datasets', json=body)['rid']}"
        octets = {"Content-Type": "application/octet-stream"}

        def upload(path: str, content: bytes, **query: str) -> None:
            call = f"{dataset}/files/{quote(path, safe='')}/upload"
            api.ok("POST", call, content=content, params=query, headers=octets)

        upload("committed", b"1" * MIB)
        kind = {"transactionType": "UPDATE"}
        opened = api.ok("POST", f"{dataset}/transactions", json=kind)["rid"]
        upload("open", b"2" * MIB, transactionRid=opened)
        upload("open", b"3" * MIB, transactionRid=opened)
        assert len(contents(own_server)) == 2
        call = f"{dataset}/files/broken/upload?transactionRid={opened}"
        with begin_upload(api, own_server, call):
            wait_until(lambda: sum(one.stat().st_size for one in contents(own_server)) > 3 * MIB)
            own_server.kill()
        assert len(contents(own_server)) == 3

    own_server.start()
    with contextlib.closing(Api(own_server.url, sign_in(own_server.url))) as api:
        assert len(contents(own_server)) == 2
        api.ok("POST", f"{dataset}/transactions/{opened}/commit")
        own_server.kill()

    own_server.start()
    with contextlib.closing(Api(own_server.url, sign_in(own_server.url))) as api:
        files = api.ok("GET", f"{dataset}/files")["data"]
        assert [one["path"] for one in files] == ["committed", "open"]
        assert api.get(f"{dataset}/files/committed/content").content == b"1" * MIB
        assert api.get(f"{dataset}/files/open/content").content == b"3" * MIB
        rid = dataset.rpartition("/")[2]
        api.ok("DELETE", f"/api/v2/filesystem/resources/{rid}")
        api.ok("POST", f"/api/v2/filesystem/resources/{rid}/permanentlyDelete")
        assert contents(own_server) == []
    assert own_server.stop() == 0
    assert "removed 1 contents of files that a crash had left behind" in own_server.errors
