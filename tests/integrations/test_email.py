"""E-mail as a channel: the same contract over a real mail server and its twin, what a letter looks like, and what may be saved."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from domain.base.events import Letter, Reply
from integrations.channels.email import Email, message_id
from integrations.errors import Misconfigured, Permanent, ProviderError, Temporary, Throttled, Unknown
from integrations.ports import Answer, Notifier
from integrations.registry import build, twin
from integrations.simulated.memory import Memory
from integrations.smtp import Smtp
from tests.mailserver import LOST, mail_server

KEY = 'AZqx3k0fVt2b7QmT4nJ1sA'
CONFIG = {'host': 'simulated:', 'port': '1025', 'from': 'Northside <leads@northside.example>', 'to': 'sales@northside.example'}
GOOD = {**CONFIG, 'host': 'smtp.example.com'}
REPLY = Reply('dana@example.com', 'Ines Vega', 'Re: Window tint', 'Hello Dana,\n\nyes, tomorrow at 9 works.\n.\nInes')


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        'key': KEY,
        'event_type': 'lead.created',
        'occurred_at': datetime(2026, 11, 21, 20, 15, 0, tzinfo=UTC),
        'title': 'New lead',
        'name': 'Dana Reed',
        'email': 'dana@example.com',
        'message': 'Could you tint my car?',
        'quality': 'hot',
        'reference': 'L-1A2B3C4D',
        'link': 'https://desk.example.com/leads/1',
    }
    return Letter(**{**given, **fields})


@dataclass
class Line:
    """The channel on one wire: how to make the other end refuse, and what it took."""

    notifier: Notifier
    refuse: Callable[[str, str], None]
    lose: Callable[[], None]
    taken: Callable[[], list[bytes]]


@pytest.fixture(params=['real', 'twin'])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    if request.param == 'real':
        with mail_server() as server:
            notifier = build('email', {**CONFIG, 'host': '127.0.0.1', 'port': str(server.port)}, None, trusted=True, smtp=Smtp(deadline=3))
            yield Line(
                notifier,
                lambda step, reply: server.replies.update({step: [reply]}),
                lambda: server.replies.update(end=[LOST]),
                lambda: [taken.content for taken in server.taken],
            )
        return
    memory = twin('email', CONFIG)
    assert isinstance(memory, Memory)
    yield Line(
        build('email', CONFIG, None, trusted=True),
        lambda step, reply: memory.fail(Answer(int(reply[:3]), {'stage': step}, reply[4:])),
        lambda: memory.fail(Unknown('The answer was lost.'), after=True),
        memory.taken,
    )


def read(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def text(mail: EmailMessage) -> str:
    part = mail.get_body(('plain',))
    assert part is not None
    return str(part.get_content()).replace('\r\n', '\n')


def test_a_notification_arrives_once_and_is_proved(line: Line) -> None:
    proof = line.notifier.send(letter())
    assert (proof.status, proof.reference) == (250, f'<lk.{KEY}@northside.example>')
    (content,) = line.taken()
    mail = read(content)
    assert mail['To'] == 'sales@northside.example'
    assert mail['From'] == 'Northside <leads@northside.example>'
    assert mail['Reply-To'] == 'Dana Reed <dana@example.com>'
    assert mail['Subject'] == 'New lead: Dana Reed'
    assert mail['Message-ID'] == proof.reference
    assert mail['Date'].datetime == letter().occurred_at
    assert mail['Auto-Submitted'] == 'auto-generated'
    assert [part.get_content_type() for part in mail.walk()] == ['multipart/alternative', 'text/plain', 'text/html']
    assert 'flowed' not in ''.join(part['Content-Type'] for part in mail.walk())
    assert text(mail) == (
        'New lead: Dana Reed\n\nHot\nE-mail: dana@example.com\n\nCould you tint my car?\n\n'
        'Open in Leadkeeper: https://desk.example.com/leads/1\n\nReference: L-1A2B3C4D · 4nJ1sA\n'
    )


def test_a_reply_goes_to_the_customer_alone_in_the_persons_name_and_stays_one_thread(line: Line) -> None:
    line.notifier.send(letter(event_type='message.sent', reply=REPLY))
    line.notifier.send(
        letter(key='second', event_type='message.sent', reply=replace(REPLY, thread=('first', KEY)), possible_duplicate=True)
    )
    first, second = (read(content) for content in line.taken())
    assert first['To'] == 'dana@example.com'
    assert first['From'] == 'Ines Vega <leads@northside.example>'
    assert first['Subject'] == 'Re: Window tint'
    assert (first['Auto-Submitted'], first['In-Reply-To'], first['References']) == (None, None, None)
    assert text(first) == REPLY.text + '\n'
    assert first.get_content_type() == 'text/plain', 'as they wrote it'
    assert second['In-Reply-To'] == first['Message-ID'] == message_id(KEY, 'northside.example')
    assert second['References'].split() == ['<lk.first@northside.example>', first['Message-ID']]
    assert second.get_content() == first.get_content(), 'a customer is told nothing of our doubts'


@pytest.mark.parametrize(
    ('step', 'reply', 'kind'),
    [
        ('rcpt', '550 5.1.1 no such user', Permanent),
        ('end', '554 5.7.1 this is spam', Permanent),
        ('end', '552 5.3.4 too large', Permanent),
        ('mail', '550 5.7.60 not your address', Permanent),
        ('mail', '530 5.7.0 sign in first', Misconfigured),
        ('rcpt', '451 4.7.1 greylisted', Temporary),
        ('rcpt', '450 4.2.1 mailbox busy', Temporary),
        ('rcpt', '452 4.5.3 too many', Throttled),
        ('mail', '421 4.7.0 slow down', Throttled),
    ],
)
def test_every_refusal_has_its_class_and_the_next_letter_goes_through(line: Line, step: str, reply: str, kind: type[ProviderError]) -> None:
    line.refuse(step, reply)
    with pytest.raises(ProviderError) as caught:
        line.notifier.send(letter())
    assert type(caught.value) is kind
    assert caught.value.status == int(reply[:3])
    assert reply[4:] in caught.value.detail
    assert line.taken() == []
    if isinstance(caught.value, Throttled):
        assert caught.value.retry_after == 10
    line.notifier.send(letter())
    assert len(line.taken()) == 1


@pytest.mark.parametrize(('code', 'kind'), [(535, Misconfigured), (534, Misconfigured), (454, Temporary), (421, Throttled)])
def test_a_refused_sign_in_pauses_and_one_that_fails_for_now_does_not(code: int, kind: type[ProviderError]) -> None:
    account = {**CONFIG, 'user': 'desk', 'password': 'hunter2'}
    memory = twin('email', account)
    assert isinstance(memory, Memory)
    memory.fail(Answer(code, {'stage': 'login'}, 'no: hunter2'))
    with pytest.raises(kind) as caught:
        build('email', account, None, trusted=True).send(letter())
    assert 'hunter2' not in caught.value.detail + caught.value.excerpt
    assert 'the sign-in' in caught.value.detail


def test_a_lost_answer_is_unknown_and_the_second_try_has_the_same_id_and_a_mark(line: Line) -> None:
    line.lose()
    with pytest.raises(Unknown):
        line.notifier.send(letter())
    line.notifier.send(letter(possible_duplicate=True))
    first, second = (read(content) for content in line.taken())
    assert first['Message-ID'] == second['Message-ID']
    assert ['Possible duplicate' in text(mail) for mail in (first, second)] == [False, True]
    assert (line.notifier.keyed, line.notifier.costly) == (False, False)


def test_line_breaks_in_names_make_no_header_and_letters_of_all_scripts_arrive(line: Line) -> None:
    line.notifier.send(letter(name='Eve\r\nBcc: all@example.com', title='New\nlead'))
    line.notifier.send(letter(name='Łukasz „der" Größe 💥', email='lukasz@größe.example', message='Grüße\n.\nλ 漢字'))
    line.notifier.send(letter(reply=replace(REPLY, sender='Zoë\r\nX: y', subject='Re: a\r\nBcc: b@example.com')))
    evil, wide, reply = (read(content) for content in line.taken())
    assert (evil['Bcc'], evil['Subject']) == (None, 'New lead: Eve Bcc: all@example.com')
    assert wide['Subject'] == 'New lead: Łukasz „der" Größe 💥'
    assert wide['Reply-To'].addresses[0].display_name == 'Łukasz „der" Größe 💥'
    assert wide['Reply-To'].addresses[0].addr_spec == 'lukasz@xn--gre-6ka8i.example'
    assert 'Grüße\n.\nλ 漢字' in text(wide)
    assert (reply['Bcc'], reply['X'], reply['From'].addresses[0].display_name) == (None, None, 'Zoë X: y')
    assert all(content.isascii() for content in line.taken())


def test_a_long_domain_and_a_long_thread_break_no_header() -> None:
    domain = '.'.join(['a-rather-long-part'] * 8) + '.example'
    keys = tuple(f'{number:022}' for number in range(20))
    memory = twin('email', CONFIG)
    assert isinstance(memory, Memory)
    Email({**CONFIG, 'from': f'leads@{domain}'}, memory).send(letter(reply=replace(REPLY, thread=keys)))
    mail = read(memory.taken()[0])
    assert mail['Message-ID'] == message_id(KEY, domain)
    assert mail['In-Reply-To'].strip() == message_id(keys[-1], domain)
    assert mail['References'].split() == [message_id(key, domain) for key in keys]


def test_an_address_beyond_ascii_goes_by_smtputf8(line: Line) -> None:
    line.notifier.send(letter(reply=replace(REPLY, to='jürgen@größe.example')))
    assert 'To: jürgen@xn--gre-6ka8i.example\r\n'.encode() in line.taken()[0]


@pytest.mark.slow
def test_naughty_strings_never_make_a_header_and_are_always_taken(naughty: list[str]) -> None:
    memory = twin('email', CONFIG)
    assert isinstance(memory, Memory)
    notifier = build('email', CONFIG, None, trusted=True)
    taken = []
    for typed in naughty:
        notifier.send(letter(name=typed, message=typed, wants=typed))
        notifier.send(letter(reply=replace(REPLY, sender=typed, subject=f'Re: {typed}', text=typed)))
        taken += [read(content) for content in memory.taken()[-2:]]
    assert len(taken) == 2 * len(naughty)
    allowed = {
        'Message-ID',
        'Date',
        'To',
        'From',
        'Reply-To',
        'Subject',
        'Auto-Submitted',
        'Content-Type',
        'Content-Transfer-Encoding',
        'MIME-Version',
    }
    assert {name for mail in taken for name in mail} <= allowed
    assert {str(mail['To']) for mail in taken} == {'sales@northside.example', 'dana@example.com'}


def test_a_mail_account_without_readers_only_carries_replies() -> None:
    config = {name: value for name, value in CONFIG.items() if name != 'to'}
    notifier = build('email', config, None, trusted=True)
    with pytest.raises(Permanent, match='only carries replies to customers'):
        notifier.send(letter())
    assert notifier.send(letter(reply=REPLY)).status == 250


def test_several_readers_get_one_letter() -> None:
    with mail_server() as server:
        config = {**CONFIG, 'host': '127.0.0.1', 'port': str(server.port), 'to': 'a@example.com, Bo <b@example.com>'}
        build('email', config, None, trusted=True, smtp=Smtp(deadline=3)).send(letter())
        assert server.taken[0].recipients == ['a@example.com', 'b@example.com']
