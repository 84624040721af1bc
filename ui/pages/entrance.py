"""The way in: sign-in, sign-out and first run as plain forms, without a socket."""

import asyncio
import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from domain.access.queries import anybody, person
from domain.access.rules import SECURE_COOKIE, SESSION_COOKIE, session_token
from domain.access.signing import begin_session, recognise, sign_in, sign_out
from domain.base import clock
from domain.base.errors import Conflict, Forbidden, NotSignedIn, Refusal, TooMany
from domain.desk.actions import open_desk
from ui.doors import Doors
from ui.guard import doors_of, from_here, idle_of, limits_of
from ui.pages.plain import render_first_run, render_sign_in
from ui.visitors import address

router = APIRouter(include_in_schema=False)

_LOOPBACK = ('127.0.0.1', '::1', 'localhost')
_FORWARDED = ('x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via')

Text = Annotated[str, Form(max_length=500)]


@router.get('/login')
def show_sign_in(request: Request, next: str = '/') -> Response:  # noqa: A002 - the parameter's name in the address
    """The sign-in page; before there is an account, the first run."""
    doors = doors_of(request)
    with doors.db.reading() as session:
        if not anybody(session):
            return RedirectResponse('/first-run', 303)
    return page(render_sign_in(_own_path(next), None, ''))


@router.post('/login')
def post_sign_in(request: Request, email: Text = '', password: Text = '', next: Text = '/') -> Response:  # noqa: A002 - the field's name
    """Check who it is and begin a new session, whatever cookie came along."""
    doors, limits = doors_of(request), limits_of(request)
    try:
        check_same_site(request, doors)
        limits.hit_shared(doors.settings.rate_limit_login, 'login', address(request, doors), what='attempts to sign in')
        account = email.strip().lower()
        limits.hit_shared(doors.settings.rate_limit_login_account, 'login', account, what='attempts to sign in to this account')
        with doors.db.reading() as session:
            user_id, better = recognise(session, email, password)
        limits.forgive_shared(doors.settings.rate_limit_login_account, 'login', account)  # only failed ones are to count
        agent = request.headers.get('user-agent', '')
        with doors.db.transaction() as session:
            token, _ = begin_session(session, user_id, better, hours=doors.settings.session_hours, user_agent=agent)
    except (NotSignedIn, TooMany, Forbidden) as trouble:
        return page(render_sign_in(_own_path(next), trouble.detail, email), trouble.status, trouble)
    return welcome(doors, token, _own_path(next))


@router.post('/logout')
def post_sign_out(request: Request) -> Response:
    """End the session here and in every open page."""
    doors = doors_of(request)
    check_same_site(request, doors)
    if token := session_token(request.cookies):
        with doors.db.transaction() as session:
            sign_out(session, token)
    answer = RedirectResponse('/login', 303)
    answer.delete_cookie(SESSION_COOKIE, path='/')
    answer.delete_cookie(SECURE_COOKIE, path='/', secure=True)
    return answer


@router.get('/first-run')
def show_first_run(request: Request) -> Response:
    """The page that makes the owner, as long as there is none."""
    doors = doors_of(request)
    with doors.db.reading() as session:
        if anybody(session):
            return RedirectResponse('/login', 303)
    return page(render_first_run(_needs_code(request, doors), {}, {}))


@router.post('/first-run')
def post_first_run(
    request: Request,
    name: Text = '',
    email: Text = '',
    password: Text = '',
    company: Text = '',
    location: Text = '',
    time_zone: Text = 'UTC',
    code: Text = '',
) -> Response:
    """Make the owner and sign them in."""
    doors = doors_of(request)
    values = {'name': name, 'email': email, 'company': company, 'location': location, 'time_zone': time_zone}
    needs_code = _needs_code(request, doors)
    try:
        check_same_site(request, doors)
        if needs_code:
            limits_of(request).hit_shared(doors.settings.rate_limit_login, 'first-run', address(request, doors), what='codes tried')
            if not hmac.compare_digest(code.strip().lower().encode(), doors.first_run_code.encode()):
                raise Forbidden('The one-time code is not the one that Leadkeeper printed when it started.')
        with doors.db.transaction() as session:
            open_desk(session, name=name, email=email, password=password, company=company, location=location, time_zone=time_zone)
            token, _ = sign_in(session, email, password, hours=doors.settings.session_hours)
    except Conflict:
        return RedirectResponse('/login', 303)
    except Refusal as trouble:
        errors = {error.field: error.message for error in trouble.errors} or {'code' if needs_code else 'form': trouble.detail}
        return page(render_first_run(needs_code, errors, values), trouble.status, trouble)
    return welcome(doors, token, '/welcome')


def page(html: str, status: int = 200, trouble: Refusal | None = None) -> HTMLResponse:
    """A plain page that is kept nowhere."""
    headers = {'Cache-Control': 'no-store'}
    if trouble and trouble.retry_after:
        headers['Retry-After'] = str(trouble.retry_after)
    return HTMLResponse(html, status, headers)


def welcome(doors: Doors, token: str, path: str) -> Response:
    """Lead into the desk with this session's cookie."""
    answer = RedirectResponse(path, 303)
    secure = (doors.settings.public_url or '').startswith('https://')
    name, age = SECURE_COOKIE if secure else SESSION_COOKIE, doors.settings.session_hours * 3600
    answer.set_cookie(name, token, max_age=age, path='/', secure=secure, httponly=True, samesite='lax')
    return answer


def _own_path(path: str) -> str:
    """Only paths of this desk: `//evil.example` and `/\\evil.example` are other hosts to a browser."""
    return path if path.startswith('/') and not path.startswith(('//', '/\\')) and path.isprintable() else '/'


def check_same_site(request: Request, doors: Doors) -> None:
    """Raises Forbidden for a form that another site sent."""
    if not from_here(request, doors):
        raise Forbidden('This form came from another site; it was not carried out.')


def _needs_code(request: Request, doors: Doors) -> bool:
    # Another host name than this machine's: a page elsewhere may have bent its own name to the loopback address.
    elsewhere = request.url.hostname not in _LOOPBACK
    return elsewhere or not doors.settings.loopback_only or any(name in request.headers for name in _FORWARDED)


async def signed_in(doors: Doors, cookie: str) -> bool:
    """Whether a Cookie header holds a live session (asked at each socket handshake)."""
    try:
        token = session_token({name: morsel.value for name, morsel in SimpleCookie(cookie).items()})
    except CookieError:
        return False
    return bool(token) and await asyncio.to_thread(_alive, doors, token)


def _alive(doors: Doors, token: str) -> bool:
    try:
        with doors.db.reading() as session:
            person(session, token, clock.now(), idle_of(doors))
    except Refusal:
        return False
    return True
