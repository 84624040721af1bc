"""Who hands a lead in: the credential, the page it comes from, the right and the limits."""

import asyncio

from fastapi import Request

from domain.base.errors import Forbidden
from domain.intake.facts import Facts
from ui.doors import Doors
from ui.guard import header, limits_of
from ui.routes.security import presented
from ui.visitors import address

GRADERS = frozenset({'all', 'leads', 'leads:capture', 'leads:write'})  # scopes whose holder may say how hot a lead is


async def facts_of(request: Request, doors: Doors) -> Facts:
    """What is known of the credential that was shown; raises NotSignedIn for one that is not known."""
    kind, key = presented(request)
    if kind == 'none' and (widget := request.query_params.get('key')):
        kind, key = 'widget', widget  # a plain HTML form cannot set headers
    facts = doors.facts.known(key, kind)
    if facts is not None:
        return facts
    limits_of(request).hit(doors.settings.rate_limit_widget, 'unknown-key', address(request, doors), what='keys tried')
    return await asyncio.to_thread(doors.facts.load, key, kind)


def judge_origin(request: Request, facts: Facts, site: str | None) -> dict[str, str]:
    """CORS headers for a page that may read the answer: of the customer's `site` without a key, or of an origin that the widget key
    names; raises Forbidden for other pages that use such a key.
    """
    origin = header(request, b'origin')
    if origin is None or facts.credential.kind not in ('widget', 'none'):
        return {}
    if facts.credential.kind == 'none' and origin != site:
        return {}
    if facts.credential.kind == 'widget' and origin not in facts.credential.origins:
        raise Forbidden(f'This widget key is not for pages of {origin[:200]}. Add the origin to the key.')
    return {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': 'X-Request-Id, Retry-After, Idempotency-Replayed',
        'Vary': 'Origin',
    }


def may_hand_in(facts: Facts) -> None:
    """Raises Forbidden for an API key that is not for taking leads in."""
    if facts.credential.kind == 'api' and not facts.credential.scopes & (GRADERS | {'intake'}):
        raise Forbidden('This key does not include intake or leads:capture. An owner or admin of the desk can make one that does.')


def limit(request: Request, doors: Doors, facts: Facts) -> None:
    """Count this lead against the limits of its key and its address; raises TooMany above them."""
    limits, credential = limits_of(request), facts.credential
    if credential.kind == 'api':
        if credential.rate_limit:
            limits.hit(credential.rate_limit, 'intake', credential.name, what='leads with this key')
        return
    limits.hit(doors.settings.rate_limit_intake, 'intake', address(request, doors), what='leads from this address')
    if credential.kind == 'widget':
        limits.hit(credential.rate_limit or doors.settings.rate_limit_widget, 'intake', credential.name, what='leads with this key')
