"""Getting an installation ready: what must be there before the first lead, and what the environment says, as rows."""

import json
from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.actions import add_user
from domain.access.keys import adopt_environment_key
from domain.access.queries import anybody
from domain.alerts.actions import close_alert
from domain.base.db import Database, ring
from domain.base.errors import Conflict
from domain.base.events import DEFAULT_SUBSCRIPTION
from domain.base.scope import Actor, Role, system
from domain.base.secrets import SecretBox
from domain.base.settings import Settings
from domain.conversations.replies import CARRIERS
from domain.flags.actions import plant_flags
from domain.flags.models import Flag
from domain.intake.models import Form
from domain.outbox import destinations as outbox
from domain.outbox.destinations import add_destination
from domain.outbox.messages import DestinationChange, DestinationOrder
from domain.outbox.models import Destination
from domain.tenancy.actions import check_zone, ensure_first_tenant
from domain.tenancy.models import Tenant
from domain.tenancy.queries import default_location

START_TRIES = 5
_NAMES = {'slack_bot': 'Slack bot', 'sendgrid': 'SendGrid', 'sms': 'SMS', 'whatsapp': 'WhatsApp'}  # where the kind is no word


def prepare_house(db: Database, settings: Settings, box: SecretBox, from_environment: Mapping[str, Mapping[str, str]] | None) -> None:
    """`prepare` in a transaction of its own; several processes may start at once."""
    for tries_left in reversed(range(START_TRIES)):
        try:
            with db.transaction() as session:
                prepare(session, settings, box, from_environment)
            return
        except Conflict:  # another process was first; its rows are found the next time
            if not tries_left:
                raise


def prepare(session: Session, settings: Settings, box: SecretBox, from_environment: Mapping[str, Mapping[str, str]] | None) -> Tenant:
    """Make the first tenant with its form and flags if there is none, and bring key and destinations in line with the environment.

    `from_environment` maps a kind of channel to the configuration its settings give; None, from a command that may know nothing of the
    servers' environment, leaves key and destinations alone. Doing it again changes nothing. Raises WrongKey when another SECRET_KEY
    sealed what is stored.
    """
    if sealed := session.exec(select(Destination.config_sealed).limit(1)).first():
        box.open(sealed)  # raises WrongKey before anything is changed
    tenant, made = ensure_first_tenant(session)
    actor = system(tenant.id)
    if made:
        session.add(Form(tenant_id=tenant.id, slug='contact', name='Contact form'))
    plant_flags(
        session,
        actor,
        {
            Flag.WHATSAPP: settings.feature_whatsapp_enabled,
            Flag.CRM: settings.feature_crm_enabled,
            Flag.SMS: settings.feature_sms_enabled,
        },
    )
    if from_environment is not None:
        adopt_environment_key(session, actor, settings.admin_api_key.get_secret_value() if settings.admin_api_key else None)
        _adopt_destinations(session, actor, box, from_environment)
    return tenant


def _adopt_destinations(session: Session, actor: Actor, box: SecretBox, wanted: Mapping[str, Mapping[str, str]]) -> None:
    """One row per configured channel; a setting that is gone disables its row, so that its history stays readable."""
    rows = {
        row.kind: row
        for row in session.exec(select(Destination).where(Destination.tenant_id == actor.tenant_id, col(Destination.from_environment)))
    }
    changed = False
    for kind, config in wanted.items():
        row = rows.pop(kind, None)
        heard = list(DEFAULT_SUBSCRIPTION) if _tells_people(kind, config) else []
        if row is None:
            order = DestinationOrder(
                kind=kind, name=f'{_NAMES.get(kind, kind.capitalize())} (from environment)', config=dict(config), events=heard
            )
            add_destination(session, actor, order, box, from_environment=True)
            continue
        former = json.loads(box.open(row.config_sealed))
        if not row.enabled or former != dict(config):
            row.enabled, row.config_sealed, changed = True, box.seal(json.dumps(dict(config))), True
            if _tells_people(kind, former) != _tells_people(kind, config):
                row.events = [str(event) for event in heard]
            session.add(row)
    for row in rows.values():
        if row.enabled:
            row.enabled, changed = False, True
            session.add(row)
    if changed:
        ring(session, 'facts', actor.tenant_id)


def _tells_people(kind: str, config: Mapping[str, str]) -> bool:
    """Whether it has readers of its own; a mail account without them only carries replies to customers."""
    return kind not in CARRIERS or bool(config.get('to'))


def open_desk(
    session: Session, *, name: str, email: str, password: str, company: str = '', location: str = '', time_zone: str = 'UTC'
) -> Actor:
    """The first run: the owner's account, and the names of company and place; raises Conflict when there is an account already."""
    tenant, _ = ensure_first_tenant(session)
    session.refresh(tenant, with_for_update=True)  # of several first runs at once, one is first
    if anybody(session):
        raise Conflict('This desk has an owner already; sign in, or ask them for an invitation.')
    actor = system(tenant.id)
    place = default_location(session, actor.scope)
    place.time_zone = check_zone(time_zone or 'UTC')
    place.name = location.strip() or place.name
    tenant.name = company.strip() or tenant.name
    add_user(session, actor, email, name, password, Role.OWNER)
    session.add_all((tenant, place))
    ring(session, 'facts', tenant.id)
    return actor


def change_destination(session: Session, actor: Actor, destination_id: UUID, change: DestinationChange, box: SecretBox) -> Destination:
    """Change, pause or resume a destination; resuming closes the alert that its pause raised."""
    destination = outbox.change_destination(session, actor, destination_id, change, box)
    if change.paused is False:
        close_alert(session, actor, f'destination:{destination.id}')
    return destination
