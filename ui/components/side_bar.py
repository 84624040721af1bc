"""Where one is and who one is: the bar beside every page of the desk, at the bottom on phones."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from nicegui.element import Element

from domain.access.rules import Permission, may
from domain.base.scope import Actor
from ui.components.tell import tell
from ui.design import ICONS_URL
from ui.presenters import words


@dataclass(frozen=True)
class Entry:
    """One place of the navigation. `count` names the number beside it, `low` puts it at the foot with health and settings, and
    `short` is what stands on a tab of a phone where the name is too long.
    """

    path: str
    icon: str
    name: str
    key: str = ''  # after G, as in "G then I"
    count: str = ''
    low: bool = False
    short: str = ''


class SideBar(Element, component='side_bar.js'):
    """Navigation with live counts, theme switch and sign-out."""

    def __init__(self, actor: Actor, entries: Sequence[Entry], company: str, path: str, main_id: str) -> None:
        """`company` is whose desk it is, `path` is the current address, `main_id` the HTML id the skip link leads to."""
        super().__init__()
        self.props['places'] = [asdict(entry) for entry in entries]
        self.props['company'] = company
        self.props['path'] = path
        self.props['main'] = main_id
        self.props['person'] = actor.name
        self.props['user'] = str(actor.id or '')
        self.props['role'] = words.sentence(actor.role.value) if actor.role else ''
        self.props['initials'] = words.initials(actor.name)
        self.props['tint'] = words.tint(actor.name)
        self.props['icons'] = ICONS_URL
        self.props['takes'] = may(actor, Permission.LEADS_WRITE)

    def online(self, on: bool) -> None:
        """Whether the person takes new leads now."""
        tell(self, 'turned', on)

    def count(self, counts: Mapping[str, int | str]) -> None:
        """The numbers beside the places, by their names; `health` is a word: ok, degraded or down."""
        tell(self, 'counted', dict(counts))

    def arrive(self, path: str, title: str) -> None:
        """Another place is shown now."""
        tell(self, 'arrived', path, title)
