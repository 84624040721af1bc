"""What stands where somebody's role does not let them look: who can help, and a button that asks them."""

from domain.desk.access import ask_for_access
from ui.ask import Visit, do
from ui.components.state import State

WHO = 'An owner or admin of this desk can give you access.'


def deny(visit: Visit, name: str, title: str) -> None:
    """Say `title`, and offer to ask for access to `name`, a place as navigation calls it."""

    async def ask_them() -> None:
        if await do(ask_for_access, name):
            visit.notices.say('Asked. An admin sees it under System health.')

    State('denied', title=title, text=WHO, button='Ask for access', on_press=ask_them)
