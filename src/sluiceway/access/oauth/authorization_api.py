"""The authorization endpoint, and the calls with which the web pages ask the user."""

from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ExceptionHandlersMap

from sluiceway.access.caller import Caller
from sluiceway.access.guard import public, requires
from sluiceway.access.oauth.api import answer_fault
from sluiceway.access.oauth.authorization_wire import (
    AuthorizationDecisionBody,
    AuthorizationDecisionReply,
    AuthorizationReply,
    AuthorizationRequestReply,
    authorizations_reply,
    request_reply,
)
from sluiceway.access.oauth.authorizations import AuthorizationService
from sluiceway.access.oauth.metadata import AUTHORIZE_PATH
from sluiceway.access.oauth.replies import AuthorizationOperation, OAuthErrorReply
from sluiceway.access.oauth.visitor import signed_in
from sluiceway.foundation.paging import Page, parse_page

_TAGS: Final = ["OAuth2"]
_PATH: Final = "/api/v1/authorizations"
_NO_STORE: Final = [ResponseHeader(name="Cache-Control", value="no-store")]
_FAULTS: Final[ExceptionHandlersMap] = {Exception: answer_fault}


@get(
    AUTHORIZE_PATH,
    opt=public(),
    status_code=302,
    operation_id="authorize",
    operation_class=AuthorizationOperation,
    responses={400: ResponseSpec(OAuthErrorReply, description="The request is refused.")},
    exception_handlers=_FAULTS,
    tags=_TAGS,
)
async def authorize(
    request: Request[Any, Any, Any], authorizations: NamedDependency[AuthorizationService]
) -> Response[None]:
    """Send a browser to sign in, to the page that asks the user, or back with a code."""
    location = await authorizations.begin(await signed_in(request), _query(request))
    headers = {
        "Location": location,
        "Cache-Control": "no-store",
        "Pragma": "no-cache",
        "Referrer-Policy": "no-referrer",
    }
    return Response(None, status_code=302, headers=headers)


@get(
    f"{_PATH}/request",
    opt=requires(None),
    operation_id="getAuthorizationRequest",
    operation_class=AuthorizationOperation,
    response_headers=_NO_STORE,
    tags=_TAGS,
)
async def get_authorization_request(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    authorizations: NamedDependency[AuthorizationService],
) -> AuthorizationRequestReply:
    """Tell what a request to the authorization endpoint asks the user to agree to."""
    return request_reply(await authorizations.describe(caller, _query(request)))


@post(
    f"{_PATH}/request",
    opt=requires(None),
    status_code=200,
    operation_id="decideAuthorizationRequest",
    response_headers=_NO_STORE,
    tags=_TAGS,
)
async def decide_authorization_request(
    caller: NamedDependency[Caller],
    authorizations: NamedDependency[AuthorizationService],
    data: JSONBody[AuthorizationDecisionBody],
) -> AuthorizationDecisionReply:
    """Carry out the user's answer to such a request; only somebody who signed in may."""
    location = await authorizations.decide(caller, data.query.removeprefix("?"), data.decision)
    return AuthorizationDecisionReply(redirect_to=location)


@get(_PATH, opt=requires(None), operation_id="listAuthorizations", tags=_TAGS)
async def list_authorizations(
    caller: NamedDependency[Caller],
    authorizations: NamedDependency[AuthorizationService],
    page_size: Annotated[int | None, QueryParameter(name="pageSize")] = None,
    page_token: Annotated[str | None, QueryParameter(name="pageToken")] = None,
) -> Page[AuthorizationReply]:
    """List the applications that the caller lets act for them."""
    page = await authorizations.page(caller, parse_page(page_size, page_token))
    return authorizations_reply(page)


@delete(
    f"{_PATH}/{{client_id:str}}",
    opt=requires(None),
    status_code=204,
    operation_id="revokeAuthorization",
    tags=_TAGS,
)
async def revoke_authorization(
    caller: NamedDependency[Caller],
    authorizations: NamedDependency[AuthorizationService],
    client_id: FromPath[str],
) -> None:
    """Let an application act for the caller no more; the tokens that it got for them end."""
    await authorizations.revoke(caller, client_id)


def _query(request: Request[Any, Any, Any]) -> str:
    """Give the query as it was sent: the framework would hide that a field is there twice."""
    return request.scope["query_string"].decode("latin-1")


HANDLERS: Final = (
    authorize,
    get_authorization_request,
    decide_authorization_request,
    list_authorizations,
    revoke_authorization,
)
