"""The banner of a desk that shows sample data, on top of every place."""

from nicegui import ui as ng

from domain.access.rules import Permission, may
from domain.desk.demo_clear import clear
from ui.ask import Visit, do
from ui.components.sample_banner import SampleBanner


def say_samples(visit: Visit) -> None:
    """Make it in the current slot; whoever may change settings can take the sample data away there."""
    client = ng.context.client

    async def remove() -> None:
        if await do(clear, visit.doors.box):
            client.open('/')
        else:
            banner.settled()

    banner = SampleBanner(may_remove=may(visit.actor, Permission.SETTINGS_EDIT), on_remove=remove)
