"""Orders whose refusal a person can mend: the answer goes to where they stand, with what they typed still there."""

from collections.abc import Awaitable
from typing import Any

from pydantic import ValidationError

from domain.base.db import Session
from domain.base.errors import Conflict, Invalid, NotFound, Refusal
from domain.base.scope import Actor
from domain.intake.rules import field_errors
from ui.ask import do

Answer = dict[str, Any] | None  # {'ok': True, …}, {'errors': {field: sentence}}, or None: the page has said why not


async def mendable(deed: Awaitable[Answer]) -> Answer:
    """The deed's answer; wrong values as `errors`, '' standing for the whole; all other refusals the page says itself."""
    try:
        return await deed
    except ValidationError as trouble:
        return {'errors': {each.field: _sentence(each.message) for each in field_errors([dict(e) for e in trouble.errors()])}}
    except (Invalid, Conflict, NotFound) as trouble:
        return {'errors': _errors(trouble)}
    except (ValueError, KeyError, TypeError):
        return None  # not an order of our page: it sends what is asked for
    except Exception as trouble:
        await do(_again, trouble)
        return None


def _errors(trouble: Refusal) -> dict[str, str]:
    """What stands under each field; one alone is told in full."""
    if len(trouble.errors) == 1:
        return {trouble.errors[0].field: trouble.detail}
    return {each.field: _sentence(each.message) for each in trouble.errors} or {'': trouble.detail}


def _sentence(text: str) -> str:
    """What is wrong with a field, to stand under it: "is too long" becomes "Is too long."."""
    said = text[:1].upper() + text[1:]
    return said if said.endswith('.') else said + '.'


def _again(session: Session, actor: Actor, trouble: Exception) -> None:
    """Raises it once more where the page knows how to say each kind of refusal."""
    raise trouble
