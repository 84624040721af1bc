"""Pages that need no script and no socket: sign-in, first run, the visitor's thank-you and problems, each as one HTML text."""

import zoneinfo
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.design import STATIC_URL

FIELDS = {
    'name': 'Your name',
    'email': 'E-mail',
    'password': 'Password',
    'company': 'Company',
    'location': 'First location',
    'time_zone': 'Time zone',
    'code': 'One-time code',
}

_GLYPHS = {401: 'user-round', 403: 'circle-slash', 404: 'circle-help', 429: 'clock'}
_OLD_ZONES = ('Etc/', 'US/', 'Brazil/', 'Canada/', 'Chile/', 'Mexico/', 'SystemV/', 'posix/', 'right/')


def render_sign_in(next: str, error: str | None, email: str) -> str:  # noqa: A002 (the name of the form's field)
    """The sign-in page. `next` is only carried through: whoever redirects there checks that it is a path of ours."""
    return _render('sign_in.html', next=next, error=error, email=email)


def render_first_run(needs_code: bool, errors: dict[str, str], values: dict[str, str]) -> str:
    """The page that makes the owner and the first location.

    `errors` are sentences by field (other keys are shown in the summary only); a password in `values` is never repeated.
    """
    known = {name: values.get(name, '') for name in FIELDS}
    wrong = {**dict.fromkeys(FIELDS, ''), **errors}
    shown = _Errors({name: text for name, text in wrong.items() if text})
    return _render('first_run.html', needs_code=needs_code, errors=shown, values=known, fields=FIELDS, zones=time_zones())


def render_invitation(email: str, name: str, company: str, joins: bool, errors: dict[str, str]) -> str:
    """The page behind a link: for a new account of this address when `joins`, else for its new password; `errors` by field."""
    shown = _Errors({field: text for field, text in errors.items() if text})
    return _render('invitation.html', email=email, name=name, company=company, joins=joins, errors=shown, fields=FIELDS)


def render_thanks(receipt_id: str) -> str:
    """The page a visitor sees after a plain HTML form; the receipt (may be empty) can be checked later."""
    return _render('thanks.html', receipt_id=receipt_id, short=receipt_id[:8].upper())


def render_problem_page(status: int, title: str, detail: str, request_id: str) -> str:
    """A refusal as a page: what, why and what to do, never a stack. Offers another try where trying again can help."""
    glyph = _GLYPHS.get(status, 'circle-alert')
    retry = status in (408, 429) or status >= 500
    return _render('problem.html', status=status, heading=title, detail=detail, request_id=request_id, glyph=glyph, retry=retry)


@cache
def time_zones() -> tuple[str, ...]:
    """The IANA names people choose from: UTC, then places by name."""
    names = zoneinfo.available_timezones()
    return ('UTC', *sorted(name for name in names if '/' in name and not name.startswith(_OLD_ZONES)))


class _Errors(dict[str, str]):
    """A missing field has no error; templates may ask for any by name."""

    def __missing__(self, name: str) -> str:
        return ''


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent.parent / 'templates'
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals['static'] = STATIC_URL
    return environment


def _render(template: str, **values: object) -> str:
    return _templates().get_template(template).render(**values)
