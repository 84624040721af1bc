"""How a refusal leaves the house: problem documents by RFC 9457, never with a stack, SQL or a path."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from domain.base.errors import FieldError, Refusal
from domain.intake.rules import field_errors

log = structlog.get_logger(__name__)


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: list[FieldError] | None = None,
    retry_after: int | None = None,
) -> Response:
    """One problem document; `code` stands at the end of its type."""
    body: dict[str, Any] = {
        'type': f'urn:leadkeeper:problem:{code}',
        'title': title,
        'status': status,
        'detail': detail,
        'code': code,
        'requestId': request.scope.get('request_id', ''),
    }
    if errors:
        body['errors'] = [{'field': error.field, 'message': error.message} for error in errors]
    headers = {'Retry-After': str(retry_after)} if retry_after is not None else {}
    if status == 401:
        headers['WWW-Authenticate'] = 'Bearer'
    return JSONResponse(body, status, headers, media_type='application/problem+json')


def refused(request: Request, trouble: Exception) -> Response:
    """An expected refusal."""
    assert isinstance(trouble, Refusal)  # registered for nothing else
    if trouble.status >= 500:
        log.warning('refused', code=trouble.code, detail=trouble.detail)
    return problem(
        request, trouble.status, trouble.code, trouble.title, trouble.detail, errors=trouble.errors, retry_after=trouble.retry_after
    )


def invalid(request: Request, trouble: Exception) -> Response:
    """FastAPI's own validation, in our words."""
    assert isinstance(trouble, RequestValidationError)  # registered for nothing else
    errors = field_errors([{**error, 'loc': error['loc'][1:] or error['loc']} for error in trouble.errors()])
    detail = '; '.join(f'{error.field}: {error.message}' for error in errors)
    return problem(request, 400, 'invalid', 'Invalid request', f'The request cannot be taken as it is: {detail}.', errors=errors)


def http_error(request: Request, trouble: Exception) -> Response:
    """404 and 405 of the router, and what FastAPI makes of a refusal while it reads a body."""
    assert isinstance(trouble, HTTPException)  # registered for nothing else
    if isinstance(trouble.__cause__, Refusal):
        return refused(request, trouble.__cause__)
    title = HTTPStatus(trouble.status_code).phrase
    answer = problem(request, trouble.status_code, title.lower().replace(' ', '_'), title, str(trouble.detail))
    answer.headers.update(trouble.headers or {})
    return answer


def failed(request: Request, trouble: Exception) -> Response:
    """Something nobody expected: the log has it, the answer has only the number to ask for."""
    log.error('request_failed', path=request.url.path, exc_info=trouble)
    return problem(request, 500, 'internal', 'Something failed here', 'This was not your fault. It is in the log under the request id.')


def register(fast: FastAPI) -> None:
    """Have all refusals of this application answered by problem documents (accidents: see the doorkeeper)."""
    fast.add_exception_handler(Refusal, refused)
    fast.add_exception_handler(RequestValidationError, invalid)
    fast.add_exception_handler(HTTPException, http_error)
