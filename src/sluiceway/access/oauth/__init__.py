"""The OAuth2 server: tokens for third-party applications (RFC 6749, 7009, 7662, 8414)."""
