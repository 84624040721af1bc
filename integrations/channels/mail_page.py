"""A notification as a page for mail programs: one column that reads on a phone, in light and dark, without a picture or a script.

Everything anybody typed is escaped here, and becomes a link only as an address or a number that was read as one.
"""

import re
from datetime import datetime, timedelta
from html import escape
from string import Template
from urllib.parse import quote

from domain.base.events import Letter
from integrations.channels.mail_style import CHIPS, PAGE
from integrations.channels.mailbox import address
from integrations.channels.wording import DUPLICATE, TEST, clean, facts, headline, one_line, origin

SOON = timedelta(hours=1)  # a reply that is due within this time stands out
PREVIEW = 140  # characters that a list of letters shows beside the subject
_NUMBER = re.compile(r'\+?[\d().\s/-]{5,}')


def page(letter: Letter, now: datetime, limit: int) -> str:
    """The whole HTML document; `limit` is how many characters of the message it has, the rest is in the desk."""
    quality, due, rows = _sorted(facts(letter, now), letter.quality)
    link = _web(letter.link)
    words = clean(letter.message).strip()
    parts = {
        'title': _text(headline(letter)),
        'preview': _text('. '.join(part for part in (due, one_line(words)) if part)[:PREVIEW]),
        'marks': ''.join(_part('mark', mark) for mark, on in ((TEST, letter.test), (DUPLICATE, letter.possible_duplicate)) if on),
        'quality': _quality(*quality) if quality else '',
        'due': _part('soon' if letter.due_at and letter.due_at - now < SOON else 'due', due),
        'words': _words(words, limit, _PIECES['words' if letter.name or letter.email or letter.phone else 'ours']),
        'facts': _PIECES['facts'].substitute(text=''.join(_row(*row) for row in rows)) if rows else '',
        'button': _PIECES['button'].substitute(link=link) if link else '',
        'origin': '<br>'.join(_text(line) for line in origin(letter)),
    }
    return PAGE.substitute(parts)


_PIECES = {
    name: Template(text)
    for name, text in {
        'mark': '<p class="mark">$text</p>',
        'chip': '<p class="quality"><span class="chip" style="$style">$text</span> $reason</p>',
        'due': '<p class="due">$text</p>',
        'soon': '<p class="due soon">$text</p>',
        'facts': '<table class="facts">$text</table>',
        'words': '<div class="words" dir="auto">$text</div>',
        'ours': '<p class="ours">$text</p>',
        'more': '<p class="more">$text</p>',
        'row': '<tr><th scope="row">$label</th><td dir="auto">$value</td></tr>',
        'button': '<p class="act"><a class="button" href="$link">Open in Leadkeeper</a></p>',
    }.items()
}


def _part(name: str, text: str) -> str:
    return _PIECES[name].substitute(text=_text(text)) if text else ''


def _sorted(lines: list[str], quality: str) -> tuple[tuple[str, str] | None, str, list[tuple[str, str]]]:
    """The facts by where they stand: how hot and why, when a reply is due, and the rest with its labels."""
    chip, due, rows = None, '', []
    for line in lines:
        label, _, value = line.partition(': ')
        if quality and label == one_line(quality).capitalize():
            chip = (label, value)
        elif line.startswith('Reply due '):
            due = line
        else:
            rows.append((label, value))
    return chip, due, rows


def _quality(label: str, reason: str) -> str:
    style = CHIPS.get(label.lower(), CHIPS['cold'])
    return _PIECES['chip'].substitute(style=style, text=_text(label), reason=_text(reason))


def _words(words: str, limit: int, piece: Template) -> str:
    if not words:
        return ''
    short = len(words) > limit
    shown = f'{words[:limit].rstrip()}…' if short else words
    # A break of its own for each line: not every mail program keeps the line breaks of a text.
    cut = _part('more', 'The whole message is in Leadkeeper.') if short else ''
    return piece.substitute(text=_text(shown).replace('\n', '<br>\n')) + cut


def _row(label: str, value: str) -> str:
    shown = _text(value)
    if target := _target(label, value):
        shown = f'<a href="{target}">{shown}</a>'
    return _PIECES['row'].substitute(label=_text(label), value=shown)


def _target(label: str, value: str) -> str:
    """Where a fact leads: to a letter or a call; empty where it is neither."""
    if label == 'Phone' and _NUMBER.fullmatch(value):
        return f'tel:{re.sub(r"[^0-9+]", "", value)}'
    if label == 'E-mail':
        try:
            return f'mailto:{quote(address(value).addr_spec, safe="@")}'
        except ValueError:
            return ''
    return ''


def _web(url: str) -> str:
    if not url.startswith(('https://', 'http://')):
        return ''
    return escape(quote(clean(url), safe=":/?#[]@!$&'()*+,;=%~"))


def _text(text: str) -> str:
    return escape(text)
