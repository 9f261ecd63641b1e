"""What a third-party application may be, and its secret."""

import re
from typing import Any

import pytest

from sluiceway.access.applications import rules
from sluiceway.access.applications.errors import InvalidApplicationError
from sluiceway.access.applications.rules import check_facts, check_installation
from sluiceway.access.applications.secret import (
    digest,
    is_client_id,
    matches,
    new_client_id,
    new_secret,
)
from sluiceway.access.applications.types import (
    ApplicationFacts,
    ClientType,
    GrantType,
    Installation,
)


def facts(**changes: Any) -> ApplicationFacts:
    described: dict[str, Any] = {"display_name": "Sensors", "grant_types": (), **changes}
    return ApplicationFacts(**described)


def field_of_the_refusal(
    client_type: ClientType = ClientType.CONFIDENTIAL, **changes: Any
) -> object:
    with pytest.raises(InvalidApplicationError) as caught:
        check_facts(client_type, facts(**changes))
    return caught.value.parameters["field"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/callback",
        "https://example.com:8443/a/b?c=d&e=%20",
        "http://localhost:9876/",
        "http://127.0.0.1/callback",
        "http://127.8.8.8:1/callback",
        "http://[::1]:8080/callback",
        "https://example.com/" + "a" * (rules.REDIRECT_URI_LENGTH_MAX - 20),
    ],
)
def test_a_redirect_uri_is_https_or_on_this_machine(uri: str) -> None:
    check_facts(ClientType.PUBLIC, facts(redirect_uris=(uri,)))


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "example.com/callback",
        "https://",
        "https:///callback",
        "http://example.com/callback",
        "http://localhost.example.com/callback",
        "http://127.0.0.1.example.com/callback",
        "http://localhost@example.com/callback",
        "https://user:pass@example.com/callback",
        "https://example.com/callback#fragment",
        "https://example.com/callback#",
        "https://example.com/call back",
        "https://example.com/\ncallback",
        "https://exämple.com/",
        "https://example.com:port/",
        "https://[::1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com/",
        "https://example.com/" + "a" * (rules.REDIRECT_URI_LENGTH_MAX - 19),
    ],
)
def test_any_other_redirect_uri_is_refused(uri: str) -> None:
    assert field_of_the_refusal(redirect_uris=(uri,)) == "redirectUris"


def test_redirect_uris_are_bounded_and_different() -> None:
    uris = tuple(f"https://example.com/{number}" for number in range(rules.REDIRECT_URIS_MAX + 1))

    check_facts(ClientType.PUBLIC, facts(redirect_uris=uris[:-1]))

    assert field_of_the_refusal(redirect_uris=uris) == "redirectUris"
    assert field_of_the_refusal(redirect_uris=uris[:1] * 2) == "redirectUris"


@pytest.mark.parametrize(
    ("field", "just_right", "too_much"),
    [
        ("display_name", "a" * 255, "a" * 256),
        ("display_name", "ä", " "),
        ("display_name", "a b", "a\nb"),
        ("description", "a" * 4_000, "a" * 4_001),
        ("logo_uri", "https://" + "a" * 99_992, "https://" + "a" * 99_993),
        ("logo_uri", "data:image/png;base64,aGk=", "javascript:alert(1)"),
        ("logo_uri", "https://example.com/a.png", "http://example.com/a.png"),
        ("logo_uri", "data:image/png,x", 'https://example.com/"onload="x'),
        ("operations", ("a",) * 200, ("a",) * 201),
        ("operations", ("a" * 255,), ("a" * 256,)),
        ("operations", None, ()),
        ("operations", ("api:use-streams-write",), ("two words",)),
        ("operations", ("compass:view",), ("",)),
        ("operations", ("x!",), ('x"',)),
        ("resources", ("ri.compass.main.folder.a",) * 200, ("ri.compass.main.folder.a",) * 201),
        ("resources", (), ("folder",)),
        ("marking_ids", ("m",) * 200, ("m",) * 201),
        ("marking_ids", ("m" * 255,), ("m" * 256,)),
        ("allowed_organization_rids", ("ri.multipass..organization.x",), ("organization",)),
        ("role_set_id", "a" * 255, "a" * 256),
        ("role_grants", {"r": ("p",) * 199}, {"r": ("p",) * 200}),
        (
            "role_grants",
            {str(number): () for number in range(50)},
            {str(number): () for number in range(51)},
        ),
    ],
)
def test_every_fact_is_bounded(field: str, just_right: object, too_much: object) -> None:
    check_facts(ClientType.CONFIDENTIAL, facts(**{field: just_right}))

    refused = str(field_of_the_refusal(**{field: too_much}))

    assert re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", refused) == field


def test_a_public_client_has_no_client_credentials_grant() -> None:
    grant_types = (GrantType.CLIENT_CREDENTIALS,)

    check_facts(ClientType.CONFIDENTIAL, facts(grant_types=grant_types))

    assert field_of_the_refusal(ClientType.PUBLIC, grant_types=grant_types) == "grantTypes"


def test_the_authorization_code_grant_needs_a_redirect_uri() -> None:
    grant_types = (GrantType.AUTHORIZATION_CODE,)

    check_facts(
        ClientType.PUBLIC,
        facts(grant_types=grant_types, redirect_uris=("https://example.com/",)),
    )

    assert field_of_the_refusal(grant_types=grant_types) == "redirectUris"


@pytest.mark.parametrize("grant_types", [(GrantType.JWT_BEARER,), (GrantType.REFRESH_TOKEN,) * 2])
def test_unsupported_and_repeated_grants_are_refused(grant_types: tuple[GrantType, ...]) -> None:
    assert field_of_the_refusal(grant_types=grant_types) == "grantTypes"


def test_the_lists_of_an_installation_are_bounded() -> None:
    check_installation(Installation(operations=("a",) * 200, resources=()))

    with pytest.raises(InvalidApplicationError):
        check_installation(Installation(operations=("a",) * 201))
    with pytest.raises(InvalidApplicationError):
        check_installation(Installation(resources=("folder",)))


def test_secrets_and_client_ids_need_no_encoding_and_never_repeat() -> None:
    secrets = {new_secret() for _ in range(100)}
    client_ids = {new_client_id() for _ in range(100)}

    assert len(secrets) == len(client_ids) == 100
    assert all(re.fullmatch(r"swc_[A-Za-z0-9_-]{43}", secret) for secret in secrets)
    assert all(re.fullmatch(r"[0-9a-f]{32}", client_id) for client_id in client_ids)
    assert all(is_client_id(client_id) for client_id in client_ids)


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "0" * 32 + "\n", "A" * 32, "\x00" * 32])
def test_what_cannot_be_a_client_id_is_recognised(text: str) -> None:
    assert not is_client_id(text)


def test_only_the_secret_itself_matches_what_was_kept_of_it() -> None:
    secret = new_secret()

    assert matches(secret, digest(secret))
    assert not matches(secret + "x", digest(secret))
    assert not matches("", digest(secret))
    assert not matches("", None)
    assert not matches(secret, None)
