"""Where one is and who one is: the bar beside every page of the desk, at the bottom on phones."""

from nicegui.element import Element

from domain.base.scope import Actor
from ui.design import ICONS_URL
from ui.presenters import words

# Only what exists is linked: (path, icon, name)
PLACES = (('/', 'inbox', 'Inbox'),)


class SideBar(Element, component='side_bar.js'):
    """Navigation, theme switch and sign-out."""

    def __init__(self, actor: Actor, place: str, main_id: str) -> None:
        """`place` is the path of the current place, `main_id` the HTML id the skip link leads to."""
        super().__init__()
        self.props['places'] = [{'path': path, 'icon': icon, 'name': name} for path, icon, name in PLACES]
        self.props['place'] = place
        self.props['main'] = main_id
        self.props['person'] = actor.name
        self.props['role'] = words.sentence(actor.role.value) if actor.role else ''
        self.props['initials'] = words.initials(actor.name)
        self.props['tint'] = words.tint(actor.name)
        self.props['icons'] = ICONS_URL
