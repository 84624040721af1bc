"""Before the socket: only pages of this desk, only people who are signed in. Plain ASGI."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from domain.base.settings import Settings
from ui.guard import own_origin


class SocketGuard:
    """NiceGUI's own paths: only pages of this desk, only for people who are signed in. Without it any web page could open a socket here."""

    PREFIXES = ('/_nicegui_ws', '/_nicegui/socket')

    def __init__(self, app: ASGIApp, settings: Settings, signed_in: Callable[[str], Awaitable[bool]]) -> None:
        """`signed_in` judges the Cookie header; it is asked at every handshake."""
        self.app = app
        self.public = _origin(settings.public_url) if settings.public_url else None
        self.signed_in = signed_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] == 'websocket' or (scope['type'] == 'http' and scope['path'].startswith(self.PREFIXES)):
            headers = dict(scope['headers'])
            if not await self._may(headers):
                await _refuse(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _may(self, headers: dict[bytes, bytes]) -> bool:
        origin = headers.get(b'origin', b'').decode('latin-1')
        if origin and not own_origin(origin, headers.get(b'host', b'').decode('latin-1'), self.public):
            return False
        return await self.signed_in(headers.get(b'cookie', b'').decode('latin-1'))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f'{parts.scheme}://{parts.netloc}'


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope['type'] == 'websocket':
        await receive()
        await send({'type': 'websocket.close', 'code': 4403})
        return
    await send({'type': 'http.response.start', 'status': 403, 'headers': [(b'content-type', b'text/plain')]})
    await send({'type': 'http.response.body', 'body': b'Not allowed from here.'})
