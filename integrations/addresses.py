"""Which addresses the desk may call: rules over URLs and resolved addresses, pure but for reading numeric hosts."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

Network = IPv4Network | IPv6Network

LONGEST_URL = 2000
TLS_PORTS = (443, 8443)
HINT = 'If it is meant, add its network to OUTBOUND_ALLOW.'

# What Python's own tables do not know as special, or know only from later versions on.
_SPECIAL_V4 = [
    (IPv4Network('100.64.0.0/10'), 'a shared address of a carrier'),
    (IPv4Network('192.0.0.0/24'), 'a reserved address'),
    (IPv4Network('192.88.99.0/24'), 'a reserved address'),
    (IPv4Network('168.63.129.16/32'), 'an address of the cloud host itself'),
]
# Only 2000::/3 is in public use; these parts of it are not, or wrap an IPv4 address that would escape the rules.
_SPECIAL_V6 = [
    (IPv6Network('2001::/23'), 'a reserved address'),
    (IPv6Network('2001:db8::/32'), 'a reserved address'),
    (IPv6Network('2002::/16'), 'an IPv4 address wrapped in IPv6 (6to4)'),
    (IPv6Network('3fff::/20'), 'a reserved address'),
    (IPv6Network('::ffff:0:0/96'), 'an IPv4 address wrapped in IPv6'),
    (IPv6Network('64:ff9b::/96'), 'an IPv4 address wrapped in IPv6 (NAT64)'),
    (IPv6Network('64:ff9b:1::/48'), 'an IPv4 address wrapped in IPv6 (NAT64)'),
]
_PUBLIC_V6 = IPv6Network('2000::/3')


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """OUTBOUND_ALLOW as networks; raises ValueError naming the entry that is none."""
    found = []
    for text in texts:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            raise ValueError(f'OUTBOUND_ALLOW: "{text}" is no network; expected CIDR such as 10.0.0.0/8.') from None
    return tuple(found)


def check_address(url: str, *, trusted: bool, allow: Iterable[str] = ()) -> None:
    """Judge an address when a destination is saved: its form and numeric hosts; names are judged when they are resolved.

    `trusted` addresses come from the environment, all others from the desk. Raises ValueError with a sentence for the person who typed it.
    """
    Guard(trusted, networks(allow)).check(url)


def forbidden(address: IPv4Address | IPv6Address) -> str | None:
    """What kind of address it is that nobody outside may make the desk call, in words; None: a public one."""
    if address.is_unspecified:
        return 'an unspecified address'
    if address.is_loopback:
        return 'an address of this machine (loopback)'
    if address.is_multicast:
        return 'a multicast address'
    if address.is_link_local:
        return 'a link-local address'
    for network, words in _SPECIAL_V4 if isinstance(address, IPv4Address) else _SPECIAL_V6:
        if address in network:
            return words
    if address.is_private:
        return 'a private address'
    if address.is_reserved or not address.is_global or (address.version == 6 and address not in _PUBLIC_V6):
        return 'a reserved address'
    return None


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules for one origin of addresses: from the environment (trusted) or from the desk."""

    trusted: bool
    allow: tuple[Network, ...] = ()

    def check(self, url: str) -> httpx.URL:
        """Read the address and judge what can be judged without asking a name server; raises ValueError with a sentence."""
        parsed = _read(url)
        if self.trusted:
            if (numeric := _numeric(parsed.host)) and (reason := self.refusal(parsed.scheme, port_of(parsed), numeric)):
                raise ValueError(reason)
            return parsed
        if parsed.userinfo:
            raise ValueError('The address must not contain a user name or password.')
        if numeric := _numeric(parsed.host):
            reason = self.refusal(parsed.scheme, port_of(parsed), numeric)
        elif not self.allow and _local_name(parsed.host):
            reason = f'{parsed.host} is a name of this machine. {HINT}'
        elif not self.allow:
            reason = _form(parsed.scheme, port_of(parsed))
        else:
            reason = None  # it may lie inside the allowed networks: the connection decides
        if reason:
            raise ValueError(reason)
        return parsed

    def refusal(self, scheme: str, port: int, address: str) -> str | None:
        """Why this resolved address may not be connected to, as a sentence that names OUTBOUND_ALLOW; None: it may."""
        ip = ip_address(address)
        if any(ip in network for network in self.allow):
            return None
        if self.trusted:
            if scheme == 'https' or ip.is_loopback:
                return None
            return f'Plain http is taken only on this machine, and {ip} is elsewhere: use https. {HINT}'
        words = forbidden(ip)
        return f'{ip} is {words}. {HINT}' if words else _form(scheme, port)


def port_of(url: httpx.URL) -> int:
    """The port the address names or implies."""
    return url.port if url.port is not None else 443 if url.scheme == 'https' else 80


def _read(url: str) -> httpx.URL:
    if not url or len(url) > LONGEST_URL:
        raise ValueError(f'The address must have 1 to {LONGEST_URL} characters.')
    if any(not char.isprintable() or char.isspace() or char == '\\' for char in url):
        raise ValueError('The address must not contain spaces, line breaks or backslashes.')
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        # Never quoted: what the parser did not like may be the whole secret address.
        raise ValueError('The address cannot be read; its host or port is not valid.') from None
    if parsed.scheme not in ('http', 'https'):
        raise ValueError('The address must begin with https://.')
    if not parsed.host or '%' in parsed.host or port_of(parsed) == 0:
        raise ValueError('The address names no host or no port that could be called.')
    return parsed


def _form(scheme: str, port: int) -> str | None:
    if scheme != 'https':
        return f'The address must begin with https://. {HINT}'
    if port not in TLS_PORTS:
        return f'The port must be 443 or 8443, not {port}. {HINT}'
    return None


def _local_name(host: str) -> bool:
    name = host.rstrip('.').lower()
    return name == 'localhost' or name.endswith('.localhost')


def _numeric(host: str) -> str | None:
    """The address a host means that is a number in any spelling the system understands (127.1, 0x7f000001, ::1); None: a name."""
    try:
        found = socket.getaddrinfo(host.rstrip('.'), None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return str(found[0][4][0])
