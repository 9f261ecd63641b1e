"""The web pages: which file answers which path, in which form."""

from pathlib import Path
from typing import Any

import pytest

from sluiceway.app.pages import Pages, load_pages


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "main-abc.js").write_text("plain")
    (tmp_path / "assets" / "main-abc.js.br").write_text("brotli")
    (tmp_path / "assets" / "main-abc.js.gz").write_text("gzip")
    return load_pages(tmp_path)


def scope_of(method: str, path: str, accepts: str) -> Any:
    headers = [(b"accept", accepts.encode())]
    return {"type": "http", "method": method, "path": path, "headers": headers}


async def get(pages: Pages, path: str, accepts: str = "", method: str = "GET") -> Any:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("a page reads no body")

    headers = [(b"accept-encoding", accepts.encode())] if accepts else []
    scope: Any = {"type": "http", "method": method, "path": path, "headers": headers}
    await pages(scope, receive, send)
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


@pytest.mark.parametrize("path", ["/", "/projects", "/streams/ri.x/connect", "/index.html"])
async def test_every_page_is_the_one_html_page(pages: Pages, path: str):
    status, headers, body = await get(pages, path)

    assert (status, body) == (200, b"<!doctype html>")
    assert headers[b"content-type"] == b"text/html; charset=utf-8"
    assert headers[b"cache-control"] == b"no-cache"


@pytest.mark.parametrize(
    ("accepts", "body"),
    [
        ("", b"plain"),
        ("gzip", b"gzip"),
        ("gzip, deflate, br", b"brotli"),
        ("br;q=0, gzip;q=0.5", b"gzip"),
        ("zstd", b"plain"),
    ],
)
async def test_an_asset_comes_in_the_best_form_that_the_client_takes(
    pages: Pages, accepts: str, body: bytes
):
    status, headers, found = await get(pages, "/assets/main-abc.js", accepts)

    assert (status, found) == (200, body)
    assert int(headers[b"content-length"]) == len(body)
    assert headers[b"vary"] == b"accept-encoding"
    assert b"immutable" in headers[b"cache-control"]


async def test_a_missing_asset_is_not_answered_with_html(pages: Pages):
    assert (await get(pages, "/assets/main-old.js"))[0] == 404


async def test_head_has_no_body(pages: Pages):
    status, headers, body = await get(pages, "/", method="HEAD")

    assert (status, headers[b"content-length"], body) == (200, b"15", b"")


async def test_nothing_inline_may_run_and_nobody_may_frame_the_pages(pages: Pages):
    _, headers, _ = await get(pages, "/")

    policy = headers[b"content-security-policy"].decode()
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("method", "path", "accepts", "is_page"),
    [
        ("GET", "/", "text/html,*/*;q=0.8", True),
        ("HEAD", "/projects", "text/html", True),
        ("GET", "/assets/main-abc.js", "*/*", True),
        ("GET", "/assets/missing.js", "*/*", True),
        ("GET", "/projects", "*/*", False),
        ("GET", "/projects", "application/json", False),
        ("POST", "/projects", "text/html", False),
        ("GET", "/api", "text/html", False),
        ("GET", "/api/v2/anything", "text/html", False),
        ("GET", "/multipass/api/me", "text/html", False),
        ("GET", "/metrics", "text/html", False),
    ],
)
def test_calls_are_never_pages_and_programs_get_none(
    pages: Pages, method: str, path: str, accepts: str, *, is_page: bool
):
    assert pages.takes(scope_of(method, path, accepts)) is is_page


def test_without_built_pages_there_are_only_calls(tmp_path: Path):
    assert not load_pages(tmp_path / "missing").takes(scope_of("GET", "/", "text/html"))
