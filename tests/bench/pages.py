"""Open pages without a browser: loads the page, opens its socket as NiceGUI's own script does, and notes when a frame names a lead."""

import ast
import asyncio
import json
import re
import time
import uuid
from collections.abc import Sequence

import aiohttp

QUERY = re.compile(r'query: (\{.*?\}),\n')


class Page:
    """One open page of one browser."""

    def __init__(self, base: str, path: str, cookie: str) -> None:
        self.base, self.path, self.headers = base, path, {'Cookie': cookie} if cookie else {}
        self.frames = 0
        self.bytes = 0
        self.seen: dict[str, float] = {}  # what was waited for -> when a frame had it
        self.wanted: set[str] = set()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def open(self, http: aiohttp.ClientSession) -> None:
        """The HTML, the socket, the handshake."""
        async with http.get(self.base + self.path, headers=self.headers) as answer:
            html = await answer.text()
            assert answer.status == 200, f'{answer.status}: {html[:300]}'
        found = QUERY.search(html)
        assert found, 'the page does not say how to open its socket'
        query = ast.literal_eval(found[1]) | {'document_id': str(uuid.uuid4()), 'tab_id': str(uuid.uuid4()), 'old_tab_id': ''}
        given = '&'.join(f'{name}={value if not isinstance(value, bool) else str(value).lower()}' for name, value in query.items())
        url = self.base.replace('http', 'ws', 1) + f'/_nicegui_ws/socket.io/?{given}&EIO=4&transport=websocket'
        self._socket = await http.ws_connect(url, headers={**self.headers, 'Origin': self.base}, max_msg_size=0)
        self._reader = asyncio.create_task(self._read(query))
        await asyncio.wait_for(self._ready.wait(), 30)

    async def _read(self, query: dict[str, object]) -> None:
        assert self._socket
        async for message in self._socket:
            text = message.data if isinstance(message.data, str) else ''
            if text.startswith('0'):
                await self._socket.send_str('40')
            elif text.startswith('40'):
                if query.get('implicit_handshake'):
                    self._ready.set()
                else:
                    await self._socket.send_str('420' + json.dumps(['handshake', query]))
            elif text == '2':
                await self._socket.send_str('3')
            elif text.startswith('43'):
                self._ready.set()
            else:
                self.frames += 1
                self.bytes += len(text.encode())
                for what in [each for each in self.wanted if each in text]:
                    self.seen[what] = time.monotonic()
                    self.wanted.discard(what)

    async def close(self) -> None:
        """Leave without a word, as a closed lid does."""
        if self._socket:
            await self._socket.close()
        if self._reader:
            await self._reader


async def open_all(http: aiohttp.ClientSession, pages: Sequence[Page], *, together: int = 10) -> None:
    """Open them, a few at a time."""
    gate = asyncio.Semaphore(together)

    async def one(page: Page) -> None:
        async with gate:
            await page.open(http)

    await asyncio.gather(*(one(page) for page in pages))
