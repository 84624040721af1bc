"""opening hours and holidays, what policies say beside the window, and the alarms of a clock"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.base.columns import UTC

revision = '20261121_1830'
down_revision = '20261121_1530'
branch_labels = None
depends_on = None

ARMED = sa.text('fires_at IS NOT NULL')


def _clock() -> sa.Column[str]:
    kind = sa.Enum('always', 'business', name='clock', native_enum=False, create_constraint=True, length=32)
    return sa.Column('clock', kind, server_default='always', nullable=False)


def _json(name: str, default: str) -> sa.Column[object]:
    kind = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql')
    return sa.Column(name, kind, server_default=default, nullable=False)


def upgrade() -> None:
    op.create_table(
        'location_hours',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('location_id', sa.Uuid(), nullable=False),
        sa.Column('weekday', sa.Integer(), nullable=False),
        sa.Column('opens', sa.Integer(), nullable=False),
        sa.Column('closes', sa.Integer(), nullable=False),
        sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_location_hours_weekday')),
        sa.CheckConstraint('opens >= 0 AND opens < closes AND closes <= 1440', name=op.f('ck_location_hours_period')),
        sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_location_hours_location_id')),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_location_hours_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_location_hours')),
        sa.UniqueConstraint('location_id', 'weekday', 'opens', name=op.f('uq_location_hours_location_id_weekday_opens')),
    )
    op.create_index('ix_location_hours_tenant_id_location_id', 'location_hours', ['tenant_id', 'location_id'])
    op.create_table(
        'holidays',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('location_id', sa.Uuid(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('yearly', sa.Boolean(), nullable=False),
        sa.Column('closed_from', sa.Integer(), nullable=True),
        sa.Column('closed_to', sa.Integer(), nullable=True),
        sa.Column('source_uid', sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            '(closed_from IS NULL) = (closed_to IS NULL) AND (closed_from IS NULL OR (closed_from >= 0 AND closed_from < closed_to'
            ' AND closed_to <= 1440))',
            name=op.f('ck_holidays_part'),
        ),
        sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_holidays_location_id')),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_holidays_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_holidays')),
    )
    op.create_index('ix_holidays_tenant_id_location_id_day', 'holidays', ['tenant_id', 'location_id', 'day'])
    with op.batch_alter_table('sla_policies', schema=None) as batch_op:
        batch_op.add_column(sa.Column('next_reply_seconds', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('resolution_seconds', sa.Integer(), nullable=True))
        batch_op.add_column(_clock())
        batch_op.add_column(_json('pausing', '["waiting"]'))
        batch_op.add_column(sa.Column('warn_seconds', sa.Integer(), server_default='1800', nullable=False))
        batch_op.add_column(sa.Column('warn_share', sa.Float(), server_default='0.5', nullable=False))
        batch_op.add_column(sa.Column('escalate_seconds', sa.Integer(), server_default='900', nullable=False))
        batch_op.add_column(sa.Column('assistant_counts', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    with op.batch_alter_table('sla_clocks', schema=None) as batch_op:
        batch_op.add_column(_clock())
        batch_op.add_column(sa.Column('paused_at', UTC(), nullable=True))
        batch_op.add_column(_json('pauses', '[]'))
        batch_op.add_column(sa.Column('warn_at', UTC(), nullable=True))
        batch_op.add_column(sa.Column('warned_at', UTC(), nullable=True))
        batch_op.add_column(sa.Column('escalate_seconds', sa.Integer(), server_default='900', nullable=False))
        batch_op.add_column(sa.Column('escalated_at', UTC(), nullable=True))
        batch_op.add_column(sa.Column('fires_at', UTC(), nullable=True))
        batch_op.create_index('ix_sla_clocks_armed', ['fires_at'], unique=False, sqlite_where=ARMED, postgresql_where=ARMED)
    # A clock that runs already is warned of at its deadline at the earliest: what passed before there were alarms is found late.
    op.execute('UPDATE sla_clocks SET fires_at = due_at WHERE answered_at IS NULL AND stopped_at IS NULL')


def downgrade() -> None:
    with op.batch_alter_table('sla_clocks', schema=None) as batch_op:
        batch_op.drop_index('ix_sla_clocks_armed', sqlite_where=ARMED, postgresql_where=ARMED)
        for name in ('fires_at', 'escalated_at', 'escalate_seconds', 'warned_at', 'warn_at', 'pauses', 'paused_at', 'clock'):
            batch_op.drop_column(name)
    with op.batch_alter_table('sla_policies', schema=None) as batch_op:
        names = ('version', 'assistant_counts', 'escalate_seconds', 'warn_share', 'warn_seconds', 'pausing', 'clock')
        for name in (*names, 'resolution_seconds', 'next_reply_seconds'):
            batch_op.drop_column(name)
    op.drop_table('holidays')
    op.drop_table('location_hours')
