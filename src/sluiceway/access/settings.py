"""What can be set about signing in and tokens."""

import msgspec


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[access]`` in the configuration file, ``SLUICEWAY_ACCESS__*`` in the environment."""

    session_seconds: int = 16 * 3_600
    """How long signing in lasts, in seconds; Foundry's own default."""

    personal_token_seconds_max: int = 366 * 86_400
    """The longest life that a personal token may be given, in seconds."""

    personal_token_seconds_default: int = 7 * 86_400
    """The life of a personal token that was asked for without one, in seconds."""

    access_token_seconds: int = 3_600
    """How long an access token of a third-party application lives, in seconds."""

    refresh_token_idle_seconds: int = 30 * 86_400
    """How long a refresh token may stay unused before it dies, in seconds."""

    sign_in_attempts_per_user: int = 10
    """Wrong passwords for one username, within the window, before more are refused unread."""

    sign_in_attempts_per_origin: int = 50
    """Wrong passwords from one network address, within the window, before more are refused."""

    sign_in_window_seconds: int = 300
    """How long a wrong password counts, in seconds."""

    password_checks_at_once: int = 2
    """Passwords hashed at the same time; each takes 64 MiB and about 0.1 s of a core."""

    password_checks_waiting_max: int = 64
    """Passwords that may wait to be hashed; more are answered 503."""

    token_cache_entries: int = 10_000
    """Callers of recent tokens kept in memory, so that a request needs no look-up."""
