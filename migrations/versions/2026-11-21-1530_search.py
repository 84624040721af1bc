"""search"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.base.columns import UTC

revision = '20261121_1530'
down_revision = '20261121_0430'
branch_labels = None
depends_on = None

# The full-text table keeps no text of its own; the triggers tell it what was there before and what is there now.
SQLITE = (
    "create virtual table search_index using fts5(terms, content='search_texts', content_rowid='spot',"
    " tokenize=\"ascii tokenchars '#@=+!'\", prefix='2 3')",
    'create trigger search_texts_added after insert on search_texts begin'
    ' insert into search_index(rowid, terms) values (new.spot, new.terms); end',
    'create trigger search_texts_removed after delete on search_texts begin'
    " insert into search_index(search_index, rowid, terms) values ('delete', old.spot, old.terms); end",
    'create trigger search_texts_changed after update on search_texts begin'
    " insert into search_index(search_index, rowid, terms) values ('delete', old.spot, old.terms);"
    ' insert into search_index(rowid, terms) values (new.spot, new.terms); end',
)
# Without the pending list: the index is written in the background, and a search should not read what others left unsorted.
POSTGRES = ('create index search_index on search_texts using gin (terms) with (fastupdate = off)',)


def upgrade() -> None:
    op.create_table(
        'search_marks',
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('caught_up', UTC(), nullable=False),
        sa.Column('filled_from', UTC(), nullable=True),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_search_marks_tenant_id')),
        sa.PrimaryKeyConstraint('tenant_id', name=op.f('pk_search_marks')),
    )
    op.create_table(
        'search_texts',
        sa.Column('lead_id', sa.Uuid(), nullable=False),
        sa.Column('tenant_id', sa.Uuid(), nullable=False),
        sa.Column('spot', sa.BigInteger(), nullable=False),
        sa.Column('changed_at', UTC(), nullable=False),
        sa.Column('terms', sa.Text().with_variant(postgresql.TSVECTOR(), 'postgresql'), nullable=False),
        sa.ForeignKeyConstraint(['lead_id'], ['leads.id'], name=op.f('fk_search_texts_lead_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('lead_id', name=op.f('pk_search_texts')),
    )
    op.create_index('ix_search_texts_tenant_id_spot', 'search_texts', ['tenant_id', 'spot'])
    for statement in SQLITE if op.get_bind().dialect.name == 'sqlite' else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table('search_texts')
    op.drop_table('search_marks')
    if op.get_bind().dialect.name == 'sqlite':
        op.drop_table('search_index')
