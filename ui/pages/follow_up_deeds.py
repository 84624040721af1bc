"""What can be ordered about follow-ups, on their own page and on a lead: each order of the browser becomes one action of the domain."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.follow_ups import actions as tasks
from domain.follow_ups.messages import Next, Outcome, TaskEdit, TaskOrder, TaskUndo
from domain.follow_ups.undoing import undo
from domain.leads.queries import leads as find_leads
from ui.ask import Visit, ask, do
from ui.pages.mending import Answer, mendable
from ui.presenters import follow_ups as shown

Values = dict[str, Any]  # from the browser: every value is looked at before it is used

DONE: Answer = {'ok': True}
FOUND = 8  # leads offered for a new follow-up
NEXT = {'outcome', 'nextDueAt'}  # what the domain asks for when the last follow-up of an open lead is done


class FollowUpDeeds:
    """The orders of one page. A refusal that a person can mend is answered to where they stand; all others the page says itself."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._known: dict[str, Callable[[Values], Awaitable[Answer]]] = {
            'create': self._create,
            'change': self._change,
            'complete': self._complete,
            'snooze': self._snooze,
            'assign': self._assign,
            'cancel': self._cancel,
            'find': self._find,
        }

    async def carry_out(self, name: str, values: Values) -> Answer:
        """Do what is ordered; `{'ok': True, …}`, `{'errors': {field: sentence}}`, `{'ask': 'next'}` when the last follow-up of an open lead
        needs an outcome or a new date, or None when the page has said why not.
        """
        deed = self._known.get(name)
        if deed is None:
            return None
        aloud = values.pop('aloud', False) is True  # nobody stands at a field: say a refusal as a toast
        answer = await mendable(deed(values))
        if aloud and answer and 'errors' in answer:
            if name == 'complete' and answer['errors'].keys() >= NEXT:
                return {'ask': 'next'}
            self._visit.notices.say(' '.join(answer['errors'].values()), 'red')
        return answer

    def _offer(self, done: TaskUndo, said: str = '') -> Answer:
        async def take_back() -> None:
            if await do(undo, done):
                self._visit.notices.say('Undone')

        if done.changes:
            self._visit.notices.offer(said or done.what, take_back)
        return DONE

    async def _create(self, values: Values) -> Answer:
        return self._offer(await self._visit.act(tasks.create, TaskOrder.model_validate(values)))

    async def _change(self, values: Values) -> Answer:
        task_id, version = UUID(values.pop('id')), int(values.pop('version'))
        return self._offer(await self._visit.act(tasks.edit, task_id, TaskEdit.model_validate(values), version=version))

    async def _complete(self, values: Values) -> Answer:
        then = values.get('next')
        done = await self._visit.act(
            tasks.complete,
            UUID(values['id']),
            version=int(values['version']),
            outcome=Outcome(values['outcome']) if 'outcome' in values else None,
            lost_reason=str(values.get('reason', '')),
            then=Next(_moment(then['dueAt']), str(then['title'])) if then else None,
        )
        title = str(values.get('title', ''))[:100]
        return self._offer(done, f'{title} done' if title else '')

    async def _snooze(self, values: Values) -> Answer:
        return self._offer(await self._visit.act(tasks.snooze, UUID(values['id']), _moment(values['until'])))

    async def _assign(self, values: Values) -> Answer:
        owner = UUID(values['owner']) if values['owner'] else None
        return self._offer(await self._visit.act(tasks.reassign, UUID(values['id']), owner))

    async def _cancel(self, values: Values) -> Answer:
        return self._offer(await self._visit.act(tasks.cancel, UUID(values['id'])))

    async def _find(self, values: Values) -> Answer:
        rows = await ask(find_leads, limit=FOUND, text=str(values['text'])[:100])
        return {'ok': True, 'leads': [shown.choice(row) for row in rows or ()]}


def _moment(text: object) -> datetime:
    """Raises ValueError for a time without its zone: nobody can say when that is."""
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError('a time without a zone')
    return moment
