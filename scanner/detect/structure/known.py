"""Keys that everybody knows, since documentation or tools for developers give them to all.

Of each stand here the first 16 hex digits of SHA-256 over its bytes, so that no key does.
"""

# Accounts of Hardhat and Anvil (20), of `ganache --deterministic` and of Truffle (10 each), as
# BIP 44 derives them from the mnemonic that each tool documents.
_ETHEREUM = """
    59891c96881dfbcf bca4c2c0761d850f 193ae84c4c9567c2 e25a680eff8baac7 6718ba8966161cc8
    ac29b3735d1b5718 93e372c67f7238fa 59ad99d565557cc0 2d1831e800ec18fe 25061aad2bb09178
    ea72a3e7d4937af3 e77b7f2257fe244c 3d10abbc9c3e287b 6503803831c946cd 74f97a55058da1ba
    b8acf5d5eb4e7fd0 a9c85ef9ebbbe068 c188a572f30c631c ac70e04ef12b755b fd375fcf38ac71dd
    433b2e1dfcf07cc1 a5088b88526dfdbe b3146d642538d280 34ec71e14eadf154 cf5f090ef5ad175d
    0bf58c4947650475 3407c1890d719a17 c065f5ffb9bb9a19 4a95cb3ba84ec644 7ebf8ed1e0c24a0a
    5a801427c8b7be62 5683701095df1272 4998ff08a7813035 69b8f3f9f4e2873c 49b7a6a8b8a6392a
    77b8a0f88a30eba7 dfc44dbc519c691c dddb340ae3e6a05f f810d868d21fd859 d79f6da7f0e6e385
"""
# learn.microsoft.com: the account keys of the emulators for storage (Azurite) and for Cosmos DB.
_AZURE = "cb4de97f405a7e46 4b0ff98e66c6ba3b"
_DIGESTS = frozenset(f"{_ETHEREUM} {_AZURE}".split())


def published(key: bytes) -> bool:
    """Tell whether everybody knows this key."""
    from hashlib import sha256  # noqa: PLC0415 - few files hold a key that needs it

    return sha256(key).hexdigest()[:16] in _DIGESTS
