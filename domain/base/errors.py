"""Refusals: every expected way to say no, each with the HTTP status it means and a code that scripts can compare."""

from collections.abc import Sequence
from typing import NamedTuple


class FieldError(NamedTuple):
    """One field that was wrong, and why."""

    field: str
    message: str


class Refusal(Exception):
    """Base of all expected refusals: `detail` says what, which and why, and what to do."""

    status = 400
    code = 'bad_request'
    title = 'Bad request'
    retry_after: int | None = None

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        if retry_after is not None:
            self.retry_after = retry_after


class Invalid(Refusal):
    """A value is wrong; `errors` names the fields."""

    code, title = 'invalid', 'Invalid request'


class NotSignedIn(Refusal):
    """No credential, or one that is unknown, expired or revoked."""

    status, code, title = 401, 'not_signed_in', 'Not signed in'


class Forbidden(Refusal):
    """Known who asks, but this person or key may not."""

    status, code, title = 403, 'forbidden', 'Not allowed'


class NotFound(Refusal):
    """No such thing in the caller's tenant (a foreign id looks just the same)."""

    status, code, title = 404, 'not_found', 'Not found'


class Conflict(Refusal):
    """The thing is no longer in the state the order assumed."""

    status, code, title = 409, 'conflict', 'Conflict'


class Twin(Refusal):
    """The same request is still being handled by another connection; asking again shortly gives its answer."""

    status, code, title, retry_after = 409, 'twin_running', 'The same request is still running', 1


class TooLarge(Refusal):
    """The body is over the limit."""

    status, code, title = 413, 'too_large', 'Body too large'


class WrongType(Refusal):
    """The content type is not one of those this route takes."""

    status, code, title = 415, 'unsupported_media_type', 'Unsupported media type'


class KeyReused(Refusal):
    """An idempotency key came back with another body."""

    status, code, title = 422, 'idempotency_key_reused', 'Idempotency key reused'


class TooMany(Refusal):
    """A limit was reached; `retry_after` says in how many seconds it opens again."""

    status, code, title, retry_after = 429, 'too_many_requests', 'Too many requests', 60


class Unavailable(Refusal):
    """The database did not take it, or its answer was lost: nothing may be claimed about the outcome."""

    status, code, title, retry_after = 503, 'unavailable', 'Not stored', 5
