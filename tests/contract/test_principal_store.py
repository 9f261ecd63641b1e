"""Every store of users and groups keeps what it is given, each name once."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.access import open_access
from sluiceway.access.caller import PrincipalId
from sluiceway.access.principals.errors import (
    GroupNameAlreadyExistsError,
    UsernameAlreadyExistsError,
)
from sluiceway.access.principals.store import GroupStore, UserStore
from sluiceway.access.principals.types import Group, Member, User, UserKind, UserStatus, name_key


class Stores(NamedTuple):
    users: UserStore
    groups: GroupStore


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=255)
users = st.builds(
    User,
    user_id=st.uuids().map(str),
    username=st.text("abcABC019._@+-", min_size=1, max_size=40),
    kind=st.sampled_from(UserKind),
    client_id=st.none() | st.just("client"),
    given_name=st.none() | texts,
    family_name=st.none() | texts,
    email=st.none() | texts,
    is_admin=st.booleans(),
    status=st.sampled_from(UserStatus),
    is_enabled=st.booleans(),
    password_hash=st.none() | st.just("$argon2id$..."),
    created_ms=st.integers(0, 2**53),
)
groups = st.builds(
    Group,
    group_id=st.uuids().map(str),
    name=texts,
    description=st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400),
    attributes=st.dictionaries(texts, st.lists(texts, max_size=3), max_size=3),
    created_ms=st.integers(0, 2**53),
)
shared = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
async def stores(metadata_url: str) -> AsyncIterator[Stores]:
    async with open_access(metadata_url) as access:
        yield Stores(access.user_store, access.group_store)


def user(number: int, username: str | None = None, **facts) -> User:
    return User(
        user_id=PrincipalId(f"00000000-0000-4000-8000-{number:012}"),
        username=username or f"user-{number}",
        created_ms=1,
        **facts,
    )


def group(number: int, name: str | None = None) -> Group:
    return Group(
        group_id=PrincipalId(f"10000000-0000-4000-8000-{number:012}"),
        name=name or f"group-{number}",
        created_ms=1,
    )


@shared
@given(kept=users)
async def test_the_user_that_is_found_is_the_one_that_was_added(stores: Stores, kept: User) -> None:
    if await stores.users.by_id(kept.user_id) or await stores.users.by_username(kept.username):
        return

    await stores.users.add(kept)

    assert await stores.users.by_id(kept.user_id) == kept
    assert await stores.users.by_username(kept.username.upper()) == kept
    assert kept in await stores.users.page(kept.status, after=None, limit=1_000)


@shared
@given(kept=users)
async def test_an_active_user_is_found_by_the_start_of_each_of_its_names(
    stores: Stores, kept: User
) -> None:
    if await stores.users.by_id(kept.user_id) or await stores.users.by_username(kept.username):
        return
    await stores.users.add(kept)

    for text in (kept.user_id, kept.username, kept.family_name, kept.email):
        prefix = name_key(" ".join((text or "").split()))[:10]
        if prefix:
            found = await stores.users.search(prefix, after=None, limit=1_000)
            assert (kept in found) == (kept.status is UserStatus.ACTIVE)


@shared
@given(kept=groups)
async def test_the_group_that_is_found_is_the_one_that_was_added(
    stores: Stores, kept: Group
) -> None:
    try:
        await stores.groups.add(kept)
    except GroupNameAlreadyExistsError:
        return

    assert await stores.groups.by_id(kept.group_id) == kept
    assert kept in await stores.groups.page(after=None, limit=1_000)


async def test_a_user_is_replaced_but_for_its_name(stores: Stores) -> None:
    await stores.users.add(user(1, "mia", email="old@example.org"))

    changed = user(1, "mia", email="new@example.org", is_enabled=False)
    await stores.users.replace(changed)

    assert await stores.users.by_id(changed.user_id) == changed
    assert await stores.users.search("old", after=None, limit=9) == []
    assert await stores.users.search("new", after=None, limit=9) == [changed]


async def test_names_are_unique_without_regard_to_case(stores: Stores) -> None:
    await stores.users.add(user(1, "mia"))
    await stores.groups.add(group(1, "Straße"))
    await stores.groups.add(group(2, "other"))

    with pytest.raises(UsernameAlreadyExistsError):
        await stores.users.add(user(2, "MIA"))
    with pytest.raises(GroupNameAlreadyExistsError):
        await stores.groups.add(group(3, "STRASSE"))
    with pytest.raises(GroupNameAlreadyExistsError):
        await stores.groups.replace(msgspec.structs.replace(group(2), name="strasse"))


async def test_it_is_known_whether_there_is_any_user(stores: Stores) -> None:
    assert not await stores.users.any()

    await stores.users.add(user(1, status=UserStatus.DELETED))

    assert await stores.users.any()


async def test_lists_continue_behind_a_name(stores: Stores) -> None:
    for number, name in enumerate(["c", "A", "b"]):
        await stores.users.add(user(number, name))
        await stores.groups.add(group(number, name))

    users = await stores.users.page(UserStatus.ACTIVE, after="a", limit=1)
    groups = await stores.groups.page(after="a", limit=1)

    assert [one.username for one in users] == ["b"]
    assert [one.name for one in groups] == ["b"]


async def test_members_are_kept_once_and_listed_by_id(stores: Stores) -> None:
    group_id = group(1).group_id
    await stores.groups.add(group(1))
    one, two = Member(user(1).user_id, "USER"), Member(group(2).group_id, "GROUP")

    await stores.groups.add_members(group_id, [two, one, one])
    await stores.groups.add_members(group_id, [one])

    async def members(after: str | None, limit: int) -> list[Member]:
        return await stores.groups.members(group_id, transitive=False, after=after, limit=limit)

    assert await members(None, 9) == [one, two]
    assert await members(None, 1) == [one]
    assert await members(one.principal_id, 9) == [two]
    await stores.groups.remove_members(group_id, [one.principal_id, user(9).user_id])
    assert await members(None, 9) == [two]
    await stores.groups.remove_everywhere(two.principal_id)
    assert await members(None, 9) == []


async def test_the_groups_of_a_principal_are_found_through_groups(stores: Stores) -> None:
    for number in (1, 2, 3):
        await stores.groups.add(group(number))
    mia = user(1).user_id
    one, two, three = (group(number).group_id for number in (1, 2, 3))
    await stores.groups.add_members(one, [Member(mia, "USER"), Member(three, "GROUP")])
    await stores.groups.add_members(two, [Member(one, "GROUP")])
    await stores.groups.add_members(three, [Member(two, "GROUP")])

    assert await stores.groups.groups_of(mia, transitive=False) == [one]
    assert await stores.groups.groups_of(mia) == [one, two, three]
    inside = await stores.groups.members(two, transitive=True, after=None, limit=9)
    assert [member.principal_id for member in inside] == [mia, one, two, three]


async def test_a_deleted_group_leaves_nothing(stores: Stores) -> None:
    for number in (1, 2):
        await stores.groups.add(group(number))
    one, two = group(1).group_id, group(2).group_id
    await stores.groups.add_members(one, [Member(user(1).user_id, "USER")])
    await stores.groups.add_members(two, [Member(one, "GROUP")])

    await stores.groups.delete(one)

    assert await stores.groups.by_id(one) is None
    assert await stores.groups.groups_of(user(1).user_id) == []
    assert await stores.groups.members(two, transitive=True, after=None, limit=9) == []
