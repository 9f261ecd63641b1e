"""What an application may be: names, grants, redirect URIs, lists, and their bounds."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from sluiceway.access.applications.errors import InvalidApplicationError
from sluiceway.access.applications.types import (
    ApplicationFacts,
    ClientType,
    GrantType,
    Installation,
)
from sluiceway.foundation.rids import is_rid

APPLICATIONS_MAX: Final = 10_000
"""Most applications of one server."""
DISPLAY_NAME_LENGTH_MAX: Final = 255
DESCRIPTION_LENGTH_MAX: Final = 4_000
LOGO_URI_LENGTH_MAX: Final = 100_000
"""A logo may be an embedded image (``data:image/png;base64,…``)."""
REDIRECT_URIS_MAX: Final = 50
REDIRECT_URI_LENGTH_MAX: Final = 2_000
LIST_ITEMS_MAX: Final = 200
"""Most operations, resources, organizations or markings of one application."""
LIST_ITEM_LENGTH_MAX: Final = 255
ROLE_GRANTS_MAX: Final = 50

_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""One scope (RFC 6749, section 3.3)."""
_URI_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_SUPPORTED: Final = (
    GrantType.AUTHORIZATION_CODE,
    GrantType.CLIENT_CREDENTIALS,
    GrantType.REFRESH_TOKEN,
)


def check_facts(client_type: ClientType, facts: ApplicationFacts) -> None:
    """Refuse what no application of *client_type* may be.

    Raises:
        InvalidApplicationError: A fact is out of bounds or does not go with another.
    """
    _check_texts(facts)
    _check_grants(client_type, facts)
    _check_redirect_uris(facts.redirect_uris)
    _check_rids("allowedOrganizationRids", facts.allowed_organization_rids)
    _check_restrictions(facts.operations, facts.resources, facts.marking_ids)
    if facts.operations == ():
        raise InvalidApplicationError(
            "operations", "is empty: use null for an application without restrictions"
        )
    _check_list("roleSetId", (facts.role_set_id,))
    for role_id, principals in facts.role_grants.items():
        _check_list("roleGrants", (role_id, *principals))
    if len(facts.role_grants) > ROLE_GRANTS_MAX:
        raise InvalidApplicationError("roleGrants", f"has over {ROLE_GRANTS_MAX} roles")


def check_installation(installation: Installation) -> None:
    """Refuse restrictions that are out of bounds.

    Raises:
        InvalidApplicationError: A list is too long or holds something else than it should.
    """
    _check_restrictions(installation.operations, installation.resources, installation.marking_ids)


def _check_texts(facts: ApplicationFacts) -> None:
    name = facts.display_name
    if not name.strip() or len(name) > DISPLAY_NAME_LENGTH_MAX or not name.isprintable():
        raise InvalidApplicationError(
            "displayName", f"must have 1 to {DISPLAY_NAME_LENGTH_MAX} printable characters"
        )
    if len(facts.description or "") > DESCRIPTION_LENGTH_MAX:
        raise InvalidApplicationError(
            "description", f"is over {DESCRIPTION_LENGTH_MAX} characters long"
        )
    logo = facts.logo_uri
    if logo is None:
        return
    if len(logo) > LOGO_URI_LENGTH_MAX:
        raise InvalidApplicationError("logoUri", f"is over {LOGO_URI_LENGTH_MAX} characters long")
    if not logo.startswith(("https://", "data:image/")) or not _is_uri_text(logo):
        raise InvalidApplicationError("logoUri", "must begin with https:// or data:image/")


def _check_grants(client_type: ClientType, facts: ApplicationFacts) -> None:
    for grant_type in facts.grant_types:
        if grant_type not in _SUPPORTED:
            raise InvalidApplicationError("grantTypes", f"{grant_type} is not supported")
    if len(set(facts.grant_types)) != len(facts.grant_types):
        raise InvalidApplicationError("grantTypes", "names a grant twice")
    if client_type is ClientType.PUBLIC and GrantType.CLIENT_CREDENTIALS in facts.grant_types:
        raise InvalidApplicationError(
            "grantTypes", "a public client has no secret and no CLIENT_CREDENTIALS grant"
        )
    if GrantType.AUTHORIZATION_CODE in facts.grant_types and not facts.redirect_uris:
        raise InvalidApplicationError("redirectUris", "AUTHORIZATION_CODE needs at least one")


def _check_redirect_uris(uris: Sequence[str]) -> None:
    if len(uris) > REDIRECT_URIS_MAX:
        raise InvalidApplicationError("redirectUris", f"has over {REDIRECT_URIS_MAX} entries")
    if len(set(uris)) != len(uris):
        raise InvalidApplicationError("redirectUris", "names a URI twice")
    for uri in uris:
        reason = _redirect_uri_fault(uri)
        if reason is not None:
            raise InvalidApplicationError("redirectUris", f"{uri[:200]!r} {reason}")


def _redirect_uri_fault(uri: str) -> str | None:
    """Say why *uri* is no redirect URI (RFC 9700, section 2.1; RFC 8252, section 7.3)."""
    if len(uri) > REDIRECT_URI_LENGTH_MAX:
        return f"is over {REDIRECT_URI_LENGTH_MAX} characters long"
    if not _is_uri_text(uri) or "#" in uri:
        return "has a fragment or a character that a URI may not hold"
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no URI"
    if not host or "@" in parts.netloc:
        return "has no host, or names a user"
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    return None if is_safe else "must be https, or http on this machine"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_uri_text(uri: str) -> bool:
    return _URI_CHARACTERS.fullmatch(uri) is not None


def _check_restrictions(
    operations: Sequence[str] | None,
    resources: Sequence[str] | None,
    marking_ids: Sequence[str] | None,
) -> None:
    for operation in operations or ():
        if _SCOPE.fullmatch(operation) is None:
            raise InvalidApplicationError("operations", f"{operation[:200]!r} is no scope")
    _check_list("operations", operations or ())
    _check_rids("resources", resources or ())
    _check_list("markingIds", marking_ids or ())


def _check_rids(field: str, rids: Sequence[str]) -> None:
    for rid in rids:
        if not is_rid(rid):
            raise InvalidApplicationError(field, f"{rid[:200]!r} is no resource identifier")
    _check_list(field, rids)


def _check_list(field: str, items: Iterable[str]) -> None:
    listed = list(items)
    if len(listed) > LIST_ITEMS_MAX:
        raise InvalidApplicationError(field, f"has over {LIST_ITEMS_MAX} entries")
    if any(not 1 <= len(item) <= LIST_ITEM_LENGTH_MAX for item in listed):
        raise InvalidApplicationError(
            field, f"has an entry that is empty or over {LIST_ITEM_LENGTH_MAX} characters long"
        )
