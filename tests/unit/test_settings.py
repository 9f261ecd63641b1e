"""Where settings come from, and which are refused."""

from pathlib import Path

import pytest

from sluiceway.settings import SettingsError, load_settings


def toml(folder: Path, text: str) -> Path:
    path = folder / "sluiceway.toml"
    path.write_text(text)
    return path


def test_a_later_source_wins(tmp_path: Path) -> None:
    config = toml(tmp_path, '[server]\nport = 1\nhost = "::1"\n[log]\nreaders = 2\n')
    environment = {"SLUICEWAY_SERVER__PORT": "2", "SLUICEWAY_STREAMS__BRANCHES_MAX": "9"}

    settings = load_settings(config, environment, {"server": {"data_dir": "d"}})

    server = settings.server
    assert (server.port, server.host, server.data_dir) == (2, "::1", "d")
    assert (settings.log.readers, settings.streams.branches_max) == (2, 9)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("SERVER__PORT", 0, 65_535),
        ("SERVER__BODY_BYTES_MAX", 1, None),
        ("SERVER__BODY_BYTES_PER_SECOND_MIN", 0, None),
        ("SERVER__CONNECTIONS_MAX", 1, None),
        ("LIMITS__USER_REQUESTS_PER_MINUTE_MAX", 0, None),
        ("LIMITS__ENTRIES_MAX", 1, None),
        ("SERVER__CACHE_STALENESS_MS", 1, 60_000),
        ("SERVER__WORKERS", 1, 15),
        ("STREAMS__PARTITIONS_MAX", 1, 10_000),
        ("STREAMS__CACHE_ENTRIES_MAX", 1, None),
        ("INGEST__RECORD_BYTES_MAX", 1, 16 * 1_048_576),
        ("INGEST__REQUEST_BYTES_MAX", 1_048_576, 256 * 1_048_576),
        ("LOG__FRAME_BYTES_MAX", 4_096, 512 * 1_048_576),
        ("LOG__SIZE_MAX_BYTES", 0, None),
        ("LOG__READERS", 1, 64),
        ("LOG__COMPRESSION_LEVEL", 1, 19),
        ("READING__ANSWER_BYTES_MAX", 1, None),
        ("ACCESS__SESSION_SECONDS", 1, None),
    ],
)
def test_a_number_outside_of_its_bounds_is_refused(name: str, least: int, most: int | None) -> None:
    variable = f"SLUICEWAY_{name}"

    for fine in filter(None, (least, most)):
        load_settings(None, {variable: str(fine)})
    wrong = [least - 1] + ([] if most is None else [most + 1])
    for value in wrong:
        with pytest.raises(SettingsError):
            load_settings(None, {variable: str(value)})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SLUICEWAY_SERVER__PORT", "80a"),
        ("SLUICEWAY_SERVER__HOST", ""),
        ("SLUICEWAY_SERVER__DATA_DIR", " "),
        ("SLUICEWAY_SERVER__LOG_LEVEL", "loud"),
        ("SLUICEWAY_SERVER__PUBLIC_URL", "streams.example.org"),
        ("SLUICEWAY_SERVER__TRUSTED_PROXIES", "*"),
        ("SLUICEWAY_SERVER__TRUSTED_PROXIES", "proxy.example.org"),
        ("SLUICEWAY_SERVER__TRUSTED_PROXIES", "10.0.0.1,"),
        ("SLUICEWAY_SERVER__TRUSTED_PROXIES", "10.0.0.1/8"),
        ("SLUICEWAY_STREAMS__DEFAULT_BRANCH", ""),
        ("SLUICEWAY_STREAMS__DEFAULT_BRANCH", "."),
        ("SLUICEWAY_FILESYSTEM__USERS_CREATE_PROJECTS", "maybe"),
        ("SLUICEWAY_SERVER__NOPE", "1"),
        ("SLUICEWAY_NOPE__PORT", "1"),
        ("SLUICEWAY_PORT", "1"),
    ],
)
def test_an_impossible_setting_is_refused(variable: str, value: str) -> None:
    with pytest.raises(SettingsError):
        load_settings(None, {variable: value})


@pytest.mark.parametrize(
    "text",
    [
        "server = 5\n",
        "[[server]]\nport = 1\n",
        "port = 1\n",
        "[server]\nport = true\n",
        "[server]\nhost = 5\n",
        "[server\n",
    ],
)
def test_a_file_of_another_form_is_refused_also_beside_the_environment(
    tmp_path: Path, text: str
) -> None:
    config = toml(tmp_path, text)

    for environment in ({}, {"SLUICEWAY_SERVER__DATA_DIR": "d"}):
        with pytest.raises(SettingsError):
            load_settings(config, environment)


def test_the_first_password_is_no_setting() -> None:
    load_settings(None, {"SLUICEWAY_ADMIN_PASSWORD": "secret"})


def test_workers_need_limits_to_be_off() -> None:
    for limits in ({"profile": "foundry"}, {"stream_concurrent_requests_max": 1}):
        with pytest.raises(SettingsError, match=r"server\.workers is 2: must be 1 with \[limits\]"):
            load_settings(None, {}, {"server": {"workers": 2}, "limits": limits})
        load_settings(None, {}, {"server": {"workers": 1}, "limits": limits})
    none = {"stream_concurrent_requests_max": 0, "entries_max": 5}
    load_settings(None, {}, {"server": {"workers": 2}, "limits": none})


def test_each_worker_has_a_share_of_the_memory() -> None:
    size = 16 * 1_048_576
    enough = {"ingest": {"inflight_bytes_max": 3 * size}}
    load_settings(None, {}, enough | {"server": {"workers": 2}})
    with pytest.raises(SettingsError, match=r"server\.workers is 3: .* 4 times"):
        load_settings(None, {}, enough | {"server": {"workers": 3}})


def test_workers_need_plain_connections() -> None:
    tls = {"tls_certificate": "c.pem", "tls_key": "k.pem"}
    with pytest.raises(SettingsError, match=r"server\.workers is 2: must be 1 with server\.tls_"):
        load_settings(None, {}, {"server": {"workers": 2, **tls}})
    load_settings(None, {}, {"server": {"workers": 1, **tls}})
