"""Laws of intake: what is wrong with a body in words, digests, answers. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from domain.base.errors import FieldError, Invalid
from domain.intake.messages import Arrival, Contact, Submission
from domain.leads.models import Quality
from domain.leads.rules import normal_email, normal_phone

KEY_LIFE = timedelta(days=7)
TWIN_LIFE = timedelta(minutes=10)

_WORDS = {
    'string_too_long': 'is too long: at most {max_length} characters',
    'string_type': 'must be text',
    'too_long': 'has too many entries: at most {max_length}',
}


def submission(body: Contact, arrival: Arrival, route: str, region: str, *, may_grade: bool = False) -> Submission:
    """The checked submission; raises Invalid that names `email` or `phone` when neither can be used.

    A phone number that cannot be read beside a good e-mail address is kept as typed, and the other way round it is an error to be told:
    whoever typed an address expects an answer there.
    """
    errors: list[FieldError] = []
    email = phone = ''
    if body.email.strip():
        try:
            email = normal_email(body.email)
        except ValueError as trouble:
            errors.append(FieldError('email', str(trouble)))
    if body.phone.strip():
        try:
            phone = normal_phone(body.phone, region)
        except ValueError as trouble:
            if not email:
                errors.append(FieldError('phone', str(trouble)))
    quality = None
    if may_grade and body.quality:
        if body.quality in tuple(Quality):
            quality = Quality(body.quality)
        else:
            errors.append(FieldError('quality', 'must be hot, warm or cold'))
    if errors:
        raise Invalid('The lead cannot be taken as it is: ' + '; '.join(f'{e.field}: {e.message}' for e in errors) + '.', errors=errors)
    return Submission(body, arrival, route, email, phone, quality)


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """pydantic's errors as fields and sentences for people; the visitor's words are not repeated."""
    out = []
    for error in errors:
        name = '.'.join(str(part) for part in error['loc'] if not str(part).startswith('function-')) or 'email'
        context = error.get('ctx', {})
        # A text that was cleaned first is judged as a value of any kind: only of a list can one say that it has entries.
        kind = 'string_too_long' if error['type'] == 'too_long' and context.get('field_type') != 'List' else error['type']
        template = _WORDS.get(kind)
        message = template.format(**context) if template else str(error['msg']).removeprefix('Value error, ')
        out.append(FieldError(name, message))
    return out


def digest(credential: str, route: str, key: str | None, body_hash: str) -> str:
    """What makes two requests the same: credential, route and key, or without a key the body itself."""
    parts = ('key', credential, route, key) if key is not None else ('body', credential, route, body_hash)
    return hashlib.sha256('\x1f'.join(parts).encode('utf-8', 'surrogatepass')).hexdigest()


def answer(*, lead: UUID, conversation: UUID, event: UUID, receipt: str, quality: str, due: datetime, duplicate: bool = False) -> str:
    """The JSON text of a 201."""
    return to_json(
        {
            'leadId': str(lead),
            'conversationId': str(conversation),
            'eventId': str(event),
            'receiptId': receipt,
            'quality': quality,
            'slaDeadline': due.isoformat(timespec='milliseconds').replace('+00:00', 'Z'),
            'duplicate': duplicate,
        },
    ).decode()
