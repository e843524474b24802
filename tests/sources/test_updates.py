"""The lines by which git tells its hooks what a push changes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.sources.updates import Update, pushing, receiving

refs = st.binary(min_size=1).filter(lambda b: not set(b) & set(b" \n\r\x0b\x0c\x1c\x1d\x1e"))
ids = st.sampled_from([40, 64]).flatmap(
    lambda size: st.text("0123456789abcdef", min_size=size, max_size=size)
)


def known(text):
    return text if text.strip("0") else ""


@given(st.lists(st.tuples(refs, refs, ids, ids, refs)))
def test_what_git_writes_is_understood(updates):
    """What is pushed may be named by several words."""
    for_push = b"".join(
        b"%b %b %b %b %b\n" % (name, more, new.encode(), ref, old.encode())
        for name, more, old, new, ref in updates
    )
    for_receive = b"".join(
        b"%b %b %b\n" % (old.encode(), new.encode(), ref) for _, _, old, new, ref in updates
    )
    wanted = [Update(ref, known(old), known(new)) for _, _, old, new, ref in updates]
    assert pushing(for_push) == receiving(for_receive) == wanted


@given(st.binary())
def test_anything_else_is_refused_or_understood(lines):
    for read in (pushing, receiving):
        with suppress(UsageError):
            assert all(isinstance(update, Update) for update in read(lines))


@pytest.mark.parametrize("id_", ["0" * 39, "g" * 40, "A" * 40, "-" * 40, ""])
def test_an_id_is_hexadecimal_and_whole(id_):
    with pytest.raises(UsageError):
        receiving(f"{id_} {'0' * 40} refs/heads/main\n".encode())
