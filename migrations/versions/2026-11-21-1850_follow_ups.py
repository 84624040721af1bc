"""follow-ups, sequences of messages and tasks, and calendar feeds"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.base.columns import UTC

revision = '20261121_1850'
down_revision = '20261121_1840'
branch_labels = None
depends_on = None

ARMED = sa.text('fires_at IS NOT NULL')
RUNNING = sa.text("state = 'running'")


def _json(name: str) -> sa.Column[object]:
    kind = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql')
    return sa.Column(name, kind, nullable=False)


def _words(name: str, *known: str) -> sa.Column[str]:
    return sa.Column(name, sa.Enum(*known, name=name, native_enum=False, create_constraint=True, length=32), nullable=False)


def _templates() -> None:
    op.create_table(
        'templates',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('subject', sa.String(length=300), nullable=False),
        sa.Column('body', sa.String(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', UTC(), nullable=False),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_templates_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_templates')),
        sa.UniqueConstraint('tenant_id', 'name', name=op.f('uq_templates_tenant_id_name')),
    )


def _sequences() -> None:
    op.create_table(
        'sequences',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('enabled_at', UTC(), nullable=True),
        _json('qualities'),
        _json('location_ids'),
        _json('steps'),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', UTC(), nullable=False),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_sequences_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sequences')),
        sa.UniqueConstraint('tenant_id', 'name', name=op.f('uq_sequences_tenant_id_name')),
    )
    op.create_table(
        'sequence_runs',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('sequence_id', sa.Uuid(), nullable=False),
        sa.Column('lead_id', sa.Uuid(), nullable=False),
        _words('state', 'running', 'completed', 'stopped'),
        sa.Column('stopped_because', sa.String(length=300), nullable=False),
        _json('steps'),
        sa.Column('step', sa.Integer(), nullable=False),
        sa.Column('started_at', UTC(), nullable=False),
        sa.Column('next_at', UTC(), nullable=True),
        sa.Column('next_is_task', sa.Boolean(), nullable=False),
        sa.Column('ended_at', UTC(), nullable=True),
        sa.ForeignKeyConstraint(['lead_id'], ['leads.id'], name=op.f('fk_sequence_runs_lead_id')),
        sa.ForeignKeyConstraint(['sequence_id'], ['sequences.id'], name=op.f('fk_sequence_runs_sequence_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sequence_runs')),
        sa.UniqueConstraint('sequence_id', 'lead_id', name=op.f('uq_sequence_runs_sequence_id_lead_id')),
    )
    op.create_index('ix_sequence_runs_tenant_id_lead_id', 'sequence_runs', ['tenant_id', 'lead_id'])
    op.create_index('ix_sequence_runs_due', 'sequence_runs', ['tenant_id', 'next_at'], sqlite_where=RUNNING, postgresql_where=RUNNING)


def _tasks() -> None:
    op.create_table(
        'follow_up_tasks',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('lead_id', sa.Uuid(), nullable=False),
        sa.Column('conversation_id', sa.Uuid(), nullable=True),
        sa.Column('run_id', sa.Uuid(), nullable=True),
        _words('kind', 'call', 'email', 'message', 'document', 'appointment', 'task'),
        sa.Column('title', sa.String(length=300), nullable=False),
        sa.Column('note', sa.String(), nullable=False),
        sa.Column('follow_up_date', UTC(), nullable=False),
        _words('status', 'scheduled', 'overdue', 'completed', 'cancelled'),
        sa.Column('sla_deadline', UTC(), nullable=True),
        sa.Column('sla_breached', sa.Boolean(), nullable=False),
        sa.Column('remind_at', UTC(), nullable=True),
        sa.Column('reminded_at', UTC(), nullable=True),
        sa.Column('fires_at', UTC(), nullable=True),
        sa.Column('owner_id', sa.Uuid(), nullable=True),
        sa.Column('outcome', sa.String(length=300), nullable=False),
        sa.Column('completed_at', UTC(), nullable=True),
        sa.Column('completed_by', sa.Uuid(), nullable=True),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', UTC(), nullable=False),
        sa.Column('changed_at', UTC(), nullable=False),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_follow_up_tasks_conversation_id')),
        sa.ForeignKeyConstraint(['lead_id'], ['leads.id'], name=op.f('fk_follow_up_tasks_lead_id')),
        sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_follow_up_tasks_owner_id')),
        sa.ForeignKeyConstraint(['run_id'], ['sequence_runs.id'], name=op.f('fk_follow_up_tasks_run_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up_tasks')),
    )
    op.create_index('ix_follow_up_tasks_tenant_id_status_follow_up_date', 'follow_up_tasks', ['tenant_id', 'status', 'follow_up_date'])
    op.create_index('ix_follow_up_tasks_tenant_id_lead_id', 'follow_up_tasks', ['tenant_id', 'lead_id'])
    op.create_index('ix_follow_up_tasks_armed', 'follow_up_tasks', ['tenant_id', 'fires_at'], sqlite_where=ARMED, postgresql_where=ARMED)


def _taken() -> None:
    op.create_table(
        'sequence_steps',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('run_id', sa.Uuid(), nullable=False),
        sa.Column('step', sa.Integer(), nullable=False),
        _words('channel', 'email', 'sms', 'whatsapp', 'task'),
        _words('state', 'sent', 'task', 'not_connected'),
        sa.Column('detail', sa.String(length=300), nullable=False),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('body', sa.String(), nullable=False),
        sa.Column('message_id', sa.Uuid(), nullable=True),
        sa.Column('task_id', sa.Uuid(), nullable=True),
        sa.Column('due_at', UTC(), nullable=False),
        sa.Column('at', UTC(), nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['chat_messages.id'], name=op.f('fk_sequence_steps_message_id')),
        sa.ForeignKeyConstraint(['run_id'], ['sequence_runs.id'], name=op.f('fk_sequence_steps_run_id')),
        sa.ForeignKeyConstraint(['task_id'], ['follow_up_tasks.id'], name=op.f('fk_sequence_steps_task_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sequence_steps')),
        sa.UniqueConstraint('run_id', 'step', name=op.f('uq_sequence_steps_run_id_step')),
    )


def _feeds() -> None:
    op.create_table(
        'calendar_feeds',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('created_at', UTC(), nullable=False),
        sa.Column('revoked_at', UTC(), nullable=True),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_calendar_feeds_tenant_id')),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_calendar_feeds_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feeds')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_feeds_token_hash')),
    )
    op.create_index('ix_calendar_feeds_tenant_id_user_id', 'calendar_feeds', ['tenant_id', 'user_id'])


def upgrade() -> None:
    for make in (_templates, _sequences, _tasks, _taken, _feeds):
        make()
    op.add_column('leads', sa.Column('opted_out_at', UTC(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('leads', schema=None) as batch_op:
        batch_op.drop_column('opted_out_at')
    for name in ('calendar_feeds', 'sequence_steps', 'follow_up_tasks', 'sequence_runs', 'sequences', 'templates'):
        op.drop_table(name)
