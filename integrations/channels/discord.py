"""Discord, by incoming webhook or by a bot: an embed per letter, whose id on Discord's side is the proof."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from domain.base import clock
from domain.base.events import Letter
from integrations.answers import fields, judge, with_wait
from integrations.channels.discord_message import message
from integrations.channels.wording import one_line
from integrations.errors import Misconfigured
from integrations.excerpts import excerpt, secret_parts
from integrations.ports import Answer, BadField, Channel, Post, Proof
from integrations.simulated.discord import receiver

ORIGIN = 'https://discord.com'
FIELDS = {'url': True, 'token': True, 'channel': False}
WORDS = {
    'url': ('Webhook address', 'In Discord: Edit channel, Integrations, Webhooks, copy the address. Nothing else is needed then.'),
    'token': ('Bot token', 'Instead of a webhook: the token of your bot. With both, the bot is used.'),
    'channel': ('Channel ID', 'Where the bot writes: a number; with developer mode on, Copy channel ID gives it.'),
}
SETTINGS = {'token': 'DISCORD_BOT_TOKEN', 'channel': 'DISCORD_CHANNEL_ID', 'url': 'DISCORD_WEBHOOK_URL'}
# Discord asks programs to name themselves in this form, and may turn others away.
HEADERS = {'Content-Type': 'application/json; charset=utf-8', 'User-Agent': 'DiscordBot (Leadkeeper, 1)'}
NONCE_LIMIT = 25

# Discord's error codes that a person can do something about.
MEANINGS = {
    10003: 'the channel no longer exists',
    10004: 'the server no longer exists, or the bot is not in it',
    10015: 'the webhook was deleted; make a new one in the settings of the channel',
    20016: 'the channel is in slow mode',
    20026: 'Discord has flagged the bot for unwanted messages',
    20028: 'the channel gets too many messages',
    40001: 'the token is not valid any more',
    40002: 'the account behind the bot has to be verified first',
    40333: "Discord's shield turned the request away",
    50001: 'the bot may not see the channel; invite it to the server and let it view the channel',
    50006: 'the message is empty',
    50008: 'messages cannot be sent to this kind of channel; choose a text channel',
    50013: 'the bot lacks a permission in the channel: View channel, Send messages or Embed links',
    50014: 'the token is not valid any more',
    50024: 'messages cannot be sent to this kind of channel; choose a text channel',
    50027: 'the address of the webhook is not valid any more',
    50035: 'the layout of the message is not accepted',
    50083: 'the thread is archived',
    50109: 'the message could not be read',
    160005: 'the thread is locked',
    200000: "the server's filter blocks the message",
    200001: "the server's filter blocks the title of the message",
    220001: 'this is a forum; choose a text channel, or add ?thread_id= and the number of a thread to the address',
}
# Refused with a 400, yet every other letter would be too: the destination is wrong, not the message.
_PLACE = {50008, 50024, 50083, 160005, 220001}
_WEBHOOK_PATH = re.compile(r'/api/(v\d+/)?webhooks/\d+/[\w-]+')


class Discord:
    """One channel. A bot's messages carry a nonce, which Discord looks for in the past few minutes: a try soon after makes no twin.

    It is not `keyed` all the same, as tries go on for days; webhooks know no nonce at all. Twins have the same reference.
    """

    keyed = False
    costly = False

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        self._bot = bool(config.get('token'))
        if self._bot:
            self._url = f'{ORIGIN}/api/v10/channels/{config["channel"]}/messages'
            self._headers = {**HEADERS, 'Authorization': f'Bot {config["token"]}'}
            self._secrets = {config['token']}
        else:
            self._url = _telling(config['url'])
            self._headers = HEADERS
            self._secrets = secret_parts(config['url']) | secret_parts(self._url)
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Post the letter; raises what the status means, and Misconfigured where Discord's code says that the channel is the trouble."""
        body = message(letter, clock.now())
        if self._bot:
            body |= {'nonce': nonce(letter.key), 'enforce_nonce': True}
        content = json.dumps(body, ensure_ascii=False).encode()
        answer = self._post(self._url, headers=self._headers, content=content)
        kept = self._judged(answer)
        reference = str(fields(answer).get('id') or '')[:64]
        # Not the answer itself: it repeats the visitor's words.
        return Proof(reference=reference, status=answer.status, excerpt=f'message {reference}' if reference else kept)

    def _judged(self, answer: Answer) -> str:
        said = fields(answer)
        code = said['code'] if isinstance(said.get('code'), int) else 0
        words = MEANINGS.get(code, '')
        if not words and isinstance(said.get('message'), str):
            words = f'{excerpt(one_line(said["message"]), self._secrets)[:200]} (code {code})'
        if answer.status == 400 and code in _PLACE:
            detail = f'Discord answered 400 Bad Request: {words}. Put it right, then resume this destination.'
            raise Misconfigured(detail, status=400, excerpt=excerpt(answer.text, self._secrets))
        meanings = {answer.text.strip(): words} if words else None
        return judge(with_wait(answer, said.get('retry_after')), who='Discord', secrets=self._secrets, meanings=meanings)


def check(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    """Raise BadField with a sentence unless there is a webhook address, or a bot's token and the channel it writes to."""
    url, token, channel = (config.get(name, '') for name in ('url', 'token', 'channel'))
    if not (url or token):
        raise BadField('url', 'Discord needs the field "url", a webhook address, or a bot token and a channel ID.')
    if url:
        try:
            address(url)
        except ValueError as refused:
            raise BadField('url', str(refused)) from None
        if urlsplit(url).hostname in ('discord.com', 'discordapp.com') and not _WEBHOOK_PATH.fullmatch(urlsplit(url).path):
            raise BadField('url', 'This is not the address of a webhook: those look like https://discord.com/api/webhooks/…/….')
    if token and (not token.isascii() or ' ' in token):
        raise BadField('token', 'The bot token is one word of plain letters, without "Bot" before it.')
    if token and not (channel.isascii() and channel.isdecimal() and len(channel) <= 20):
        raise BadField('channel', 'A bot needs the field "channel": the ID of the channel it writes to, a number.')


def nonce(key: str) -> str:
    """What Discord knows a letter by: its key, or a digest of one that is longer than Discord takes."""
    return key if len(key) <= NONCE_LIMIT else urlsafe_b64encode(sha256(key.encode()).digest())[:NONCE_LIMIT].decode()


def _telling(url: str) -> str:
    """The webhook's address, asking for the message in the answer: without that there is no proof but the status."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != 'wait']
    return urlunsplit(parts._replace(query=urlencode([*query, ('wait', 'true')])))


CHANNEL = Channel(
    'discord',
    'Discord',
    FIELDS,
    check,
    Discord,
    receiver,
    optional=frozenset(FIELDS),
    icon='hash',
    words=WORDS,
    settings=SETTINGS,
    origin=ORIGIN,
)
