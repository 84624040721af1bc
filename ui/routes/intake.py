"""Public intake: forms, chats and other systems hand leads in here. Lean on purpose: this is the hot path.

The handlers are plain Starlette endpoints: a lead pays for no dependency graph and no response model.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pydantic_core
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.base.errors import FieldError, Invalid, NotFound, Refusal, WrongType
from domain.intake import rules
from domain.intake.actions import capture, quarantine_in_transaction
from domain.intake.bodies import FORM_TYPE, JSON_TYPE, fields_of, named
from domain.intake.facts import Facts
from domain.intake.messages import Arrival, Captured, ChatbotLead, Contact, ContactMessage, PropertyInquiry
from domain.intake.queries import widget_origins
from ui.doors import Doors
from ui.guard import doors_of, header
from ui.routes.intake_sender import GRADERS, facts_of, judge_origin, limit, may_hand_in
from ui.routes.problems import refused
from ui.routes.receipts import show_receipt
from ui.visitors import address, address_hash

_KEY = re.compile(r'[\x20-\x7e]{1,255}')
_KEPT_HEADERS = ('user-agent', 'origin', 'referer', 'accept-language')


async def chatbot_lead(request: Request) -> Response:
    """POST /api/chatbot/leads"""
    return await _take(request, ChatbotLead, 'chatbot')


async def contact_message(request: Request) -> Response:
    """POST /api/submit-contact"""
    return await _take(request, ContactMessage, 'contact')


async def property_inquiry(request: Request) -> Response:
    """POST /api/property-inquiry"""
    return await _take(request, PropertyInquiry, 'property')


async def tenant_form(request: Request) -> Response:
    """POST /api/intake/{form}"""
    return await _take(request, ContactMessage, f'form:{request.path_params["form"]}')


async def preflight(request: Request) -> Response:
    """OPTIONS of the intake routes: which key comes is not known yet, so any origin that some widget key names is told to go on."""
    doors = doors_of(request)
    origin = request.headers.get('origin', '')

    def known() -> bool:
        with doors.db.reading() as session:
            return origin in widget_origins(session)

    headers = {'Vary': 'Origin'}
    if origin and (origin == doors.settings.frontend_url or await asyncio.to_thread(known)):
        headers |= {
            'Access-Control-Allow-Origin': origin,
            'Access-Control-Allow-Methods': 'POST',
            'Access-Control-Allow-Headers': 'Content-Type, X-Widget-Key, Idempotency-Key',
            'Access-Control-Max-Age': '600',
        }
    return Response(status_code=204, headers=headers)


async def _take(request: Request, model: type[Contact], route: str) -> Response:
    doors = doors_of(request)
    facts = await facts_of(request, doors)
    cors = judge_origin(request, facts, doors.settings.frontend_url)
    try:
        may_hand_in(facts)
        return await _keep(request, doors, facts, model, route, cors)
    except Refusal as trouble:
        request.app.state.counters.refused(trouble.code)  # a page of an allowed origin may read why
        answer = refused(request, trouble)
        answer.headers.update(cors)
        return answer


async def _keep(request: Request, doors: Doors, facts: Facts, model: type[Contact], route: str, cors: dict[str, str]) -> Response:
    limit(request, doors, facts)
    key = idempotency_key(request)
    content_type = (header(request, b'content-type') or '').partition(';')[0].strip().lower()
    if content_type not in (JSON_TYPE, FORM_TYPE):
        raise WrongType(f'Send {JSON_TYPE} or {FORM_TYPE}; "{content_type or "no content type"}" is not taken here.')
    raw = await request.body()
    plain = fields_of(raw, content_type)
    if route.startswith('form:'):
        plain = _mapped(facts, route.removeprefix('form:'), plain)
    headers = {name: value[:500] for name in _KEPT_HEADERS if (value := header(request, name.encode()))}
    arrival = Arrival(raw, content_type, headers, address_hash(address(request, doors), doors), key)
    try:
        may_grade = facts.credential.kind == 'api' and bool(facts.credential.scopes & GRADERS)
        cmd = rules.submission(model.model_validate(plain), arrival, route, facts.region, may_grade=may_grade)
    except ValidationError as trouble:
        return await _not_understood(request, facts, arrival, route, rules.field_errors(trouble.errors(include_url=False)), cors)
    except Invalid as trouble:
        return await _not_understood(request, facts, arrival, route, trouble.errors, cors)
    captured = await capture(cmd, facts, doors.keeper, doors.db)
    request.app.state.counters.kept(route)
    return _created(request, facts, route, content_type, captured, cors)


def _created(request: Request, facts: Facts, route: str, content_type: str, captured: Captured, cors: dict[str, str]) -> Response:
    if _wants_page(request, content_type):
        return _thanks(facts, route, captured.text)
    headers = {**cors, 'Idempotency-Replayed': 'true'} if captured.replayed else cors
    return Response(captured.text, 201, headers, 'application/json')


def _wants_page(request: Request, content_type: str) -> bool:
    return content_type == FORM_TYPE and 'text/html' in request.headers.get('accept', '')


def _thanks(facts: Facts, route: str, text: str) -> Response:
    """To the form's own page, or to ours, which shows the receipt."""
    form = facts.forms.get(route.removeprefix('form:'))
    receipt_id = pydantic_core.from_json(text)['receiptId']
    return RedirectResponse(form.thanks_url if form and form.thanks_url else f'/thanks/{receipt_id}', 303)


