"""An imitated Slack: takes what an incoming webhook takes, and refuses with Slack's own words what it would refuse."""

import json
import re
from collections.abc import Mapping
from typing import Any

from integrations.ports import Answer
from integrations.simulated.memory import Memory

_BLOCKS = 50
_TEXT = 40_000
_LIMITS = {'header': 150, 'section': 3000}
_CONTEXT_ELEMENTS = 10
_ACTIONS = 25
# An angle bracket always begins or ends something that Slack acts on; the only one it is sent on purpose is a web link.
_LINK = re.compile(r'<https?://[^<>|\s]+(\|[^<>|]*)?>')


def receiver(_config: Mapping[str, str]) -> Memory:
    """A channel that remembers the messages posted to it."""
    return Memory(_respond)


def mentions(text: str) -> list[str]:
    """What Slack would act on in a text besides web links: `<!channel>`, `<@U1>` and the like."""
    return re.findall(r'<[^>]*>?', _LINK.sub('', text))


def _respond(headers: Mapping[str, str], content: bytes) -> Answer:
    if word := fault_of(headers, content, invalid='invalid_payload'):
        return _no(word)
    return Answer(200, {'content-type': 'text/html'}, 'ok')


def fault_of(headers: Mapping[str, str], content: bytes, *, invalid: str) -> str:
    """Slack's word for what is wrong with a message, `invalid` where it cannot be read at all; empty: nothing."""
    if not headers.get('content-type', '').startswith('application/json'):
        return invalid
    try:
        body = json.loads(content)
    except ValueError:
        return invalid
    if not isinstance(body, dict):
        return invalid
    text, blocks = body.get('text', ''), body.get('blocks', [])
    if not isinstance(text, str) or not isinstance(blocks, list):
        return invalid
    if not text.strip() and not blocks:
        return 'no_text'
    if len(text) > _TEXT:
        return 'msg_too_long'
    if len(blocks) > _BLOCKS or not all(_good_block(block) for block in blocks):
        return 'invalid_blocks'
    return ''


def _good_block(block: Any) -> bool:
    if not isinstance(block, dict):
        return False
    match block.get('type'):
        case 'header':
            return _good_text(block.get('text'), _LIMITS['header'], kinds=('plain_text',))
        case 'section':
            return _good_text(block.get('text'), _LIMITS['section'])
        case 'context':
            elements = block.get('elements')
            return (
                isinstance(elements, list)
                and 1 <= len(elements) <= _CONTEXT_ELEMENTS
                and all(_good_text(element, _LIMITS['section']) for element in elements)
            )
        case 'actions':
            elements = block.get('elements')
            return isinstance(elements, list) and 1 <= len(elements) <= _ACTIONS and all(_good_button(each) for each in elements)
        case 'divider':
            return True
    return False


def _good_button(button: Any) -> bool:
    if not isinstance(button, dict) or button.get('type') != 'button' or button.get('style', 'primary') not in ('primary', 'danger'):
        return False
    short = 1 <= len(button.get('action_id', '')) <= 255 and len(button.get('value', '')) <= 2000
    return short and _good_text(button.get('text'), 75, kinds=('plain_text',))


def _good_text(text: Any, limit: int, kinds: tuple[str, ...] = ('plain_text', 'mrkdwn')) -> bool:
    if not isinstance(text, dict) or text.get('type') not in kinds or not isinstance(text.get('text'), str):
        return False
    if ('emoji' in text and text['type'] != 'plain_text') or ('verbatim' in text and text['type'] != 'mrkdwn'):
        return False
    return 1 <= len(text['text'].encode('utf-16-le')) // 2 <= limit and bool(text['text'].strip())


def _no(word: str) -> Answer:
    return Answer(400, {'content-type': 'text/html'}, word)
