"""Where the look of the desk lies: the static files and the versioned address they are served from."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

STATIC_DIR = Path(__file__).parent / 'static'
COMPONENTS = Path(__file__).parent / 'components'
LASTING = {'Cache-Control': 'public, max-age=31536000, immutable'}
FAVICON = STATIC_DIR / 'icon.svg'

# Colours, sizes and type are custom properties at the top of static/desk.css: the browser switches themes without asking us.

# What is sent as one file, so that a page costs few requests: in this order, then by name.
BUNDLES = {
    'all.css': (['desk.css'], 'css/*.css'),
    'all.js': (['desk.js', 'keys.js'], 'js/*.js'),
}
# What the open lead is drawn by, as one module that exports each of these under its name.
LEAD_PARTS = (
    'composer',
    'follow_up_form',
    'lead_choice',
    'lead_compare',
    'lead_deeds',
    'lead_details',
    'lead_tabs',
    'lead_timeline',
)
_TEXTS = {'.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml'}


def _version() -> str:
    digest = hashlib.sha256()
    for path in [*sorted(STATIC_DIR.rglob('*')), *(COMPONENTS / f'{name}.js' for name in LEAD_PARTS)]:
        if path.is_file():
            digest.update(path.relative_to(STATIC_DIR.parent).as_posix().encode() + b'\0' + path.read_bytes())
    return digest.hexdigest()[:12]


STATIC_VERSION = _version()
STATIC_URL = f'/static/{STATIC_VERSION}'
ICONS_URL = f'{STATIC_URL}/icons.svg'
LEAD_PARTS_URL = f'{STATIC_URL}/lead_parts.js'
THEME_SCRIPT = (STATIC_DIR / 'theme.js').read_text()


@cache
def _texts() -> frozenset[str]:
    """The paths of all texts: what is asked for must be one of them before it is kept in memory."""
    files = {path.relative_to(STATIC_DIR).as_posix() for path in STATIC_DIR.rglob('*') if path.suffix in _TEXTS}
    return frozenset({*files, *BUNDLES, 'lead_parts.js'})


@cache
def _text(name: str) -> bytes:
    if name == 'lead_parts.js':
        return lead_parts().encode()
    if name in BUNDLES:
        first, pattern = BUNDLES[name]
        paths = [STATIC_DIR / each for each in first if (STATIC_DIR / each).exists()] + sorted(STATIC_DIR.glob(pattern))
        return b'\n'.join(path.read_bytes() for path in paths)
    return (STATIC_DIR / name).read_bytes()


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_text(name), mtime=0)


def lead_parts() -> str:
    """The modules of LEAD_PARTS one after the other, each in a function of its own. Raises ValueError for one that imports another."""
    parts = []
    for name in LEAD_PARTS:
        text = (COMPONENTS / f'{name}.js').read_text()
        if re.search(r'^import\b', text, re.MULTILINE):
            raise ValueError(f'{name}.js imports another module, so it cannot stand in lead_parts.js.')
        named = re.findall(r'^export const (\w+)', text, re.MULTILINE)
        text = re.sub(r'^export const ', 'const ', text, flags=re.MULTILINE)
        text = re.sub(r'^export default ', 'return ', text, flags=re.MULTILINE)
        last = f'return {{ {", ".join(named)} }};\n' if named else ''
        parts.append(f'const {name} = (() => {{\n{text}{last}}})();\n')
    return ''.join(parts) + f'export {{ {", ".join(LEAD_PARTS)} }};\n'


class _Lasting(StaticFiles):
    """Files whose address changes with their content, so that browsers need never ask again; texts are packed once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path not in _texts() or scope['method'] not in ('GET', 'HEAD'):
            return await super().get_response(path, scope)
        kind = _TEXTS[PurePosixPath(path).suffix]
        headers = LASTING | {'Vary': 'Accept-Encoding'}
        if 'gzip' not in Headers(scope=scope).get('accept-encoding', ''):
            return Response(_text(path), media_type=kind, headers=headers)
        return Response(_packed(path), media_type=kind, headers=headers | {'Content-Encoding': 'gzip'})

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(LASTING)
        return response


def static_app() -> StaticFiles:
    """The ASGI application to mount at STATIC_URL."""
    return _Lasting(directory=STATIC_DIR)
