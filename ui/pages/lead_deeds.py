"""What can be ordered for the open lead: each order of the browser becomes one action or question of the domain."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from domain.base.db import Session
from domain.base.scope import Actor
from domain.conversations.actions import answered, called, met, note
from domain.conversations.replies import reply
from domain.desk.behind import behind, raw
from domain.desk.merge_preview import preview
from domain.desk.merging import merge, unmerge
from domain.leads import actions as leads
from domain.leads.editing import edit, undo
from domain.leads.messages import LeadEdit, Undo
from domain.leads.models import Stage
from domain.leads.queries import leads as find_leads
from domain.outbox.replays import replay
from ui.ask import Visit, ask, do
from ui.pages.follow_up_deeds import FollowUpDeeds
from ui.pages.mending import Answer, mendable
from ui.presenters import lead_origin as shown

P = ParamSpec('P')
T = TypeVar('T')

Values = dict[str, Any]  # from the browser: every value is looked at before it is used

DONE: Answer = {'ok': True}
FOUND = 8  # leads offered for a merge


class LeadDeeds:
    """The orders of one page. A refusal that a person can mend is answered to where they stand; all others the page says itself."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._follow_ups = FollowUpDeeds(visit)
        self._known: dict[str, Callable[[UUID, Values], Awaitable[Answer]]] = {
            'assign': self._assign,
            'snooze': self._snooze,
            'close': self._close,
            'reopen': self._reopen,
            'unread': self._unread,
            'answered': self._answered,
            'called': self._called,
            'met': self._met,
            'edit': self._edit,
            'write': self._write,
            'retry': self._retry,
            'find': self._find,
            'preview': self._preview,
            'merge': self._merge,
            'unmerge': self._unmerge,
            'behind': self._behind,
            'raw': self._raw,
            'copied': self._copied,
        }

    async def carry_out(self, name: str, lead_id: UUID, values: Values) -> Answer:
        """Do what is ordered; `{'ok': True, …}`, `{'errors': {field: sentence}}`, or None when the page has said why not."""
        room, _, deed_name = name.partition('.')
        if room == 'follow-up':
            return await self._follow_ups.carry_out(deed_name, values)
        deed = self._known.get(name)
        if deed is None:
            return None
        aloud = values.pop('aloud', False) is True  # nobody stands at a field: say a refusal as a toast
        answer = await mendable(deed(lead_id, values))
        if aloud and answer and 'errors' in answer:
            self._visit.notices.say(' '.join(answer['errors'].values()), 'red')
        return answer

    async def _act(self, action: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._visit.act(action, *args, **kwargs)

    def _offer(self, done: Undo) -> Answer:
        async def take_back() -> None:
            if await do(undo, done):
                self._visit.notices.say('Undone')

        if done.changes:
            self._visit.notices.offer(done.what, take_back)
        return DONE

    async def _assign(self, lead_id: UUID, values: Values) -> Answer:
        owner = UUID(values['owner']) if values['owner'] else None
        return self._offer(await self._act(leads.assign, [lead_id], owner))

    async def _snooze(self, lead_id: UUID, values: Values) -> Answer:
        until = datetime.fromisoformat(values['until'])
        if until.tzinfo is None:
            return None
        return self._offer(await self._act(leads.snooze, [lead_id], until))

    async def _close(self, lead_id: UUID, values: Values) -> Answer:
        stage = Stage(values['stage']) if 'stage' in values else None
        return self._offer(await self._act(leads.close, [lead_id], stage=stage, lost_reason=str(values.get('reason', ''))))

    async def _reopen(self, lead_id: UUID, _: Values) -> Answer:
        return self._offer(await self._act(leads.reopen, [lead_id]))

    async def _unread(self, lead_id: UUID, _: Values) -> Answer:
        return self._offer(await self._act(leads.mark_unread, [lead_id]))

    async def _answered(self, lead_id: UUID, _: Values) -> Answer:
        first = await self._act(answered, lead_id)
        self._visit.notices.say('Noted as answered elsewhere' if first else 'The first reply was noted before')
        return DONE

    async def _called(self, lead_id: UUID, values: Values) -> Answer:
        reached = values['reached'] is True
        await self._act(called, lead_id, reached=reached)
        self._visit.notices.say('Call noted' if reached else 'Call noted, no answer')
        return DONE

    async def _met(self, lead_id: UUID, _: Values) -> Answer:
        await self._act(met, lead_id)
        self._visit.notices.say('Meeting noted')
        return DONE

    async def _edit(self, lead_id: UUID, values: Values) -> Answer:
        return self._offer(await self._act(edit, lead_id, LeadEdit.model_validate(values)))

    async def _write(self, lead_id: UUID, values: Values) -> Answer:
        text = str(values['text'])
        if values['mode'] == 'note':
            await self._act(note, lead_id, text)
        else:
            await self._act(reply, lead_id, text)
        return DONE

    async def _retry(self, _: UUID, values: Values) -> Answer:
        await self._act(replay, UUID(values['delivery']))
        return DONE

    async def _find(self, lead_id: UUID, values: Values) -> Answer:
        rows = await ask(find_leads, limit=FOUND + 1, text=str(values['text'])[:100])
        return {'ok': True, 'leads': [shown.found(row) for row in rows or () if row.id != lead_id][:FOUND]}

    async def _preview(self, _: UUID, values: Values) -> Answer:
        pair = await self._visit.read(preview, UUID(values['kept']), UUID(values['other']))
        return {'ok': True, **shown.compared(pair)}

    async def _merge(self, _: UUID, values: Values) -> Answer:
        merge_id = await self._act(merge, UUID(values['kept']), UUID(values['other']))

        async def apart() -> None:
            if await do(unmerge, merge_id):
                self._visit.notices.say('Both leads are as they were')

        self._visit.notices.offer('Two leads merged into one', apart)
        return DONE

    async def _unmerge(self, _: UUID, values: Values) -> Answer:
        await self._act(unmerge, UUID(values['merge']))
        self._visit.notices.say('Both leads are as they were')
        return DONE

    async def _behind(self, lead_id: UUID, _: Values) -> Answer:
        found = await ask(behind, lead_id)
        return shown.behind(found, self._visit.doors.box.sign) if found else None

    async def _raw(self, lead_id: UUID, values: Values) -> Answer:
        text = await ask(raw, lead_id, UUID(values['receipt']))
        return None if text is None else {'ok': True, 'text': text}

    async def _copied(self, _lead_id: UUID, _: Values) -> Answer:
        self._visit.notices.say('Link copied')
        return DONE
