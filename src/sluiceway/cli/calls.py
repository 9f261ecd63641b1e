"""What commands ask a running server, and what they say when it does not do it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import httpx

from sluiceway.settings import Settings

_TOKEN_SECONDS: Final = 86_400
_ASKED_MAX: Final = 60


class CallError(Exception):
    """The server cannot be asked, or refused; the message says why and what helps."""


async def find_server(client: httpx.AsyncClient) -> None:
    """Make sure that a server of ours answers.

    Raises:
        CallError: None does.
    """
    try:
        answer = await client.get("/healthz")
        known = answer.is_success and "log" in answer.json()
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise CallError(
            f"no server answers at {client.base_url} ({said(error)}); start one with `make run`"
            " or `sluiceway serve`, or name it with --url"
        ) from None
    except ValueError:
        known = False
    if not known:
        raise CallError(f"what answers at {client.base_url} is not a Sluiceway server")


@asynccontextmanager
async def token_for(
    client: httpx.AsyncClient, given: str | None, settings: Settings, name: str
) -> AsyncIterator[str]:
    """Have the client use the token that was given, or a new one of admin, and give it.

    One that was made ends with the block.

    Raises:
        CallError: A token cannot be made, or the one that was given cannot be one.
    """
    if given is not None:
        if not (given.isascii() and given.isprintable()):
            raise CallError("the token has a character that no token has, perhaps a line's end")
        client.headers["Authorization"] = f"Bearer {given}"
        yield given
        return
    text, token_id = await _new_token(settings, name)
    client.headers["Authorization"] = f"Bearer {text}"
    try:
        yield text
    finally:
        with suppress(httpx.TransportError):
            await client.post("/multipass/api/tokens/revoke", json={"tokenId": token_id})


async def _new_token(settings: Settings, name: str) -> tuple[str, str]:
    # With --token a command needs no server code, which takes a second to load.
    from sluiceway.access.tokens.personal import NewToken  # noqa: PLC0415 - see above
    from sluiceway.app.services import open_access  # noqa: PLC0415 - see above
    from sluiceway.foundation.errors import SluicewayError  # noqa: PLC0415 - see above

    new = NewToken(name=name, description=f"Of sluiceway {name}.", seconds_to_live=_TOKEN_SECONDS)
    try:
        async with open_access(settings) as access:
            issued = await access.personal_tokens.create_for("admin", new)
    except FileNotFoundError as error:
        raise CallError(f"{error}; name the server's with --data-dir, or give --token") from None
    except SluicewayError as error:
        raise CallError(f"cannot make a token: {error.message}; give one with --token") from None
    return issued.text, issued.token.token_id


async def find_resource(client: httpx.AsyncClient, path: str) -> dict[str, Any] | None:
    """Give the resource at *path*; ``None`` when there is none that the token may see.

    Raises:
        CallError: The server refuses to say.
    """
    query = {"path": path, "preview": "true"}
    answer = await ask(client, "GET", "/api/v2/filesystem/resources/getByPath", params=query)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    found: dict[str, Any] = accepted(answer).json()
    return found


async def find_dataset(client: httpx.AsyncClient, stream: str) -> str:
    """Give the RID of a dataset that is named by it or by its path.

    Raises:
        CallError: There is none at that path, or the server refuses to say.
    """
    if not stream.startswith("/"):
        return stream
    found = await find_resource(client, stream)
    if found is None:
        raise CallError(f"there is no {stream} that this token may see")
    return str(found["rid"])


async def create_stream(
    client: httpx.AsyncClient, folder: str, name: str, schema: dict[str, Any]
) -> str:
    """Make a streaming dataset in the folder at that path; give its RID.

    Raises:
        CallError: There is no such folder, or the token may not.
    """
    parent = await find_resource(client, folder)
    if parent is None:
        raise CallError(f"there is no project {folder} that this token may see")
    body = {"name": name, "parentFolderRid": parent["rid"], "schema": schema}
    query = {"preview": "true"}
    path = "/api/v2/streams/datasets/create"
    answer = await ask(client, "POST", path, params=query, json=body)
    return str(accepted(answer).json()["rid"])


async def ask(client: httpx.AsyncClient, method: str, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
    """Ask; gives the answer, whatever it is.

    Raises:
        CallError: There was no answer.
    """
    try:
        return await client.request(method, path, **how)
    except httpx.TransportError as error:
        raise CallError(f"the server does not answer any more ({said(error)})") from None


async def ask_patiently(
    client: httpx.AsyncClient, path: str, body: dict[str, Any]
) -> httpx.Response:
    """Post, again each second for a minute while the server says that it cannot do it now.

    Raises:
        CallError: It says something else, or nothing.
    """
    asked = 1
    while True:
        answer = await ask(client, "POST", path, json=body)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or asked == _ASKED_MAX:
            return accepted(answer)
        asked += 1
        await asyncio.sleep(1)


def said(error: Exception) -> str:
    """Give what an error says, or its name when it says nothing."""
    return str(error) or type(error).__name__


def accepted(answer: httpx.Response) -> httpx.Response:
    """Give a successful *answer* back.

    Raises:
        CallError: It says why not.
    """
    if answer.is_success:
        return answer
    try:
        body = answer.json()
        what = f"{body['errorName']}: {body['errorDescription']}"
    except (ValueError, KeyError, TypeError):
        what = answer.text[:200]
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        what += " (is --data-dir the data folder of this server? else give --token)"
    raise CallError(f"the server answered {answer.status_code} {what}")
