"""The page behind a link for a new account or a new password: a plain form, without a socket."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from domain.access.invitations import accept, hashed, opened
from domain.access.models import Invitation
from domain.access.rules import JOIN
from domain.access.signing import begin_session
from domain.base import clock
from domain.base.errors import Conflict, Invalid, NotFound, Refusal
from domain.tenancy.queries import tenant
from ui.doors import Doors
from ui.guard import doors_of, limits_of
from ui.pages.entrance import check_same_site, page, welcome
from ui.pages.plain import render_invitation, render_problem_page
from ui.visitors import address

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=500)]


@router.get('/invitation/{token}')
def show_invitation(request: Request, token: str) -> Response:
    """The form; opening it uses nothing up, because mail programs open links too."""
    doors = doors_of(request)
    try:
        row, company = _look(request, doors, token)
    except Refusal as trouble:
        return _no_use(request, trouble)
    return page(render_invitation(row.email, row.name, company, token.startswith(JOIN), {}))


@router.post('/invitation/{token}')
def post_invitation(request: Request, token: str, name: Text = '', password: Text = '') -> Response:
    """Use the link up and sign the person in."""
    doors = doors_of(request)
    try:
        check_same_site(request, doors)
        row, company = _look(request, doors, token)
    except Refusal as trouble:
        return _no_use(request, trouble)
    try:
        hash_ = hashed(row, password)
        with doors.db.transaction() as session:
            user = accept(session, token, name, hash_)
            agent = request.headers.get('user-agent', '')
            secret, _ = begin_session(session, user.id, None, hours=doors.settings.session_hours, user_agent=agent)
    except Invalid as trouble:
        errors = {error.field: error.message for error in trouble.errors}
        return page(render_invitation(row.email, name, company, token.startswith(JOIN), errors), trouble.status, trouble)
    except Refusal as trouble:
        return _no_use(request, trouble)
    return welcome(doors, secret, '/')


def _look(request: Request, doors: Doors, token: str) -> tuple[Invitation, str]:
    """The link and the desk's name; raises why it cannot be used. Guessing is limited like signing in."""
    limits_of(request).hit_shared(doors.settings.rate_limit_login, 'invitation', address(request, doors), what='links tried')
    with doors.db.reading() as session:
        row = opened(session, token, clock.now())
        return row, tenant(session, row.tenant_id).name


def _no_use(request: Request, trouble: Refusal) -> Response:
    heading = 'This link cannot be used' if isinstance(trouble, NotFound | Conflict) else trouble.title
    return page(render_problem_page(trouble.status, heading, trouble.detail, request.scope.get('request_id', '')), trouble.status, trouble)
