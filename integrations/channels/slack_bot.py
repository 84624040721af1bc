"""Slack, by a bot: the incoming webhook's message through chat.postMessage, whose answer names the message for later changes."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from domain.base import clock
from domain.base.events import Letter
from integrations.answers import DEFAULT_WAIT, judge, retry_after
from integrations.channels.fields import check_url
from integrations.channels.slack import HEADERS, message
from integrations.channels.slack_words import LATER, MAYBE, REFUSED, SIGN_IN, SLOWER
from integrations.errors import Misconfigured, Permanent, Temporary, Throttled, Unknown
from integrations.excerpts import excerpt, secret_parts
from integrations.ports import Answer, BadField, Channel, Post, Proof
from integrations.simulated.slack_bot import receiver

FIELDS = {'token': True, 'channel': False, 'url': False}
WORDS = {
    'token': ('Bot token', 'In your Slack app: OAuth & Permissions, it begins with xoxb-; empty: the one of this installation.'),
    'channel': ('Channel', 'The id of the channel, such as C0123ABCD. The bot has to be invited there.'),
    'url': ('Address', 'Of the provider, where a gateway of your own stands in for it; leave it empty otherwise.'),
}
SETTINGS = {'token': 'SLACK_BOT_TOKEN', 'channel': 'SLACK_CHANNEL', 'url': 'SLACK_API_URL'}
OPTIONAL = frozenset({'token', 'url'})
ACCOUNT = ('token',)  # may come from the environment
API = 'https://slack.com'
PATH = '/api/chat.postMessage'
TAKE = 'take_lead'  # the action_id of the button "I take it"

_CHANNEL = re.compile(r'[A-Za-z0-9]{2,40}|#[^\s#]{1,80}')
# Of an answer whose end was not read: quotation marks within what a visitor typed are escaped, so they cannot look like these.
_OK = re.compile(r'"ok"\s*:\s*(true|false)')
_WORD = {name: re.compile(rf'"{name}"\s*:\s*"([^"\\]{{1,100}})"') for name in ('error', 'channel', 'ts')}


class SlackBot:
    """One channel of one workspace. Slack knows no key of ours: a second call is a second message, marked by the same reference."""

    keyed = False
    costly = False

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        self._url = (config.get('url') or API).rstrip('/') + PATH
        self._token = config['token']
        self._channel = config['channel']
        # Not among FIELDS yet, so there is no button: what it sends needs a route that checks this secret.
        self._button = bool(config.get('signing_secret'))
        self._secrets = {self._token, config.get('signing_secret', ''), *secret_parts(config.get('url', ''))}
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Post the letter; the proof's reference is `channel:ts`. Raises what the status, or Slack's error word, means."""
        told = {'channel': self._channel, **blocks(letter, clock.now(), button=self._button)}
        headers = {**HEADERS, 'Authorization': f'Bearer {self._token}'}
        answer = self._post(self._url, headers=headers, content=json.dumps(told, ensure_ascii=False).encode('utf-8', 'replace'))
        kept = judge(answer, who='Slack', secrets=self._secrets)
        ok, said = _read(answer.text)
        if ok:
            return Proof(reference=f'{said.get("channel", self._channel)}:{said.get("ts", "")}', status=answer.status, excerpt=kept)
        if ok is None:
            raise Unknown(
                'Slack answered, but not that it took the message; it may or may not be there.', status=answer.status, excerpt=kept
            )
        raise refusal(excerpt(said.get('error', ''), self._secrets), answer, kept)


def check(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    """Raise BadField with a sentence when token, channel or address is wrong."""
    token, channel = config.get('token', ''), config['channel']
    if token and not re.fullmatch(r'xox[a-z]-[A-Za-z0-9-]+', token):
        raise BadField('token', 'The bot token is not valid; it begins with xoxb- and stands under OAuth & Permissions.')
    if not _CHANNEL.fullmatch(channel):
        raise BadField('channel', 'The channel must be an id such as C0123ABCD, or a name such as #leads.')
    check_url(config, 'token', address)


def blocks(letter: Letter, now: datetime, *, button: bool) -> dict[str, Any]:
    """The webhook's message, and with `button` one that says who takes the lead; only what is about a lead has it."""
    told = message(letter, now)
    lead = str(letter.data.get('leadId') or '')
    if button and lead and not letter.test:
        text = {'type': 'plain_text', 'text': 'I take it', 'emoji': False}
        press = {'type': 'button', 'action_id': TAKE, 'value': lead[:2000], 'style': 'primary', 'text': text}
        told['blocks'].append({'type': 'actions', 'elements': [press]})
    return told


def refusal(word: str, answer: Answer, kept: str) -> Throttled | Temporary | Misconfigured | Permanent | Unknown:
    """What Slack's error word means for the row."""
    status = answer.status
    if word in SLOWER:
        wait = retry_after(answer.headers, DEFAULT_WAIT)
        return Throttled(
            f'Slack asks to slow down ({word}); it is tried again in {wait:g} s.', retry_after=wait, status=status, excerpt=kept
        )
    if word in SIGN_IN:
        detail = f'Slack refused the bot: {SIGN_IN[word]} ({word}). Put its token right, then resume this destination.'
        return Misconfigured(detail, status=status, excerpt=kept)
    if word in LATER:
        return Temporary(f'Slack could not do it now: {LATER[word]} ({word}).', status=status, excerpt=kept)
    if word in MAYBE:
        return Unknown(f'Slack failed on the way ({word}): the message may or may not be there.', status=status, excerpt=kept)
    meaning = f'{REFUSED[word]} ({word})' if word in REFUSED else word or 'no reason given'
    return Permanent(f'Slack refused the message: {meaning}; it will not be taken later either.', status=status, excerpt=kept)


def _read(text: str) -> tuple[bool | None, dict[str, str]]:
    """Whether Slack says ok (None: it says nothing of the kind), and its words; also of an answer that was cut at its cap."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        found = _OK.search(text) if text.lstrip().startswith('{') else None
        words = {name: match[1] for name, pattern in _WORD.items() if (match := pattern.search(text))}
        return (found[1] == 'true' if found else None), words
    if not isinstance(body, dict) or not isinstance(body.get('ok'), bool):
        return None, {}
    return body['ok'], {name: str(body[name]) for name in _WORD if body.get(name)}


CHANNEL = Channel(
    'slack_bot',
    'Slack bot',
    FIELDS,
    check,
    SlackBot,
    receiver,
    optional=OPTIONAL,
    icon='hash',
    words=WORDS,
    settings=SETTINGS,
)
