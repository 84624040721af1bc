"""who takes new leads, the rule that gives them out, and a queue and a next date for every open lead"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.base.columns import UTC

revision = '20261121_1840'
down_revision = '20261121_1830'
branch_labels = None
depends_on = None


def _list(name: str) -> sa.Column[object]:
    kind = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql')
    return sa.Column(name, kind, server_default='[]', nullable=False)


def upgrade() -> None:
    op.create_table(
        'assignment_settings',
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('enabled', sa.Boolean(), nullable=False),
        sa.Column('queue', sa.String(length=64), nullable=False),
        sa.Column('take_back_seconds', sa.Integer(), nullable=True),
        sa.Column('default_capacity', sa.Integer(), nullable=True),
        sa.CheckConstraint('take_back_seconds IS NULL OR take_back_seconds > 0', name=op.f('ck_assignment_settings_take_back')),
        sa.CheckConstraint('default_capacity IS NULL OR default_capacity > 0', name=op.f('ck_assignment_settings_capacity')),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_assignment_settings_tenant_id')),
        sa.PrimaryKeyConstraint('tenant_id', name=op.f('pk_assignment_settings')),
    )
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('present', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('present_at', UTC(), nullable=True))
        batch_op.add_column(sa.Column('capacity', sa.Integer(), nullable=True))
        batch_op.add_column(_list('skills'))
        batch_op.add_column(_list('location_ids'))
        batch_op.add_column(sa.Column('last_assigned_at', UTC(), nullable=True))
    with op.batch_alter_table('leads', schema=None) as batch_op:
        batch_op.add_column(sa.Column('assigned_at', UTC(), nullable=True))
        batch_op.add_column(_list('passed_over'))
    # The rule is on from here: what is open and nobody's waits in the queue too, and every open lead has a next date.
    op.execute(
        "UPDATE leads SET queue = 'Arrivals' WHERE owner_id IS NULL AND queue IS NULL AND status <> 'closed' AND merged_into IS NULL"
    )
    op.execute("UPDATE leads SET next_at = changed_at WHERE next_at IS NULL AND status <> 'closed' AND merged_into IS NULL")


def downgrade() -> None:
    with op.batch_alter_table('leads', schema=None) as batch_op:
        for name in ('passed_over', 'assigned_at'):
            batch_op.drop_column(name)
    with op.batch_alter_table('users', schema=None) as batch_op:
        for name in ('last_assigned_at', 'location_ids', 'skills', 'capacity', 'present_at', 'present'):
            batch_op.drop_column(name)
    op.drop_table('assignment_settings')
