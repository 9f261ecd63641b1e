"""Errors: complete, told apart by their names, and documented."""

import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator

import pytest

import sluiceway
from fixtures.pages import ROOT
from sluiceway.foundation.errors import ErrorCode, SluicewayError

DELIBERATELY_SHARED = {
    "Conjure:InvalidArgument",  # Foundry's one name for whatever is wrong with a request
    "ColumnTypesNotSupported",  # Foundry says it of tables and of queries
    "LogUnavailable",  # its kind whose outcome is unknown says so in wroteNothing
    "ViewNotFound",  # the log's own, for a view that goes while it is being used
}


def all_errors() -> list[type[SluicewayError]]:
    """Give every error class of the package, the nameless families left out."""
    for module in pkgutil.walk_packages(sluiceway.__path__, "sluiceway."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)
    found = [error for error in below(SluicewayError) if hasattr(error, "name")]
    return sorted(found, key=lambda error: error.__qualname__)


def below(error: type[SluicewayError]) -> Iterator[type[SluicewayError]]:
    for child in error.__subclasses__():
        yield child
        yield from below(child)


def sources(error: type[SluicewayError]) -> list[str]:
    """Give the code of an error and of the errors that it is a kind of."""
    kinds = [kind for kind in error.__mro__ if issubclass(kind, SluicewayError)]
    return [inspect.getsource(kind) for kind in kinds if kind is not SluicewayError]


ERRORS = all_errors()


def test_there_are_errors() -> None:
    assert len(ERRORS) > 80


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__qualname__)
def test_an_error_is_complete_and_documented(error: type[SluicewayError]) -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text()

    assert error.__name__.endswith("Error")
    assert isinstance(error.code, ErrorCode)
    assert error.__module__.rpartition(".")[2].endswith("errors") or "inference" in error.__module__
    assert (inspect.getdoc(error) or "").splitlines()[0].endswith((".", ",", ";"))
    assert f"| `{error.name}` |" in page
    assert not error.retryable or any("Retry-After" in source for source in sources(error))


def test_whatever_is_answered_429_or_503_may_be_sent_again() -> None:
    """Palantir's clients do so, unless ``QoS-Retry-Hint`` forbids it, which we never send."""
    final = [error.name for error in ERRORS if error.status in {429, 503} and not error.retryable]

    assert final == []


def test_a_name_stands_for_one_error() -> None:
    counted = Counter(error.name for error in ERRORS)

    shared = {name for name, count in counted.items() if count > 1}

    assert shared == DELIBERATELY_SHARED
