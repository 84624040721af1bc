"""Searching leads over HTTP on both engines."""

from typing import Any

from tests.routes.house import ADMIN_KEY, House


def asked(house: House, q: str, *, key: str = ADMIN_KEY, **more: Any) -> Any:
    answer = house.ask('GET', '/api/v1/leads', params={'q': q} | more, headers={'Authorization': f'Bearer {key}'})
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(house: House, q: str, **more: Any) -> list[str]:
    return [item['name'] for item in asked(house, q, **more)['items']]


def test_a_lead_is_found_by_its_words_at_once(house: House) -> None:
    house.post({'name': 'Ada Byron', 'email': 'ada@example.com', 'phone': '+1 555 014 2000', 'message': 'the rear door'})
    house.post({'name': 'Zoë Door', 'email': 'zoe@example.com', 'message': 'ceramic film'})

    assert names(house, 'door') == ['Zoë Door', 'Ada Byron']
    assert names(house, '014-2000') == names(house, 'rear do') == ['Ada Byron']
    assert names(house, 'door', limit=1) == ['Zoë Door']
    assert asked(house, 'nothing like it') == {'items': [], 'nextCursor': None}
    assert len(names(house, '  ')) == 2  # no question: the list as ever
    assert asked(house, 'ada')['items'][0]['slaDeadline'] is not None


def test_another_organisation_finds_nothing_of_ours(house: House) -> None:
    house.post({'name': 'Ada Byron', 'email': 'ada@example.com'})
    other = house.api_key('leads', tenant_id=house.second_tenant())

    assert names(house, 'ada') == ['Ada Byron']
    assert [names(house, text, key=other) for text in ('ada', 'ada@example.com')] == [[], []]
