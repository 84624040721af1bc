"""What stands beside the list while no lead is open."""

from nicegui.element import Element

from ui.design import ICONS_URL


class LeadPane(Element, component='lead_pane.js'):
    """How to go on: pick a lead, or send the first one."""

    def __init__(self) -> None:
        super().__init__()
        self.props['icons'] = ICONS_URL
