"""All settings: gathered from the packages, read from a TOML file and the environment."""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from sluiceway.access.settings import AccessSettings
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.filesystem.settings import FilesystemSettings
from sluiceway.ingest.settings import IngestSettings, LimitSettings
from sluiceway.queries.settings import QuerySettings
from sluiceway.reading.settings import ReadingSettings
from sluiceway.streams.errors import InvalidBranchNameError
from sluiceway.streams.names import check_branch_name
from sluiceway.streams.settings import StreamSettings

ENVIRONMENT_PREFIX: Final = "SLUICEWAY_"
ADMIN_PASSWORD_VARIABLE: Final = "SLUICEWAY_ADMIN_PASSWORD"  # noqa: S105 - the name, not a password
TOKEN_VARIABLE: Final = "SLUICEWAY_TOKEN"  # noqa: S105 - the name, not a token
_NOT_SETTINGS: Final = {ADMIN_PASSWORD_VARIABLE, TOKEN_VARIABLE}
_MAY_BE_ZERO: Final = {
    "server.port",
    "server.body_bytes_per_second_min",
    "server.answer_bytes_per_second_min",
    "log.size_max_bytes",
    "log.notes_keep_min_seconds",
    "archive.hot_seconds",
    *(
        f"limits.{of}_{what}_max"
        for of in ("user", "service_user", "stream")
        for what in ("requests_per_minute", "concurrent_requests")
    ),
}
_MOST: Final = {
    "server.port": 65_535,
    "server.workers": 64,
    "server.cache_staleness_ms": 60_000,
    "streams.partitions_max": 10_000,
    # The largest value that SQLite keeps is a little under 1 GB.
    "ingest.record_bytes_max": 512 * 1_048_576,
    "log.frame_bytes_max": 512 * 1_048_576,
}
"""The upper bounds of numbers that have one."""
_OBJECTS: Final = {"catalog_properties"}
"""Settings that are written as JSON in the environment."""
_LOG_LEVELS: Final = ("debug", "info", "warning", "error")


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[server]`` in the configuration file, ``SLUICEWAY_SERVER__*`` in the environment."""

    host: str = "127.0.0.1"
    """The address to listen on."""

    port: int = 8080
    """The TCP port to listen on; 0 takes a free one."""

    data_dir: str = "data"
    """The folder of everything that the server keeps."""

    public_url: str = ""
    """The URL under which clients reach the server, for instance behind a proxy.

    It is the OAuth2 issuer. Empty: the scheme and the host by which the server was asked.
    """

    tls_certificate: str = ""
    """File with the certificate, and what is between it and its root, in PEM. Empty: plain HTTP."""

    tls_key: str = ""
    """File with the certificate's private key in PEM, without a password."""

    trusted_proxies: str = ""
    """Addresses and networks of proxies, with commas between, whose ``X-Forwarded-For`` is believed.

    The limits on sign-ins and the audit trail then go by the client's own address. Empty: that of
    the connection is taken, and the header, which anybody can write, is not looked at.
    """

    database_url: str = ""
    """SQLAlchemy URL of the metadata database; empty: SQLite in the data folder."""

    body_bytes_max: int = 4 * 1_048_576
    """Largest request body of any call but publishing, in bytes."""

    bodies_bytes_max: int = 64 * 1_048_576
    """Bytes of request bodies of all calls but publishing that are held at once, over all
    connections; past it a request is answered 503 with ``Retry-After``.
    """

    shutdown_seconds: int = 30
    """How long requests in flight may take to finish once the server is told to stop."""

    keep_alive_seconds: int = 75
    """How long an idle connection is kept open for its next request, or its first."""

    connections_max: int = 4_096
    """Connections that are open at once; at most 768 less than the process may open files.

    One more is answered 503 with ``Retry-After`` and closed.
    """

    stall_seconds: int = 30
    """How long a client that has begun a request may send nothing of the rest."""

    head_seconds: int = 30
    """How long the head of a request may take from its first byte to its last."""

    body_bytes_per_second_min: int = 240
    """Least rate of a request's body, on average over each ``stall_seconds`` of it; 0: none.

    A slower client's connection is closed. A body that is there within that time is not slow.
    """

    answer_stall_seconds: int = 60
    """How long a client may take nothing of an answer, while that is kept for it here.

    It may then take its time with what it has: each part that it takes begins the time anew.
    """

    answer_bytes_per_second_min: int = 240
    """Least rate at which an answer is taken, on average over each ``answer_stall_seconds`` of it; 0: none.

    A slower client's connection is closed. An answer that the client's machine has taken within
    that time is not slow.
    """

    workers: int = 1
    """How many processes read and check what is published; with 1 it is the server's own.

    With more, that many are started beside it, and they use as many cores. One process has the log
    either way, and acknowledges nothing earlier.
    """

    cache_staleness_ms: int = 500
    """How often to look whether another process changed tokens, roles or streams."""

    log_level: str = "warning"
    """Least level of log lines on stderr: ``debug``, ``info``, ``warning`` or ``error``."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of the server. An unknown one stops the start."""

    server: ServerSettings = msgspec.field(default_factory=ServerSettings)
    access: AccessSettings = msgspec.field(default_factory=AccessSettings)
    filesystem: FilesystemSettings = msgspec.field(default_factory=FilesystemSettings)
    streams: StreamSettings = msgspec.field(default_factory=StreamSettings)
    ingest: IngestSettings = msgspec.field(default_factory=IngestSettings)
    limits: LimitSettings = msgspec.field(default_factory=LimitSettings)
    reading: ReadingSettings = msgspec.field(default_factory=ReadingSettings)
    datasets: DatasetSettings = msgspec.field(default_factory=DatasetSettings)
    queries: QuerySettings = msgspec.field(default_factory=QuerySettings)
    log: EmbeddedLogSettings = msgspec.field(default_factory=EmbeddedLogSettings)
    archive: ArchiveSettings = msgspec.field(default_factory=ArchiveSettings)


