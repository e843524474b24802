"""Tokens of services that name something, decode to something, or keep to an alphabet."""

import re
import time

from scanner.detect.structure.decode import base64, exactly, json_object
from scanner.detect.structure.verdict import UNKNOWN, Verdict, disproved, doubtful, proved, told

_HEX = frozenset(b"0123456789abcdef")
_DISCORD_EPOCH = 1420070400  # seconds; 2015-01-01
_TELEGRAM = re.compile(rb"(?P<bot>[0-9]{1,16}):[A-Za-z0-9_\-]{35}")
_SLACK_APP = re.compile(rb"xapp-[0-9]-(?P<app>A[A-Z0-9]{7,13})-[0-9]{9,14}-[0-9a-f]{64}")
_SLACK = re.compile(
    rb"xox[a-z]-(?:2-)?(?P<team>[0-9]{9,14})-[0-9]{9,14}(?:-[0-9]{9,14})?-[A-Za-z0-9]+"
)
_SLACK_HOOK = re.compile(
    rb"(?P<team>T[A-Z0-9]{8,11})/(?:B[A-Z0-9]{8,13}|[0-9]{10,20})/[A-Za-z0-9]+"
)
_OPENAI = b"T3BlbkFJ"  # base64 of "OpenAI"


def jfrog_reference(secret: bytes) -> Verdict:
    """Judge a JFrog reference token, base64 of `reftkn:VERSION:EXPIRY:RANDOM`."""
    data = base64(secret)
    if data is not None and data.startswith(b"reftkn:") and data.count(b":") == 3:
        return proved("decodes to a reference token")
    return doubtful("does not decode to a reference token")


def discord_token(secret: bytes) -> Verdict:
    """Judge a Discord bot token, whose first part is the bot's numeric id in base64.

    discord.com/developers/docs/reference, "Snowflakes": an id's bits from 22 on are milliseconds
    since 2015.
    """
    data = base64(secret.partition(b".")[0])
    if data is None or not data.isdigit() or not 17 <= len(data) <= 20:
        return doubtful("does not begin with a Discord account")
    number = int(data)
    if number >> 63:
        return disproved("names no possible Discord account")
    day = time.strftime("%Y-%m-%d", time.gmtime((number >> 22) // 1000 + _DISCORD_EPOCH))
    return proved(f"belongs to the Discord account {number}, made on {day}")


def telegram_token(secret: bytes) -> Verdict:
    """Judge a token of a Telegram bot: the bot's id, which has at most 52 bits, and 35 characters.

    core.telegram.org/bots/api, "User".
    """
    form = _TELEGRAM.fullmatch(secret)
    if form is None:
        return UNKNOWN
    bot = int(form["bot"])
    if form["bot"].startswith(b"0") or bot >> 52:
        return disproved("names no possible Telegram bot")
    return proved(f"belongs to the Telegram bot {bot}")


def slack_token(secret: bytes) -> Verdict:
    """Judge a token or webhook of Slack by the ids in it.

    api.slack.com, "Token types" and "Sending messages using incoming webhooks".
    """
    app = _SLACK_APP.fullmatch(secret)
    if app is not None:
        return proved(f"belongs to the Slack app {app['app'].decode()}")
    team = _SLACK.fullmatch(secret) or _SLACK_HOOK.fullmatch(secret)
    return (
        UNKNOWN if team is None else told(f"belongs to the Slack workspace {team['team'].decode()}")
    )


def stripe_key(secret: bytes) -> Verdict:
    """Tell of a key of Stripe or of one who names keys alike whether it is for tests."""
    if b"_test_" in secret[:12]:
        return told("is for test mode, in which no money moves")
    return told("is for live mode") if b"_live_" in secret[:12] else UNKNOWN


def sendgrid_key(secret: bytes) -> Verdict:
    """Judge a SendGrid key: `SG.`, 16 and 32 bytes in base64url.

    docs.sendgrid.com, "API Keys": 69 characters.
    """
    parts = secret.split(b".")
    if len(parts) == 3 and exactly(parts[1], 16) and exactly(parts[2], 32):
        return proved("decodes to 16 and 32 bytes, as such keys do")
    return told("")


def openai_key(secret: bytes) -> Verdict:
    """Judge an OpenAI key: as many characters before its mark as after it, prefix apart."""
    before, mark, after = secret.partition(_OPENAI)
    prefix = next(
        (
            p
            for p in (
                b"sk-proj-",
                b"sk-svcacct-",
                b"sk-admin-",
                b"sk-service-",
                b"sk-None-",
                b"sk-",
            )
            if before.startswith(p)
        ),
        b"",
    )
    if not mark or not prefix:
        return UNKNOWN
    if len(before) - len(prefix) == len(after):
        return proved("has the mark of OpenAI in its middle")
    return UNKNOWN


def base64_json(secret: bytes) -> Verdict:
    """Judge a token that holds a JSON object in base64, alone or before a `.` or the last `_`."""
    body = secret[max(0, secret.find(b"eyJ")) :]
    for part in (body, body.partition(b".")[0], body.rpartition(b"_")[0]):
        fields = json_object(part)
        if fields is not None:
            return proved(f"holds JSON, as such tokens do{_owner(fields)}")
    return doubtful("does not hold JSON")


# What a token of Sentry, Grafana Cloud, Mapbox or 1Password says of whose it is.
_OWNERS = {"org": "organization", "o": "organization", "u": "user", "email": "account"}


def _owner(fields: dict[str, object]) -> str:
    for name, words in _OWNERS.items():
        value = fields.get(name)
        if isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable():
            return f"; they name the {words} {value}"
    return ""


def letters_and_digits(secret: bytes) -> Verdict:
    """Doubt a token that lacks letters or digits, which one drawn at random hardly does."""
    if any(48 <= b <= 57 for b in secret) and any(65 <= b <= 90 or 97 <= b <= 122 for b in secret):
        return UNKNOWN
    return doubtful("lacks letters or digits")


def not_hex(secret: bytes) -> Verdict:
    """Doubt a token that consists of lower-case hex digits where any alphanumeric may stand."""
    if _HEX.issuperset(secret):
        return doubtful("may be a hash, since it holds hex digits alone")
    return UNKNOWN
