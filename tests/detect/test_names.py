import pytest

from scanner.detect.names import Promise, name_at, promise
from scanner.detect.namesakes import marks_operation


@pytest.mark.parametrize(
    ("name", "promised"),
    [
        (b"password", Promise.PASSWORD),
        (b"DB_PASSWORD_PROD", Promise.PASSWORD),
        (b"spring.datasource.password", Promise.PASSWORD),
        (b"redis_password", Promise.PASSWORD),
        (b"dbPass", Promise.PASSWORD),
        (b"dbpass", Promise.PASSWORD),
        (b"mysqlrootpwd", Promise.PASSWORD),
        (b"bind_pw", Promise.PASSWORD),
        (b"password2", Promise.PASSWORD),
        (b"password.equals", Promise.PASSWORD),
        (b"user.setPassword", Promise.PASSWORD),
        (b"clientSecret", Promise.SECRET),
        (b"AWS_SECRET_ACCESS_KEY", Promise.SECRET),
        (b"access_token", Promise.TOKEN),
        (b"X-Api-Key", Promise.TOKEN),
        (b"signingKey", Promise.KEY),
        (b"encryption_key", Promise.KEY),
        (b"LABEL_PASSWORD", Promise.LABEL),
        (b"forgot-password", Promise.LABEL),
        (b"form.hasPassword", Promise.LABEL),
        (b"get_password", Promise.LABEL),
        (b"password_field", None),
        (b"passwords", None),
        (b"password.", None),
        (b"encodedPassword", None),
        (b"password_hash", None),
        (b"hashed_secret", None),
        (b"hashedToken", None),
        (b"salted_client_secret", None),
        (b"minipass", None),
        (b"bypass", None),
        (b"PWD", None),
        (b"tokenizer", None),
        (b"csrfToken", None),
        (b"csrf_token", None),
        (b"nextPageToken", None),
        (b"publicKeyToken", None),
        (b"public_key", None),
        (b"primaryKey", Promise.KEY),
        (b"keyboard", None),
        (b"MACKey", Promise.SOME_KEY),
        (b"issuer_key", Promise.SOME_KEY),
        (b"key", Promise.SOME_KEY),
        (b"monkey", None),
        (b"cache_key", None),
        (b"sortKey", None),
        (b"ssh_host_key", None),
        (b"s3Key", None),
        (b"gpg-key", None),
        (b"jwtProperties.setKey", Promise.KEY),
        (b"secret_b64", Promise.SECRET),
        (b"secretData", Promise.SECRET),
        (b"Tokens", Promise.KEY),
        (b"", None),
    ],
)
def test_what_a_name_promises(name, promised):
    assert promise(name) is promised


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"  DB_PASSWORD=x", b"DB_PASSWORD"),
        (b"$user.password_2 = x", b"$user.password_2"),
        (b'"a\\npassword=x"', b"password"),
        (b'"nt password"', b"password"),
        (b"password", b"password"),
    ],
)
def test_a_keyword_is_widened_to_the_name(text, name):
    at = text.lower().index(b"password")
    first, last = name_at(text, at, at + 8)
    assert text[first:last] == name


def test_a_token_of_a_request_is_told_from_one_of_an_account():
    assert marks_operation(b"ClientRequestToken")
    assert marks_operation(b"lock_token")
    assert not marks_operation(b"api_token")
    assert not marks_operation(b"token")
