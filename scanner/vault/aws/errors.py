"""What boto3 raises, told as errors of a store: what happened, where, and what to do next.

AWS repeats parameters in the messages of some errors, and boto3 those it finds invalid. So no
message of theirs is passed on: only the error code and the names of IAM actions in it.
"""

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from scanner.report.escape import visible
from scanner.vault.store import RefusedError, StoreError

# The last four are how boto3 stumbles over an answer that is not of AWS.
FAILURES = (
    BotoCoreError,
    ClientError,
    ResponseParserError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)
_NO_LOGIN = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
_LOGIN = re.compile(
    r"ExpiredToken|RequestExpired|InvalidClientTokenId|UnrecognizedClient|InvalidSignature"
    r"|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|InvalidAccessKeyId"
)
_BUSY = re.compile(r"Throttl|TooManyRequests|TooManyUpdates|RequestLimitExceeded|RateExceeded")
_KEY = re.compile(r"EncryptionFailure|DecryptionFailure|InvalidKeyId|^KMS")
_ACTION = re.compile(r"\b(?:secretsmanager|ssm|kms):[A-Z][A-Za-z]+")


class AwsError(StoreError):
    """Something went wrong with AWS; `problem` is the code of the `Problem` that this is."""

    problem = "address"


class LoginError(AwsError, RefusedError):
    """AWS does not know who asks: no credentials, or wrong or expired ones."""

    problem = "login"


class DeniedError(AwsError, RefusedError):
    """AWS knows who asks and does not allow it."""

    problem = "permission"


class TlsError(AwsError, RefusedError):
    """The connection is not encrypted, or the other side cannot prove who it is."""

    problem = "tls"


class EncryptionKeyError(AwsError, RefusedError):
    """The KMS key does not exist, is disabled, or may not be used."""

    problem = "encryption"


class UnavailableError(AwsError):
    """AWS was not reached, was busy, or its answer got lost: what was asked may have happened."""


class DeclinedError(AwsError):
    """AWS understood what was asked and declined it; `code` is its error code."""

    def __init__(self, message: str, code: str = "") -> None:
        """Tell `message` and keep `code` for whoever can do something about it."""
        super().__init__(message)
        self.code = code


def explained(error: Exception, action: str, where: str) -> AwsError:
    """Return the error that tells what `error`, one of FAILURES, means for `action` at `where`."""
    if isinstance(error, ClientError):
        return _answered(error, action, where)
    kind = type(error).__name__
    if isinstance(error, _NO_LOGIN):
        return LoginError(f"{where}: no usable AWS credentials ({kind}); log in, or set a profile")
    if isinstance(error, SSLError):
        return TlsError(f"{where}: TLS failed at {action}; check the endpoint and AWS_CA_BUNDLE")
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return UnavailableError(
            f"{where}: no answer to {action} ({kind}); check network, region and endpoint"
        )
    return UnavailableError(f"{where}: {action} could not be asked or understood ({kind})")


def _answered(error: ClientError, action: str, where: str) -> AwsError:
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    shown = visible(code, 60)
    # A gateway's code is no more than the status; then the message holds the code.
    if _LOGIN.search(message if code == str(status) else code):
        return LoginError(f"{where}: AWS does not accept the credentials ({shown}); log in again")
    if _BUSY.search(code) or status == 429:
        return UnavailableError(f"{where}: AWS is too busy for {action} ({shown}); try again later")
    if _KEY.search(code):
        return EncryptionKeyError(f"{where}: its KMS key cannot be used for {action} ({shown})")
    if status in (401, 403) or "AccessDenied" in code:
        named = _ACTION.search(message)
        if named is None and "KMS" in message:
            return EncryptionKeyError(f"{where}: its KMS key may not be used for {action}")
        return DeniedError(
            f"{where}: AWS does not allow {named[0] if named else action} ({shown}); "
            "ask for this action in an IAM policy"
        )
    if status >= 500:
        return UnavailableError(f"{where}: AWS failed at {action} (HTTP {status}); try again")
    return DeclinedError(f"{where}: AWS declined {action} ({shown})", code)
