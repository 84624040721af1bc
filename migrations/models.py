"""Every table of the desk, imported so that Alembic and the tests see them all."""

from sqlmodel import SQLModel

import domain.access.models
import domain.alerts.models
import domain.assignment.models
import domain.audit.models
import domain.conversations.models
import domain.flags.models
import domain.follow_ups.models
import domain.inbound.models
import domain.intake.models
import domain.leads.models
import domain.outbox.models
import domain.search.models
import domain.sla.models
import domain.tenancy.models
import domain.timeline.models  # noqa: F401 - imported for its tables

metadata = SQLModel.metadata
