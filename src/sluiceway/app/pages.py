"""The web pages: files that were built before, held in memory with their compressed forms.

``web/`` builds them; the wheel holds them in ``sluiceway/pages``. A path that is no call and no
file is answered with the one HTML page, which finds out by itself what to show.
"""

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from litestar.types import Receive, Scope, Send

FOLDER: Final = Path(__file__).parent.parent / "pages"
_INDEX: Final = "/index.html"
_ASSETS: Final = "/assets/"
_CALLS: Final = (
    "/api/",
    "/multipass/",
    "/stream-proxy/",
    "/.well-known/",
    "/healthz/",
    "/readyz/",
    "/metrics/",
)
"""Paths that are never pages."""
_ENCODINGS: Final = {".br": b"br", ".gz": b"gzip"}
"""The compressed forms that the build writes beside a file, best first."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
_SECURITY: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_FOREVER: Final = b"public, max-age=31536000, immutable"
_ASK_ALWAYS: Final = b"no-cache"


class PageFile(msgspec.Struct, frozen=True):
    """One file, as it is and compressed."""

    media_type: bytes
    cache_control: bytes
    bodies: Mapping[bytes, bytes]
    """The content by its encoding; ``identity`` is always there."""


class Pages:
    """Answers with the built pages."""

    def __init__(self, files: Mapping[str, PageFile]) -> None:
        self._files = files

    def __bool__(self) -> bool:
        """Tell whether the pages were built."""
        return _INDEX in self._files

    def takes(self, scope: Scope) -> bool:
        """Tell whether a request is for a page and not a call.

        A page is a file, or any other path that a browser asks for: programs, which do not ask for
        HTML, are told in JSON that there is no such call.
        """
        path, method = scope["path"], cast("dict[str, Any]", scope)["method"]
        if not self or method not in {"GET", "HEAD"} or f"{path}/".startswith(_CALLS):
            return False
        return path in self._files or path.startswith(_ASSETS) or _wants_html(scope["headers"])

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer with the file of the path, else with the page; 404 for a missing asset."""
        path = scope["path"]
        found = self._files.get(path)
        if found is None and path.startswith(_ASSETS):
            await _send(send, 404, [(b"content-length", b"0"), *_SECURITY], b"")
            return
        file = found or self._files[_INDEX]
        accepted = _accepted(scope["headers"])
        encoding = next((name for name in file.bodies if name in accepted), b"identity")
        body = file.bodies[encoding]
        headers = [
            (b"content-type", file.media_type),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", file.cache_control),
            (b"vary", b"accept-encoding"),
            *_SECURITY,
        ]
        if encoding != b"identity":
            headers.append((b"content-encoding", encoding))
        is_head = cast("dict[str, Any]", scope)["method"] == "HEAD"
        await _send(send, 200, headers, b"" if is_head else body)


def load_pages(folder: Path = FOLDER) -> Pages:
    """Read the built pages; without them there are only the calls."""
    files: dict[str, PageFile] = {}
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in paths:
        if path.suffix not in _ENCODINGS:
            name = "/" + path.relative_to(folder).as_posix()
            files[name] = _load(path, name)
    return Pages(files)


def _load(path: Path, name: str) -> PageFile:
    bodies: dict[bytes, bytes] = {}
    for suffix, encoding in _ENCODINGS.items():
        compressed = path.with_name(path.name + suffix)
        if compressed.is_file():
            bodies[encoding] = compressed.read_bytes()
    bodies[b"identity"] = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type.startswith("text/") or media_type.endswith(("javascript", "json")):
        media_type += "; charset=utf-8"
    cache = _FOREVER if name.startswith(_ASSETS) else _ASK_ALWAYS
    return PageFile(media_type.encode(), cache, bodies)


def _wants_html(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"accept" and b"text/html" in value.lower() for name, value in headers)


def _accepted(headers: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    """Give the encodings that a client takes (RFC 9110, section 12.5.3; weights other than 0 count alike)."""
    accepted: set[bytes] = set()
    for name, value in headers:
        if name == b"accept-encoding":
            for one in value.lower().split(b","):
                encoding, _, weight = one.strip().partition(b";")
                if weight.replace(b" ", b"") not in {b"q=0", b"q=0.0"}:
                    accepted.add(encoding.strip())
    return accepted


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": cast("Any", status), "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
