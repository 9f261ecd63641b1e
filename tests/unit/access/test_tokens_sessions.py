"""Signing in and out, and how often a wrong password is taken."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.access import PASSWORD, START_MS, Access, open_access
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.principals.attempts import AttemptLimits
from sluiceway.access.principals.errors import InvalidCredentialsError, TooManyAttemptsError
from sluiceway.access.settings import AccessSettings
from sluiceway.access.tokens.personal import NewToken
from sluiceway.foundation.origin import set_origin
from sluiceway.foundation.request_errors import PermissionDeniedError

SETTINGS = AccessSettings(
    sign_in_attempts_per_user=3, sign_in_attempts_per_origin=5, sign_in_window_seconds=10
)


@pytest.fixture
async def access(tmp_path: Path) -> AsyncIterator[Access]:
    async with open_access(tmp_path, SETTINGS) as opened:
        await opened.admin()
        yield opened


async def wrong(access: Access, username: str = "admin", times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentialsError):
            await access.sessions.sign_in(username, "not the password")


async def test_a_session_has_all_the_power_of_the_user_for_sixteen_hours(access: Access) -> None:
    issued = await access.sessions.sign_in("Admin", PASSWORD)

    caller = await access.tokens.authenticate(issued.text)

    assert (caller.username, caller.operations, caller.is_personal_token) == ("admin", None, False)
    assert caller.expires_ms == START_MS + 16 * 3_600_000
    assert await access.actions(caller.token_id) == ["session.started"]


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("admin", ""),
        ("admin", PASSWORD + " "),
        ("admin", PASSWORD.upper()),
        ("admin", PASSWORD + "x" * 200_000),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("a" * 100_000, PASSWORD),
        ("app", PASSWORD),
        ("disabled", PASSWORD),
        ("deleted", PASSWORD),
    ],
)
async def test_anything_but_the_right_password_of_a_user_who_may_act_is_refused(
    access: Access, username: str, password: str
) -> None:
    admin = await access.signed_in("admin")
    await access.users.create_service_user("app", display_name="App")
    disabled = await access.person("disabled")
    await access.accounts.set_enabled(admin, disabled.user_id, enabled=False)
    deleted = await access.person("deleted")
    await access.accounts.delete(admin, deleted.user_id)

    with pytest.raises(InvalidCredentialsError) as caught:
        await access.sessions.sign_in(username, password)

    assert caught.value.parameters == {}
    assert caught.value.http_status == 401


async def test_too_many_wrong_passwords_for_a_username_shut_it_out_for_the_window(
    access: Access,
) -> None:
    await wrong(access, times=3)

    with pytest.raises(TooManyAttemptsError) as caught:
        await access.sessions.sign_in("ADMIN", PASSWORD)
    assert caught.value.http_status == 429
    assert caught.value.headers == {"Retry-After": "10"}
    access.clock.time_ms += 9_999
    with pytest.raises(TooManyAttemptsError) as caught:
        await access.sessions.sign_in("admin", PASSWORD)
    assert caught.value.headers == {"Retry-After": "1"}
    access.clock.time_ms += 1
    await access.sessions.sign_in("admin", PASSWORD)


async def test_one_wrong_password_less_does_not(access: Access) -> None:
    await wrong(access, times=2)

    await access.sessions.sign_in("admin", PASSWORD)
    await wrong(access, times=2)
    await access.sessions.sign_in("admin", PASSWORD)


async def test_too_many_wrong_passwords_from_an_address_shut_it_out(access: Access) -> None:
    set_origin("192.0.2.1")
    for number in range(5):
        await wrong(access, f"user{number}")

    with pytest.raises(TooManyAttemptsError):
        await access.sessions.sign_in("admin", PASSWORD)
    set_origin("192.0.2.2")
    await access.sessions.sign_in("admin", PASSWORD)


async def test_right_passwords_from_an_address_do_not_count(access: Access) -> None:
    for _ in range(10):
        await access.sessions.sign_in("admin", PASSWORD)


def test_the_addresses_of_one_ipv6_network_count_together(access: Access) -> None:
    limits = AttemptLimits(access.clock, per_user=100, per_origin=2, window_ms=1_000)

    limits.take("a", "2001:db8::1")
    limits.take("b", "2001:db8::2")

    with pytest.raises(TooManyAttemptsError):
        limits.take("c", "2001:db8:0:0:ffff::3")
    limits.take("c", "2001:db8:0:1::3")


def test_the_memory_of_attempts_is_bounded(access: Access) -> None:
    limits = AttemptLimits(access.clock, per_user=1, per_origin=100_000, window_ms=1_000)

    for number in range(20_000):
        limits.take(f"user{number}", "local")

    assert len(limits.windows) == 20_000


async def test_signing_out_ends_the_session(access: Access) -> None:
    issued = await access.sessions.sign_in("admin", PASSWORD)
    caller = await access.tokens.authenticate(issued.text)

    await access.sessions.sign_out(caller)

    with pytest.raises(InvalidTokenError):
        await access.tokens.authenticate(issued.text)
    assert await access.actions(caller.token_id) == ["session.started", "session.ended"]


async def test_a_personal_token_does_not_sign_out(access: Access) -> None:
    issued = await access.personal_tokens.create(
        await access.signed_in("admin"), NewToken(name="n")
    )
    caller = await access.tokens.authenticate(issued.text)

    with pytest.raises(PermissionDeniedError):
        await access.sessions.sign_out(caller)


@pytest.mark.parametrize("change", ["password", "disabled"])
async def test_a_password_that_was_changed_while_it_was_checked_begins_no_session(
    access: Access, change: str
) -> None:
    mia = await access.person("mia")
    checked = await access.sessions.credentials.check("mia", PASSWORD)
    admin = await access.signed_in("admin")

    if change == "password":
        await access.accounts.change_password(admin, mia.user_id, new="another password", old=None)
    else:
        await access.accounts.set_enabled(admin, mia.user_id, enabled=False)

    with pytest.raises(InvalidCredentialsError):
        await access.sessions.credentials.confirm(checked)


@pytest.mark.parametrize("username", ["x" * 300, "x" * 1_000_000, "admin\x00"])
async def test_names_that_nobody_can_have_are_not_looked_up(access: Access, username: str) -> None:
    await wrong(access, username)
