"""Sequences: what a new lead hears by itself and when, and the words of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from domain.access.rules import Permission
from domain.base.db import Session
from domain.base.scope import Actor, Scope
from domain.follow_ups import models as kept
from domain.follow_ups import sequences as deeds
from domain.follow_ups.deleting import delete_sequence, delete_template, delete_used_sequence
from domain.follow_ups.messages import SequenceEdit, SequenceOrder, TemplateEdit, TemplateOrder
from domain.follow_ups.runs import run_counts
from domain.follow_ups.templates import SAMPLE, check, render
from domain.outbox.queries import destinations
from domain.tenancy.queries import locations
from ui.ask import Visit, ask, do
from ui.components.sequences import Sequences
from ui.pages.mending import Answer, mendable
from ui.pages.place import Asked
from ui.pages.settings import settings_frame
from ui.presenters import sequences as shown

TITLE = 'Sequences'
NEEDS = Permission.SETTINGS_EDIT

Made = TypeVar('Made', SequenceOrder, TemplateOrder)
Values = dict[str, Any]  # from the browser: every value is looked at before it is used

DONE: Answer = {'ok': True}


@dataclass(frozen=True)
class Data:
    """All sequences and templates, the names of the locations by id, the kinds of destinations that are switched on, and how many
    leads are running through, completed and stopped in each sequence.
    """

    sequences: list[kept.Sequence]
    templates: list[kept.Template]
    places: dict[str, str]
    kinds: list[str]
    runs: dict[UUID, dict[str, int]]


def read_all(session: Session, scope: Scope) -> Data:
    """Everything as it is now."""
    places = {str(place.id): place.name for place in locations(session, scope)}
    kinds = [str(each.kind) for each in destinations(session, scope) if each.enabled]
    return Data(deeds.sequences(session, scope), deeds.templates(session, scope), places, kinds, run_counts(session, scope))


def read(session: Session, scope: Scope, _asked: Asked) -> Data:
    """What the page begins with."""
    return read_all(session, scope)


def build(visit: Visit, data: Data) -> None:
    """The page at `/settings/sequences`."""
    page = _Page(visit)
    with settings_frame(visit, 'sequences'):
        page.view = Sequences(_shown(data), on_order=page.carry_out)
    visit.stirred(('follow_up', 'outbox', 'facts'), page.refresh)


class _Page:
    """The deeds behind one open page. A refusal that a person can mend is answered to where they stand."""

    view: Sequences

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._known: dict[str, Callable[[Values], Awaitable[Answer]]] = {
            'save': self._save,
            'turn': self._turn,
            'words': self._words,
            'drop': self._drop,
            'drop-words': self._drop_words,
            'preview': self._preview,
        }

    async def refresh(self) -> None:
        """Draw everything as it is now."""
        data = await ask(read_all)
        if data is not None:
            self.view.show(_shown(data))

    async def carry_out(self, name: str, values: Values) -> Answer:
        """Do what is ordered; `{'ok': True, …}`, `{'errors': {field: sentence}}`, or None when the page has said why not."""
        deed = self._known.get(name)
        if deed is None:
            return None
        aloud = values.pop('aloud', False) is True  # nobody stands at a field: say a refusal as a toast
        answer = await mendable(deed(values))
        if aloud and answer and 'errors' in answer:
            self._visit.notices.say(' '.join(answer['errors'].values()), 'red')
        if name != 'preview':
            await self.refresh()
        return answer

    async def _save(self, values: Values) -> Answer:
        sequence_id, version = values.pop('id', None), values.pop('version', None)
        if sequence_id is None:
            await self._visit.act(deeds.create_sequence, SequenceOrder.model_validate(values))
            self._visit.notices.say('Kept. Switch it on when it is ready.')
        else:
            await self._visit.act(deeds.edit_sequence, UUID(sequence_id), SequenceEdit.model_validate(values), version=int(str(version)))
            self._visit.notices.say('Saved. It holds for leads that come from now on.')
        return DONE

    async def _turn(self, values: Values) -> Answer:
        sequence_id, on = UUID(values['id']), values['on'] is True
        row = await self._visit.act(deeds.edit_sequence, sequence_id, SequenceEdit(enabled=on))

        async def back() -> None:
            await self.carry_out('turn', {'id': values['id'], 'on': not on, 'aloud': True})

        self._visit.notices.offer(f'{row.name} is {"on, for leads that come from now on" if on else "off"}', back)
        return DONE

    async def _words(self, values: Values) -> Answer:
        template_id, version = values.pop('id', None), values.pop('version', None)
        if template_id is None:
            await self._visit.act(deeds.create_template, TemplateOrder.model_validate(values))
        else:
            await self._visit.act(deeds.edit_template, UUID(template_id), TemplateEdit.model_validate(values), version=int(str(version)))
        self._visit.notices.say('Template saved')
        return DONE

    async def _drop(self, values: Values) -> Answer:
        """Delete a sequence; `sure`: although leads have been in it, those under way included."""
        sequence_id, version = UUID(values['id']), int(str(values['version']))
        if values['sure'] is not True:
            again = await self._visit.act(delete_sequence, sequence_id, version=version)
            self._offer(again.name, deeds.create_sequence, again)
            return DONE
        known: int | None = version  # of the first call alone: it begins what the others go on with
        while not await self._visit.act(delete_used_sequence, sequence_id, version=known):
            known = None
        self._visit.notices.say(f'{values["name"]} deleted')
        return DONE

    async def _drop_words(self, values: Values) -> Answer:
        again = await self._visit.act(delete_template, UUID(values['id']), version=int(str(values['version'])))
        self._offer(again.name, deeds.create_template, again)
        return DONE

    def _offer(self, name: str, make: Callable[[Session, Actor, Made], object], again: Made) -> None:
        async def back() -> None:
            await do(make, again)
            await self.refresh()

        self._visit.notices.offer(f'{name} deleted', back)

    async def _preview(self, values: Values) -> Answer:
        """What a customer would read; nothing is stored."""
        read = {name: render(check(str(values[name])[:10_000], name), SAMPLE) for name in ('subject', 'body')}
        return {'ok': True, 'seen': read}


def _shown(data: Data) -> dict[str, Any]:
    return {
        'sequences': [shown.sequence(row, data.places, data.runs.get(row.id, {})) for row in data.sequences],
        'templates': [shown.template(row) for row in data.templates],
        'places': [{'id': id_, 'name': name} for id_, name in data.places.items()],
        'connected': list(shown.connected(data.kinds)),
        'variables': shown.variables(),
    }
