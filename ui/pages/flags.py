"""Feature flags: what is switched on in this desk, who switched it and when."""

from domain.access.rules import Permission
from domain.base.db import Session
from domain.base.scope import Scope
from domain.flags.actions import set_flag
from domain.flags.messages import FlagState
from domain.flags.models import Flag
from domain.flags.queries import flags
from ui.ask import Visit, ask, do
from ui.components.flags import Flags
from ui.pages.place import Asked
from ui.pages.settings import settings_frame
from ui.presenters import flags as shown

TITLE = 'Feature flags'
NEEDS = Permission.SETTINGS_EDIT


def read(session: Session, scope: Scope, _asked: Asked) -> list[FlagState]:
    """All flags."""
    return flags(session, scope)


def build(visit: Visit, data: list[FlagState]) -> None:
    """The page at `/settings/flags`."""

    async def refresh() -> None:
        rows = await ask(flags)
        if rows is not None:
            shown_flags.show([shown.flag(row) for row in rows])

    async def put(name: Flag, on: bool) -> bool:
        changed = await do(set_flag, name, on)
        await refresh()
        return changed

    async def turn(key: str, on: bool) -> None:
        name = Flag(key)
        if not await put(name, on):
            return

        async def undo() -> None:
            await put(name, not on)

        visit.notices.offer(f'{shown.flag_name(name)} is {"on" if on else "off"}', undo)

    with settings_frame(visit, 'flags'):
        shown_flags = Flags([shown.flag(row) for row in data], on_turn=turn)
    visit.stirred(('facts',), refresh)
