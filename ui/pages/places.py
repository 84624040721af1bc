"""Every place of the desk, and what navigation shows of them."""

from collections.abc import Sequence

from domain.access.rules import Permission, may
from domain.base.scope import Actor
from ui.components.side_bar import Entry
from ui.pages import deliveries, destinations, flags, inbox, keys, people, quarantine, settings, system, welcome
from ui.pages.place import Place

PLACES: tuple[Place, ...] = (
    Place(('/', '/leads/{lead_id}'), inbox),
    Place(('/deliveries',), deliveries),
    Place(('/quarantine',), quarantine),
    Place(('/system',), system),
    Place(('/settings',), settings),
    Place(('/settings/destinations',), destinations),
    Place(('/settings/flags',), flags),
    Place(('/settings/keys',), keys),
    Place(('/settings/people',), people),
    Place(('/welcome',), welcome),
)

# What stands in the side bar, in its order, with the permission it takes.
_ENTRIES: tuple[tuple[Entry, Permission | None], ...] = (
    (Entry('/', 'inbox', 'Inbox', 'I', 'inbox'), Permission.LEADS_READ),
    (Entry('/deliveries', 'send', 'Deliveries', 'D', 'deliveries'), Permission.DELIVERIES_READ),
    (Entry('/quarantine', 'archive', 'Quarantine', 'Q', 'quarantine'), Permission.LEADS_READ),
    (Entry('/system', 'activity', 'System health', 'H', 'health', low=True), Permission.HEALTH_READ),
    (Entry('/settings', 'settings', 'Settings', ',', low=True), None),
)


def entries(actor: Actor) -> Sequence[Entry]:
    """What this person's navigation leads to."""
    return [entry for entry, needs in _ENTRIES if needs is None or may(actor, needs)]
