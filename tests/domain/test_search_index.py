"""The search index follows the leads: at once, by slices, after changes, merges and erasures, with several at work."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from domain.base import clock
from domain.base.ids import short
from domain.base.scope import Scope, system
from domain.desk.merging import merge, unmerge
from domain.intake.resubmit import resubmit
from domain.leads.actions import touch
from domain.leads.models import Group, Lead
from domain.search import rules
from domain.search.indexing import WRITTEN, catch_up, check, fill
from domain.search.messages import Hit
from domain.search.models import SearchMark, SearchText
from domain.search.queries import search
from domain.timeline.actions import write
from domain.timeline.models import EntryType
from tests.domain.conftest import Desk
from tests.domain.rows import command


def found(desk: Desk, text: str, **more: object) -> list[Hit]:
    with desk.db.reading() as session:
        return search(session, Scope(desk.tenant_id), text, **more)  # type: ignore[arg-type]  # limit is all there is


def names(desk: Desk, text: str) -> list[str]:
    return [hit.name for hit in found(desk, text)]


def test_a_lead_is_found_the_moment_it_is_stored_and_so_is_what_comes_later(desk: Desk) -> None:
    def now_found(text: str) -> list[str]:
        catch_up(desk.db, desk.tenant_id)
        return names(desk, text)

    assert now_found('ada') == []
    desk.capture(command(name='Ada Byron', email='ada@example.com', message='first words'))
    assert now_found('ada') == now_found('first') == ['Ada Byron']
    desk.capture(command(name='Ada Byron', email='ada@example.com', message='second thoughts'))
    assert now_found('first second th') == now_found('second thou') == ['Ada Byron']
    with desk.db.transaction() as session:
        lead = session.execute(sa.select(Lead)).scalar_one()
        lead.name = 'Augusta King'
        write(session, system(desk.tenant_id), lead.id, EntryType.NOTE, 'Note', description='prefers the telephone')
        write(session, system(desk.tenant_id), lead.id, EntryType.ASSIGNED, 'Assigned to Rosa Silva')
        touch(session, system(desk.tenant_id), lead.id)
    assert now_found('augusta') == now_found('telephone') == ['Augusta King']
    assert [now_found(text) for text in ('byron', 'rosa')] == [[], []]
    assert catch_up(desk.db, desk.tenant_id) == 0


def test_merged_leads_are_not_shown_and_erased_ones_leave_nothing(desk: Desk) -> None:
    desk.capture(command(name='Ada One', email='one@example.com'), command(name='Ada Two', email='two@example.com'))
    catch_up(desk.db, desk.tenant_id)
    with desk.db.transaction() as session:
        one = session.execute(sa.select(Lead).where(col(Lead.name) == 'Ada One')).scalar_one()
        one.inbox_group = Group.MERGED
    assert names(desk, 'ada') == ['Ada Two']  # also before the index hears of it
    with desk.db.transaction() as session:
        touch(session, system(desk.tenant_id), one.id)
    assert (catch_up(desk.db, desk.tenant_id), names(desk, 'ada'), names(desk, 'one@example.com')) == (1, ['Ada Two'], [])
    with desk.db.transaction() as session:
        session.execute(sa.text('set session_replication_role = default' if not desk.db.is_sqlite else 'pragma foreign_keys'))
        for table in ('deliveries', 'lead_events', 'sla_clocks', 'conversation_timeline', 'chat_messages', 'conversations'):
            session.execute(sa.text(f'delete from {table}'))
        for table in ('idempotency_keys', 'submissions', 'lead_identities', 'leads'):
            session.execute(sa.text(f'delete from {table}'))
    with desk.db.reading() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(SearchText)).scalar_one() == 0
        if desk.db.is_sqlite:
            assert session.execute(sa.text("select count(*) from search_index where search_index match 'ada'")).scalar_one() == 0


def test_a_merged_lead_is_found_as_the_one_it_became_part_of_until_they_part(desk: Desk) -> None:
    desk.capture(
        command(name='Ada Kept', email='kept@example.com', message='first words'),
        command(name='Augusta Gone', email='gone@example.com', phone='+1 555 014 2000', message='second thoughts'),
    )
    catch_up(desk.db, desk.tenant_id)
    with desk.db.transaction() as session:
        ids = {lead.name: lead.id for lead in session.execute(sa.select(Lead)).scalars()}
        merge_id = merge(session, system(desk.tenant_id), ids['Ada Kept'], ids['Augusta Gone'])
    catch_up(desk.db, desk.tenant_id)
    asked = ('augusta', 'gone@example', '014 2000', 'second thou', 'first second')
    assert [{hit.lead_id for hit in found(desk, text)} for text in asked] == [{ids['Ada Kept']}] * 5
    with desk.db.transaction() as session:
        unmerge(session, system(desk.tenant_id), merge_id)
    catch_up(desk.db, desk.tenant_id)
    assert [names(desk, text) for text in asked] == [['Augusta Gone']] * 4 + [[]]


def test_an_old_database_is_taken_in_by_slices_and_what_was_overlooked_is_found(desk: Desk) -> None:
    desk.capture(*(command(name=f'Old {number}', email=f'old{number}@example.com') for number in range(WRITTEN + 5)))
    clock.advance(timedelta(minutes=5))
    assert catch_up(desk.db, desk.tenant_id) == 0 and names(desk, 'old') == []
    assert (fill(desk.db, desk.tenant_id), fill(desk.db, desk.tenant_id)) == (WRITTEN + 5, 0)
    assert len(found(desk, 'old', limit=100)) == WRITTEN + 5
    assert check(desk.db, desk.tenant_id) is False
    with desk.db.transaction() as session:
        session.execute(sa.delete(SearchText).where(col(SearchText.lead_id).in_(sa.select(col(Lead.id)).limit(7))))
    assert check(desk.db, desk.tenant_id) is True
    assert (fill(desk.db, desk.tenant_id), check(desk.db, desk.tenant_id)) == (7, False)


def test_an_indexer_that_is_late_does_not_bring_old_words_back(desk: Desk) -> None:
    desk.capture(command(name='Ada First', email='ada@example.com'))
    catch_up(desk.db, desk.tenant_id)
    with desk.db.transaction() as session:
        before = clock.now() - timedelta(hours=1)
        session.execute(sa.update(SearchText).values(changed_at=clock.now() + timedelta(hours=1)))
        session.execute(sa.update(Lead).values(name='Ada Late'))
        session.execute(sa.update(SearchMark).values(caught_up=before, filled_from=clock.now()))
    assert (catch_up(desk.db, desk.tenant_id), fill(desk.db, desk.tenant_id)) == (0, 0)
    assert names(desk, 'first') == ['Ada Late']


def test_several_indexers_at_once_do_no_harm(desk: Desk) -> None:
    desk.capture(*(command(name=f'Ada {number}', email=f'ada{number}@example.com') for number in range(2 * WRITTEN)))
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda index: (catch_up, fill)[index % 2](desk.db, desk.tenant_id), range(4)))
    assert max(done) == 2 * WRITTEN
    assert catch_up(desk.db, desk.tenant_id) == fill(desk.db, desk.tenant_id) == 0
    assert len(found(desk, 'ada', limit=500)) == 2 * WRITTEN
    if desk.db.is_sqlite:
        with desk.db.transaction() as session:  # raises when the full-text table and the rows disagree
            session.execute(sa.text("insert into search_index(search_index, rank) values ('integrity-check', 1)"))


def test_spots_follow_the_order_of_the_ids(desk: Desk) -> None:
    taken = desk.capture(*(command(name=f'N {number}', email=f'n{number}@example.com') for number in range(5)))
    with desk.db.reading() as session:
        ids = sorted(session.execute(sa.select(col(Lead.id))).scalars())
    assert len(taken) == len(ids) == 5 and sorted(map(rules.spot, ids)) == [rules.spot(each) for each in ids]
    assert len({short(each) for each in ids}) == 5 and max(map(rules.spot, ids)) < 1 << 63


def test_every_naughty_text_can_be_indexed_and_found(desk: Desk) -> None:
    odd = [
        "'; drop table leads; --",
        'a\u0301\u0302 zalgo\u0336\u0335',
        '\U0001f600 smile',
        '½ price ﬁne',
        '\\',
        'x' * 3000,
        '\u202eabc',
        "it''s :* & | ! <->",
    ]
    desk.capture(*(command(name=text[:300], email=f'odd{place}@example.com', message=text) for place, text in enumerate(odd)))
    assert catch_up(desk.db, desk.tenant_id) == len(odd)
    assert [len(found(desk, text)) for text in ('drop table', 'zalgo', 'smile', 'fine', 'x' * 64, 'abc', "it''s")] == [1] * 7


def test_words_that_waited_for_somebodys_deed_on_the_lead_are_found(desk: Desk) -> None:
    (first,) = desk.capture(command(name='Ada Byron', email='ada@example.com', message='first words'))
    assert first.lead_id
    arrived = clock.now()
    with desk.db.transaction() as session:
        touch(session, system(desk.tenant_id), first.lead_id)
    catch_up(desk.db, desk.tenant_id)
    again = command(name='Ada Byron', email='ada@example.com', message='second thoughts')
    with desk.db.transaction() as session:
        resubmit(session, desk.facts.actor(), again, desk.facts, [first.lead_id], arrived)
    catch_up(desk.db, desk.tenant_id)
    assert names(desk, 'second thoughts') == ['Ada Byron']
