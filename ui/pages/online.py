"""The switch in the side bar by which people say whether they take new leads."""

from domain.access.presence import set_present
from ui.ask import Visit, do
from ui.components.called import called
from ui.components.side_bar import SideBar


def turns_online(visit: Visit, bar: SideBar) -> None:
    """Have the switch do what it says; the page is told what holds by ui.online, with all others of this person."""

    async def turn(on: bool) -> None:
        user_id = visit.actor.id
        if user_id is None or not await do(set_present, user_id, on):
            return
        bar.online(on)

        async def undo() -> None:
            if await do(set_present, user_id, not on):
                bar.online(not on)

        said = 'You are online: new leads are given to you' if on else 'You are away: you are given no new leads'
        visit.notices.offer(said, undo)

    bar.on('turn', called(turn))
