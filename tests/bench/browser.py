"""What a real browser says of the inbox: nodes, key to paint, and the talk on the socket."""

import shutil
import time
from typing import Any

from playwright.sync_api import sync_playwright

from tests.processes import request

# Resolves with the ms from a key press to the frame that shows it; a frame is painted between two animation callbacks.
PRESS = """(key) => new Promise((done) => {
  const began = performance.now();
  document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
})"""


def look(url: str, cookie: str, key: str, *, idle: float = 30.0) -> dict[str, Any]:
    """The figures of one open inbox, 1440 x 900."""
    name, _, value = cookie.partition('=')
    path = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    assert path, 'a browser is needed for these figures: install chromium'
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=['--no-sandbox'])
        context = browser.new_context(viewport={'width': 1440, 'height': 900})
        context.add_cookies([{'name': name, 'value': value, 'url': url}])
        page = context.new_page()
        frames: list[str] = []
        page.on('websocket', lambda socket: socket.on('framereceived', lambda data: frames.append(str(data))))
        page.goto(url)
        page.locator('.lk-lead').first.wait_for()
        nodes = page.evaluate('document.querySelectorAll("*").length')
        times = sorted(page.evaluate(PRESS, 'j' if n % 40 < 30 else 'k') for n in range(100))
        said = _idle(page, frames, idle)
        post_from = len(frames)
        answer = request(
            'POST', f'{url}/api/chatbot/leads', {'name': 'Socket Talk', 'email': f'{time.monotonic_ns()}@example.com'}, key=key
        )
        assert answer.status == 201
        page.get_by_text('Socket Talk').first.wait_for()
        page.wait_for_timeout(1500)
        new_lead = sum(len(frame) for frame in frames[post_from:] if not heartbeat(frame))
        page.locator('.lk-lead').first.click()
        page.locator('[data-lead]').first.wait_for()
        with_lead = page.evaluate('document.querySelectorAll("*").length')
        browser.close()
    return {
        'nodes': max(nodes, with_lead),
        'key_p50_ms': round(times[50], 1),
        'key_p95_ms': round(times[95], 1),
        'idle_frames': said,
        'browser_bytes_per_lead': new_lead,
    }


def _idle(page: Any, frames: list[str], seconds: float) -> int:
    """Frames of the application in so many seconds of rest."""
    page.wait_for_timeout(3000)
    before = len(frames)
    page.wait_for_timeout(seconds * 1000)
    return sum(1 for frame in frames[before:] if not heartbeat(frame))


def heartbeat(frame: str) -> bool:
    """Whether this is the socket's own talk, and not the application's."""
    return frame in ('2', '3', "b'2'", "b'3'")
