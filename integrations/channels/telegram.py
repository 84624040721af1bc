"""Telegram, by a bot: a text per letter to a person, a group or a topic of one, with a button that opens the lead."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from domain.base import clock
from domain.base.events import Letter
from integrations.answers import fields, judge, with_wait
from integrations.channels.telegram_message import message
from integrations.channels.wording import one_line
from integrations.errors import Misconfigured, Permanent
from integrations.excerpts import excerpt, secret_parts
from integrations.ports import Answer, BadField, Channel, Post, Proof
from integrations.simulated.telegram import receiver

ORIGIN = 'https://api.telegram.org'
FIELDS = {'token': True, 'chat': False, 'thread': False}
WORDS = {
    'token': ('Bot token', 'From @BotFather, for example 123456789:AAE…'),
    'chat': ('Chat ID', 'A number, negative for groups, or the @name of a public one. Add the bot to the group first.'),
    'thread': ('Topic ID', 'The number of a topic, in groups that have topics.'),
}
SETTINGS = {'token': 'TELEGRAM_BOT_TOKEN', 'chat': 'TELEGRAM_CHAT_ID'}
HEADERS = {'Content-Type': 'application/json'}

_TOKEN = re.compile(r'\d{1,20}:[A-Za-z0-9_-]+')
_CHAT = re.compile(r'-?\d{1,20}|@[A-Za-z]\w{3,31}', re.ASCII)
_MESSAGE_ID = re.compile(r'"message_id"\s*:\s*(\d{1,20})')
_SHORTEST_SECRET = 6  # characters: of shorter ones any text is full

# What is wrong with the chat, by a piece of Telegram's description; these come with a 400 or a 403, and every other letter gets them too.
PLACE = {
    'chat not found': 'there is no such chat, or the bot was never in it. Add the bot to the group, or write to it first',
    'group chat was upgraded': 'the group became a supergroup with a new chat ID',
    'message thread not found': 'there is no such topic in the group',
    'topic_closed': 'the topic is closed',
    'topic_deleted': 'the topic was deleted',
    'not enough rights': 'the bot may not write in this chat; an administrator of the group has to allow it',
    'have no rights': 'the bot may not write in this chat; an administrator of the group has to allow it',
    'chat_write_forbidden': 'the bot may not write in this chat; an administrator of the group has to allow it',
    'need administrator rights': 'the bot must be an administrator of the channel to write there',
    'group is deactivated': 'the group no longer exists',
    'peer_id_invalid': 'there is no such chat',
    'was blocked': 'the person has blocked the bot',
    'was kicked': 'the bot was removed from the group. Add it again',
    'not a member': 'the bot is not in this group. Add the bot',
    'initiate conversation': 'the bot may not write first. Write to it once',
    'messages to bots': 'the chat ID is that of a bot',
    'messages to the bot': 'the chat ID is that of a bot',
    'is deactivated': 'the account of the person no longer exists',
}
# What else a person can do something about.
MEANINGS = {
    'unauthorized': 'the token is not valid any more; @BotFather tells the present one',
    'not found': 'there is no bot with this token',
    'too many requests': 'the chat gets too many messages',
    'message is too long': 'the message is too long',
    'text is empty': 'the message is empty',
    'button': 'the link of the button is not accepted',
    'entit': 'the layout of the message is not accepted',
}


class Telegram:
    """One chat. Telegram knows no key of ours: a second call is a second message, marked by the same reference."""

    keyed = False
    costly = False

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        token, chat = config['token'], config['chat']
        self._url = f'{ORIGIN}/bot{token}/sendMessage'
        self._to: dict[str, Any] = {'chat_id': chat if chat.startswith('@') else int(chat)}
        if config.get('thread'):
            self._to['message_thread_id'] = int(config['thread'])
        # The token is part of the address; a text may repeat it with or without the number and the word before it.
        parts = {*secret_parts(self._url), token, token.partition(':')[2]}
        self._secrets = {part for part in parts if len(part) >= _SHORTEST_SECRET and part != '/sendMessage'}
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Send the letter; raises what Telegram's answer means."""
        content = json.dumps(self._to | message(letter, clock.now()), ensure_ascii=False).encode()
        answer = self._post(self._url, headers=HEADERS, content=content)
        kept = self._judged(answer)
        # Looked for as text: a long answer is cut before its end, and its own number comes first.
        found = _MESSAGE_ID.search(answer.text)
        if found is None:
            return Proof(status=answer.status, excerpt=kept)
        # Not the answer itself: it repeats the visitor's words.
        return Proof(reference=found.group(1), status=answer.status, excerpt=f'message {found.group(1)}')

    def _judged(self, answer: Answer) -> str:
        said = fields(answer)
        parameters = said.get('parameters')
        more: dict[str, Any] = parameters if isinstance(parameters, dict) else {}
        if 200 <= answer.status < 300 and said.get('ok') is False:
            answer = _meant(answer, said)
        description = one_line(str(said.get('description') or ''))
        words, place = self._explained(description, more)
        if place and answer.status in (400, 403):
            detail = f'Telegram answered {answer.status}: {words}, then resume this destination.'
            raise Misconfigured(detail, status=answer.status, excerpt=excerpt(answer.text, self._secrets))
        meanings = {answer.text.strip(): words} if words else None
        return judge(with_wait(answer, more.get('retry_after')), who='Telegram', secrets=self._secrets, meanings=meanings)

    def _explained(self, description: str, more: Mapping[str, Any]) -> tuple[str, bool]:
        """Telegram's description in words, and whether it is the chat that is wrong."""
        if isinstance(new := more.get('migrate_to_chat_id'), int):
            return f'the group became a supergroup. Enter its new chat ID, {new}', True
        for table, place in ((PLACE, True), (MEANINGS, False)):
            for piece, words in table.items():
                if piece in description.lower():
                    return words, place
        return excerpt(description, self._secrets)[:200], False


def _meant(answer: Answer, said: Mapping[str, Any]) -> Answer:
    """A good status that carries `ok: false`, as the status it speaks of; raises Permanent where it names none."""
    code = said.get('error_code')
    if isinstance(code, int) and 400 <= code < 600:
        return replace(answer, status=code)
    raise Permanent('Telegram refused the message without a reason; it will not be taken later either.', status=answer.status)


def check(config: Mapping[str, str], _address: Callable[[str], None]) -> None:
    """Raise BadField with a sentence when token, chat or topic cannot be any."""
    if not config['token'].startswith('simulated:') and not _TOKEN.fullmatch(config['token']):
        raise BadField('token', 'This is not the token of a bot: those look like 123456789:AAE… and come from @BotFather.')
    if not _CHAT.fullmatch(config['chat']):
        raise BadField('chat', 'The chat ID is a number, negative for groups, or the @name of a public group or channel.')
    thread = config.get('thread', '')
    if thread and not (thread.isascii() and thread.isdecimal() and len(thread) <= 10):
        raise BadField('thread', 'The topic ID is a number.')


CHANNEL = Channel(
    'telegram',
    'Telegram',
    FIELDS,
    check,
    Telegram,
    receiver,
    optional=frozenset({'thread'}),
    icon='send',
    words=WORDS,
    settings=SETTINGS,
    origin=ORIGIN,
)
