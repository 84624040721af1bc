"""What can be read of a submission that was not understood, and what becomes of it once a person has mended it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from domain.base.errors import FieldError, Invalid
from domain.inbound.models import Submission as Receipt
from domain.intake import rules
from domain.intake.bodies import fields_of, named
from domain.intake.messages import MESSAGE_LIMIT, Arrival, ChatbotLead, Contact, ContactMessage, Correction, PropertyInquiry, Submission

EDITABLE = {'name': 300, 'email': 320, 'phone': 64, 'message': MESSAGE_LIMIT}  # what a person may mend, with the characters it may have
_MODELS: dict[str, type[Contact]] = {'chatbot': ChatbotLead, 'property': PropertyInquiry}


@dataclass(frozen=True, slots=True)
class Readable:
    """The fields as far as they are text, each cut to what it may have; `left_out` names the others that no lead can carry."""

    name: str
    email: str
    phone: str
    message: str
    cut: tuple[str, ...]
    left_out: tuple[str, ...]


def readable(row: Receipt, form_fields: Mapping[str, str]) -> Readable:
    """What to begin with; nothing when the body is neither JSON nor a form. `form_fields` maps a form's names to ours."""
    plain = _plain(row, form_fields)
    texts = {name: _text(plain.get(name)) for name in EDITABLE}
    return Readable(
        **{name: text[: EDITABLE[name]] for name, text in texts.items()},
        cut=tuple(name for name, text in texts.items() if len(text) > EDITABLE[name]),
        left_out=_usable(model_of(row.route), plain)[1],
    )


def mended(row: Receipt, form_fields: Mapping[str, str], correction: Correction, region: str) -> Submission:
    """The checked submission with the person's corrections; raises Invalid that names the fields still wrong."""
    plain = _plain(row, form_fields)
    texts = {name: _text(plain.get(name))[:limit] for name, limit in EDITABLE.items()} | correction.model_dump(exclude_none=True)
    usable, _ = _usable(model_of(row.route), plain)
    try:
        body = model_of(row.route).model_validate(usable | texts)
    except ValidationError as trouble:
        errors = [_placed(error) for error in rules.field_errors(trouble.errors(include_url=False))]
        detail = '; '.join(f'{error.field} {error.message}' for error in errors)
        raise Invalid(f'This cannot be made a lead yet: {detail}.', errors=errors) from None
    arrival = Arrival(row.raw, row.content_type, {name: str(value) for name, value in row.headers.items()}, row.address_hash)
    return rules.submission(body, arrival, row.route, region)


def model_of(route: str) -> type[Contact]:
    """The shape that bodies of this route have."""
    return _MODELS.get(route, ContactMessage)


def _plain(row: Receipt, form_fields: Mapping[str, str]) -> dict[str, Any]:
    try:
        return named(form_fields, fields_of(row.raw, row.content_type))
    except Invalid:
        return {}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ''


def _usable(model: type[Contact], plain: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields beside the editable ones that the model takes, and the names of those it does not."""
    rest = {name: value for name, value in plain.items() if name not in EDITABLE}
    try:
        model.model_validate(rest | {'email': 'x'})  # any address: these are judged elsewhere
    except ValidationError as trouble:
        bad = {str(error['loc'][0]) for error in trouble.errors() if error['loc']}
        out = tuple(name for name in rest if name in bad or to_camel(name) in bad)
        return {name: value for name, value in rest.items() if name not in out}, out
    return rest, ()


def _placed(error: FieldError) -> FieldError:
    """A fault in the middle of a field is shown at the field."""
    return FieldError(error.field.partition('.')[0], error.message)
