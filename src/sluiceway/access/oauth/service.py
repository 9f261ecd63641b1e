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
from sluiceway.access.oauth.codes import CodeStore
from sluiceway.access.oauth.endpoints import INTROSPECTION, REVOCATION
from sluiceway.access.oauth.failures import FailedAuthentications
from sluiceway.access.oauth.forms import Message, parse_credentials, parse_form
from sluiceway.access.oauth.metadata import ServerMetadata, server_metadata
from sluiceway.access.oauth.models import Issue, Known, KnownCode, KnownToken, OAuthRequest
from sluiceway.access.oauth.protocol import NEVER_STORED, TOKEN, ProtocolServer, Reply
from sluiceway.access.scopes import Operation
from sluiceway.access.settings import AccessSettings
from sluiceway.access.tokens.store import TokenStore
from sluiceway.access.tokens.types import IssuedToken, Token, TokenKind, TokenState
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.origin import current_origin
from sluiceway.foundation.transactions import Transactions

_TOO_MANY: Final = 429
Operations = frozenset[Operation] | None
"""What a token may be used for; ``None`` for everything."""


class CodeReusedError(InvalidGrantError):
    """The code was used by another request at this moment."""


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
    codes: CodeStore
    public_url: str = ""
    """The URL under which clients reach the server; empty: whatever they asked it by."""
    protocol: ProtocolServer = field(default_factory=ProtocolServer)

    async def token(self, message: Message) -> Reply:
        """Give tokens for a code, credentials or a refresh token (RFC 6749, 4.1, 4.4 and 6)."""
        return await self._answer(TOKEN, message)

    async def revoke(self, message: Message) -> Reply:
        """End a token and all of its family (RFC 7009)."""
        return await self._answer(REVOCATION, message)

    async def introspect(self, message: Message) -> Reply:
        """Tell whether a token of the client is valid, and what for (RFC 7662)."""
        return await self._answer(INTROSPECTION, message)

    def metadata(self, scheme: str, host: str | None) -> ServerMetadata:
        """Describe the server; the others are the request's, for one without a public URL.

        Raises:
            InvalidArgumentError: *host* is needed and is no host name.
        """
        return server_metadata(self.public_url, scheme, host)

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
            code=await self._known_code(form.get("code")) if endpoint == TOKEN else None,
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
        # A code is no token to its client: there is nothing to tell of it and nothing to revoke.
        return None if token is None or token.kind is TokenKind.CODE else await self._known(token)

    async def _known_code(self, text: str | None) -> KnownCode | None:
        token = None if text is None else await self.tokens.find(text)
        if token is None or token.kind is not TokenKind.CODE:
            return None
        facts = await self.codes.by_token_id(token.token_id)
        return None if facts is None else KnownCode(await self._known(token), facts)

    async def _known(self, token: Token) -> KnownToken:
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
        except CodeReusedError as error:
            assert issue.code is not None
            await self._revoke(issue.code, is_stolen=True)
            return self.protocol.refuse(error)
        except OAuth2Error as error:
            return self.protocol.refuse(error)
        return msgspec.structs.replace(reply, body={**reply.body, **texts})

    async def _issue_all(self, application: Application, issue: Issue) -> dict[str, str]:
        current = await self.applications.by_client_id(application.client_id)
        if current is None or _authority(current) != _authority(application):
            raise UnauthorizedClientError("the application was changed at this moment")
        now_ms = self.clock.now_ms()
        texts: dict[str, str] = {}
        bought_with = issue.exchanged or issue.code
        grant_id = None if bought_with is None else bought_with.grant_id
        if issue.exchanged is not None:
            texts["refresh_token"] = await self._exchange(issue.exchanged, now_ms)
        if issue.code is not None:
            await self._redeem(issue.code, now_ms)
        if issue.code is not None and issue.is_refreshable:
            texts["refresh_token"] = await self._issue_refresh(issue.code, issue.operations)
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
            grantType=issue.grant_type,
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
        return await self._issue_refresh(refresh, refresh.operations)

    async def _redeem(self, code: Token, now_ms: int) -> None:
        """Note the one use of *code*, unless it was used or ended at this moment."""
        current = await self.kept.by_id(code.token_id)
        if current is not None and current.used_ms is not None:
            raise CodeReusedError
        if current is None or current.state is not TokenState.ENABLED:
            raise InvalidGrantError
        await self.kept.set_used(code.token_id, now_ms)

    async def _issue_refresh(self, bought_with: Token, operations: Operations) -> str:
        """Give a refresh token of the same grant."""
        issued = await self.tokens.issue(
            kind=TokenKind.REFRESH,
            principal_id=bought_with.principal_id,
            operations=operations,
            expires_in_ms=self.settings.refresh_token_idle_seconds * 1000,
            client_id=bought_with.client_id,
            grant_id=bought_with.grant_id,
        )
        return issued.text

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
