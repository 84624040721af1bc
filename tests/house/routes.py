"""The routes the program serves, and those the README lists, in one spelling: `GET /api/leads/{}`."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.house.tree import readme_section

METHODS = ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')


def spelled(method: str, path: str) -> str:
    return f'{method} {re.sub(r"{[^}]*}", "{}", path)}'


def documented_routes() -> set[str]:
    """Each `METHOD /path` in backticks of the README's routes section; `GET PATCH /path` names two."""
    found = re.findall(rf'`((?:(?:{"|".join(METHODS)}) )+)(/[^`\s]*)`', readme_section('routes'))
    return {spelled(method, path) for methods, path in found for method in methods.split()}


def served_routes(data_dir: Path) -> set[str]:
    """What `leadkeeper api` answers; HEAD and OPTIONS come for free."""
    import app
    from domain.base.settings import Settings

    doors = app.open_house(Settings(_env_file=None, data_dir=data_dir, database_url=None))
    try:
        return set(_walk(app.api(doors).routes))
    finally:
        doors.db.close()


def _walk(routes: Iterable[Any]) -> Iterable[str]:
    for route in routes:
        included = getattr(route, 'effective_candidates', None)  # FastAPI keeps an included router whole
        if included:
            yield from _walk(included())
        for method in getattr(route, 'methods', None) or ():
            if method in METHODS:
                yield spelled(method, route.path)
