"""Registers, changes, enables and deletes third-party applications."""

from dataclasses import dataclass
from typing import Protocol

import msgspec

from sluiceway.access.applications import secret as secrets_
from sluiceway.access.applications.errors import (
    ApplicationHasNoSecretError,
    ApplicationNotFoundError,
    InvalidApplicationError,
    ManageApplicationsPermissionDeniedError,
    TooManyApplicationsError,
)
from sluiceway.access.applications.rules import (
    APPLICATIONS_MAX,
    check_facts,
    check_installation,
)
from sluiceway.access.applications.store import ApplicationStore
from sluiceway.access.applications.types import (
    Application,
    ApplicationFacts,
    ClientType,
    GrantType,
    Installation,
    RegisteredApplication,
)
from sluiceway.access.applications.wire import (
    ApplicationBody,
    InstallationBody,
    facts_of,
    installation_of,
)
from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.principals.types import User
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.transactions import Transactions


class ServiceUsers(Protocol):
    """Makes the users that applications act as."""

    async def create_service_user(self, client_id: str, *, display_name: str) -> User:
        """Make a user named *client_id* that may do nothing yet."""
        ...

    async def delete_service_user(self, client_id: str) -> None:
        """Delete the user of an application, if it has one; its tokens end with it."""
        ...


class TokenRevocation(Protocol):
    """Ends tokens for ever."""

    async def revoke_client(self, client_id: str) -> int:
        """Revoke every token of an application; gives how many were not revoked before."""
        ...

    async def revoke_principal(self, principal_id: PrincipalId) -> int:
        """Revoke every token of a principal; gives how many were not revoked before."""
        ...


