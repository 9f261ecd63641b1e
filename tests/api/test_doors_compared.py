"""Both doors give the same answers at a limit; for what else they have in common see odd requests."""

import contextlib
import json

from fixtures.api import Api
from fixtures.doors import Answer, Door, Wire, one, request
from fixtures.server import ServerProcess, sign_in

_TELLING_HEADERS = (
    "www-authenticate",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "qos-due-to",
    "qos-retry-hint",
)


def _facts(answer: Answer) -> object:
    """Give all of an answer that does not differ from one request to the next."""
    if answer.status == 204:
        return None
    body = json.loads(answer.body)
    del body["errorInstanceId"]
    return body, {name: answer.headers.get(name) for name in _TELLING_HEADERS}


def test_at_a_limit_both_doors_give_the_same_answer(own_server: ServerProcess):
    own_server.environment = {
        "SLUICEWAY_LIMITS__USER_REQUESTS_PER_MINUTE_MAX": "2",
        "SLUICEWAY_LIMITS__STREAM_CONCURRENT_REQUESTS_MAX": "1",
    }
    own_server.start()
    with contextlib.closing(Api(own_server.url, sign_in(own_server.url))) as admin:
        stream = admin.new_stream()
        path = f"{stream.fast}/publishRecord"
        found = []

        for door in Door:
            user_id, own = admin.new_user()
            admin.grant(stream.rid, user_id, "editor")
            with Wire(own_server) as wire:
                answers = [
                    wire.send(request(own, path, body, door=door)).answer()
                    for body in (one(1), b"{}", one(2), one(3))
                ]
            found.append([(answer.status, _facts(answer)) for answer in answers])

    assert [status for status, _ in found[0]] == [204, 400, 429, 429]
    assert found[0] == found[1]
