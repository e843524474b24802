"""What a credential's own text proves or disproves: a checksum, an encoding, fields within.

A check is a pure function of the secret and never raises. docs/rules.md lists them all.
"""

from collections.abc import Callable

from scanner.detect.structure import checksums, cloud, keys, macaroons, named, tokens
from scanner.detect.structure.jwt import jwt
from scanner.detect.structure.verdict import Standing, Verdict

__all__ = ["CHECKS", "Standing", "Verdict"]

CHECKS: dict[str, Callable[[bytes], Verdict]] = {
    "age-key": keys.age_key,
    "aws-key-id": cloud.aws_key_id,
    "azure-client-secret": cloud.azure_client_secret,
    "google-private-key": cloud.google_private_key,
    "azure-common-key": cloud.azure_common_key,
    "azure-key": cloud.azure_key,
    "azure-sas": cloud.azure_sas,
    "azure-signed-key": cloud.azure_signed_key,
    "base62-crc32": checksums.base62_crc32,
    "base58-64": keys.base58_pair,
    "base64-json": tokens.base64_json,
    "basic-credentials": named.basic_credentials,
    "bip32-key": keys.bip32_key,
    "bitcoin-wif": keys.bitcoin_wif,
    "confluent-crc32": checksums.confluent_crc32,
    "discord-token": tokens.discord_token,
    "fly-macaroon": macaroons.fly_macaroon,
    "gitlab-routable": checksums.gitlab_routable,
    "grafana-crc32": checksums.grafana_crc32,
    "hex-crc32": checksums.hex_crc32,
    "jfrog-reference": tokens.jfrog_reference,
    "jwt": jwt,
    "letters-and-digits": tokens.letters_and_digits,
    "macaroon": macaroons.macaroon,
    "named-password": named.named_password,
    "named-secret": named.named_secret,
    "nkey-seed": checksums.nkey_seed,
    "nostr-key": keys.nostr_key,
    "not-hex": tokens.not_hex,
    "openai-key": tokens.openai_key,
    "password-hash": named.password_hash,
    "pypi-macaroon": macaroons.pypi_macaroon,
    "ripple-seed": keys.ripple_seed,
    "secp256k1": keys.secp256k1,
    "sendgrid-key": tokens.sendgrid_key,
    "slack-token": tokens.slack_token,
    "stellar-seed": checksums.stellar_seed,
    "stripe-key": tokens.stripe_key,
    "telegram-token": tokens.telegram_token,
    "tezos-key": keys.tezos_key,
    "tor-key": keys.tor_key,
    "x25519": keys.x25519,
}
