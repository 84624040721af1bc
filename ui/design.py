"""Where the look of the desk lies: the static files and the versioned address they are served from."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

STATIC_DIR = Path(__file__).parent / 'static'
LASTING = {'Cache-Control': 'public, max-age=31536000, immutable'}
FAVICON = STATIC_DIR / 'icon.svg'

# Colours, sizes and type are custom properties at the top of static/desk.css: the browser switches themes without asking us.


def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(STATIC_DIR.rglob('*')):
        if path.is_file():
            digest.update(path.relative_to(STATIC_DIR).as_posix().encode() + b'\0' + path.read_bytes())
    return digest.hexdigest()[:12]


STATIC_VERSION = _version()
STATIC_URL = f'/static/{STATIC_VERSION}'
ICONS_URL = f'{STATIC_URL}/icons.svg'

# What is sent as one file, so that a page costs few requests: in this order, then by name.
BUNDLES = {
    'all.css': (['desk.css'], 'css/*.css', 'text/css'),
    'all.js': (['desk.js', 'keys.js'], 'js/*.js', 'text/javascript'),
}


@cache
def _bundle(name: str) -> bytes:
    first, pattern, _ = BUNDLES[name]
    paths = [STATIC_DIR / each for each in first if (STATIC_DIR / each).exists()] + sorted(STATIC_DIR.glob(pattern))
    return b'\n'.join(path.read_bytes() for path in paths)


class _Lasting(StaticFiles):
    """Files whose address changes with their content, so that browsers need never ask again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path in BUNDLES:
            return Response(_bundle(path), media_type=BUNDLES[path][2], headers=LASTING)
        return await super().get_response(path, scope)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(LASTING)
        return response


def static_app() -> StaticFiles:
    """The ASGI application to mount at STATIC_URL."""
    return _Lasting(directory=STATIC_DIR)
