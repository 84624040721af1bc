"""The list of settings pages, and the header above it."""

from collections.abc import Sequence
from typing import TypedDict

from nicegui.element import Element

from ui.design import ICONS_URL


class Group(TypedDict):
    """A heading and its pages, each as slug, icon and name."""

    name: str
    pages: list[dict[str, str]]


class SettingsNav(Element, component='settings_nav.js'):
    """Where one is in the settings; at /settings itself it goes on to the first page where there is room for both."""

    def __init__(self, groups: Sequence[Group], current: str) -> None:
        """`current` is the slug of the page that is shown; '' is the list itself."""
        super().__init__()
        self.props['groups'] = list(groups)
        self.props['current'] = current
        self.props['icons'] = ICONS_URL
