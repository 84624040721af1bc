"""Slack, by incoming webhook: a letter as text and blocks in which nothing a visitor typed has a meaning of its own."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from domain.base import clock
from domain.base.events import Letter
from integrations.answers import judge
from integrations.channels.wording import DUPLICATE, TEST, clean, facts, headline, origin
from integrations.errors import Permanent
from integrations.excerpts import excerpt, secret_parts
from integrations.ports import Answer, Post, Proof

FIELDS = {'url': True}
WORDS = {'url': ('Webhook address', 'In Slack: Apps, Incoming webhooks, add one for the channel, copy its address.')}
SETTINGS = {'url': 'SLACK_WEBHOOK_URL'}
HEADERS = {'Content-Type': 'application/json; charset=utf-8'}

# Slack's limits, counted after escaping.
HEADER_LIMIT = 150
SECTION_LIMIT = 3000

# Slack's error words for webhooks that a person can do something about.
MEANINGS = {
    'no_service': 'the webhook was removed or switched off',
    'no_service_id': 'the address is not complete',
    'no_team': 'the address names no workspace',
    'no_active_hooks': 'the webhook is switched off',
    'team_disabled': 'the workspace is closed',
    'channel_not_found': 'the channel no longer exists',
    'channel_is_archived': 'the channel is archived',
    'action_prohibited': 'an administrator restricts posting here',
    'posting_to_general_channel_denied': 'an administrator restricts posting to this channel',
    'invalid_token': 'the address is not valid any more',
    'invalid_payload': 'the message could not be read',
    'invalid_blocks': 'the layout of the message is not accepted',
    'no_text': 'the message is empty',
    'msg_too_long': 'the message is too long',
    'user_not_found': 'the person addressed does not exist',
}


class Slack:
    """One incoming webhook. Slack knows no key of ours: a second call is a second message, marked by the same reference."""

    keyed = False
    costly = False

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        self._url = config['url']
        self._secrets = secret_parts(self._url)
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Post the letter; raises Permanent on Slack's `ok: false`, otherwise what the status means."""
        content = json.dumps(message(letter, clock.now()), ensure_ascii=False).encode('utf-8', 'replace')
        answer = self._post(self._url, headers=HEADERS, content=content)
        kept = judge(answer, who='Slack', secrets=self._secrets, meanings=MEANINGS)
        if (error := _not_ok(answer)) is not None:
            word = excerpt(error, self._secrets)
            detail = f'Slack refused the message: {MEANINGS.get(error, word)}; it will not be taken later either.'
            raise Permanent(detail, status=answer.status, excerpt=kept)
        return Proof(status=answer.status, excerpt=kept)


def check(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    """Raise ValueError with a sentence when the webhook address is wrong."""
    address(config['url'])


def message(letter: Letter, now: datetime) -> dict[str, Any]:
    """The JSON body: blocks for the channel, and the same words as text for notifications and clients without blocks."""
    marks = [mark for mark, on in ((TEST, letter.test), (DUPLICATE, letter.possible_duplicate)) if on]
    title, about, words, end = headline(letter), [*marks, *facts(letter, now)], clean(letter.message).strip(), origin(letter)
    link = _link(letter.link)
    blocks: list[dict[str, Any]] = [{'type': 'header', 'text': _plain(title, HEADER_LIMIT)}]
    if about:
        blocks.append({'type': 'section', 'text': _plain('\n'.join(about), SECTION_LIMIT)})
    if words:
        blocks.append({'type': 'section', 'text': _plain(words, SECTION_LIMIT)})
    if link:
        blocks.append({'type': 'section', 'text': {'type': 'mrkdwn', 'text': f'<{link}|Open in Leadkeeper>', 'verbatim': True}})
    if end:
        blocks.append({'type': 'context', 'elements': [_plain(line, SECTION_LIMIT) for line in end]})
    plain = [escape(part, SECTION_LIMIT) for part in (title, '\n'.join(about))]
    plain += [link, escape(words, SECTION_LIMIT), escape('\n'.join(end), 2 * SECTION_LIMIT)]
    return {
        'text': '\n'.join(part for part in plain if part),  # at most 17,000 of the 40,000 that Slack takes
        'mrkdwn': False,
        'unfurl_links': False,
        'unfurl_media': False,
        'blocks': blocks,
    }


def escape(text: str, limit: int) -> str:
    """The text with Slack's three special characters written as entities, cut to `limit` UTF-16 units without halving one."""
    kept: list[str] = []
    left = limit - 1  # the mark of the cut
    for char in text:
        piece = {'&': '&amp;', '<': '&lt;', '>': '&gt;'}.get(char, char)
        left -= len(piece) + (char > '\uffff')
        if left < 0:
            return ''.join(kept).rstrip() + '…'
        kept.append(piece)
    return ''.join(kept)


def _plain(text: str, limit: int) -> dict[str, Any]:
    # Plain text, not mrkdwn: stars, underscores, backquotes, colons and mentions stay what they are.
    return {'type': 'plain_text', 'text': escape(text, limit), 'emoji': False}


def _link(url: str) -> str:
    """The address of the lead, fit to stand between Slack's angle brackets; empty when it is no web address."""
    if not url.startswith(('https://', 'http://')):
        return ''
    return quote(clean(url), safe=":/?#[]@!$&'()*+,;=%~").replace('&', '&amp;')


def _not_ok(answer: Answer) -> str | None:
    """Slack's error word when a good status carries `ok: false`; None when it does not."""
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        return None  # the usual answer is the bare word ok
    if isinstance(body, dict) and body.get('ok') is False:
        return str(body.get('error') or 'no reason given')
    return None
