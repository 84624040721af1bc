"""Addresses of e-mail: read from what people typed, with their domain in ASCII, and named on one line."""

from collections.abc import Mapping
from email.headerregistry import Address
from email.utils import parseaddr

import httpx

from integrations.channels.wording import one_line
from integrations.ports import BadField

MOST_RECIPIENTS = 20
NAME_LIMIT = 100


def address(text: str) -> Address:
    """One address, `name@host` or `Name <name@host>`, its domain in ASCII; raises ValueError with a few words."""
    name, spec = parseaddr(one_line(text))
    local, at, domain = spec.rpartition('@')
    if not (local and at and domain) or any(char.isspace() or char in '",;<>()[]\\:' for char in spec):
        raise ValueError('expected something like sales@example.com')
    try:
        host = domain if domain.isascii() else httpx.URL(f'https://{domain}/').raw_host.decode()  # IDNA 2008, as registries have it
        return Address(name, local, host)
    except (ValueError, IndexError, httpx.InvalidURL):
        raise ValueError('expected something like sales@example.com') from None


def addresses(text: str) -> list[Address]:
    """Several addresses with commas between them; raises ValueError as `address`."""
    return [address(part) for part in text.split(',') if part.strip()]


def named(name: str, whom: Address) -> Address:
    """The same mailbox under this name, which is cut and on one line."""
    return Address(one_line(name)[:NAME_LIMIT], whom.username, whom.domain)


def check_addresses(config: Mapping[str, str]) -> None:
    """Raise BadField with a sentence when `from` is not one address, or `to` not at most twenty."""
    for name in ('from', 'to'):
        try:
            found = addresses(config.get(name, ''))
        except ValueError as wrong:
            raise BadField(name, f'The field "{name}" is not an e-mail address: {wrong}.') from None
        if len(found) > (1 if name == 'from' else MOST_RECIPIENTS):
            raise BadField(name, f'The field "{name}" names too many addresses.')
