"""The certificate that the server shows, looked at before it listens."""

import ssl

from sluiceway.settings import ServerSettings


class CertificateError(Exception):
    """The certificate or its key cannot be used; the message says which and why."""


def check_certificate(settings: ServerSettings) -> None:
    """See that the certificate and the key can be read and belong together, if they are set.

    Raises:
        CertificateError: They cannot or do not.
    """
    if not settings.tls_certificate:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key, _no_password)
    except (OSError, ValueError) as error:
        reason: object = error.strerror if isinstance(error, OSError) else error
        if isinstance(error, ssl.SSLError):
            is_other = error.reason == "KEY_VALUES_MISMATCH"
            reason = "the key is another one's" if is_other else "they are not both in PEM"
        raise CertificateError(
            f"cannot use server.tls_certificate {settings.tls_certificate}"
            f" with server.tls_key {settings.tls_key}: {reason}"
        ) from error


def _no_password() -> str:
    """Refuse a key with a password; by itself the library would ask whoever sits there."""
    raise ValueError("the key has a password")
