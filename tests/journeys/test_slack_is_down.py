"""Slack is down and the leads survive."""

import pytest

from tests.journeys.conftest import Desk, Start, sent_texts
from tests.receiver import Fault
from tests.servers import until


def test_a_lead_reaches_slack_within_a_second(embedded: Start) -> None:
    desk = embedded()
    answer = desk.post('Ann Brown')
    assert answer.status == 201, answer.body
    desk.receiver.wait(lambda r: r.at('/slack'), seconds=1, what='the message at Slack')
    assert 'Ann Brown' in sent_texts(desk.receiver)[0]


@pytest.mark.slow
def test_twenty_leads_posted_while_slack_is_off_arrive_once_each_when_it_is_back(embedded: Start) -> None:
    desk = embedded()
    desk.receiver.stop()
    assert [desk.post(f'Lead{n:06d}').status for n in range(20)] == [201] * 20
    desk.receiver.start()
    desk.receiver.wait(lambda r: len(r.at('/slack')) >= 20, seconds=90, what='twenty messages at Slack')
    desk.receiver.quiet()
    texts = sent_texts(desk.receiver)
    assert len(texts) == 20
    assert all(sum(f'Lead{n:06d}' in text for text in texts) == 1 for n in range(20))


def test_a_refused_credential_pauses_the_destination_and_burns_no_attempt(embedded: Start) -> None:
    desk = embedded()
    desk.receiver.faults.append(Fault(403, body='invalid_token'))
    lead = desk.post('Ann Brown').json['leadId']
    desk.receiver.wait(lambda r: r.calls, what='the refused call')
    row = _until_paused(desk)
    assert row['paused'] and row['pausedReason']
    (delivery,) = desk.deliveries(lead)
    assert (delivery['state'], delivery['attempts']) == ('pending', 0)


def test_what_slack_takes_for_an_error_of_ours_is_dead_after_one_attempt(embedded: Start) -> None:
    desk = embedded()
    desk.receiver.faults.append(Fault(400, body='invalid_payload'))
    lead = desk.post('Ann Brown').json['leadId']
    desk.receiver.wait(lambda r: r.calls, what='the refused call')
    delivery = _until_ended(desk, lead)
    assert (delivery['state'], delivery['attempts']) == ('dead', 1)


def _until_paused(desk: Desk) -> dict[str, object]:
    rows: list[dict[str, object]] = []

    def paused() -> bool:
        rows[:] = [row for row in desk.get('/api/v1/destinations')['items'] if row['kind'] == 'slack']
        return bool(rows and rows[0]['paused'])

    until(paused, seconds=5, what='the pause of the destination')
    return rows[0]


def _until_ended(desk: Desk, lead: str) -> dict[str, object]:
    found: list[dict[str, object]] = []

    def ended() -> bool:
        found[:] = desk.deliveries(lead)
        return bool(found and found[0]['state'] not in ('pending', 'leased'))

    until(ended, seconds=5, what='the end of the delivery')
    return found[0]
