"""Every call says who may make it, what it is called, and what it does."""

import inspect
from collections import Counter

import pytest
from litestar.handlers import HTTPRouteHandler

from sluiceway.access.guard import declares_access
from sluiceway.app import web

HANDLERS = web._HANDLERS


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: str(handler.operation_id))
def test_a_call_declares_its_access_and_is_described(handler: HTTPRouteHandler) -> None:
    assert declares_access(handler.opt)
    assert isinstance(handler.operation_id, str)
    assert handler.tags
    assert inspect.getdoc(handler.fn)


def test_no_two_calls_have_one_name() -> None:
    counted = Counter(str(handler.operation_id) for handler in HANDLERS)

    assert [name for name, count in counted.items() if count > 1] == []
