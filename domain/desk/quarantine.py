"""The quarantine as its screen shows it: what came, from where, what could be read of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.models import WidgetKey
from domain.base.scope import Scope
from domain.inbound.models import Outcome, Submission
from domain.intake.models import Form
from domain.intake.queries import quarantined, submission, waiting
from domain.intake.reading import Readable, readable


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One submission that waits."""

    id: UUID
    received_at: datetime
    route: str
    form: str  # the name of the tenant's own form, '' for the other routes
    key: str  # the name of the widget key it came with, '' for none
    problems: tuple[tuple[str, str], ...]  # (field, sentence)
    read: Readable


@dataclass(frozen=True, slots=True)
class HeldWhole:
    """The same with everything that came, word for word (undecodable bytes as U+FFFD)."""

    row: HeldRow
    content_type: str
    raw: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HeldPage:
    """One page of the list, newest first; `total` counts all that wait."""

    rows: tuple[HeldRow, ...]
    total: int
    more: bool


def held_page(session: Session, scope: Scope, *, limit: int, before: UUID | None = None) -> HeldPage:
    """The newest that wait; `before` is the last id of the former page."""
    found = quarantined(session, scope, limit=limit + 1, before=before)
    return HeldPage(tuple(_rows(session, scope, found[:limit])), waiting(session, scope), len(found) > limit)


def held(session: Session, scope: Scope, submission_id: UUID) -> HeldWhole | None:
    """One that waits; None when there is none, or none any more."""
    row = None if scope.location_ids is not None else submission(session, scope, submission_id)
    if row is None or row.outcome is not Outcome.QUARANTINED:
        return None
    headers = tuple((name, str(value)) for name, value in sorted(row.headers.items()))
    return HeldWhole(_rows(session, scope, [row])[0], row.content_type, row.raw.decode('utf-8', 'replace'), headers)


def _rows(session: Session, scope: Scope, found: list[Submission]) -> list[HeldRow]:
    forms = {form.slug: form for form in session.exec(select(Form).where(Form.tenant_id == scope.tenant_id))}
    ids = {UUID(row.credential.removeprefix('widget:')) for row in found if row.credential.startswith('widget:')}
    keys = {}
    if ids:
        named = select(WidgetKey.id, WidgetKey.name).where(WidgetKey.tenant_id == scope.tenant_id, col(WidgetKey.id).in_(ids))
        keys = {f'widget:{id_.hex}': name for id_, name in session.exec(named)}
    out = []
    for row in found:
        form = forms.get(row.route.removeprefix('form:')) if row.route.startswith('form:') else None
        out.append(
            HeldRow(
                id=row.id,
                received_at=row.received_at,
                route=row.route,
                form=form.name if form else '',
                key=keys.get(row.credential, ''),
                problems=tuple((problem.get('field', ''), problem.get('message', '')) for problem in row.problems),
                read=readable(row, form.fields if form else {}),
            )
        )
    return out
