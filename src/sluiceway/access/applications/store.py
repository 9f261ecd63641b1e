"""What third-party applications need from storage."""

from typing import Protocol

from sluiceway.access.applications.types import Application


class ApplicationStore(Protocol):
    """Keeps applications by client id."""

    async def add(self, application: Application) -> None:
        """Keep a new application."""
        ...

    async def by_client_id(self, client_id: str) -> Application | None:
        """Give the application with this client id."""
        ...

    async def page(self, *, after: str | None, limit: int) -> list[Application]:
        """Give up to *limit* applications in the order of their client ids, from behind *after*."""
        ...

    async def count(self) -> int:
        """Tell how many applications there are."""
        ...

    async def replace(self, application: Application) -> None:
        """Keep *application* in place of the one with its client id; nothing if there is none."""
        ...

    async def delete(self, client_id: str) -> bool:
        """Forget an application; tells whether there was one."""
        ...

    async def set_used(self, client_id: str, used_ms: int) -> None:
        """Note when an application got a token; caches need not hear of it."""
        ...
