"""The quarantine: what came in and was not understood. A person mends it into a lead, or says that it is none."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from domain.access.rules import Permission, may
from domain.base.db import Session
from domain.base.errors import Refusal
from domain.base.scope import Scope
from domain.desk.quarantine import HeldPage, held, held_page
from domain.intake.messages import Correction, Released
from domain.intake.release import NoLead, dismiss, put_back, release
from ui.ask import Visit, ask, do
from ui.components.quarantine import Quarantine
from ui.pages.connect import heeded
from ui.pages.place import Asked
from ui.presenters import quarantine as shown

TITLE = 'Quarantine'
NEEDS = Permission.LEADS_READ

PAGE = 200  # rows sent at once
NOT_TEXT = 'Some of it is not readable text. Type it anew.'
DISMISSED: dict[NoLead, str] = {'not_qualified': 'Put aside as no lead', 'spam': 'Put aside as spam'}


def read(session: Session, scope: Scope, _asked: Asked) -> HeldPage:
    """The first page of what waits."""
    return held_page(session, scope, limit=PAGE)


def build(visit: Visit, data: HeldPage) -> None:
    """The page at `/quarantine`."""
    page = _Page(visit, data)
    page.view = Quarantine(
        [shown.held_row(row) for row in data.rows],
        total=data.total,
        more=data.more,
        edit=may(visit.actor, Permission.LEADS_WRITE),
        on={'pick': page.pick, 'more': page.more, 'release': page.release, 'dismiss': page.dismiss},
    )
    visit.stirred(('alert',), page.refresh)  # whatever enters or leaves the quarantine rings it


class _Page:
    """The deeds behind the list of one open page."""

    view: Quarantine

    def __init__(self, visit: Visit, data: HeldPage) -> None:
        self._visit = visit
        self._loaded = len(data.rows)
        self._last = data.rows[-1].id if data.rows else None

    async def refresh(self) -> None:
        """Draw as many rows as are shown, as they are now."""
        page = await ask(held_page, limit=max(PAGE, self._loaded))
        if page is not None:
            self._loaded, self._last = len(page.rows), page.rows[-1].id if page.rows else None
            self.view.show([shown.held_row(row) for row in page.rows], page.total, page.more)

    async def more(self) -> None:
        """The next page, below."""
        page = await ask(held_page, limit=PAGE, before=self._last)
        if page is not None and page.rows:
            self._loaded, self._last = self._loaded + len(page.rows), page.rows[-1].id
            self.view.append([shown.held_row(row) for row in page.rows], page.more)

    async def pick(self, submission_id: str) -> None:
        """Open one."""
        whole = await ask(held, wanted) if (wanted := _uuid(submission_id)) else None
        self.view.open(submission_id, shown.held_whole(whole) if whole else None)

    async def release(self, submission_id: str, fields: Mapping[str, Any]) -> None:
        """Make it a lead with these fields."""
        wanted = _uuid(submission_id)
        try:
            correction = Correction(**{name: fields.get(name) for name in Correction.model_fields})
        except ValidationError:
            self.view.refused({'form': NOT_TEXT})
            return
        if wanted is None:
            return
        doors = self._visit.doors
        expire = doors.facts.expire
        released = await heeded(self._visit, self._visit.act(release, wanted, correction, sign=doors.box.sign, expire=expire))
        if isinstance(released, Released):
            self.view.released(submission_id, str(released.lead_id), known=released.outcome == 'resubmitted')
            self._visit.notices.say('Kept as a lead' if released.outcome == 'created' else 'Added to the lead of this person')
        elif isinstance(released, Refusal):
            self.view.refused({error.field: error.message for error in released.errors} or {'form': released.detail})
        else:
            self.view.refused({})

    async def dismiss(self, submission_id: str, outcome: str) -> None:
        """Say that it is no lead; can be undone."""
        wanted = _uuid(submission_id)
        kind: NoLead = 'spam' if outcome == 'spam' else 'not_qualified'
        if wanted is None or not await do(dismiss, [wanted], kind):
            await self.refresh()
            return

        async def undo() -> None:
            await do(put_back, [wanted])
            await self.refresh()

        self.view.gone(submission_id)
        self._visit.notices.offer(DISMISSED[kind], undo)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