class SettingsError(Exception):
    """A setting is unknown or its value is not possible; the message names it."""


def load_settings(
    config: Path | None,
    environment: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
) -> Settings:
    """Read the settings: defaults, then the file, then the environment, then *overrides*.

    Raises:
        SettingsError: A setting is unknown, of the wrong type or out of range.
    """
    raw = _read_file(config) if config is not None else {}
    for source in (_read_environment(environment), overrides or {}):
        for section, values in source.items():
            raw[section] = {**raw.get(section, {}), **values}
    try:
        settings = msgspec.convert(raw, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(str(error)) from None
    _check_numbers(settings)
    _check_workers(settings)
    _check_texts(settings)
    return settings


def _read_file(config: Path) -> dict[str, dict[str, Any]]:
    try:
        sections = tomllib.loads(config.read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{config}: {error}") from None
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise SettingsError(f"{config}: {name} is no section: settings stand below [section]")
    return sections


def _read_environment(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or name in _NOT_SETTINGS:
            continue
        section, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not separator:
            raise SettingsError(f"{name} is no setting: expected {ENVIRONMENT_PREFIX}SECTION__NAME")
        found.setdefault(section, {})[key] = _object(name, value) if key in _OBJECTS else value
    return found


def _object(name: str, value: str) -> Any:  # noqa: ANN401 - whatever JSON says
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError as error:
        raise SettingsError(f"{name} is no JSON: {error}") from None


def _check_numbers(settings: Settings) -> None:
    """Refuse numbers that make no sense; every size, count and time is positive."""
    for section in msgspec.structs.fields(Settings):
        values = getattr(settings, section.name)
        for setting in msgspec.structs.fields(values):
            name, value = f"{section.name}.{setting.name}", getattr(values, setting.name)
            if not isinstance(value, int) or isinstance(value, bool):
                continue
            least, most = 0 if name in _MAY_BE_ZERO else 1, _MOST.get(name)
            if value < least:
                raise SettingsError(f"{name} is {value}: must be {least} or more")
            if most is not None and value > most:
                raise SettingsError(f"{name} is {value}: must be {most} or less")
    server, ingest = settings.server, settings.ingest
    if server.body_bytes_max > server.bodies_bytes_max:
        raise SettingsError("server.body_bytes_max is over server.bodies_bytes_max")
    if ingest.record_bytes_max > ingest.request_bytes_max:
        raise SettingsError("ingest.record_bytes_max is over ingest.request_bytes_max")
    if ingest.request_bytes_max > ingest.inflight_bytes_max:
        raise SettingsError("ingest.request_bytes_max is over ingest.inflight_bytes_max")
    queries = settings.queries
    if queries.running_max * queries.result_bytes_max > queries.results_bytes_max:
        raise SettingsError(
            "queries.results_bytes_max is less than running_max times result_bytes_max"
        )


def _check_workers(settings: Settings) -> None:
    """Refuse what several processes cannot keep: one limit, and a share of the memory for each."""
    workers, ingest, limits = settings.server.workers, settings.ingest, settings.limits
    if workers == 1:
        return
    if settings.server.tls_certificate:
        raise SettingsError(
            f"server.workers is {workers}: must be 1 with server.tls_certificate, as a connection"
            " under TLS cannot be passed from one process to another"
        )
    own = [value for name, value in msgspec.structs.asdict(limits).items() if "requests" in name]
    if limits.profile != "off" or any(own):
        raise SettingsError(
            f"server.workers is {workers}: must be 1 with [limits], which one process counts"
        )
    if ingest.request_bytes_max * (workers + 1) > ingest.inflight_bytes_max:
        raise SettingsError(
            f"server.workers is {workers}: ingest.inflight_bytes_max must be"
            f" {workers + 1} times ingest.request_bytes_max or more, a share for each process"
        )


def _check_proxies(proxies: str) -> None:
    """Refuse what is neither an address nor a network: a wrong one would trust nobody, or all."""
    for proxy in proxies.split(",") if proxies.strip() else ():
        try:
            ipaddress.ip_network(proxy.strip())
        except ValueError as error:
            raise SettingsError(f"server.trusted_proxies: {error}") from None


def _check_texts(settings: Settings) -> None:
    """Refuse texts that would only fail, or mean something else, when they are first used."""
    server = settings.server
    for name, text in (("host", server.host), ("data_dir", server.data_dir)):
        if not text.strip():
            raise SettingsError(f"server.{name} is empty")
    if server.log_level not in _LOG_LEVELS:
        levels = ", ".join(_LOG_LEVELS)
        raise SettingsError(f"server.log_level is {server.log_level!r}: must be one of {levels}")
    if server.public_url and not server.public_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"server.public_url is {server.public_url!r}: must begin with http:// or https://"
        )
    if bool(server.tls_certificate) != bool(server.tls_key):
        raise SettingsError(
            "server.tls_certificate and server.tls_key are set together or not at all"
        )
    _check_proxies(server.trusted_proxies)
    try:
        check_branch_name(settings.streams.default_branch)
    except InvalidBranchNameError as error:
        raise SettingsError(f"streams.default_branch: {error}") from None
