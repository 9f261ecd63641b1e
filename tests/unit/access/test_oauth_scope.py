"""Which scopes a token gets: those that are requested and allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.access.oauth.scope import GrantedScope, grant_scope, narrowed
from sluiceway.access.scopes import Operation

WRITE, READ = Operation.STREAMS_WRITE, Operation.STREAMS_READ


@pytest.mark.parametrize(
    ("requested", "allowed", "operations", "scope"),
    [
        (None, None, None, None),
        ("", None, None, None),
        ("  ", None, None, None),
        (None, ("api:use-streams-write",), {WRITE}, "api:use-streams-write"),
        (None, ("api:streams-write", "api:read-data"), {WRITE}, "api:streams-write"),
        (None, ("api:read-data",), set(), ""),
        (None, (), set(), ""),
        ("api:use-streams-write", None, {WRITE}, "api:use-streams-write"),
        ("api:streams-write", None, {WRITE}, "api:streams-write"),
        ("api:streams-write", ("api:use-streams-write",), {WRITE}, "api:streams-write"),
        ("api:use-streams-write", ("api:streams-write",), {WRITE}, "api:use-streams-write"),
        ("api:use-streams-write offline_access", None, {WRITE}, "api:use-streams-write"),
        (
            "api:use-streams-write api:streams-write",
            None,
            {WRITE},
            "api:use-streams-write api:streams-write",
        ),
        ("api:streams-write api:streams-write", None, {WRITE}, "api:streams-write"),
        (
            "api:use-streams-read api:use-streams-write",
            ("api:use-streams-write",),
            {WRITE},
            "api:use-streams-write",
        ),
        ("api:use-streams-read", ("api:use-streams-write",), set(), ""),
        (
            "api:read-data api:use-ontologies-read api:use-streams-read",
            None,
            {READ},
            "api:use-streams-read",
        ),
        ("api:read-data", None, set(), ""),
        ("offline_access", None, set(), ""),
        ("api:use-streams-write", (), set(), ""),
        ("streams-write STREAMS-WRITE api:use-STREAMS-WRITE api:use-", None, set(), ""),
        ("api:use-api:streams-write", None, set(), ""),
    ],
)
def test_a_token_gets_what_is_requested_and_allowed(
    requested: str | None,
    allowed: tuple[str, ...] | None,
    operations: set[Operation] | None,
    scope: str | None,
) -> None:
    granted = grant_scope(requested, allowed)

    expected = None if operations is None else frozenset(operations)
    assert granted == GrantedScope(expected, scope)


scopes = st.lists(
    st.sampled_from([operation.scope for operation in Operation])
    | st.sampled_from(["api:streams-write", "offline_access", "api:read-data", "compass:view"])
)


@given(requested=scopes, allowed=scopes)
def test_never_more_is_granted_than_is_allowed_nor_than_was_requested(
    requested: list[str], allowed: list[str]
) -> None:
    granted = grant_scope(" ".join(requested), allowed).operations
    most = grant_scope(None, allowed).operations
    asked = grant_scope(" ".join(requested), None).operations

    assert granted is not None
    assert most is not None
    assert granted <= most
    assert not requested or granted == most & (asked or frozenset())


@pytest.mark.parametrize(
    ("operations", "allowed", "expected"),
    [
        (None, None, None),
        (None, {WRITE}, ("api:use-streams-write",)),
        ({READ}, None, ("api:use-streams-read",)),
        ({READ, WRITE}, {WRITE}, ("api:use-streams-write",)),
        ({READ}, {WRITE}, ()),
        (set(), None, ()),
    ],
)
def test_a_refreshed_token_holds_no_more_than_the_application_may_have_today(
    operations: set[Operation] | None,
    allowed: set[Operation] | None,
    expected: tuple[str, ...] | None,
) -> None:
    found = narrowed(
        None if operations is None else frozenset(operations),
        None if allowed is None else frozenset(allowed),
    )

    assert found == expected
