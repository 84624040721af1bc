"""The timeline and the messages of a lead, as the browser draws them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.conversations.messages import Said
from domain.desk.messages import DeliveryRow, Entry
from ui.presenters import words

_ENTRIES: dict[str, tuple[str, words.Tone]] = {
    'created': ('shield-check', 'green'),
    'status_changed': ('circle-dot', ''),
    'message': ('message-square', ''),
    'notification_sent': ('check-check', ''),
    'notification_failed': ('circle-x', 'red'),
    'assigned': ('user-round', ''),
    'quality_scored': ('zap', ''),
    'sla_warning': ('clock', 'amber'),
    'sla_breached': ('alarm-clock', 'red'),
    'crm_synced': ('refresh-cw', ''),
    'task': ('list-checks', ''),
    'appointment': ('calendar', ''),
    'note': ('sticky-note', ''),
    'merged': ('git-merge', ''),
    'ai': ('bot', ''),
}
Sent = dict[str, str]  # word, tone and mark of a delivery's state, and why it has not arrived

_SPOKEN = ('created', 'message', 'note', 'ai')  # their description is what somebody wrote
CHANNELS = {'email': 'E-mail', 'sms': 'SMS', 'whatsapp': 'WhatsApp', 'chat': 'Chat'}
_NAMED = re.compile(r'(L-\w+) (.*)')
_TURNED = re.compile(r'(Status|Stage) (\w+) → (\w+)')
_GOES_ON = 'trying again'  # how the title of a failure ends that needs nobody yet
_DOUBT = 'needs a decision'  # what a title says of a delivery that may have arrived
# How a title reads after the name of who did it.
_DID = (
    ('Assigned to ', 'assigned this to '),
    ('Owner removed', 'removed the owner'),
    ('Snoozed ', 'snoozed this '),
    ('Closed', 'closed this'),
    ('Reopened', 'reopened this'),
    ('First reply given', 'gave the first reply'),
    ('Opened for the first time', 'opened this for the first time'),
    ('Undone: ', 'undid: '),
)


def timeline(
    entries: Sequence[Entry], lead_id: UUID, lead_name: str, sent: Mapping[str, Sent], retry: set[str], me: str = ''
) -> list[dict[str, Any]]:
    """The lines of the timeline, oldest first; `sent` says how far each message has come, `retry` which deliveries may be ordered again.

    Of several failures of one delivery only the latest offers the retry. What a merged lead says of its merge, the kept one says too.
    """
    lines: list[dict[str, Any]] = []
    for each in entries:
        if not (each.event_type == 'merged' and each.facts.get('keptId') == str(lead_id) and each.title.startswith('Merged into ')):
            lines += entry(each, lead_name, sent, me)
    for line in reversed(lines):
        if line['retry'] not in retry:
            line['retry'] = ''
        retry = retry - {line['retry']}
    return lines


def entry(each: Entry, lead_name: str, sent: Mapping[str, Sent] | None = None, me: str = '') -> list[dict[str, Any]]:
    """One line of the timeline, or two: how a lead came, and what was written with it."""
    icon, tone = _ENTRIES.get(each.event_type, ('circle-dot', ''))
    goes_on = each.event_type == 'notification_failed' and each.title.endswith(_GOES_ON)
    if goes_on:
        icon, tone = 'refresh-cw', 'amber'
    elif each.event_type == 'notification_failed' and _DOUBT in each.title:
        icon, tone = 'circle-alert', 'amber'
    spoken = each.description if each.event_type in _SPOKEN else ''
    by = each.actor_type if each.actor_type in ('customer', 'agent', 'bot') else ''
    who = each.actor or (lead_name if by == 'customer' else '')
    event_id = str(each.facts.get('eventId') or '')
    line = {
        'id': str(each.id),
        'at': words.ms(each.at),
        'icon': icon,
        'tone': tone,
        'kind': each.event_type,
        'title': each.title,
        'lower': did(each.title, who),
        'said': spoken,
        'via': _via(each),
        'note': '' if spoken else each.description,
        'who': who if by else '',
        'by': by,
        'own': bool(me) and who == me,
        'initials': words.initials(who) if by and (spoken or by == 'agent') else '',
        'tint': words.tint(who),
        'sent': (sent or {}).get(str(each.facts.get('messageId') or '')),
        'failed': each.event_type == 'notification_failed' and not goes_on,
        'retry': str(each.facts.get('deliveryId') or '') if each.event_type == 'notification_failed' else '',
        'event': '',
        'exact': False,
    }
    if each.event_type != 'created':
        return [line]
    came = {**line, 'said': '', 'note': '', 'who': '', 'initials': '', 'event': event_id[-8:].upper(), 'exact': True}
    words_with_it = {**line, 'id': f'{each.id}-said', 'kind': 'message', 'tone': '', 'via': each.title.replace('Lead kept from', 'via')}
    return [came, words_with_it] if spoken else [came]


def did(title: str, who: str) -> str:
    """A title as it reads after a name: "Assigned to Rosa" by Dev becomes "assigned this to Rosa", by Rosa "took this lead"."""
    if who and title == f'Assigned to {who}':
        return 'took this lead'
    for start, instead in _DID:
        if title.startswith(start):
            return instead + title.removeprefix(start)
    if turned := _TURNED.findall(title):
        return 'changed ' + ' and '.join(f'the {what.lower()} from {old} to {new}' for what, old, new in turned).replace('_', ' ')
    if named := _NAMED.fullmatch(title):
        reference, rest = named.groups()
        return f'merged {reference} into this lead' if rest == 'merged into this lead' else f'noted that {title}'
    return title[:1].lower() + title[1:]


def _via(each: Entry) -> str:
    if each.event_type == 'note':
        return 'left a note'
    if each.event_type == 'message':
        return each.title[:1].lower() + each.title[1:]
    return ''


def message(each: Said, lead_name: str, sent: Mapping[str, Sent]) -> dict[str, Any]:
    """One message of the Messages tab."""
    who = each.who or (lead_name if each.author == 'customer' else words.sentence(each.author))
    channel = CHANNELS.get(each.channel, '')
    return {
        'id': str(each.id),
        'by': str(each.author),
        'who': who,
        'via': f'by {channel if channel.isupper() else channel.lower()}' if channel else '',
        'at': words.ms(each.at),
        'text': each.text,
        'sent': sent.get(str(each.id)),
    }


def hand_overs(entries: Sequence[Entry], messages: Sequence[Said], deliveries: Sequence[DeliveryRow]) -> dict[str, Sent]:
    """By message, how far what went out has come: its own channel's delivery of its event."""
    found: dict[str, Sent] = {}
    for each in messages:
        if each.state:
            found[str(each.id)] = _sent(words.state(each.state), each.detail)
    for entry in entries:
        message_id, event_id, channel = (str(entry.facts.get(name) or '') for name in ('messageId', 'eventId', 'channel'))
        carried = next((row for row in deliveries if str(row.event_id) == event_id and row.kind == channel), None)
        if message_id and carried:
            why = '' if carried.state == 'sent' else carried.last_error or ''
            found[message_id] = _sent(words.state(carried.state, carried.paused, carried.attempts), why)
    return found


def _sent(shown: words.Shown, why: str) -> Sent:
    return {'word': shown.word, 'tone': shown.tone, 'mark': shown.mark, 'why': why}
