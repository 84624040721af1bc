"""What a follow-up and a sequence look like: words, icons, times, and texts that stay as they were typed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.follow_ups.messages import Agenda, Step, TaskRow
from domain.follow_ups.models import Sequence, StepChannel, TaskKind
from domain.follow_ups.templates import VARIABLES
from domain.leads.models import Lead
from ui.design import STATIC_DIR
from ui.presenters import follow_ups, sequences

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EVIL = '<img src=x onerror="alert(1)">{{ 7*7 }}'
TASK = TaskRow(
    id=UUID(int=1),
    lead_id=UUID(int=2),
    lead_name='Priya Raman',
    reference='L-00000002',
    quality='hot',
    lead_open=True,
    title='Call back',
    note='',
    kind='call',
    due_at=NOON,
    remind_at=None,
    sla_deadline=None,
    sla_breached=False,
    status='scheduled',
    owner_id=UUID(int=3),
    owner_name='Ines Navarro',
    outcome='',
    completed_at=None,
    sequence='',
    version=4,
)


def test_a_task_has_its_times_as_numbers_and_its_lead_by_name():
    row = follow_ups.row(TASK)

    assert (row['due'], row['done'], row['remind']) == (NOON.timestamp() * 1000, None, None)
    assert (row['lead'], row['first'], row['initials'], row['icon'], row['word']) == ('Priya Raman', 'Priya', 'IN', 'phone', 'Call')
    assert (row['leadId'], row['ownerId'], row['version']) == (str(UUID(int=2)), str(UUID(int=3)), 4)


def test_a_task_is_done_only_when_it_was_completed():
    done = replace(TASK, status='completed', completed_at=NOON + timedelta(hours=1))

    assert follow_ups.row(done)['done'] == (NOON + timedelta(hours=1)).timestamp() * 1000
    assert follow_ups.rows([replace(TASK, status='cancelled')]) == {}


def test_a_lead_without_a_name_goes_by_its_number_and_nobody_is_no_owner():
    row = follow_ups.row(replace(TASK, lead_name='', owner_id=None, owner_name=''))

    assert (row['lead'], row['first'], row['owner'], row['ownerId']) == ('L-00000002', 'L-00000002', '', '')


def test_texts_stay_as_they_were_typed():
    row = follow_ups.row(replace(TASK, title=EVIL, note=EVIL, lead_name=EVIL))

    assert json.loads(json.dumps(row))['title'] == row['note'] == row['lead'] == EVIL


def test_an_agenda_is_every_row_once():
    other = replace(TASK, id=UUID(int=9))

    assert list(follow_ups.agenda(Agenda((TASK,), (other,), (), (TASK,)))) == [str(TASK.id), str(other.id)]


@pytest.mark.parametrize('kind', TaskKind)
def test_every_kind_has_a_word_and_an_icon_of_the_sprite(kind):
    word, icon = follow_ups.KINDS[kind]

    assert word
    assert f'<symbol id="{icon}"' in (STATIC_DIR / 'icons.svg').read_text()


def test_a_lead_to_choose_says_how_to_reach_it():
    lead = Lead(tenant_id=UUID(int=1), location_id=UUID(int=1), id=UUID(int=5), name='Ada', email='ada@example.com', phone='+1 555')

    assert follow_ups.choice(lead) == {'id': str(UUID(int=5)), 'name': 'Ada', 'note': 'ada@example.com · +1 555', 'owner': ''}


def test_a_sequence_says_for_whom_and_keeps_its_steps():
    place = UUID(int=7)
    step = Step(after_hours=24, channel=StepChannel.SMS, template_id=UUID(int=8), business_hours=True)
    row = Sequence(
        tenant_id=UUID(int=1), name='New', qualities=['warm', 'hot'], location_ids=[place.hex], steps=[step.model_dump(mode='json')]
    )

    shown = sequences.sequence(row, {str(place): 'Riverside'}, {'running': 3, 'stopped': 1200})

    assert (shown['whom'], shown['on'], shown['locationIds']) == ('Hot and warm leads at Riverside', False, [str(place)])
    assert shown['runs'] == '3 under way, 1,200 stopped'
    assert shown['steps'][0] | {'afterHours': 24.0, 'channel': 'sms', 'businessHours': True} == shown['steps'][0]
    assert sequences.sequence(Sequence(tenant_id=UUID(int=1), name='All', enabled_at=NOON), {}, {})['whom'] == 'All leads'


@pytest.mark.parametrize(('kinds', 'carried'), [(['slack'], ['task']), (['slack', 'email'], ['task', 'email']), ([], ['task'])])
def test_only_what_can_carry_a_step_is_connected(kinds, carried):
    assert list(sequences.connected(kinds)) == carried


def test_every_variable_of_a_template_has_a_button_of_its_own():
    shown = sequences.variables()

    assert [each['name'] for each in shown] == list(VARIABLES)
    assert len({each['label'] for each in shown}) == len(shown)
