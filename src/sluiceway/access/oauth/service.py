"""The OAuth2 endpoints: fetch what is known, let the protocol decide, carry it out."""

from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec
from authlib.oauth2.rfc6749 import InvalidGrantError, OAuth2Error, UnauthorizedClientError

from sluiceway.access.applications.secret import is_client_id
from sluiceway.access.applications.store import ApplicationStore
from sluiceway.access.applications.types import Application
from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import Actor
from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.oauth.endpoints import INTROSPECTION, REVOCATION
from sluiceway.access.oauth.failures import FailedAuthentications
from sluiceway.access.oauth.forms import Message, parse_credentials, parse_form
from sluiceway.access.oauth.metadata import ServerMetadata, server_metadata
from sluiceway.access.oauth.models import Issue, Known, KnownToken, OAuthRequest
from sluiceway.access.oauth.protocol import NEVER_STORED, TOKEN, ProtocolServer, Reply
from sluiceway.access.scopes import Operation
from sluiceway.access.settings import AccessSettings
from sluiceway.access.tokens.store import TokenStore
from sluiceway.access.tokens.types import IssuedToken, Token, TokenKind, TokenState
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.origin import current_origin
from sluiceway.foundation.transactions import Transactions

_TOO_MANY: Final = 429


class Tokens(Protocol):
    """Makes tokens and tells what they are."""

    async def issue(
        self,
        *,
        kind: TokenKind,
        principal_id: PrincipalId,
        operations: frozenset[Operation] | None,
        expires_in_ms: int | None,
        client_id: str | None = None,
        grant_id: str | None = None,
        name: str = "",
        description: str = "",
    ) -> IssuedToken:
        """Make a token; its text is known only now."""
        ...

    async def find(self, text: str) -> Token | None:
        """Give what is kept of the token with this text, whatever its kind, state or expiry."""
        ...

    async def caller_of(self, token: Token) -> Caller | None:
        """Tell who acts with *token*; ``None`` if it is not valid now, or they may not act."""
        ...


