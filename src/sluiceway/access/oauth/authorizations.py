"""Users letting applications act for them: the authorization endpoint and what follows of it."""

import uuid
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, urlencode

import msgspec

from sluiceway.access.applications.secret import is_client_id
from sluiceway.access.applications.store import ApplicationStore
from sluiceway.access.applications.types import Application
from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.oauth.codes import CODE_MS, CodeFacts, CodeStore
from sluiceway.access.oauth.consent import Authorization, AuthorizationStore
from sluiceway.access.oauth.errors import (
    AuthorizationNotFoundError,
    AuthorizationPermissionDeniedError,
)
from sluiceway.access.oauth.metadata import AUTHORIZE_PATH
from sluiceway.access.oauth.requests import AuthorizationRequest, check_request, parse_query
from sluiceway.access.tokens.service import TokenService
from sluiceway.access.tokens.store import TokenStore
from sluiceway.access.tokens.types import TokenKind, TokenState
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.transactions import Transactions

SIGN_IN_PAGE: Final = "/sign-in"
CONSENT_PAGE: Final = "/authorize"

Decision = Literal["approve", "deny"]


class AuthorizedApplication(msgspec.Struct, frozen=True):
    """An application that a user lets act for them."""

    application: Application
    authorization: Authorization


@dataclass(frozen=True, slots=True)
class AuthorizationService:
    """Gives codes to applications that users agreed to, and takes it back."""

    applications: ApplicationStore
    authorizations: AuthorizationStore
    codes: CodeStore
    issuer: TokenService
    tokens: TokenStore
    transactions: Transactions
    audit: AuditTrail
    clock: Clock

    async def begin(self, caller: Caller | None, query: str) -> str:
        """Tell where the browser goes with a request to the authorization endpoint.

        Nobody signed in (*caller* is ``None``): to the page for that, and back here. Otherwise to
        the page that asks the user or, if the answer is known, to the application with a code.

        Raises:
            InvalidAuthorizationRequestError: The request is refused.
            InvalidTokenError: The session ended at this moment.
        """
        fields = parse_query(query)
        request = await self._check(fields)
        if caller is None:
            back = f"{AUTHORIZE_PATH}?{urlencode(fields)}"
            return f"{SIGN_IN_PAGE}?next={quote(back, safe='')}"
        if await self._is_agreed(caller, request):
            async with self.transactions.begin():
                request = await self._confirm(caller, fields)
                if await self._is_agreed(caller, request):
                    return await self._give_code(caller, request)
        return f"{CONSENT_PAGE}?{urlencode(fields)}"

    async def describe(self, caller: Caller, query: str) -> AuthorizationRequest:
        """Give the request that the user is asked about.

        Raises:
            InvalidAuthorizationRequestError: The request is refused.
            AuthorizationPermissionDeniedError: The caller did not sign in but uses a token.
        """
        _require_session(caller)
        return await self._check(parse_query(query))

    async def decide(self, caller: Caller, query: str, decision: Decision) -> str:
        """Carry out the user's answer; gives the URL that takes it to the application.

        Raises:
            InvalidAuthorizationRequestError: The request is refused.
            AuthorizationPermissionDeniedError: The caller did not sign in but uses a token.
            InvalidTokenError: The session ended at this moment.
        """
        _require_session(caller)
        fields = parse_query(query)
        async with self.transactions.begin():
            request = await self._confirm(caller, fields)
            client_id = request.application.client_id
            verb = "granted" if decision == "approve" else "denied"
            await self.audit.record(
                actor(caller),
                f"authorization.{verb}",
                client_id,
                principalId=caller.principal_id,
                scopes=sorted(request.scopes),
            )
            if decision == "deny":
                return request.location(
                    error="access_denied", error_description="the user did not agree"
                )
            return await self._give_code(caller, request, agreed=request.scopes)

    async def page(self, caller: Caller, request: PageRequest) -> Page[AuthorizedApplication]:
        """List the applications that the caller lets act for them, by client id.

        Raises:
            AuthorizationPermissionDeniedError: The caller is such an application.
        """
        _refuse_applications(caller)
        kept = await self.authorizations.page(
            caller.principal_id, after=request.after, limit=request.size + 1
        )
        page = page_of(kept, request, [one.client_id for one in kept])
        found = []
        for authorization in page.data:
            application = await self.applications.by_client_id(authorization.client_id)
            if application is not None:
                found.append(AuthorizedApplication(application, authorization))
        return Page(data=found, next_page_token=page.next_page_token)

    async def revoke(self, caller: Caller, client_id: str) -> None:
        """Let an application act for the caller no more; all that it got for them ends.

        Raises:
            AuthorizationPermissionDeniedError: The caller is such an application.
            AuthorizationNotFoundError: The caller has not authorized it.
        """
        _refuse_applications(caller)
        async with self.transactions.begin():
            is_known = is_client_id(client_id)
            if not is_known or not await self.authorizations.delete(caller.principal_id, client_id):
                raise AuthorizationNotFoundError(client_id)
            count = await self.tokens.revoke_authorization(caller.principal_id, client_id)
            await self.audit.record(
                actor(caller),
                "authorization.revoked",
                client_id,
                principalId=caller.principal_id,
                tokens=count,
            )

    async def _check(self, fields: dict[str, str]) -> AuthorizationRequest:
        client_id = fields.get("client_id", "")
        known = is_client_id(client_id)
        application = await self.applications.by_client_id(client_id) if known else None
        return check_request(fields, application)

    async def _confirm(self, caller: Caller, fields: dict[str, str]) -> AuthorizationRequest:
        """Check within the transaction: session and application may be ending at this moment."""
        session = await self.tokens.by_id(caller.token_id)
        if session is None or session.state is not TokenState.ENABLED:
            raise InvalidTokenError
        return await self._check(fields)

    async def _is_agreed(self, caller: Caller, request: AuthorizationRequest) -> bool:
        """Tell whether the user need not be asked."""
        installation = request.application.installation
        if installation is not None and not installation.require_consent:
            return True
        known = await self.authorizations.find(caller.principal_id, request.application.client_id)
        return known is not None and request.scopes <= set(known.agreed)

    async def _give_code(
        self,
        caller: Caller,
        request: AuthorizationRequest,
        *,
        agreed: frozenset[str] = frozenset(),
    ) -> str:
        """Make a code and note what for; gives the URL that takes it to the application."""
        client_id = request.application.client_id
        await self._note(caller, request, agreed)
        code = await self.issuer.issue(
            kind=TokenKind.CODE,
            principal_id=caller.principal_id,
            operations=request.operations,
            expires_in_ms=CODE_MS,
            client_id=client_id,
            grant_id=str(uuid.uuid4()),
        )
        await self.codes.add(
            CodeFacts(
                token_id=code.token.token_id,
                redirect_uri=request.redirect_uri,
                names_redirect_uri=request.names_redirect_uri,
                scope=request.scope,
                is_refreshable=request.is_refreshable,
                code_challenge=request.code_challenge,
            )
        )
        await self.audit.record(
            actor(caller),
            "code.issued",
            code.token.token_id,
            clientId=client_id,
            grantId=code.token.grant_id,
            scopes=sorted(request.scopes),
        )
        return request.location(code=code.text)

    async def _note(
        self, caller: Caller, request: AuthorizationRequest, agreed: frozenset[str]
    ) -> None:
        client_id, now_ms = request.application.client_id, self.clock.now_ms()
        known = await self.authorizations.find(caller.principal_id, client_id)
        before = known or Authorization(
            principal_id=caller.principal_id,
            client_id=client_id,
            scopes=(),
            agreed=(),
            created_ms=now_ms,
            used_ms=now_ms,
        )
        await self.authorizations.put(
            msgspec.structs.replace(
                before,
                scopes=tuple(sorted(request.scopes.union(before.scopes))),
                agreed=tuple(sorted(agreed.union(before.agreed))),
                used_ms=now_ms,
            )
        )


def is_session(caller: Caller) -> bool:
    """Tell whether *caller* signed in and is no program with a token."""
    return caller.client_id is None and not caller.is_personal_token


def _require_session(caller: Caller) -> None:
    if not is_session(caller):
        raise AuthorizationPermissionDeniedError("only somebody who signed in can authorize")


def _refuse_applications(caller: Caller) -> None:
    if caller.client_id is not None:
        raise AuthorizationPermissionDeniedError("an application knows nothing of the others")
