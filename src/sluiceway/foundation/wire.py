"""The base of every type that goes over the wire."""

import msgspec


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something we send: camelCase names, fields at their default left out."""


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Something we are sent: unknown fields are refused (Conjure wire spec, section 5.1)."""
