"""Every place of the desk, and what navigation shows of them."""

from collections.abc import Sequence

from domain.access.rules import Permission, may
from domain.base.scope import Actor
from ui.components.side_bar import Entry
from ui.pages import (
    assignment,
    board,
    deliveries,
    destinations,
    flags,
    follow_ups,
    hours,
    inbox,
    keys,
    people,
    quarantine,
    quiet_hours,
    reports,
    sequences,
    settings,
    sla_policies,
    system,
    welcome,
)
from ui.pages.place import Place

PLACES: tuple[Place, ...] = (
    Place(('/', '/leads/{lead_id}'), inbox),
    Place(('/sla',), board),
    Place(('/follow-ups',), follow_ups),
    Place(('/deliveries',), deliveries),
    Place(('/quarantine',), quarantine),
    Place(('/dashboard',), reports),
    Place(('/system',), system),
    Place(('/quiet-hours',), quiet_hours),
    Place(('/settings',), settings),
    Place(('/settings/assignment',), assignment),
    Place(('/settings/destinations',), destinations),
    Place(('/settings/flags',), flags),
    Place(('/settings/hours',), hours),
    Place(('/settings/sla',), sla_policies),
    Place(('/settings/keys',), keys),
    Place(('/settings/people',), people),
    Place(('/settings/sequences',), sequences),
    Place(('/welcome',), welcome),
)

# What stands in the side bar, in its order, with the permission it takes.
_ENTRIES: tuple[tuple[Entry, Permission | None], ...] = (
    (Entry('/', 'inbox', 'Inbox', 'I', 'inbox'), Permission.LEADS_READ),
    (Entry('/sla', 'timer', 'SLA board', 'S', 'late', short='SLA'), Permission.LEADS_READ),
    (Entry('/follow-ups', 'list-checks', 'Follow-ups', 'F', 'follow_ups', short='Tasks'), Permission.LEADS_READ),
    (Entry('/deliveries', 'send', 'Deliveries', 'D', 'deliveries'), Permission.DELIVERIES_READ),
    (Entry('/dashboard', 'layout-dashboard', 'Dashboard', 'R'), Permission.LEADS_READ),
    (Entry('/quarantine', 'archive', 'Quarantine', 'Q', 'quarantine'), Permission.LEADS_READ),
    (Entry('/quiet-hours', 'bell', 'Quiet hours', low=True), Permission.LEADS_WRITE),
    (Entry('/system', 'activity', 'System health', 'H', 'health', low=True), Permission.HEALTH_READ),
    (Entry('/settings', 'settings', 'Settings', ',', low=True), None),
)


def entries(actor: Actor) -> Sequence[Entry]:
    """What this person's navigation leads to."""
    return [entry for entry, needs in _ENTRIES if needs is None or may(actor, needs)]
