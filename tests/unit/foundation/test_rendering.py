"""Errors as answers, and the log line that goes with each."""

import logging

import pytest

from sluiceway.filesystem.errors import ResourceNotFoundError
from sluiceway.foundation.rendering import render


def test_what_a_client_sent_forges_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="sluiceway.errors")

    render(ResourceNotFoundError("a\r\n2026-01-01 ERROR forged\x1b[2J\u2028b"), "GET /")

    (line,) = [record.getMessage() for record in caplog.records]
    assert line.isprintable()
    assert line.endswith(
        "there is no resource a\ufffd\ufffd2026-01-01 ERROR forged\ufffd[2J\ufffdb"
    )
