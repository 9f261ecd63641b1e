"""Principals: the users and groups that roles are granted to."""

import enum
from typing import Final, Literal

import msgspec

from sluiceway.access.caller import PrincipalId
from sluiceway.foundation.rids import Rid

REALM: Final = "palantir-internal-realm"
"""Where every user and group is from: made by administrators, not by a sign-on provider."""

ORGANIZATION_RID: Final = Rid("ri.multipass..organization.sluiceway")
"""The one organization of a server; service users of applications belong to none."""

BATCH_MAX: Final = 500
"""Most users, groups or roles that one batch call may ask for, as in Foundry."""

NAME_LENGTH_MAX: Final = 255
"""Longest username, given name, family name or group name, in characters."""

EMAIL_LENGTH_MAX: Final = 320
"""Longest e-mail address (RFC 3696, erratum 1690, rounded up to 64 + 1 + 255)."""

DESCRIPTION_LENGTH_MAX: Final = 4_000
"""Longest description of a group, in characters."""

PrincipalType = Literal["USER", "GROUP"]


class UserStatus(enum.StrEnum):
    """Whether a user still exists; a deleted one is kept so that its traces have a name."""

    ACTIVE = "ACTIVE"
    DELETED = "DELETED"


class UserKind(enum.StrEnum):
    """What stands behind a user."""

    PERSON = "person"
    SERVICE = "service"
    """A third-party application acting for itself; its username is the client id."""


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A principal that makes requests."""

    user_id: PrincipalId
    username: str
    """Unique without regard to case."""
    realm: str = REALM
    kind: UserKind = UserKind.PERSON
    client_id: str | None = None
    """The application of a service user."""
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    is_admin: bool = False
    status: UserStatus = UserStatus.ACTIVE
    is_enabled: bool = True
    password_hash: str | None = None
    """Argon2id with its parameters; ``None`` for a user that cannot sign in."""
    created_ms: int

    @property
    def may_act(self) -> bool:
        """Whether the user's tokens are taken at all."""
        return self.is_enabled and self.status is UserStatus.ACTIVE

    @property
    def organization(self) -> str | None:
        """The organization's RID; a service user has none."""
        return None if self.kind is UserKind.SERVICE else ORGANIZATION_RID


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A principal that stands for its members, which may be groups too."""

    group_id: PrincipalId
    name: str
    """Unique without regard to case."""
    description: str | None = None
    realm: str = REALM
    attributes: dict[str, list[str]] = {}
    created_ms: int


class Member(msgspec.Struct, frozen=True):
    """A principal in a group."""

    principal_id: PrincipalId
    principal_type: PrincipalType


def name_key(name: str) -> str:
    """Give the form of a name in which two names are the same name."""
    return name.casefold()
