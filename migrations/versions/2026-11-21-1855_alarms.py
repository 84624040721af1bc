"""the alarm ladder of hot leads, and what single people are told"""

import sqlalchemy as sa
from alembic import op

from domain.base.columns import UTC

revision = '20261121_1855'
down_revision = '20261121_1850'
branch_labels = None
depends_on = None

UNTOLD = sa.text('told_at IS NULL')


def upgrade() -> None:
    op.create_table(
        'ladder_steps',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('lead_id', sa.Uuid(), nullable=False),
        sa.Column('event_id', sa.Uuid(), nullable=False),
        sa.Column(
            'step',
            sa.Enum('next_channel', 'unheard', name='step', native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column('destination_id', sa.Uuid(), nullable=True),
        sa.Column('at', UTC(), nullable=False),
        sa.ForeignKeyConstraint(['destination_id'], ['destinations.id'], name=op.f('fk_ladder_steps_destination_id')),
        sa.ForeignKeyConstraint(['event_id'], ['lead_events.id'], name=op.f('fk_ladder_steps_event_id')),
        sa.ForeignKeyConstraint(['lead_id'], ['leads.id'], name=op.f('fk_ladder_steps_lead_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ladder_steps')),
        sa.UniqueConstraint('lead_id', 'step', name=op.f('uq_ladder_steps_lead_id_step')),
    )
    op.create_index('ix_ladder_steps_tenant_id_step_at', 'ladder_steps', ['tenant_id', 'step', 'at'])
    op.create_table(
        'notices',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('lead_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('text', sa.String(length=300), nullable=False),
        sa.Column('made_at', UTC(), nullable=False),
        sa.Column('show_at', UTC(), nullable=False),
        sa.Column('told_at', UTC(), nullable=True),
        sa.Column('seen_at', UTC(), nullable=True),
        sa.ForeignKeyConstraint(['lead_id'], ['leads.id'], name=op.f('fk_notices_lead_id')),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notices_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notices')),
    )
    op.create_index('ix_notices_untold', 'notices', ['show_at'], sqlite_where=UNTOLD, postgresql_where=UNTOLD)
    op.create_index('ix_notices_tenant_id_user_id_told_at', 'notices', ['tenant_id', 'user_id', 'told_at'])
    op.add_column('destinations', sa.Column('ladder', sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('destinations', schema=None) as batch_op:
        batch_op.drop_column('ladder')
    op.drop_table('notices')
    op.drop_table('ladder_steps')
