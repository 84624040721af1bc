"""From the bytes of a submission to plain fields, the same way at the door and when a person looks at them later."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import pydantic_core

from domain.base.errors import Invalid

JSON_TYPE, FORM_TYPE = 'application/json', 'application/x-www-form-urlencoded'


def fields_of(raw: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a JSON object or a form; raises Invalid when it is neither."""
    return _form(raw) if content_type == FORM_TYPE else _json(raw)


def named(fields: Mapping[str, str], plain: dict[str, Any]) -> dict[str, Any]:
    """The same with a tenant's own field names put into ours (`fields` maps theirs to ours)."""
    return {**plain, **{ours: plain[theirs] for theirs, ours in fields.items() if theirs in plain}}


def _json(raw: bytes) -> dict[str, Any]:
    try:
        plain = pydantic_core.from_json(raw, allow_inf_nan=False)
    except ValueError as trouble:
        raise Invalid(f'The body is not JSON: {trouble}. Nothing was stored.') from None
    if not isinstance(plain, dict):
        raise Invalid('The body must be a JSON object with fields such as name, email and message. Nothing was stored.')
    return plain


def _form(raw: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(raw.decode('utf-8'), keep_blank_values=True, max_num_fields=200, errors='strict')
    except (UnicodeDecodeError, ValueError):
        raise Invalid('The body is not a readable form in UTF-8. Nothing was stored.') from None
    plain: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for key, value in pairs:
        name = key.removeprefix('metadata.').removeprefix('metadata[').removesuffix(']')
        (origin if name.startswith(('utm', 'referrer', 'landing')) else plain)[name] = value
    return {**plain, 'metadata': origin} if origin else plain
