"""Recognises that text after a name assigns a value to it, in any of the usual notations.

Code: `name = "v"`, `name: Type = "v"`, `name := "v"`, `name => 'v'`, `{"name": "v"}`,
`o["name"] = "v"`, `setName("v")`, `put("name", "v")`, `name = Text("v")`, `get("name") or "v"`,
`#define NAME "v"`. Data: `name: v`, `name = v`, `{name: v}`, `<name>v</name>`,
`<e key="name" value="v"/>`. Shells: `NAME=v`, `${NAME:-v}`, `-Name "v"`, `ENV NAME v`.
Prose: `**Name**: v`, `| Name | v |`, `Name is "v"`.
"""

import re

_QUOTE = rb"""\\{0,3}["'`]"""
_STRING = rb"""[@bBuU]{0,2}\\{0,3}["'`]"""

_CLOSE = (
    rb"(?P<close>"
    + _QUOTE
    + rb"|\*\*|&quot;)?(?:[\])}]{1,2}|\[[0-9A-Z_]{0,12}\]|[ ]\{[ ]get;[a-z; ]{0,24}\})?"
)
# A name in quotes has no type.
_TYPE = rb"""(?(close)|(?::[ \t]{0,3}(?:Optional\[|Option[<\[]|Final\[|&(?:'[a-z]{1,8}\ )?)?
    [A-Za-z][\w.]{0,24}[\]>?]?(?:\[\])?[ \t]{0,3}
    (?=:?=[ \t]{0,3}[\w.:\[\](&@]{0,40}\\{0,3}["'`]))?)"""
_OPERATOR = rb"""(?:(?:,\ (?:_|err|error|ok)\ (?=:?=))?%b
    (?P<op>=>|:=|={1,3}|!==?|\|\|=?|\?[?:]?=|\?\?|\?:|or\ (?=["']))
    |(?P<colon>:(?!:)-?)|(?P<xml>>)
    |(?P<attribute>[ \t]value=|,?[ \t]{0,2}\.?\\{0,3}["']?[vV]alue\\{0,3}["']?(?:\ ?[:=]|\())
    |(?P<comma>,)|(?P<call>\((?=%b))|(?P<brace>\{(?=%b))|(?P<cell>\|(?=\ ))
    |(?<=[ \t])(?P<word>(?:-?(?:eq|ne)|is|was)(?:\ set\ to)?:?\ (?=["'`])))""" % (
    _TYPE,
    _STRING,
    _STRING,
)
_MARKUP = rb"(?:\*\*)?[ \t]{0,24}(?:</?(?:b|strong|code|td|th|dt|dd|em|i|span)>[ \t]?){0,3}"
_WRAP = rb"""(?P<wrap>(?:new\ )?(?:\[\])?[A-Za-z_][\w.:]{0,40}+
    (?:\(\)\.\w{1,20}+)?(?:<\w{0,20}>)?!?\((?=%b))?
    (?P<list>(?:\[\][a-z]{1,12})?[\[({]\ ?(?=%b))?""" % (_STRING, _STRING)
_OPEN = (
    rb"""(?P<prefix>[bruBRUfFL@$]{1,2}(?=\\{0,3}["']))?(?P<open>%b|\*\*|&quot;)?
    (?:(?i:(?P<scheme>bearer|basic|token|apikey))\ {1,3}(?=[^\s]))?(?:<!\[CDATA\[)?"""
    % _QUOTE
)

ASSIGN = re.compile(
    _CLOSE + rb"[ \t]{0,24}" + _OPERATOR + _MARKUP + _WRAP + _OPEN,
    re.VERBOSE,
)
"""From the end of a name to the beginning of what may be its value."""

SPACED = re.compile(rb"[ \t]{1,24}(?P<open>@?[\"'])?(?=[^\s=:])")
"""The same where nothing but blanks stand between them."""

