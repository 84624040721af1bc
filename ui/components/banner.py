"""The banner above every place: shown only while a reply is late, or nobody was told of a hot lead."""

from collections.abc import Sequence
from datetime import datetime

from nicegui.element import Element

from domain.desk.banner import Banner, Case
from ui.components.notices import Notices
from ui.components.tell import tell
from ui.design import ICONS_URL


class AlarmBanner(Element, component='banner.js'):
    """One per page. Muting is the browser's own affair, and lasts ten minutes."""

    def __init__(self, notices: Notices) -> None:
        """`notices` is where the person of the page is told what is for them alone."""
        super().__init__()
        self.props['icons'] = ICONS_URL
        self._notices = notices

    def show(self, state: Banner, quiet: datetime | None) -> None:
        """What is late and unheard now; `quiet`: until then its person wants no sound."""
        unheard = [_case(each) for each in state.unheard[:5]]
        worst = _case(state.worst) if state.worst else None
        silent = quiet.timestamp() if quiet else 0
        tell(self, 'told', {'late': state.late, 'worst': worst, 'unheard': unheard, 'nobody': len(state.unheard), 'silent': silent})

    def tell(self, texts: Sequence[str]) -> None:
        """One sentence as it is; several are one, for only one is shown at a time."""
        first, *others = texts
        self._notices.say(first if not others else f'{first} And {len(others)} more: see the timelines of your leads.', 'red')


def _case(each: Case) -> dict[str, str | float]:
    return {'id': str(each.lead_id), 'name': each.name or 'A lead', 'place': each.place, 'since': each.since.timestamp()}
