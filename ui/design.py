"""Where the look of the desk lies: the static files and the versioned address they are served from."""

import hashlib
from pathlib import Path
from typing import Any

from fastapi.staticfiles import StaticFiles
from starlette.responses import Response

STATIC_DIR = Path(__file__).parent / 'static'
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


class _Lasting(StaticFiles):
    """Files whose address changes with their content, so that browsers need never ask again."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers['Cache-Control'] = 'public, max-age=31536000, immutable'
        return response


def static_app() -> StaticFiles:
    """The ASGI application to mount at STATIC_URL."""
    return _Lasting(directory=STATIC_DIR)