class Authorizations(Protocol):
    """Knows which users let which applications act for them."""

    async def delete_client(self, client_id: str) -> int:
        """Forget every user's authorization of an application; gives how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class ApplicationService:
    """The one way by which third-party applications come, change and go.

    Only administrators may call it, for every application alike: who registered one gets no
    rights of its own from that.
    """

    store: ApplicationStore
    users: ServiceUsers
    tokens: TokenRevocation
    authorizations: Authorizations
    transactions: Transactions
    audit: AuditTrail
    clock: Clock
    applications_max: int = APPLICATIONS_MAX

    async def create(self, caller: Caller, body: ApplicationBody) -> RegisteredApplication:
        """Register an application; it is enabled at once, with no restriction but its own.

        With the client credentials grant it gets a service user, in the same transaction.

        Raises:
            ManageApplicationsPermissionDeniedError: The caller is no administrator.
            InvalidApplicationError: What *body* describes cannot be.
            TooManyApplicationsError: There are as many applications as may be.
        """
        _require_admin(caller)
        facts = facts_of(body, ApplicationFacts(display_name="", grant_types=()))
        check_facts(body.client_type, facts)
        secret = None if body.client_type is ClientType.PUBLIC else secrets_.new_secret()
        application = Application(
            client_id=secrets_.new_client_id(),
            client_type=body.client_type,
            facts=facts,
            secret_sha256=None if secret is None else secrets_.digest(secret),
            installation=Installation(),
            created_ms=self.clock.now_ms(),
            created_by=caller.principal_id,
        )
        async with self.transactions.begin():
            if await self.store.count() >= self.applications_max:
                raise TooManyApplicationsError(self.applications_max)
            application = await self._with_service_user(application)
            await self.store.add(application)
            await self._record(caller, "application.created", application, **_audited(application))
        return RegisteredApplication(application, secret)

    async def get(self, caller: Caller, client_id: str) -> Application:
        """Give an application.

        Raises:
            ManageApplicationsPermissionDeniedError: The caller is no administrator.
            ApplicationNotFoundError: There is no such application.
        """
        _require_admin(caller)
        return await self._find(client_id)

    async def page(self, caller: Caller, request: PageRequest) -> Page[Application]:
        """Give a page of applications, in the order of their client ids.

        Raises:
            ManageApplicationsPermissionDeniedError: The caller is no administrator.
        """
        _require_admin(caller)
        found = await self.store.page(after=request.after, limit=request.size + 1)
        return page_of(found, request, [application.client_id for application in found])

    async def update(self, caller: Caller, client_id: str, body: ApplicationBody) -> Application:
        """Change an application; optional fields that *body* leaves out stay as they are.

        Turning the client credentials grant on makes the service user, turning it off ends the
        tokens of that user. An application that may do less than before loses all its tokens.

        Raises:
            ManageApplicationsPermissionDeniedError: The caller is no administrator.
            ApplicationNotFoundError: There is no such application.
            InvalidApplicationError: What *body* describes cannot be, or is of another type.
        """
        _require_admin(caller)
        async with self.transactions.begin():
            before = await self._find(client_id)
            if body.client_type is not before.client_type:
                raise InvalidApplicationError(
                    "clientType", f"is {before.client_type} and cannot be changed"
                )
            facts = facts_of(body, before.facts)
            check_facts(body.client_type, facts)
            after = msgspec.structs.replace(before, facts=facts)
            after = await self._with_service_user(after)
            await self.store.replace(after)
            if _shrank(before, after):
                await self.tokens.revoke_client(client_id)
            await self._record(caller, "application.updated", after, **_audited(after))
        return after

    async def rotate_secret(self, caller: Caller, client_id: str) -> RegisteredApplication:
        """Give the application a new secret; the old one is refused from now on.

        Tokens that were got with the old secret stay valid until they end.

        Raises:
            ManageApplicationsPermissionDeniedError: The caller is no administrator.
            ApplicationNotFoundError: There is no such application.
            ApplicationHasNoSecretError: The application is a public client.
        """
        _require_admin(caller)
        async with self.transactions.begin():
            application = await self._find(client_id)
            if application.client_type is ClientType.PUBLIC:
                raise ApplicationHasNoSecretError(client_id)
            secret = secrets_.new_secret()
            application = msgspec.structs.replace(
                application, secret_sha256=secrets_.digest(secret)
            )
            await self.store.replace(application)
            await self._record(caller, "application.secret-rotated", application)
        return RegisteredApplication(application, secret)

    async def delete(self, caller: Caller, client_id: str) -> None:
        """Delete an application for ever, with its service user and all its tokens.

        Raises:
            ManageApplicationsPermissionDeniedError: The caller is no administrator.
            ApplicationNotFoundError: There is no such application.
        """
        _require_admin(caller)
        async with self.transactions.begin():
            application = await self._find(client_id)
            await self.tokens.revoke_client(client_id)
            await self.authorizations.delete_client(client_id)
            if application.service_user_id is not None:
                await self.users.delete_service_user(client_id)
            await self.store.delete(client_id)
            await self._record(
                caller,
                "application.deleted",
                application,
                serviceUserId=application.service_user_id,
            )

    async def enable(self, caller: Caller, client_id: str, body: InstallationBody) -> Application:
        """Enable an application as far as *body* says, in place of how it was enabled before.

        Raises:
            ManageApplicationsPermissionDeniedError: The caller is no administrator.
            ApplicationNotFoundError: There is no such application.
            InvalidApplicationError: A restriction is out of bounds.
        """
        _require_admin(caller)
        installation = installation_of(body)
        check_installation(installation)
        async with self.transactions.begin():
            before = await self._find(client_id)
            after = msgspec.structs.replace(before, installation=installation)
            await self.store.replace(after)
            if _shrank(before, after):
                await self.tokens.revoke_client(client_id)
            restrictions = msgspec.to_builtins(installation)
            await self._record(caller, "application.enabled", after, installation=restrictions)
        return after

    async def disable(self, caller: Caller, client_id: str) -> Application:
        """Disable an application: it gets no tokens, and those that it has end for ever.

        Its users are asked again once it is enabled.

        Raises:
            ManageApplicationsPermissionDeniedError: The caller is no administrator.
            ApplicationNotFoundError: There is no such application.
        """
        _require_admin(caller)
        async with self.transactions.begin():
            application = await self._find(client_id)
            application = msgspec.structs.replace(application, installation=None)
            await self.store.replace(application)
            await self.tokens.revoke_client(client_id)
            await self.authorizations.delete_client(client_id)
            await self._record(caller, "application.disabled", application)
        return application

    async def is_enabled(self, client_id: str) -> bool:
        """Tell whether tokens of this application are taken; not those of one that is gone."""
        application = await self.store.by_client_id(client_id)
        return application is not None and application.is_enabled

    async def _find(self, client_id: str) -> Application:
        known = secrets_.is_client_id(client_id)
        application = await self.store.by_client_id(client_id) if known else None
        if application is None:
            raise ApplicationNotFoundError(client_id)
        return application

    async def _with_service_user(self, application: Application) -> Application:
        """Make the service user that the grants of *application* want.

        It stays, without tokens, when the grant is turned off: turned on again, the application
        acts as the same user, with the roles that it was given.
        """
        wants_user = GrantType.CLIENT_CREDENTIALS in application.facts.grant_types
        if wants_user and application.service_user_id is None:
            user = await self.users.create_service_user(
                application.client_id, display_name=application.facts.display_name
            )
            return msgspec.structs.replace(application, service_user_id=user.user_id)
        if not wants_user and application.service_user_id is not None:
            await self.tokens.revoke_principal(application.service_user_id)
        return application

    async def _record(
        self, caller: Caller, action: str, application: Application, **details: object
    ) -> None:
        await self.audit.record(
            actor(caller),
            action,
            application.client_id,
            name=application.facts.display_name,
            **details,
        )


def _require_admin(caller: Caller) -> None:
    if not caller.is_admin:
        raise ManageApplicationsPermissionDeniedError


def _shrank(before: Application, after: Application) -> bool:
    """Tell whether tokens of *before* may be such as *after* could not get."""
    if any(before.may_use(grant) and not after.may_use(grant) for grant in GrantType):
        return True
    if after.operations is None:
        return False
    return before.operations is None or not before.operations <= after.operations


def _audited(application: Application) -> dict[str, object]:
    facts = application.facts
    return {
        "clientType": application.client_type.value,
        "grantTypes": [grant_type.value for grant_type in facts.grant_types],
        "redirectUris": list(facts.redirect_uris),
        "operations": None if facts.operations is None else list(facts.operations),
        "serviceUserId": application.service_user_id,
    }
