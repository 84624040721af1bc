"""What every request passes first: an id, a size, safe headers. Plain ASGI."""

import re
import secrets
from collections.abc import Mapping

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.base.errors import TooLarge
from domain.base.settings import Settings
from ui.routes.problems import failed

BODY_LIMIT = 64 * 1024
_REQUEST_ID = re.compile(rb'[A-Za-z0-9._-]{1,64}')

# NiceGUI does not render without inline scripts and eval, so the policy is no backstop against script: the pages have no raw HTML sinks.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = (
    (b'x-content-type-options', b'nosniff'),
    (b'referrer-policy', b'same-origin'),
    (b'cross-origin-opener-policy', b'same-origin'),
    (b'permissions-policy', b'camera=(), microphone=(), geolocation=(), payment=()'),
)
_PAGE_HEADERS = ((b'content-security-policy', _POLICY.encode()), (b'x-frame-options', b'DENY'))


class Doorkeeper:
    """The outermost layer of both processes, web and api."""

    def __init__(self, app: ASGIApp, settings: Settings, lanes: Mapping[str, ASGIApp]) -> None:
        """`lanes` are the paths whose POST goes straight to its handler: the router and its layers cost as much as storing a lead."""
        self.app = app
        self.lanes = lanes
        self.hsts = (
            ((b'strict-transport-security', b'max-age=31536000; includeSubDomains'),)
            if (settings.public_url or '').startswith('https')
            else ()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] != 'http':
            await self.app(scope, receive, send)
            return
        headers = scope['header_table'] = dict(scope['headers'])
        given = headers.get(b'x-request-id', b'')
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope['request_id'] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        extra = [(b'x-request-id', request_id.encode()), *_HEADERS, *self.hsts]
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if message['type'] == 'http.response.start':
                started = True
                has = {name for name, _ in message['headers']}
                message['headers'] = [*message['headers'], *extra]
                if b'content-security-policy' not in has and any(
                    name == b'content-type' and value.startswith(b'text/html') for name, value in message['headers']
                ):
                    message['headers'] += _PAGE_HEADERS
            await send(message)

        try:
            lane = self.lanes.get(scope['path'], self.app) if scope['method'] == 'POST' else self.app
            await lane(scope, _bounded(receive, headers), answer)
        except ClientDisconnect:
            return  # hung up in the middle of its own body: nobody to answer, nothing to look into
        except Exception as trouble:  # answered here, not further out: this answer carries the same headers as all others
            if started:
                raise
            await failed(Request(scope), trouble)(scope, receive, answer)


def _bounded(receive: Receive, headers: dict[bytes, bytes]) -> Receive:
    """Receive that refuses a body over the limit, by its announced length or by what really comes."""
    announced = headers.get(b'content-length', b'0')
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        if announced.isdigit() and int(announced) > BODY_LIMIT:
            raise TooLarge(f'The body has {int(announced)} bytes; at most {BODY_LIMIT} are taken.')
        message = await receive()
        if message['type'] == 'http.request':
            seen += len(message.get('body', b''))
            if seen > BODY_LIMIT:
                raise TooLarge(f'The body has more than {BODY_LIMIT} bytes, which is all that is taken.')
        return message

    return bounded