def idempotency_key(request: Request) -> str | None:
    """The request's Idempotency-Key; raises Invalid for one that cannot be used."""
    key = header(request, b'idempotency-key')
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid(
            'Idempotency-Key must be 1 to 255 printable ASCII characters.', errors=[FieldError('Idempotency-Key', 'is not usable')]
        )
    return key


def _mapped(facts: Facts, slug: str, plain: dict[str, Any]) -> dict[str, Any]:
    form = facts.forms.get(slug)
    if form is None:
        raise NotFound(f'There is no form "{slug}" here; a fresh desk has the form "contact".')
    return named(form.fields, plain)


async def _not_understood(
    request: Request, facts: Facts, arrival: Arrival, route: str, errors: list[FieldError], cors: dict[str, str]
) -> Response:
    """Whoever has an API key can mend it and is told; a visitor cannot, so the words are kept for a person to read."""
    if facts.credential.kind == 'api':
        detail = '; '.join(f'{error.field} {error.message}' for error in errors)
        raise Invalid(f'The lead cannot be taken as it is: {detail}. Nothing was stored.', errors=errors)
    text = await asyncio.to_thread(quarantine_in_transaction, doors_of(request).db, facts, arrival, route, errors)
    return _thanks(facts, route, text) if _wants_page(request, arrival.content_type) else Response(text, 202, cors, 'application/json')


ROUTES = (
    ('/api/chatbot/leads', chatbot_lead, ChatbotLead),
    ('/api/submit-contact', contact_message, ContactMessage),
    ('/api/property-inquiry', property_inquiry, PropertyInquiry),
    ('/api/intake/{form}', tenant_form, ContactMessage),
)


def lanes() -> dict[str, ASGIApp]:
    """The intake paths without parameters, each as an application of its own."""
    return {path: _lane(endpoint) for path, endpoint, _ in ROUTES if '{' not in path}


def _lane(endpoint: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    async def lane(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            answer = await endpoint(request)
        except Refusal as trouble:
            answer = refused(request, trouble)
        await answer(scope, receive, send)

    return lane


def register(fast: FastAPI) -> None:
    """Add the intake routes, before all others: they are matched first."""
    routes: list[Any] = [Route(path, endpoint, methods=['POST']) for path, endpoint, _ in ROUTES]
    routes += [Route(path, preflight, methods=['OPTIONS']) for path, *_ in ROUTES]
    routes.append(Route('/api/intake/receipts/{id}', show_receipt, methods=['GET']))
    fast.router.routes[:0] = routes
