"""Names that end in a word for something secret, and hold a text, a mark or a digest instead."""

import re

_START = rb"(?:\A|[_.\-]|(?<=[a-z0-9])(?=[A-Z]))"

# Tokens and keys that are meant to be seen, or that belong to a grammar or a picture.
_PUBLIC = re.compile(
    _START + rb"(?i:(?:public|public_?key|publishable|site|next|page|next_?page|continuation|csrf"
    rb"|xsrf|csrf_?middleware|sync|cancel|cancell?ation|stop|change|syntax|eof|end|start|pad|unk|eos"
    rb"|bos|sep|cls|mask|cache|idempotency|device|authenticity|anti_?forgery|forgery|previous"
    rb"|verification_?request|request_?verification|current|next_?sync|page_?cursor|no|sort|sub)"
    rb"[_.\-]?(?:token|key|secret)s?\Z)"
)
_PASSING = re.compile(
    rb"(?i:(?:by|com|sur|tres|over|under|first|last|second|single|render|multi|one|two|post|depth"
    rb"|shadow|high|low|band)_?pass\Z)"
)
# Texts on the screen that speak of passwords (LABEL_PASSWORD, forgot-password), and actions.
_LABEL = re.compile(
    rb"(?i:label|title|mandatory|forg[eo]t|confirm|repeat|hint|message|invalid|prompt|tooltip"
    rb"|caption|heading|button|placeholder|required|incorrect)|\AHeader(?=[A-Z])"
    rb"|(?:\A|[_.\-])(?i:msg|error|err|help|reset|change|wrong|lost|enter|missing|bad|weak|show|hide"
    rb"|save|set|get|has|is|no|with|without|use|allow|check|verify|validate|generate|update|create"
    rb"|send|event|action|class|type|input|column|param|header|attr|tag|icon)[_.\-]"
    rb"|(?:\A|[_.\-])(?:has|is|no|uses?|shows?|hides?|allows?|get|check|verify|validate|encode"
    rb"|needs?|requires?|reset|change|save|wrong|lost|enter|missing)(?=[A-Z])"
)
# What is kept instead of a password.
_TRANSFORMED = re.compile(
    rb"(?i:hashed|encrypted|encoded|crypted|hash[_.\-]|digest|salted|md5|sha\d)"
)
_HASHED = re.compile(
    rb"(?i:(?:hashed|salted|digest(?:ed)?)[_.\-]?(?:[a-z]+[_.\-])?(?:secret|token)s?\Z)"
)
_OPERATION = re.compile(
    rb"(?i:(?:postman|lock|request|client|action|update|creation|change|concurrency|operation|confirmation"
    rb"|resume|upload|session|image|run|task|job|etag|revision)[_\-]?token\Z)"
)
# Keys that find something, or that anybody may have.
_LOOKUP = re.compile(
    _START
    + rb"(?i:(?:cache|public|pub|partition|sort|primary|foreign|object|translation|i18n|storage"
    rb"|path|idempotency|host|fingerprint|gpg|pgp|repo|apt|rpm|s3|file|image|blob|map|dict|hash|index"
    rb"|config|registry|message|msg|label|event|query|group|route|routing|property|prop|row|column"
    rb"|sub|widget|react|item|node|data|entity|record|lookup|search|filter|bucket|range|composite"
    rb"|unique|natural|surrogate|pkey|site|game|project|issue|hot|short|arrow|nkey|xkey|x|n|peer"
    rb"|verifying|verify|verification|validator|known|expected|dedup|deduplication|etag|version"
    rb"|metric|translate|locale|text|string|by|reg|tree|list|set|class|type|style|id|user|account"
    rb"|address|identity|wrapped|encrypted|recaptcha|maps|publishable|writable|client)[_.\-]?key\Z)"
)


def lookup(name: bytes) -> bool:
    """Tell whether the key with this name is one of a table or a pair, and hides nothing."""
    return _LOOKUP.search(name) is not None


def harmless(name: bytes) -> bool:
    """Tell whether what has this name is no secret: a public key, a CSRF token, a bypass."""
    return _PUBLIC.search(name) is not None or _PASSING.search(name) is not None


def label(name: bytes) -> bool:
    """Tell whether a name that ends in "password" is rather that of a text about passwords."""
    return _LABEL.search(name) is not None


def transformed(name: bytes) -> bool:
    """Tell whether a name that ends in "password" is rather that of what was made of one."""
    return _TRANSFORMED.search(name) is not None


def hashed(name: bytes) -> bool:
    """Tell whether a name that ends in "secret" or "token" is that of a hash of one."""
    return _HASHED.search(name) is not None


def marks_operation(name: bytes) -> bool:
    """Tell whether the token with this name marks a request or a state, if it is a UUID."""
    return _OPERATION.search(name) is not None
