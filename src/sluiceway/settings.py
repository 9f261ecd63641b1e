"""All settings: gathered from the packages, read from a TOML file and the environment."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from sluiceway.access.settings import AccessSettings
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.filesystem.settings import FilesystemSettings
from sluiceway.ingest.settings import IngestSettings
from sluiceway.reading.settings import ReadingSettings
from sluiceway.streams.settings import StreamSettings

ENVIRONMENT_PREFIX: Final = "SLUICEWAY_"
ADMIN_PASSWORD_VARIABLE: Final = "SLUICEWAY_ADMIN_PASSWORD"  # noqa: S105 - the name, not a password
_NOT_SETTINGS: Final = {ADMIN_PASSWORD_VARIABLE}


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

    It is the OAuth2 issuer. Empty: ``http://`` and the host and port listened on.
    """

    database_url: str = ""
    """SQLAlchemy URL of the metadata database; empty: SQLite in the data folder."""

    body_bytes_max: int = 4 * 1_048_576
    """Largest request body of any call but publishing, in bytes."""

    shutdown_seconds: int = 30
    """How long requests in flight may take to finish once the server is told to stop."""

    keep_alive_seconds: int = 75
    """How long an idle connection is kept open for its next request."""

    stall_seconds: int = 30
    """How long a client that has begun a request may send nothing of the rest."""

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
    reading: ReadingSettings = msgspec.field(default_factory=ReadingSettings)
    log: EmbeddedLogSettings = msgspec.field(default_factory=EmbeddedLogSettings)


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
    for section, values in _read_environment(environment).items():
        raw.setdefault(section, {}).update(values)
    for section, settings in (overrides or {}).items():
        raw.setdefault(section, {}).update(settings)
    try:
        settings_read = msgspec.convert(raw, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(str(error)) from None
    _check_ranges(settings_read)
    return settings_read


def _read_file(config: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(config.read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{config}: {error}") from None


def _read_environment(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or name in _NOT_SETTINGS:
            continue
        section, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not separator:
            raise SettingsError(f"{name} is no setting: expected {ENVIRONMENT_PREFIX}SECTION__NAME")
        found.setdefault(section, {})[key] = value
    return found


def _check_ranges(settings: Settings) -> None:
    """Refuse numbers that make no sense; every size, count and time is positive."""
    may_be_zero = {("server", "port"), ("log", "size_max_bytes")}
    for section in msgspec.structs.fields(Settings):
        values = getattr(settings, section.name)
        for setting in msgspec.structs.fields(values):
            value = getattr(values, setting.name)
            least = 0 if (section.name, setting.name) in may_be_zero else 1
            if isinstance(value, int) and not isinstance(value, bool) and value < least:
                raise SettingsError(
                    f"{section.name}.{setting.name} is {value}: must be {least} or more"
                )
    if settings.server.port > 65_535:  # noqa: PLR2004 - the last TCP port
        raise SettingsError(f"server.port is {settings.server.port}: must be 65535 or less")
    if settings.ingest.record_bytes_max > settings.ingest.request_bytes_max:
        raise SettingsError("ingest.record_bytes_max is over ingest.request_bytes_max")
    if settings.ingest.request_bytes_max > settings.ingest.inflight_bytes_max:
        raise SettingsError("ingest.request_bytes_max is over ingest.inflight_bytes_max")
    if settings.server.log_level not in {"debug", "info", "warning", "error"}:
        raise SettingsError(f"server.log_level is {settings.server.log_level!r}")
