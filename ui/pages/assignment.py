"""Assignment: the rule, who is online and takes what, and who would get a lead."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.access.abilities import set_capacity, set_places, set_skills
from domain.access.presence import set_present
from domain.access.rules import Permission
from domain.assignment.actions import set_rule
from domain.assignment.messages import Decision, Rule, Worker, rule_change
from domain.assignment.queries import dry_run, dry_run_of, oldest_waiting, place_names, rule, workers
from domain.base.db import Session
from domain.base.errors import FieldError, Invalid
from domain.base.scope import Actor, Scope
from domain.leads.models import Lead
from ui.ask import Visit, ask, do
from ui.components.assignment import AssignmentSettings
from ui.pages.connect import heeded
from ui.pages.place import Asked
from ui.pages.settings import settings_frame
from ui.presenters import assignment as shown

TITLE = 'Assignment'
NEEDS = Permission.SETTINGS_EDIT
WAITING = 20  # leads to choose one of


@dataclass(frozen=True)
class Data:
    """The rule, everybody, the locations' names, and the oldest leads that nobody has."""

    rule: Rule
    workers: Sequence[Worker]
    places: Mapping[UUID, str]
    waiting: Sequence[Lead]


def read_all(session: Session, scope: Scope) -> Data:
    """What holds at this moment."""
    waiting = oldest_waiting(session, scope, limit=WAITING)
    return Data(rule(session, scope), workers(session, scope), place_names(session, scope), waiting)


def read(session: Session, scope: Scope, _asked: Asked) -> Data:
    """What the page begins with."""
    return read_all(session, scope)


def build(visit: Visit, data: Data) -> None:
    """The page at `/settings/assignment`."""
    page = _Page(visit)
    with settings_frame(visit, 'assignment'):
        on: dict[str, Callable[..., Awaitable[None]]] = {
            'turn': page.turn,
            'save': page.save,
            'present': page.present,
            'work': page.work,
            'ask': page.ask,
        }
        page.view = AssignmentSettings(page.shown(data), on=on)
    visit.stirred(('access', 'assignment', 'facts', 'lead'), page.refresh)


class _Page:
    """The deeds behind one open page. What may be done is judged anew by each action."""

    view: AssignmentSettings

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def shown(self, data: Data) -> dict[str, Any]:
        """Everything as it is drawn."""
        me = self._visit.actor.id
        return {
            'rule': shown.rule(data.rule),
            'people': [shown.worker(row, data.rule, data.places, me) for row in data.workers],
            'places': [{'id': str(id_), 'name': name} for id_, name in data.places.items()],
            'waiting': shown.waiting(data.waiting),
        }

    async def refresh(self) -> None:
        """Draw everything as it is now."""
        data = await ask(read_all)
        if data is not None:
            self.view.show(self.shown(data))

    async def turn(self, on: bool) -> None:
        """Switch the rule; can be undone."""
        if not await do(set_rule, rule_change(enabled=on)):
            return
        await self.refresh()

        async def undo() -> None:
            await do(set_rule, rule_change(enabled=not on))
            await self.refresh()

        self._visit.notices.offer(f'Assignment is {"on" if on else "off"}', undo)

    async def save(self, form: Mapping[str, Any]) -> None:
        """Change the rule as it was typed."""
        await self._told('rule', await heeded(self._visit, self._visit.act(_saved, form)))

    async def present(self, user_id: str, on: bool) -> None:
        """Say for somebody whether they are online; can be undone."""
        wanted = _uuid(user_id)
        if wanted is None or not await do(set_present, wanted, on):
            return
        await self.refresh()

        async def undo() -> None:
            await do(set_present, wanted, not on)
            await self.refresh()

        self._visit.notices.offer('Is online now' if on else 'Is away now', undo)

    async def work(self, user_id: str, form: Mapping[str, Any]) -> None:
        """How many leads somebody takes, which, and from where."""
        wanted = _uuid(user_id)
        if wanted is not None:
            await self._told('work', await heeded(self._visit, self._visit.act(_worked, wanted, form)))

    async def ask(self, form: Mapping[str, Any]) -> None:
        """Who would get it."""
        found = await ask(_tried, form)
        if found is not None:
            self.view.decided(shown.decision(*found))

    async def _told(self, what: str, answer: object) -> None:
        if answer is True:
            await self.refresh()
            self.view.saved(what)
        else:
            self.view.refused(what, answer if isinstance(answer, Invalid) else None)


def _saved(session: Session, actor: Actor, form: Mapping[str, Any]) -> bool:
    minutes, capacity = str(form.get('takeBack', '')).strip(), str(form.get('capacity', '')).strip()
    fields: dict[str, Any] = {'queue': str(form.get('queue', ''))}
    try:
        fields['take_back_seconds'] = round(float(minutes.replace(',', '.')) * 60) if minutes else None
    except (ValueError, OverflowError):
        raise _wrong('takeBackSeconds', 'must be a number of minutes, or empty') from None
    fields['default_capacity'] = _number('defaultCapacity', capacity)
    set_rule(session, actor, rule_change(**fields))
    return True


def _worked(session: Session, actor: Actor, user_id: UUID, form: Mapping[str, Any]) -> bool:
    set_capacity(session, actor, user_id, _number('capacity', str(form.get('capacity', '')).strip()))
    set_skills(session, actor, user_id, str(form.get('skills', '')).split(','))
    set_places(session, actor, user_id, [id_ for each in form.get('places') or () if (id_ := _uuid(str(each)))])
    return True


def _tried(session: Session, scope: Scope, form: Mapping[str, Any]) -> tuple[Decision, str]:
    queue = rule(session, scope).queue
    if lead_id := _uuid(str(form.get('lead', ''))):
        return dry_run(session, scope, lead_id), queue
    words = str(form.get('words', ''))[:300]
    tags = tuple(tag.strip() for tag in words.split(',') if tag.strip())
    return dry_run_of(session, scope, _uuid(str(form.get('place', ''))), tags, words), queue


def _number(field: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise _wrong(field, 'must be a whole number, or empty')
    return int(text)


def _wrong(field: str, why: str) -> Invalid:
    return Invalid(f'It {why}.', errors=[FieldError(field, why)])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
