"""What of a provider's text may be kept: short, printable and without secrets."""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

EXCERPT_BYTES = 2000
REDACTED = '[redacted]'
_SHORTEST_VALUE = 6  # of a query value; shorter ones are words and switches
_SHORTEST_SEGMENT = 12  # of a path segment; shorter ones are words such as services


def excerpt(text: str, secrets: Iterable[str] = ()) -> str:
    """At most 2 kB of a provider's text, without control characters and without the given secrets."""
    # Redacted before it is cut: half a secret at the edge would no longer be recognised.
    text = redact(text, secrets)
    text = ''.join(char if char.isprintable() or char == '\n' else ' ' for char in text)
    return text.encode('utf-8', 'replace')[:EXCERPT_BYTES].decode('utf-8', 'ignore').strip()


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced, also where its slashes are escaped as in JSON."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        for form in (secret, secret.replace('/', '\\/')):
            text = text.replace(form, REDACTED)
    return text


def secret_parts(url: str) -> set[str]:
    """What of a secret web address must not be repeated: the whole, its path, its query values, user info and long path segments."""
    parts = urlsplit(url)
    target = parts.path + (f'?{parts.query}' if parts.query else '')
    short = [*re.split('[&=;]', parts.query), parts.username or '', parts.password or '']
    long = [url, target, parts.path, *parts.path.split('/')]
    found = [piece for piece in short if len(piece) >= _SHORTEST_VALUE] + [piece for piece in long if len(piece) >= _SHORTEST_SEGMENT]
    return {*found, *map(unquote, found)}
