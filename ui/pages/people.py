"""People and roles: who has an account, who was invited, and what each may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.access.invitations import invite, reset_link, revoke_invitation
from domain.access.models import Invitation
from domain.access.people import change_role, disable, enable, sign_out_everywhere
from domain.access.queries import Person, invitations, people
from domain.access.rules import Permission
from domain.base import clock
from domain.base.db import Session
from domain.base.errors import FieldError, Invalid, Refusal
from domain.base.scope import Actor, Role, Scope
from ui.ask import Visit, ask, do, done
from ui.components.people import People
from ui.pages.connect import heeded
from ui.pages.place import Asked
from ui.pages.settings import settings_frame
from ui.presenters import access as shown

TITLE = 'People'
NEEDS = Permission.PEOPLE_EDIT


@dataclass(frozen=True)
class Data:
    """Everybody, and the links that wait to be used."""

    people: list[Person]
    links: list[Invitation]


def read_all(session: Session, scope: Scope) -> Data:
    """The accounts and open links of this moment."""
    now = clock.now()
    return Data(people(session, scope, now), invitations(session, scope, now))


def read(session: Session, scope: Scope, _asked: Asked) -> Data:
    """What the page begins with."""
    return read_all(session, scope)


def build(visit: Visit, data: Data) -> None:
    """The page at `/settings/people`."""
    page = _Page(visit)
    with settings_frame(visit, 'people'):
        page.view = People(
            *page.rows(data),
            roles=shown.roles(visit.actor),
            base=visit.doors.settings.public_url or '',
            on={
                'invite': page.invite,
                'role': page.role,
                'reset': page.reset,
                'revoke': page.revoke,
                'turn': page.turn,
                'out': page.sign_out,
            },
        )
    visit.stirred(('access', 'session'), page.refresh)


class _Page:
    """The deeds behind one open page. What may be done is judged anew by each action."""

    view: People

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def rows(self, data: Data) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """People and links as they are drawn."""
        me, known = self._visit.actor, {row.email for row in data.people}
        return [shown.person(row, me) for row in data.people], [shown.link(row, me, known) for row in data.links]

    async def refresh(self) -> None:
        """Draw everything as it is now."""
        data = await ask(read_all)
        if data is not None:
            self.view.show(*self.rows(data))

    async def invite(self, form: Mapping[str, Any]) -> None:
        """Make a link for a new account, and show it once."""
        made = await heeded(self._visit, self._visit.act(_invited, form))
        if isinstance(made, tuple):
            self.view.made(shown.made_link(*made))
        else:
            self.view.refused(made)

    async def role(self, user_id: str, role: str) -> None:
        """Give somebody another role; can be undone, but they have to sign in again."""
        wanted = _uuid(user_id)
        if wanted is None or role not in tuple(Role):
            return
        before = await done(change_role, wanted, Role(role))
        await self.refresh()
        if before is None or before == role:
            return

        async def undo() -> None:
            await do(change_role, wanted, before)
            await self.refresh()

        self._visit.notices.offer(f'Is {shown.ROLES[Role(role)][0].lower()} now, and has to sign in again', undo)

    async def turn(self, user_id: str, on: bool) -> None:
        """Disable or enable an account; can be undone."""
        wanted = _uuid(user_id)
        if wanted is None or not await do(enable if on else disable, wanted):
            return
        await self.refresh()

        async def undo() -> None:
            await do(disable if on else enable, wanted)
            await self.refresh()

        self._visit.notices.offer('Can sign in again' if on else 'Disabled and signed out everywhere', undo)

    async def reset(self, user_id: str) -> None:
        """Make a link for a new password, and show it once."""
        wanted = _uuid(user_id)
        made = await done(reset_link, wanted) if wanted else None
        if made is not None:
            self.view.made(shown.made_link(*made))

    async def revoke(self, invitation_id: str) -> None:
        """Take a link back."""
        wanted = _uuid(invitation_id)
        if wanted and await do(revoke_invitation, wanted):
            self._visit.notices.say('The link works no longer')
        await self.refresh()

    async def sign_out(self, user_id: str) -> None:
        """End all sessions of a person."""
        wanted = _uuid(user_id)
        ended = await done(sign_out_everywhere, wanted) if wanted else None
        if ended is not None:
            self._visit.notices.say(f'Signed out of {ended} {"session" if ended == 1 else "sessions"}' if ended else 'Was not signed in')
        await self.refresh()


def _invited(session: Session, actor: Actor, form: Mapping[str, Any]) -> tuple[Invitation, str]:
    """`invite` with what the form says."""
    role = str(form.get('role', ''))
    if role not in tuple(Role):
        raise Invalid('Choose a role.', errors=[FieldError('role', 'choose one')])
    try:
        return invite(session, actor, str(form.get('email', '')), str(form.get('name', '')), Role(role))
    except Refusal as trouble:
        if not trouble.errors:
            trouble.errors = [FieldError('email', trouble.detail)]
        raise


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