_SPACED_BEFORE = re.compile(rb"(?:\bENV |# ?define |\A[ \t]{0,40}| -)\Z", re.IGNORECASE)
_ACCEPTING = re.compile(
    rb"(?i:set|put|add|define|env|environ|prop|property|header|param|parameter|option|config|append"
    rb"|with|attribute|default|insert|pair|entry|entries|variable|get|fetch|form|data|query|map|of"
    rb"|field|register|string|secret|input|environment|setting|credential|cookie)[a-z]{0,3}\Z"
)
_NEVER = re.compile(
    rb"(?i:hash|check|verif|equal|assert|compar|match|expect|replace|contains|split|index|crypt"
    rb"|digest|trans|label|message|placeholder|error|exception|log|print|decode|valid|derive)"
)
_CONVERTS = re.compile(
    rb"(?i:bytes?|string|str|cstr|from|ptr|chars?|buffer|secure|secret|credential|value|some|just"
    rb"|strdup|utf_?8|utf16|encoded?|literal|plain|of|text|pointer|sensitive|b64decode|b64encode"
    rb"|hex|decode|decode64|unhexlify|atob|password|token|key|new|box|arc|cow|create|object|tosecurestring)\Z"
)
_FETCHES = re.compile(
    rb"(?i)(?:\A|[.:])(?:get|read|load|fetch|find|lookup|resolve|env|input|prompt|ask)"
)
_CALLED = re.compile(rb"(?P<function>[A-Za-z_][\w.:>\-]{0,60})(?:<[\w, ]{0,60}>)?[ ]?\(\Z")
_COPIES = re.compile(rb"str(?:n?cpy|lcpy|n?cat|dup)\([ \t]?(?:[\w.>\-]{0,40})\Z")
_PASSWORD_LAST = re.compile(rb"(?:password|passwd|passphrase|passcode|pwd|pass|secret|token)\Z")
_KEY_LAST = re.compile(rb"(?:(?:api|access|app|secret|private|auth)?_?key)\Z")
_AT_ONCE = re.compile(rb"(?=[a-z]{0,32}[0-9])[a-z0-9][A-Za-z0-9]{7,63}[\"'](?![A-Za-z0-9])")
_GOES_BEFORE = (b",", b".", b":", b"/", b" ", b"-")
# What passes is no password: `- all tests pass: see below`.
_VERB = re.compile(rb"(?<![A-Za-z])(?!let|var|val|const)[A-Za-z]{3,32} \Z")
_COMPARISONS = (b"==", b"===", b"!=", b"!==")
_OR = (b"||", b"??", b"?:", b"or ")


def assigns(name: bytes, line: bytes, assign: re.Match[bytes]) -> bool:
    """Tell an assignment from text that only has its characters.

    `line` is what stands before `name` on its line, and `assign` a match of ASSIGN after it.
    """
    opened = assign["open"]
    if assign["close"] and name.startswith(b"$") and line.endswith(_GOES_BEFORE):
        return False  # the end of a text with several variables in it
    if assign["colon"] and name.lower() == b"pass" and _VERB.search(line):
        return False
    if assign["comma"]:
        return bool(opened) and _is_argument(line, assign)
    if assign["call"]:
        return _sets(name[name.rfind(b".") + 1 :].lower())
    if assign["cell"]:
        return line.lstrip(b" \t").startswith(b"|")
    if assign["colon"] and not _is_key(line, assign):
        return False
    if assign["op"] in (*_COMPARISONS, *_OR) and not opened:
        return False
    if assign["wrap"] and not _converts(assign["wrap"]):
        return False
    if not opened or assign["close"] is not None or line.count(opened) % 2 == 0:
        return True
    # In `"Password: "` the second quote closes a string, unless a value follows at once.
    return bool(assign["colon"]) and _AT_ONCE.match(assign.string, assign.end()) is not None


def is_spaced(name: bytes, line: bytes) -> bytes | None:
    """Return what makes blanks after a name an assignment, given the line before the name.

    It is empty or blanks at a line's start; None if blanks assign nothing there.
    """
    before = _SPACED_BEFORE.search(line + b"-" if name.startswith(b"-") else line)
    return before[0] if before else None


def is_pair(line: bytes) -> bool:
    """Tell whether a quoted name after `line` begins a pair in brackets: `("name", "value")`."""
    bare = line.rstrip(b"\"'`\\bu")
    return bare.endswith(b"(") and _CALLED.search(bare) is None


def _is_key(line: bytes, assign: re.Match[bytes]) -> bool:
    if assign["colon"] == b":-":
        return line.endswith(b"${")
    if assign["close"]:
        # Neither `AWS::Type": …`, a type's name, nor `a="name" :b="…"`.
        return not line.endswith(b"::") and assign[0][-2:] != b" :"
    return True


def _is_argument(line: bytes, assign: re.Match[bytes]) -> bool:
    """Tell whether the name is an argument that another one gives a value.

    So it is in `define('DB_PASSWORD', 'value')`, but not in a list of words.
    """
    if not assign["close"]:
        return _COPIES.search(line) is not None
    bare = line.rstrip(b"\"'`\\bu")
    called = _CALLED.search(bare)
    if called is None:
        return bare.endswith(b"(")
    function = called["function"]
    return not _NEVER.search(function) and _ACCEPTING.search(function) is not None


def _sets(function: bytes) -> bool:
    """Tell whether calling `function`, in lower case, sets the value: `.withPassword("…")`."""
    if function in (b"equals", b"equalsignorecase"):
        return True
    verb = _PASSWORD_LAST.sub(b"", function)
    if verb == function:
        verb = _KEY_LAST.sub(b"", function)
    return verb == b"" or (verb != function and verb.startswith((b"set", b"with", b"add", b"put")))


def _converts(wrap: bytes) -> bool:
    """Tell whether the function in `new Name(` only changes the type of the text it is given."""
    function = wrap[:-1].rstrip(b"!").replace(b"getDecoder().", b"")
    return _FETCHES.search(function) is None and _CONVERTS.search(function) is not None
