"""Generated from rules/ by `python -m scanner.rulepack.generate`; do not edit."""

from typing import Any

# ruff: noqa
DIGEST = "4ebbf09ba40b206e"
RULES: tuple[tuple[Any, ...], ...] = (
    (
        "github-personal-token",
        "github-token",
        "GitHub personal access token (classic)",
        "api-key",
        "GitHub",
        4,
        3,
        "pattern",
        ("ghp_",),
        "(?:(?<![A-Za-z0-9])|(?<=\\\\[nrt]))ghp_[A-Za-z0-9]{36}(?![A-Za-z0-9])",
        0,
        ("base62-crc32",),
        3.0,
        "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation",
    ),
)
