"""Hosts that are this machine, which a store may be reached at without TLS."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Tell whether `host`, a name or an address without brackets, is this machine by itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
