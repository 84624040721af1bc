"""The frame around every page of the desk: head, side bar, notices; `with frame(visit, …): …` fills the panel."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui as ng

from ui.ask import Visit
from ui.components.notices import Notices
from ui.components.side_bar import Entry, SideBar
from ui.design import STATIC_URL, THEME_SCRIPT

# Constant text of ours; nothing that anybody typed ever comes in here.
_HEAD = f"""
<meta name="robots" content="noindex">
<script>{THEME_SCRIPT}</script>
<link rel="preload" href="{STATIC_URL}/fonts/geist-latin.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="{STATIC_URL}/all.css">
<script defer src="{STATIC_URL}/all.js"></script>
"""


@contextmanager
def frame(visit: Visit, entries: Sequence[Entry], *, company: str, title: str, path: str) -> Iterator[SideBar]:
    """The shell of one page for one signed-in person; `path` is where the page opens."""
    client = ng.context.client
    client.title = f'{title} · Leadkeeper'
    ng.add_head_html(_HEAD)
    client.content.props('tabindex=-1')
    page = client.content.parent_slot
    if page is not None:
        page.parent.props['aria-label'] = 'Desk'
    with client.layout:
        bar = SideBar(visit.actor, entries, company, path, client.content.html_id).move(target_index=0)
    visit.notices = Notices()
    yield bar
