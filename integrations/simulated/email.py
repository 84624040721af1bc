"""An imitated mail server: takes what a real one takes, refuses what RFC 5321 and 5322 refuse, and remembers the messages."""

from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default

from integrations.ports import Answer
from integrations.simulated.memory import Memory

_LONGEST_LINE = 998
_ONCE = ('From', 'To', 'Date', 'Message-ID', 'Subject')
_NOBODY = 'nobody@'


def receiver(_config: Mapping[str, str]) -> Memory:
    """A server that remembers the messages handed to it; it knows no recipient whose name is nobody."""
    return Memory(_respond)


def _respond(headers: Mapping[str, str], content: bytes) -> Answer:
    envelope = [headers.get('mail-from', ''), *headers.get('rcpt-to', '').split(',')]
    for stage, address in zip(('mail', *['rcpt'] * (len(envelope) - 1)), envelope, strict=True):
        if '@' not in address or any(char.isspace() or char in '<>' for char in address):
            return _no(501, stage, '5.1.3 bad address')
        if not (address.isascii() or headers.get('smtputf8')):
            return _no(553, stage, '5.6.7 this address needs SMTPUTF8')
    known = [address for address in envelope[1:] if not address.startswith(_NOBODY)]
    if not known:
        return _no(550, 'rcpt', '5.1.1 no such user')
    lines = content.split(b'\r\n')
    if any(b'\n' in line or b'\r' in line or len(line) > _LONGEST_LINE for line in lines):
        return _no(554, 'end', '5.6.0 a bare line break, or a line that is too long')
    if not (content.isascii() or headers.get('smtputf8')):
        return _no(554, 'end', '5.6.3 8-bit text was not announced')
    message = message_from_bytes(content, policy=default)
    if message.defects or any(len(message.get_all(name, [])) != 1 for name in _ONCE):
        return _no(554, 'end', '5.6.0 a header is missing, doubled or broken')
    refused = [f'{address} 550 5.1.1 no such user' for address in envelope[1:] if address not in known]
    return Answer(250, {'stage': 'end', 'refused': '; '.join(refused)}, '2.0.0 taken')


def _no(code: int, stage: str, words: str) -> Answer:
    return Answer(code, {'stage': stage}, words)
