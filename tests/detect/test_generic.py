import pytest

from scanner.detect.generic import candidates
from scanner.model import Confidence, Rule, Severity
from scanner.rulepack import samples

RULE = Rule(
    "generic", "generic", "generic", "password", "generic", Severity.HIGH, Confidence.MEDIUM,
    "assignment", ("password",), "", 0, (), 0.0, "",
)  # fmt: skip
PASSWORD = samples.expand("<<>>Tr0<<alnum 9>>!")
TOKEN = samples.expand("<<alnum 32>>")


def found(text, keyword=b"password"):
    data = text.encode()
    at = data.lower().index(keyword)
    return [
        (c.secret.decode(), c.confidence) for c in candidates(data, at, at + len(keyword), RULE)
    ]


@pytest.mark.parametrize(
    "template",
    [
        'password = "{}"',
        "password: '{}'",
        '"password": "{}"',
        '{{\\"password\\": \\"{}\\"}}',
        "DB_PASSWORD={}",
        "export DB_PASSWORD='{}'",
        "define('DB_PASSWORD', '{}');",
        "$config['password'] = '{}';",
        "'password' => '{}',",
        "<password>{}</password>",
        '<add key="password" value="{}"/>',
        "password := `{}`",
        'let password: &str = "{}";',
        'val password: String = "{}"',
        "db.password={}",
        "  password : {}  ",
        'password=b"{}"',
        'if password == "{}":',
        'props.setProperty("db.password", "{}");',
        '  "password" = "{}"\n',
        "passwordProd = '{}'",
        "password_2: {}\r\n",
        "<password><![CDATA[{}]]></password>",
        "ENV MYSQL_ROOT_PASSWORD {}",
        "ENV password '{}'",
    ],
)
def test_notations(template):
    ((secret, confidence),) = found(template.format(PASSWORD))
    assert secret == PASSWORD
    assert confidence >= Confidence.MEDIUM


@pytest.mark.parametrize(
    "text",
    [
        'password = os.environ["DB_PASSWORD"]',
        "password = config.get('db', 'password')",
        "password: ${DB_PASSWORD}",
        "password: {{ vault_password }}",
        'password = "%s"',
        'password: str = ""',
        'password = ""',
        "password = None",
        "password = password",
        "password = self.password",
        "password: string;",
        "password: changeme",
        'password = "your-password-here"',
        "password = ************",
        'input type="password" name="pw"',
        'echo "Enter password: "; read -s x; echo "done"',
        '"password": {"type": "string"}',
        "password.length < 8",
        "password_hash = sha256(x)",
        "password, username = split(line)",
        "['user', 'password', 'something-else-1']",
        "password = 0x216",
        "password = context->password_1",
        "the password Tr0ub4dor is not assigned",
        "password:|other_program [0-9]",
        '"LABEL_PASSWORD": "Contraseña"',
        '"FORGOT_PASSWORD": "Passwort vergessen?"',
        "The password: it must be at least 8 characters",
        "password: /etc/app/password.txt",
        "password: https://vault.acme.io/v1/x",
    ],
)
def test_not_a_credential(text):
    assert [c for c in found(text) if c[1] is None or c[1] >= Confidence.MEDIUM] == []


def test_escapes_in_a_quoted_value_are_undone():
    quoted = r"a1\"b2" + r"\\c3!x"
    assert found(f'password = "{quoted}"')[0][0] == 'a1"b2\\c3!x'


def test_a_key_must_look_generated():
    assert found(f'api_token = "{TOKEN}"', b"token") == [(TOKEN, Confidence.HIGH)]
    assert found('api_token = "get-user-account"', b"token") == []


@pytest.mark.parametrize("scheme", ["Bearer", "Basic", "token"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_an_authorization_header(scheme, quote):
    text = f"{quote}Authorization{quote}: {quote}{scheme} {TOKEN}{quote}"
    assert found(text, b"authorization") == [(TOKEN, Confidence.HIGH)]


def test_a_keyword_with_its_operator():
    assert found(f'pass = "{PASSWORD}"', b"pass =")[0][0] == PASSWORD


def test_a_password_that_is_the_user_s_name_is_not_believed():
    word = "wa" + "nunhfo"
    assert found(f"user=me password={word}")[0][1] == Confidence.MEDIUM
    assert found(f"user={word} password={word}")[0][1] == Confidence.LOW
    assert found(f"login('{word}', password='{word}')")[0][1] == Confidence.LOW


def test_a_value_that_never_ends_is_bounded():
    assert found('password = "' + "a1!" * 100_000) == []


def test_a_name_that_ends_in_many_digits_costs_no_more_than_its_length():
    """Read in all the ways that digits can be grouped, this one would take until tomorrow."""
    assert found("my_token" + "1234567890" * 4 + "x = 'abcd'", b"token") == []
