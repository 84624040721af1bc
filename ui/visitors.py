"""Where a visitor comes from, as far as the proxies in front can be trusted."""

import hashlib
import ipaddress
from collections.abc import Callable, Sequence
from functools import lru_cache

from fastapi import Request

from ui.doors import Doors


def address(request: Request, doors: Doors) -> str:
    """The visitor's address, as far as the proxies in front can be trusted."""
    peer = request.client.host if request.client else ''
    if not doors.settings.trusted_proxies:
        return peer
    return client_address(peer, ','.join(request.headers.getlist('x-forwarded-for')), doors.settings.trusted_proxies)


def address_hash(text: str, doors: Doors) -> str:
    """What is kept of an address: enough to see that two receipts came from the same one."""
    return _hashed(text, doors.box.sign)


@lru_cache(maxsize=4096)
def _hashed(text: str, sign: Callable[[str], str]) -> str:
    return hashlib.sha256(sign(text).encode()).hexdigest()[:16]


def client_address(peer: str, forwarded: str, trusted: Sequence[str]) -> str:
    """The visitor's address: the peer's, or behind TRUSTED_PROXIES the nearest hop of X-Forwarded-For that is not one of them."""
    if not trusted or not forwarded:
        return peer
    networks = [ipaddress.ip_network(network, strict=False) for network in trusted]

    def is_proxy(text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in networks if network.version == address.version)

    address = peer
    for hop in reversed([part.strip() for part in forwarded.split(',')]):
        if not is_proxy(address):
            break
        address = hop
    return address
