from hypothesis import given
from hypothesis import strategies as st

from scanner.sources.portion import packed_links, unpacked_links


def ids(size):
    return st.binary(min_size=size, max_size=size).filter(any)


@given(
    st.sampled_from([20, 32]).flatmap(
        lambda size: st.dictionaries(
            st.integers(0, 2**31 - 1),
            st.tuples(st.just(b"") | ids(size), st.lists(ids(size), max_size=3).map(tuple)),
        )
    )
)
def test_links_are_the_same_after_packing(links):
    assert dict(unpacked_links(packed_links(links))) == links
