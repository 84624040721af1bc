"""A kept lead rings with ids that can be asked for: what hears a ring puts them into questions."""

from domain.base.doorbell import ANYTHING, Ring
from domain.outbox.models import Destination
from tests.domain.conftest import Desk
from tests.domain.rows import command, destination
from tests.servers import until


def test_a_kept_lead_rings_with_the_ids_of_lead_and_destination(desk: Desk) -> None:
    heard: list[Ring] = []
    desk.db.bell.hear(heard.append)
    if not desk.db.is_sqlite:
        desk.db.bell.listen(desk.db.url.render_as_string(hide_password=False))
        until(lambda: any(ring.topic == ANYTHING for ring in heard), seconds=5, what='listening')
    try:
        place = destination(desk.db, desk.tenant_id, 'Sales')
        desk.refresh()
        (taken,) = desk.capture(command(name='Ada', email='ada@example.com'))
        until(lambda: {'lead', 'outbox'} <= {ring.topic for ring in heard}, seconds=5, what='the rings of a kept lead')
        lead = next(ring for ring in heard if ring.topic == 'lead')
        outbox = next(ring for ring in heard if ring.topic == 'outbox')
        assert (lead.tenant_id, lead.ids) == (desk.tenant_id, (taken.lead_id,))
        with desk.db.reading() as session:
            assert [session.get_one(Destination, id_).id for id_ in outbox.ids] == [place]
    finally:
        desk.db.bell.close()
