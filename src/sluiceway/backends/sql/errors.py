"""What can go wrong with the metadata database."""

from collections.abc import Mapping

from sluiceway.foundation.errors import ErrorCode, SluicewayError


class DatabaseUnavailableError(SluicewayError):
    """The metadata database does not answer, or not as it must."""

    code = ErrorCode.CUSTOM_SERVER
    name = "DatabaseUnavailable"
    status = 503
    retryable = True
    wrote_nothing = False
    headers: Mapping[str, str] = {"Retry-After": "5"}

    def __init__(self, reason: str) -> None:
        super().__init__("the metadata database is not available")
        self.reason = reason

    def __str__(self) -> str:
        """Say why too; callers are not told that, the log and the command line are."""
        return f"{self.message}: {self.reason}"


class InvalidDatabaseUrlError(SluicewayError):
    """The setting ``server.database_url`` is not a URL that can be used."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidDatabaseUrl"

    def __init__(self, reason: str) -> None:
        super().__init__(f"server.database_url cannot be used: {reason}")