@dataclass(frozen=True, slots=True)
class OAuthService:
    """Answers token, revocation and introspection requests, and describes the server."""

    applications: ApplicationStore
    tokens: Tokens
    kept: TokenStore
    transactions: Transactions
    audit: AuditTrail
    clock: Clock
    settings: AccessSettings
    failures: FailedAuthentications
    public_url: str = ""
    """The URL under which clients reach the server; empty: whatever they asked it by."""
    protocol: ProtocolServer = field(default_factory=ProtocolServer)

    async def token(self, message: Message) -> Reply:
        """Give tokens for credentials or for a refresh token (RFC 6749, sections 4.4 and 6)."""
        return await self._answer(TOKEN, message)

    async def revoke(self, message: Message) -> Reply:
        """End a token and all of its family (RFC 7009)."""
        return await self._answer(REVOCATION, message)

    async def introspect(self, message: Message) -> Reply:
        """Tell whether a token of the client is valid, and what for (RFC 7662)."""
        return await self._answer(INTROSPECTION, message)

    def metadata(self, host: str | None) -> ServerMetadata:
        """Describe the server; *host* is the request's, for a server without a public URL.

        Raises:
            InvalidArgumentError: *host* is needed and is no host name.
        """
        return server_metadata(self.public_url, host)

    async def _answer(self, endpoint: str, message: Message) -> Reply:
        try:
            form = parse_form(message)
            credentials = parse_credentials(message.authorization, form)
        except OAuth2Error as error:
            return self.protocol.refuse(error)
        known = Known(
            now_ms=self.clock.now_ms(),
            access_token_seconds=self.settings.access_token_seconds,
            application=await self._known_application(credentials.client_id),
            token=await self._known_token(
                form.get("refresh_token" if endpoint == TOKEN else "token")
            ),
        )
        request = OAuthRequest(form, credentials, known)
        reply = self.protocol.decide(endpoint, request)
        if reply.error == "invalid_client":
            return self._refused(credentials.client_id, reply)
        if request.revoke is not None:
            await self._revoke(request.revoke, is_stolen=endpoint == TOKEN)
        if request.issue is not None:
            return await self._issue(request.client.application, request.issue, reply)
        return reply

    async def _known_application(self, client_id: str) -> Application | None:
        return await self.applications.by_client_id(client_id) if is_client_id(client_id) else None

    async def _known_token(self, text: str | None) -> KnownToken | None:
        token = None if text is None else await self.tokens.find(text)
        if token is None:
            return None
        may_act = await self.tokens.caller_of(token) is not None
        return KnownToken(token, self.clock.now_ms(), may_act)

    def _refused(self, client_id: str, reply: Reply) -> Reply:
        wait_seconds = self.failures.count(client_id, current_origin())
        if wait_seconds is None:
            return reply
        description = f"client authentication failed too often, wait {wait_seconds} seconds"
        return Reply(
            _TOO_MANY,
            {
                "Content-Type": "application/json",
                "Retry-After": str(wait_seconds),
                **NEVER_STORED,
            },
            {"error": "temporarily_unavailable", "error_description": description},
        )

    async def _issue(self, application: Application, issue: Issue, reply: Reply) -> Reply:
        """Make the tokens that were decided on, unless the decision was overtaken."""
        try:
            async with self.transactions.begin():
                texts = await self._issue_all(application, issue)
        except OAuth2Error as error:
            return self.protocol.refuse(error)
        return msgspec.structs.replace(reply, body={**reply.body, **texts})

    async def _issue_all(self, application: Application, issue: Issue) -> dict[str, str]:
        current = await self.applications.by_client_id(application.client_id)
        if current is None or _authority(current) != _authority(application):
            raise UnauthorizedClientError("the application was changed at this moment")
        now_ms = self.clock.now_ms()
        texts: dict[str, str] = {}
        grant_id = None
        if issue.exchanged is not None:
            grant_id = issue.exchanged.grant_id
            texts["refresh_token"] = await self._exchange(issue.exchanged, now_ms)
        access = await self.tokens.issue(
            kind=TokenKind.ACCESS,
            principal_id=issue.principal_id,
            operations=issue.operations,
            expires_in_ms=self.settings.access_token_seconds * 1000,
            client_id=application.client_id,
            grant_id=grant_id,
        )
        texts["access_token"] = access.text
        await self.applications.set_used(application.client_id, now_ms)
        await self.audit.record(
            Actor(issue.principal_id, application.client_id),
            "token.issued",
            access.token.token_id,
            clientId=application.client_id,
            grantType="client_credentials" if issue.exchanged is None else "refresh_token",
            operations=None if issue.operations is None else sorted(issue.operations),
        )
        return texts

    async def _exchange(self, refresh: Token, now_ms: int) -> str:
        """Give a new refresh token for *refresh*, with the same scope, and note the use."""
        current = await self.kept.by_id(refresh.token_id)
        if current is None or current.state is not TokenState.ENABLED:
            raise InvalidGrantError
        if current.used_ms is None:
            await self.kept.set_used(refresh.token_id, now_ms)
        successor = await self.tokens.issue(
            kind=TokenKind.REFRESH,
            principal_id=refresh.principal_id,
            operations=refresh.operations,
            expires_in_ms=self.settings.refresh_token_idle_seconds * 1000,
            client_id=refresh.client_id,
            grant_id=refresh.grant_id,
        )
        return successor.text

    async def _revoke(self, token: Token, *, is_stolen: bool) -> None:
        async with self.transactions.begin():
            if token.grant_id is None:
                await self.kept.set_state(token.token_id, TokenState.REVOKED)
            else:
                await self.kept.revoke_grant(token.grant_id)
            await self.audit.record(
                Actor(token.principal_id, token.client_id or ""),
                "token.reuse-detected" if is_stolen else "token.revoked",
                token.token_id,
                clientId=token.client_id,
                grantId=token.grant_id,
            )


def _authority(application: Application) -> tuple[object, ...]:
    """Give what a decision about *application* rests on."""
    return (
        application.installation,
        application.secret_sha256,
        application.operations,
        application.facts.grant_types,
        application.service_user_id,
    )
