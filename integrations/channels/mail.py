"""What a letter says as e-mail, whoever carries it: headers that keep a thread together, plain text, and a page beside it."""

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from domain.base import clock
from domain.base.events import Letter, Reply
from integrations.channels.mail_page import page
from integrations.channels.mailbox import address, named
from integrations.channels.wording import DUPLICATE, TEST, clean, facts, headline, one_line, origin
from integrations.errors import Permanent

SUBJECT_LIMIT = 200
MESSAGE_LIMIT = 20_000  # characters of a person's own words; more than the desk takes
PAGE_MESSAGE_LIMIT = 1_000  # in the page: the button below it must be in reach of a thumb; the text has all of it

# Seven bits, whatever is in it: no server on the way has anything to convert, or to refuse for want of it.
PLAIN = policy.SMTP.clone(cte_type='7bit')


def message(letter: Letter, sender: Address, to: list[Address]) -> EmailMessage:
    """The whole message; line breaks and control characters in names and subjects are gone.

    A notification has its words twice, as text and as a page. A person's reply to a customer is plain text, as they wrote it.
    """
    mail = EmailMessage(policy=PLAIN)
    domain = sender.domain
    reply = letter.reply
    mail['Message-ID'] = message_id(letter.key, domain)
    mail['Date'] = format_datetime(letter.occurred_at)
    mail['To'] = to
    if reply:
        mail['From'] = named(reply.sender or sender.display_name, sender)
        mail['Reply-To'] = sender
        mail['Subject'] = _subject(reply.subject)
        earlier = [message_id(key, domain) for key in reply.thread]
        if earlier:
            mail['In-Reply-To'] = earlier[-1]
            mail['References'] = ' '.join(earlier)
        if reply.automatic:
            mail['Auto-Submitted'] = 'auto-generated'
        mail.set_content(_body(reply))
        return mail
    mail['From'] = named(sender.display_name or 'Leadkeeper', sender)
    if back := _reply_to(letter):
        mail['Reply-To'] = back
    mail['Subject'] = _subject(headline(letter))
    mail['Auto-Submitted'] = 'auto-generated'
    mail.set_content(notice(letter))
    mail.add_alternative(page(letter, clock.now(), PAGE_MESSAGE_LIMIT), subtype='html')
    return mail


def notice(letter: Letter) -> str:
    """What a notification says, in paragraphs."""
    marks = [mark for mark, on in ((TEST, letter.test), (DUPLICATE, letter.possible_duplicate)) if on]
    link = clean(letter.link).strip() if letter.link.startswith(('https://', 'http://')) else ''
    parts = [
        headline(letter),
        '\n'.join([*marks, *facts(letter, clock.now())]),
        clean(letter.message).strip()[:MESSAGE_LIMIT],
        f'Open in Leadkeeper: {link}' if link else '',
        '\n'.join(origin(letter)),
    ]
    return '\n\n'.join(part for part in parts if part) + '\n'


def recipients(letter: Letter, readers: list[Address]) -> list[Address]:
    """Whom the letter goes to: a reply to the customer alone, all else to the readers; raises Permanent where there are none."""
    to = [address(letter.reply.to)] if letter.reply else readers
    if not to:
        raise Permanent('This destination only carries replies to customers: it has no address to notify. Enter one in the field "to".')
    return to


def message_id(key: str, domain: str) -> str:
    """The same for every try of a delivery, so that mail programs recognise twins and threads."""
    return f'<lk.{key}@{domain}>'


def _body(reply: Reply) -> str:
    return clean(reply.text).strip()[:MESSAGE_LIMIT] + '\n'


def _subject(text: str) -> str:
    line = one_line(text) or 'Leadkeeper'
    return line if len(line) <= SUBJECT_LIMIT else f'{line[: SUBJECT_LIMIT - 1].rstrip()}…'


def _reply_to(letter: Letter) -> Address | None:
    """The customer, so that answering the notification answers them; nobody when their address is none."""
    try:
        customer = address(letter.email)
    except ValueError:
        return None
    # Such an address would ask more of every server on the way, only for our convenience.
    return named(letter.name, customer) if customer.username.isascii() else None
