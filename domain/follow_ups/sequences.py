"""Keeping sequences and the templates of their words; and reading them."""

from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.scope import Actor, Scope
from domain.follow_ups.messages import SequenceEdit, SequenceOrder, Step, TemplateEdit, TemplateOrder
from domain.follow_ups.models import Sequence, Template
from domain.follow_ups.rules import check_order
from domain.follow_ups.templates import check
from domain.tenancy.queries import locations

Kept = TypeVar('Kept', Sequence, Template)


def sequences(session: Session, scope: Scope) -> list[Sequence]:
    """All sequences of the tenant, by name."""
    return list(session.exec(select(Sequence).where(Sequence.tenant_id == scope.tenant_id).order_by(col(Sequence.name))))


def templates(session: Session, scope: Scope) -> list[Template]:
    """All templates of the tenant, by name."""
    return list(session.exec(select(Template).where(Template.tenant_id == scope.tenant_id).order_by(col(Template.name))))


def create_sequence(session: Session, actor: Actor, order: SequenceOrder) -> Sequence:
    """A new sequence; switched on, it takes the leads that come from now on.

    Raises Conflict for a taken name, NotFound for a foreign location or template, Invalid naming the step that is wrong.
    """
    require(actor, Permission.SETTINGS_EDIT)
    _free(session, actor, Sequence, order.name)
    row = Sequence(tenant_id=actor.tenant_id, name=order.name, steps=_steps(session, actor, order.steps), qualities=list(order.qualities))
    row.location_ids = _places(session, actor, order.location_ids)
    _switch(row, on=order.enabled)
    session.add(row)
    note(session, actor, 'sequence.created', row.name, enabled=order.enabled)
    ring_for(session, actor, row)
    return row


def edit_sequence(session: Session, actor: Actor, sequence_id: UUID, edit: SequenceEdit, *, version: int | None = None) -> Sequence:
    """Change what the edit names; leads that are on their way keep the steps they began with. Raises as `create_sequence`, and
    Conflict when it is of another `version` than was shown.
    """
    require(actor, Permission.SETTINGS_EDIT)
    row = own(session, actor, Sequence, sequence_id, version)
    if edit.name is not None and edit.name != row.name:
        _free(session, actor, Sequence, edit.name)
        row.name = edit.name
    if edit.steps is not None:
        row.steps = _steps(session, actor, edit.steps)
    if edit.qualities is not None:
        row.qualities = list(edit.qualities)
    if edit.location_ids is not None:
        row.location_ids = _places(session, actor, edit.location_ids)
    _switch(row, on=row.enabled_at is not None if edit.enabled is None else edit.enabled)
    row.version += 1
    session.add(row)
    note(session, actor, 'sequence.changed', row.name, **edit.model_dump(mode='json', exclude={'steps'}, exclude_none=True))
    ring_for(session, actor, row)
    return row


def create_template(session: Session, actor: Actor, order: TemplateOrder) -> Template:
    """New words; raises Conflict for a taken name, Invalid for an unknown variable or what a template cannot say."""
    require(actor, Permission.SETTINGS_EDIT)
    _free(session, actor, Template, order.name)
    row = Template(tenant_id=actor.tenant_id, name=order.name, subject=check(order.subject, 'subject'), body=check(order.body, 'body'))
    session.add(row)
    note(session, actor, 'template.created', row.name)
    ring_for(session, actor, row)
    return row


def edit_template(session: Session, actor: Actor, template_id: UUID, edit: TemplateEdit, *, version: int | None = None) -> Template:
    """Change the words, for all steps to come; raises as `create_template` and `edit_sequence` do."""
    require(actor, Permission.SETTINGS_EDIT)
    row = own(session, actor, Template, template_id, version)
    if edit.name is not None and edit.name != row.name:
        _free(session, actor, Template, edit.name)
        row.name = edit.name
    if edit.subject is not None:
        row.subject = check(edit.subject, 'subject')
    if edit.body is not None:
        row.body = check(edit.body, 'body')
    row.version += 1
    session.add(row)
    note(session, actor, 'template.changed', row.name)
    ring_for(session, actor, row)
    return row


def _steps(session: Session, actor: Actor, steps: list[Step]) -> list[dict[str, Any]]:
    """The steps as they are kept; raises Invalid for an order or a template that cannot be."""
    check_order(steps)
    # Held until the steps are kept: a template that is being deleted meanwhile is there for good, or gone.
    held = select(Template.id).where(Template.tenant_id == actor.tenant_id).order_by(col(Template.id))
    known = set(session.exec(held.with_for_update(read=True, key_share=True)))
    for number, step in enumerate(steps):
        for name, wanted in (('templateId', step.template_id), ('outsideTemplateId', step.outside_template_id)):
            if wanted is not None and wanted not in known:
                why = 'is no template of this desk'
                raise Invalid(f'Step {number + 1}: its {name} {why}.', errors=[FieldError(f'steps.{number}.{name}', why)])
    return [step.model_dump(mode='json') for step in steps]


def _places(session: Session, actor: Actor, location_ids: list[UUID]) -> list[str]:
    known = {place.id for place in locations(session, actor.scope)}
    if not known.issuperset(location_ids):
        raise NotFound('There is no such location.')
    return [each.hex for each in location_ids]


def _switch(row: Sequence, *, on: bool) -> None:
    if on and not row.steps:
        raise Invalid('A sequence without steps would do nothing; add one first.', errors=[FieldError('steps', 'add one first')])
    row.enabled_at = (row.enabled_at or now()) if on else None


def _free(session: Session, actor: Actor, model: type[Sequence] | type[Template], name: str) -> None:
    if session.exec(select(model.id).where(model.tenant_id == actor.tenant_id, model.name == name)).first():
        raise Conflict(f'There is a {model.__name__.lower()} named "{name}" already.', errors=[FieldError('name', 'is taken')])


def own(session: Session, actor: Actor, model: type[Kept], id_: UUID, version: int | None, *, going: bool = False) -> Kept:
    """This sequence or template, ours until the transaction ends; `going`: nobody may begin to refer to it either.

    Raises NotFound, and Conflict when it is of another `version` than was shown.
    """
    require(actor, Permission.SETTINGS_EDIT)
    query = select(model).where(model.tenant_id == actor.tenant_id, model.id == id_)
    row = session.exec(query.with_for_update(key_share=not going).execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(f'There is no such {model.__name__.lower()}.')
    if version is not None and row.version != version:
        raise Conflict(f'Somebody changed this {model.__name__.lower()} meanwhile; look at it again.')
    return row


def ring_for(session: Session, actor: Actor, row: Sequence | Template) -> None:
    """Tell open pages and workers that it changed."""
    require(actor, Permission.SETTINGS_EDIT)
    ring(session, 'follow_up', actor.tenant_id, row.id)
