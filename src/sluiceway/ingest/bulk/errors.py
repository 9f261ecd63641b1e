"""How a file is said to be broken, or not one that can be taken."""

from sluiceway.schema.errors import BodyInvalidError


def untaken_type(where: str, name: str) -> BodyInvalidError:
    """Say that no field takes values of the type *name*."""
    return BodyInvalidError(f"{where} has the type {name[:100]}, which no field takes")


def untaken_key(where: str, name: str) -> BodyInvalidError:
    """Say that the keys of a map have the type *name*, and those of the field another."""
    return BodyInvalidError(
        f"the keys of {where} have the type {name[:100]}, those of the field another"
    )
