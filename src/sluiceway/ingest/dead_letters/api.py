"""``/api/v1/streams/…/dead-letters``: records that did not fit; these calls are our own."""

from typing import Annotated, Final

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.paging import parse_page
from sluiceway.foundation.rids import DatasetRid
from sluiceway.ingest.dead_letters.service import DeadLetterService
from sluiceway.ingest.dead_letters.types import (
    DeadLetter,
    DeadLetterPage,
    LettersReply,
    LettersRequest,
    ReplayReply,
    ReplayRequest,
)
from sluiceway.ingest.paths import STREAM
from sluiceway.ingest.types import BranchTarget

_LETTERS: Final = f"{STREAM}/dead-letters"
_LETTER: Final = f"{_LETTERS}/{{letter_id:str}}"
_READS: Final = requires(Operation.STREAMS_READ)
_WRITES: Final = requires(Operation.STREAMS_WRITE)
_TAGS: Final = ["Dead letters"]


@get(_LETTERS, opt=_READS, operation_id="listDeadLetters", tags=_TAGS)
async def list_dead_letters(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    dead_letters: NamedDependency[DeadLetterService],
    page_size: Annotated[int | None, QueryParameter(name="pageSize")] = None,
    page_token: Annotated[str | None, QueryParameter(name="pageToken")] = None,
) -> DeadLetterPage:
    """List the open dead letters of a stream, oldest first."""
    page = parse_page(page_size, page_token)
    return await dead_letters.list(caller, BranchTarget(dataset_rid, branch_name), page)


@get(_LETTER, opt=_READS, operation_id="getDeadLetter", tags=_TAGS)
async def get_dead_letter(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    letter_id: FromPath[str],
    dead_letters: NamedDependency[DeadLetterService],
) -> DeadLetter:
    """Give one open dead letter."""
    return await dead_letters.get(caller, BranchTarget(dataset_rid, branch_name), letter_id)


@post(
    f"{_LETTER}/replay", opt=_WRITES, status_code=200, operation_id="replayDeadLetter", tags=_TAGS
)
async def replay_dead_letter(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    letter_id: FromPath[str],
    data: JSONBody[ReplayRequest],
    dead_letters: NamedDependency[DeadLetterService],
) -> ReplayReply:
    """Publish the record of a dead letter, mended or as it was sent, once."""
    mended = None if data.value is msgspec.UNSET else bytes(data.value)
    target = BranchTarget(dataset_rid, branch_name)
    return await dead_letters.replay(caller, target, letter_id, mended)


@post(
    f"{_LETTERS}/replay", opt=_WRITES, status_code=200, operation_id="replayDeadLetters", tags=_TAGS
)
async def replay_dead_letters(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[LettersRequest],
    dead_letters: NamedDependency[DeadLetterService],
) -> LettersReply:
    """Publish the records of dead letters that fit by now, each once."""
    target = BranchTarget(dataset_rid, branch_name)
    results = await dead_letters.replay_many(caller, target, data.letter_ids)
    return LettersReply(results=results)


@delete(_LETTER, opt=_WRITES, status_code=204, operation_id="discardDeadLetter", tags=_TAGS)
async def discard_dead_letter(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    letter_id: FromPath[str],
    dead_letters: NamedDependency[DeadLetterService],
) -> None:
    """Give up a dead letter."""
    await dead_letters.discard(caller, BranchTarget(dataset_rid, branch_name), letter_id)


@post(
    f"{_LETTERS}/discard",
    opt=_WRITES,
    status_code=200,
    operation_id="discardDeadLetters",
    tags=_TAGS,
)
async def discard_dead_letters(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[LettersRequest],
    dead_letters: NamedDependency[DeadLetterService],
) -> LettersReply:
    """Give up dead letters."""
    target = BranchTarget(dataset_rid, branch_name)
    results = await dead_letters.discard_many(caller, target, data.letter_ids)
    return LettersReply(results=results)


HANDLERS: Final = (
    list_dead_letters,
    get_dead_letter,
    replay_dead_letter,
    replay_dead_letters,
    discard_dead_letter,
    discard_dead_letters,
)
