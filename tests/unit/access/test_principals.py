"""Users: found by anybody, made and changed by administrators."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.access import PASSWORD, Access, open_access
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.principals.accounts import NewUser
from sluiceway.access.principals.errors import (
    DeleteUserPermissionDeniedError,
    InvalidCredentialsError,
    InvalidOldPasswordError,
    InvalidPasswordError,
    TooManyAttemptsError,
    UserDeletedError,
    UserIsActiveError,
    UsernameAlreadyExistsError,
    UserNotFoundError,
)
from sluiceway.access.principals.passwords import Passwords
from sluiceway.access.principals.types import User, UserKind, UserStatus
from sluiceway.foundation.paging import PageRequest
from sluiceway.foundation.request_errors import (
    InvalidArgumentError,
    OverloadedError,
    PermissionDeniedError,
)

FIRST_PAGE = PageRequest(100, None)
NEW_PASSWORD = "another long password"


@pytest.fixture
async def access(tmp_path: Path) -> AsyncIterator[Access]:
    async with open_access(tmp_path) as opened:
        yield opened


def names(users) -> list[str]:
    return [user.username for user in users]


async def test_the_first_start_makes_an_administrator_with_a_password_that_is_told_once(
    access: Access,
) -> None:
    password = await access.users.bootstrap(None)

    assert password is not None
    assert len(password) == 24
    assert await access.users.bootstrap(None) is None
    issued = await access.sessions.sign_in("admin", password)
    assert (await access.tokens.authenticate(issued.text)).is_admin
    user = await access.users.by_username("admin")
    assert user is not None
    (event,) = await access.audit_store.of_subject(user.user_id, limit=2)
    assert (event.action, event.actor_name) == ("user.created", "operator")
    assert password not in repr(event)


async def test_a_chosen_first_password_is_not_told(access: Access) -> None:
    assert await access.users.bootstrap(PASSWORD) is None

    await access.sessions.sign_in("admin", PASSWORD)


async def test_a_first_password_that_is_too_short_is_refused(access: Access) -> None:
    with pytest.raises(InvalidPasswordError):
        await access.users.bootstrap("short")

    assert await access.users.by_username("admin") is None


@pytest.mark.parametrize("length", [12, 128])
async def test_a_password_within_its_bounds_is_taken(access: Access, length: int) -> None:
    assert await access.passwords.matches("x" * length, await access.passwords.hash("x" * length))


@pytest.mark.parametrize("length", [0, 11, 129])
async def test_a_password_out_of_its_bounds_is_refused(access: Access, length: int) -> None:
    with pytest.raises(InvalidPasswordError):
        await access.passwords.hash("x" * length)


async def test_the_same_password_from_another_keyboard_matches(access: Access) -> None:
    composed, decomposed = "caf\u00e9 caf\u00e9 caf\u00e9", "cafe\u0301 cafe\u0301 cafe\u0301"

    assert await access.passwords.matches(decomposed, await access.passwords.hash(composed))


async def test_passwords_that_cannot_wait_are_refused(access: Access) -> None:
    passwords = Passwords(waiting_max=0, hasher=access.passwords.hasher)

    with pytest.raises(OverloadedError):
        await passwords.hash(PASSWORD)


async def test_only_administrators_change_users(access: Access) -> None:
    mia = await access.person("mia")
    await access.person("noah")
    caller = await access.signed_in("noah")

    with pytest.raises(PermissionDeniedError):
        await access.accounts.create(caller, NewUser(username="eve"))
    with pytest.raises(PermissionDeniedError):
        await access.accounts.set_enabled(caller, mia.user_id, enabled=False)
    with pytest.raises(DeleteUserPermissionDeniedError):
        await access.accounts.delete(caller, mia.user_id)
    with pytest.raises(PermissionDeniedError):
        await access.accounts.change_password(caller, mia.user_id, new=NEW_PASSWORD, old=PASSWORD)


async def test_administrators_shut_out_others_but_not_themselves(access: Access) -> None:
    admin = await access.admin()

    with pytest.raises(PermissionDeniedError):
        await access.accounts.set_enabled(admin, admin.principal_id, enabled=False)
    with pytest.raises(DeleteUserPermissionDeniedError):
        await access.accounts.delete(admin, admin.principal_id)


async def test_what_is_done_to_a_user_is_in_the_audit_trail(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")

    await access.accounts.set_enabled(admin, mia.user_id, enabled=False)
    await access.accounts.set_enabled(admin, mia.user_id, enabled=False)
    await access.accounts.set_enabled(admin, mia.user_id, enabled=True)
    await access.accounts.change_password(admin, mia.user_id, new=NEW_PASSWORD, old=None)
    await access.accounts.delete(admin, mia.user_id)

    assert await access.actions(mia.user_id) == [
        "user.created",
        "user.disabled",
        "user.enabled",
        "user.password-changed",
        "user.deleted",
    ]
    events = await access.audit_store.of_subject(mia.user_id, limit=10)
    assert NEW_PASSWORD not in repr(events)
    assert "argon2" not in repr(events)


@pytest.mark.parametrize(
    "username",
    ["m", "mia", "mia@example.org", "m" * 255, "0123-abc_d+e.f"],
)
async def test_usernames_of_letters_and_digits_are_taken(access: Access, username: str) -> None:
    assert (await access.person(username)).username == username


@pytest.mark.parametrize("username", ["", " mia", "-mia", "mia\n", "m" * 256, "mía", "a b", "a/b"])
async def test_other_usernames_are_refused(access: Access, username: str) -> None:
    with pytest.raises(InvalidArgumentError):
        await access.person(username)


@pytest.mark.parametrize(
    ("new", "is_taken"),
    [
        (NewUser(username="mia", given_name="g" * 255, email="e" * 320), True),
        (NewUser(username="mia", given_name="g" * 256), False),
        (NewUser(username="mia", family_name=""), False),
        (NewUser(username="mia", email="e" * 321), False),
        (NewUser(username="mia", family_name="a\nb"), False),
    ],
)
async def test_names_of_people_have_bounds(access: Access, new: NewUser, *, is_taken: bool) -> None:
    admin = await access.admin()

    if is_taken:
        await access.accounts.create(admin, new)
    else:
        with pytest.raises(InvalidArgumentError):
            await access.accounts.create(admin, new)


@pytest.mark.parametrize("username", ["mia", "MIA"])
async def test_a_username_is_given_once_even_after_its_user_is_deleted(
    access: Access, username: str
) -> None:
    admin = await access.admin()
    mia = await access.person("mia")

    with pytest.raises(UsernameAlreadyExistsError):
        await access.person(username)
    await access.accounts.delete(admin, mia.user_id)
    with pytest.raises(UsernameAlreadyExistsError):
        await access.person(username)


async def test_one_changes_ones_own_password_with_the_old_one(access: Access) -> None:
    mia = await access.person("mia")
    other = await access.sessions.sign_in("mia", PASSWORD)
    caller = await access.signed_in("mia")
    machine = await access.token(mia)

    for old in (None, "not the old password"):
        with pytest.raises(InvalidOldPasswordError):
            await access.accounts.change_password(caller, mia.user_id, new=NEW_PASSWORD, old=old)
    await access.accounts.change_password(caller, mia.user_id, new=NEW_PASSWORD, old=PASSWORD)

    with pytest.raises(InvalidCredentialsError):
        await access.sessions.sign_in("mia", PASSWORD)
    await access.sessions.sign_in("mia", NEW_PASSWORD)
    with pytest.raises(InvalidTokenError):
        await access.tokens.authenticate(other.text)
    await access.tokens.authenticate(machine.text)
    assert caller.token_id in {
        token.token_id
        for token in [await access.token_store.by_id(caller.token_id)]
        if token is not None and token.state == "ENABLED"
    }


async def test_old_passwords_cannot_be_tried_without_end(access: Access) -> None:
    mia = await access.person("mia")
    caller = await access.signed_in("mia")

    for _ in range(access.settings.sign_in_attempts_per_user):
        with pytest.raises(InvalidOldPasswordError):
            await access.accounts.change_password(caller, mia.user_id, new=NEW_PASSWORD, old="no")

    with pytest.raises(TooManyAttemptsError):
        await access.accounts.change_password(caller, mia.user_id, new=NEW_PASSWORD, old=PASSWORD)


async def test_a_service_user_is_its_client_id_and_has_no_organization(access: Access) -> None:
    admin = await access.admin()

    user = await access.users.create_service_user("client-1", display_name="Weather Station")

    assert (user.username, user.kind, user.organization) == ("client-1", UserKind.SERVICE, None)
    assert names((await access.users.search("client-1", FIRST_PAGE)).data) == ["client-1"]
    assert names((await access.users.search("weather st", FIRST_PAGE)).data) == ["client-1"]
    with pytest.raises(InvalidArgumentError):
        await access.accounts.delete(admin, user.user_id)
    with pytest.raises(PermissionDeniedError):
        await access.accounts.change_password(admin, user.user_id, new=NEW_PASSWORD, old=None)


async def test_a_deleted_service_user_is_found_no_more(access: Access) -> None:
    user = await access.users.create_service_user("client-1", display_name="App")

    await access.users.delete_service_user("client-1")
    await access.users.delete_service_user("client-2")

    assert (await access.users.search("client-1", FIRST_PAGE)).data == []
    assert await access.users.exists_principal(user.user_id) is None
    found = await access.users.by_id(user.user_id)
    assert found is not None
    assert (found.username, found.status) == ("client-1", UserStatus.DELETED)


async def test_a_person_is_not_deleted_as_a_service_user(access: Access) -> None:
    await access.person("mia")

    await access.users.delete_service_user("mia")

    assert (await access.users.by_username("mia")).status is UserStatus.ACTIVE


@pytest.mark.parametrize(
    "text",
    ["mia", "MIA", "Zoë", "zoë m", "zoë  müller", "Müll", "mia@ex", " mia "],
)
async def test_a_search_finds_the_start_of_each_name(access: Access, text: str) -> None:
    admin = await access.admin()
    new = NewUser(username="mia", given_name="Zoë", family_name="Müller", email="mia@example.org")
    user = await access.accounts.create(admin, new)
    await access.person("noah")

    assert (await access.users.search(text, FIRST_PAGE)).data == [user]
    assert (await access.users.search(user.user_id, FIRST_PAGE)).data == [user]


@pytest.mark.parametrize("text", ["ia", "%", "_", "m%", "m_a", "\\", "mia noah", "example"])
async def test_a_search_finds_nothing_else(access: Access, text: str) -> None:
    await access.person("mia")

    assert (await access.users.search(text, FIRST_PAGE)).data == []


@pytest.mark.parametrize("text", ["", " \n ", "x" * 256])
async def test_a_search_needs_a_text_of_bounded_length(access: Access, text: str) -> None:
    with pytest.raises(InvalidArgumentError):
        await access.users.search(text, FIRST_PAGE)


async def test_pages_of_users_are_in_the_order_of_names(access: Access) -> None:
    for username in ("zoe", "Mia", "bob"):
        await access.person(username)

    first = await access.users.page(PageRequest(2, None))
    second = await access.users.page(PageRequest(2, "bob"))

    assert names(first.data) == ["admin", "bob"]
    assert first.next_page_token is not None
    assert names(second.data) == ["Mia", "zoe"]
    assert second.next_page_token is None


async def test_deleted_users_are_found_by_those_who_ask_for_them(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")
    await access.accounts.delete(admin, mia.user_id)

    assert (await access.users.get(mia.user_id, UserStatus.DELETED)).username == "mia"
    assert names((await access.users.page(FIRST_PAGE, UserStatus.DELETED)).data) == ["mia"]
    assert names((await access.users.page(FIRST_PAGE)).data) == ["admin"]
    assert await access.users.batch([(mia.user_id, UserStatus.ACTIVE)]) == []
    assert len(await access.users.batch([(mia.user_id, UserStatus.DELETED)])) == 1
    with pytest.raises(UserDeletedError):
        await access.users.get(mia.user_id)
    with pytest.raises(UserIsActiveError):
        await access.users.get(admin.principal_id, UserStatus.DELETED)
    with pytest.raises(UserDeletedError):
        await access.accounts.set_enabled(admin, mia.user_id, enabled=True)


async def test_what_is_kept_of_a_deleted_user_holds_no_password(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")

    await access.accounts.delete(admin, mia.user_id)

    assert await access.users.by_id(mia.user_id) == User(
        user_id=mia.user_id,
        username="mia",
        status=UserStatus.DELETED,
        is_enabled=False,
        created_ms=mia.created_ms,
    )


@pytest.mark.parametrize("user_id", ["nobody", "", "6f9619ff-8b86-d011-b42d-00c04fc964ff"])
async def test_an_unknown_user_is_not_found(access: Access, user_id: str) -> None:
    with pytest.raises(UserNotFoundError):
        await access.users.get(user_id)
    assert await access.users.exists_principal(user_id) is None


@pytest.mark.parametrize("count", [0, 501])
async def test_a_batch_has_bounds(access: Access, count: int) -> None:
    with pytest.raises(InvalidArgumentError):
        await access.users.batch([("x", UserStatus.ACTIVE)] * count)


async def test_a_batch_of_the_largest_size_is_answered(access: Access) -> None:
    admin = await access.admin()
    wanted = [(f"unknown-{number}", UserStatus.ACTIVE) for number in range(499)]

    found = await access.users.batch([*wanted, (admin.principal_id.upper(), UserStatus.ACTIVE)])

    assert names(found) == ["admin"]
