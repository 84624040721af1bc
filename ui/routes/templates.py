"""The desk API of the templates that sequences take their words from."""

from uuid import UUID

from fastapi import APIRouter, Request

from domain.follow_ups.deleting import delete_template
from domain.follow_ups.messages import TemplateEdit, TemplateOrder
from domain.follow_ups.sequences import create_template, edit_template, templates
from ui.guard import doors_of
from ui.routes.desk import Answer, Reader
from ui.routes.sequences import Keeper

router = APIRouter(prefix='/api/v1', tags=['follow-ups'])


class TemplateOut(Answer):
    """The words of a step."""

    id: UUID
    name: str
    subject: str
    body: str
    version: int


class TemplateList(Answer):
    """All templates, by name."""

    items: list[TemplateOut]
    next_cursor: None = None


@router.get('/templates')
def get_templates(request: Request, actor: Reader) -> TemplateList:
    """The words of steps."""
    with doors_of(request).db.reading() as session:
        return TemplateList(items=[TemplateOut.model_validate(row) for row in templates(session, actor.scope)])


@router.post('/templates', status_code=201)
def post_template(request: Request, actor: Keeper, body: TemplateOrder) -> TemplateOut:
    """Keep words for steps; an unknown variable is refused."""
    with doors_of(request).db.transaction() as session:
        return TemplateOut.model_validate(create_template(session, actor, body))


@router.patch('/templates/{template_id}')
def patch_template(request: Request, actor: Keeper, template_id: UUID, body: TemplateEdit) -> TemplateOut:
    """Change the words, for all steps to come."""
    with doors_of(request).db.transaction() as session:
        return TemplateOut.model_validate(edit_template(session, actor, template_id, body))


@router.delete('/templates/{template_id}', status_code=204)
def drop_template(request: Request, actor: Keeper, template_id: UUID) -> None:
    """Delete words that no step uses."""
    with doors_of(request).db.transaction() as session:
        delete_template(session, actor, template_id)
