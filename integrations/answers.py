"""What an HTTP answer means for the row that waits for it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from domain.base import clock
from integrations.errors import Misconfigured, Permanent, Temporary, Throttled, Unknown
from integrations.excerpts import excerpt
from integrations.ports import Answer

DEFAULT_WAIT = 10.0  # seconds, where the provider says "wait" but not how long
SHORTEST_WAIT = 1.0
LONGEST_WAIT = 3600.0
_SECONDS = re.compile(r'[0-9]+(\.[0-9]+)?')


def judge(
    answer: Answer,
    *,
    who: str,
    secrets: Iterable[str] = (),
    meanings: Mapping[str, str] | None = None,
    default_wait: float = DEFAULT_WAIT,
) -> str:
    """Give back an excerpt of a good answer; raise Throttled, Temporary, Misconfigured, Permanent or Unknown for any other.

    `who` begins the sentence; `meanings` explains the provider's own error words, looked up by the trimmed text.
    `default_wait` is in seconds and stands in for a Retry-After that is missing or unreadable.
    """
    status = answer.status
    quote = excerpt(answer.text, secrets)
    said = f'{who} answered {status}{_phrase(status)}'
    if meaning := (meanings or {}).get(answer.text.strip()):
        said += f': {meaning}'
    if 200 <= status < 300:
        if not answer.complete:
            raise Unknown(f'{said}, but the connection broke before the answer was complete.', status=status, excerpt=quote)
        return quote
    if status in (429, 503):
        wait = retry_after(answer.headers, default_wait)
        raise Throttled(f'{said}; it is tried again in {wait:g} s.', retry_after=wait, status=status, excerpt=quote)
    if 300 <= status < 400:
        detail = f'{said}: the address redirects, and redirects are never followed. Enter the address it leads to.'
        raise Temporary(detail, status=status, excerpt=quote)
    if status in (401, 403, 404, 410):
        raise Misconfigured(f'{said}. Check the address and its secret, then resume this destination.', status=status, excerpt=quote)
    if status == 408 or 500 <= status < 600:
        raise Temporary(f'{said}.', status=status, excerpt=quote)
    if 400 <= status < 500:
        raise Permanent(f'{said}; the same message will not be taken later either.', status=status, excerpt=quote)
    raise Unknown(f'{said}, which is no answer to a request; it may or may not have been taken.', status=status, excerpt=quote)


def retry_after(headers: Mapping[str, str], default: float) -> float:
    """Seconds the Retry-After header asks for, as a count or a date, between 1 s and 1 h; `default` where it is missing or unreadable."""
    text = headers.get('retry-after', '').strip()
    if _SECONDS.fullmatch(text):
        wait = float(text)
    elif (until := _date(text)) is not None:
        # Measured on the provider's own clock where it tells it, so that a wrong clock on either side does no harm.
        wait = (until - (_date(headers.get('date', '')) or clock.now())).total_seconds()
    else:
        wait = default
    return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def with_wait(answer: Answer, seconds: object) -> Answer:
    """The answer with the wait that its body asks for, in seconds, where that is one and longer than what its header says."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        return answer
    wait = min(max(seconds, retry_after(answer.headers, SHORTEST_WAIT)), LONGEST_WAIT)
    return replace(answer, headers={**answer.headers, 'retry-after': f'{wait:.3f}'})


def fields(answer: Answer) -> dict[str, Any]:
    """The JSON object an answer consists of; empty when it is anything else."""
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _phrase(status: int) -> str:
    try:
        return f' {HTTPStatus(status).phrase}'
    except ValueError:
        return ''


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
