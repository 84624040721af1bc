"""The desk calls no machine that somebody else must not reach: spellings, names, rebinding, and a canary that stays silent."""

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest

from integrations.addresses import Guard, check_address, networks
from integrations.errors import Misconfigured, Temporary
from integrations.http import Http
from tests.integrations.standin import StandIn, reply

Make = Callable[..., Http]
Serve = Callable[..., StandIn]

# Hosts of addresses that somebody may type into the desk; @ stands for the canary's port, which no rule but the port's would stop.
LITERALS = [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0x7f.0x0.0x0.0x1',
    '017700000001',
    '127.0.0.1.',
    '0',
    '0.0.0.0',
    '10.0.0.1',
    '10.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '192.168.1',
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '168.63.129.16',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2002:a9fe:a9fe::1]',
    '[2001::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[100::1]',
    '[5f00::1]',
]
NAMES = ['localhost', 'LOCALHOST', 'localhost.', 'desk.localhost', 'a.b.localhost.', '127。0。0。1']
FORMS = [
    'http://example.com/',
    'http://127.0.0.1:@/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:@/x',
    '//example.com/',
    'example.com',
    '',
    'https://',
    'https:///x',
    'https://user@example.com/',
    'https://example.com@127.0.0.1/',
    'https://example.com:pw@127.0.0.1:@/',
    'https://good.example\\@127.0.0.1/',
    'https://exa mple.com/',
    'https://example.com/\r\nHost: x',
    ' https://example.com/',
    'https://example.com:22/',
    'https://example.com:6379/',
    'https://example.com:0/',
    'https://example.com:99999/',
    'https://%31%32%37.0.0.1/',
    'https://１２７.０.０.１/',
    'https://[::1',
    'https://[fe80::1%25lo]/',
    'https://0177.0.0.1/',
    'https://example.com/' + 'a' * 2000,
]


@pytest.fixture
def canary(stand_in: Serve) -> Iterator[StandIn]:
    """A server of this machine that nobody from the desk may reach."""
    server = stand_in(lambda _asked: [reply(200, b'the canary was reached')])
    yield server
    assert server.connections == 0


def typed(canary: StandIn) -> list[str]:
    hosts = [*LITERALS, *NAMES]
    return (
        [f'https://{host}/' for host in hosts]
        + [f'https://{host}:{canary.port}/' for host in hosts]
        + [form.replace(':@', f':{canary.port}') for form in FORMS]
    )


def test_no_form_of_a_forbidden_address_is_saved_or_called(http: Make, canary: StandIn) -> None:
    client = http(resolve=lambda _host, _port: ['127.0.0.1'])
    saved, called = [], []
    for url in typed(canary):
        try:
            check_address(url, trusted=False)
            saved.append(url)
        except ValueError:
            pass
        try:
            client.post(url, headers={}, content=b'', trusted=False)
            called.append(url)
        except Misconfigured:
            pass
    assert (saved, called) == ([], [])


@pytest.mark.parametrize('host', LITERALS)
def test_a_forbidden_address_is_refused_for_what_it_is_and_names_the_setting(host: str) -> None:
    with pytest.raises(ValueError, match='OUTBOUND_ALLOW') as refused:
        check_address(f'https://{host}/', trusted=False)
    assert 'port' not in str(refused.value)
    assert 'https' not in str(refused.value)


def test_a_name_is_judged_by_every_address_it_has(http: Make, canary: StandIn) -> None:
    # 127.0.0.1 and ::1 stand behind public ones: one bad address is enough.
    for found in (['127.0.0.1'], ['93.184.216.34', '127.0.0.1'], ['2606:4700::1111', '::1'], ['93.184.216.34', '169.254.169.254']):
        client = http(resolve=lambda _host, _port, found=found: found)
        with pytest.raises(Misconfigured, match='OUTBOUND_ALLOW'):
            client.post('https://rebound.test/', headers={}, content=b'', trusted=False)


def test_a_name_that_changes_its_address_between_check_and_call_gains_nothing(http: Make, stand_in: Serve, canary: StandIn) -> None:
    # 127.0.0.2 plays the public address; what the name says afterwards is 127.0.0.1, where the canary sits on the same port.
    public = stand_in(lambda _asked: [reply(200, b'public')], host='127.0.0.2', port=canary.port)
    answers = chain([['127.0.0.2']], repeat(['127.0.0.1']))
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    client = http(resolve=rebinding, allow=['127.0.0.2/32'])
    url = f'http://rebound.test:{canary.port}/'
    assert client.post(url, headers={}, content=b'', trusted=False).text == 'public'
    assert asked == ['rebound.test']  # looked up once: what was checked is what was called
    assert public.asked[0].headers['host'] == f'rebound.test:{canary.port}'
    public.close()  # the kept connection is gone, so the name is asked again
    client.close()
    second = http(resolve=rebinding, allow=['127.0.0.2/32'])
    with pytest.raises(Misconfigured, match='this machine'):
        second.post(url, headers={}, content=b'', trusted=False)


def test_a_redirect_to_this_machine_is_not_followed(http: Make, stand_in: Serve, canary: StandIn) -> None:
    public = stand_in(lambda _asked: [reply(302, b'', location=canary.url)], host='127.0.0.2')
    client = http(allow=['127.0.0.2/32'])
    assert client.post(f'http://127.0.0.2:{public.port}/', headers={}, content=b'', trusted=False).status == 302


def test_a_proxy_from_the_environment_is_not_used(http: Make, stand_in: Serve, canary: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'all_proxy'):
        monkeypatch.setenv(name, canary.url)
    server = stand_in(lambda _asked: [reply(200, b'direct')])
    assert http().post(server.url, headers={}, content=b'', trusted=True).text == 'direct'


def test_a_connection_of_the_environment_is_not_lent_to_the_desk(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200)])
    # With some network allowed a name is judged only when it is connected to, which a kept connection would skip.
    client = http(resolve=lambda _host, _port: ['127.0.0.1'], allow=['10.0.0.0/8'])
    url = f'http://named.test:{server.port}/'
    assert client.post(url, headers={}, content=b'', trusted=True).status == 200
    with pytest.raises(Misconfigured, match='this machine'):
        client.post(url, headers={}, content=b'', trusted=False)
    assert len(server.asked) == 1


def test_the_environment_may_use_plain_http_on_this_machine_only(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200)])
    elsewhere = http(resolve=lambda _host, _port: ['93.184.216.34'])
    with pytest.raises(Misconfigured, match='use https'):
        elsewhere.post('http://slack.test/', headers={}, content=b'', trusted=True)
    with pytest.raises(ValueError, match='use https'):
        check_address('http://10.0.0.5/', trusted=True)
    assert http().post(f'http://localhost:{server.port}/', headers={}, content=b'', trusted=True).status == 200
    for url in ('http://127.0.0.1:4102/x', 'http://[::1]:4102/x', 'https://10.0.0.5:5678/x', 'https://hooks.example.com/x'):
        check_address(url, trusted=True)


def test_allowed_networks_are_exempt_from_address_scheme_and_port(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200)])
    client = http(allow=['127.0.0.0/8'])
    assert client.post(server.url, headers={}, content=b'', trusted=False).status == 200
    check_address('http://10.0.0.5:5678/hook', trusted=False, allow=['10.0.0.0/8'])
    check_address('http://n8n:5678/hook', trusted=False, allow=['10.0.0.0/8'])  # the name is judged when it is called
    check_address('http://[fd00::5]:5678/hook', trusted=False, allow=['fd00::/8'])
    check_address('http://10.0.0.5:5678/hook', trusted=True, allow=['10.0.0.0/8'])
    for url in ('http://192.168.0.5/', 'https://192.168.0.5/', 'https://[::ffff:10.0.0.5]/'):
        with pytest.raises(ValueError, match='OUTBOUND_ALLOW'):
            check_address(url, trusted=False, allow=['10.0.0.0/8'])


def test_outside_the_allowed_networks_scheme_and_port_are_still_judged(http: Make, canary: StandIn) -> None:
    client = http(allow=['10.0.0.0/8'], resolve=lambda _host, _port: ['93.184.216.34'])
    for url in ('http://outside.test/', 'https://outside.test:22/', f'http://outside.test:{canary.port}/'):
        with pytest.raises(Misconfigured, match='OUTBOUND_ALLOW'):
            client.post(url, headers={}, content=b'', trusted=False)


@pytest.mark.parametrize(
    'host', ['hooks.slack.com', '93.184.216.34', '8.8.8.8', '[2606:4700::1111]', 'xn--bcher-kva.example', 'bücher.example']
)
def test_public_addresses_are_good(host: str) -> None:
    check_address(f'https://{host}/services/T0/B0/x?y=1', trusted=False)
    check_address(f'https://{host}:8443/', trusted=False)


def test_a_broken_network_is_named() -> None:
    with pytest.raises(ValueError, match=r'"10\.0\.0\.0/99" is no network'):
        networks(['10.0.0.0/8', '10.0.0.0/99'])
    assert Guard(trusted=False, allow=networks(['10.1.2.3/8'])).refusal('http', 80, '10.9.9.9') is None


def test_the_next_address_of_a_name_is_tried_when_the_first_is_dead(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200)], host='127.0.0.3')
    client = http(resolve=lambda _host, _port: ['127.0.0.2', '127.0.0.3'])
    assert client.post(f'http://two.test:{server.port}/', headers={}, content=b'', trusted=True).status == 200
    nobody = http(resolve=lambda _host, _port: [])
    with pytest.raises(Temporary, match='has no address'):
        nobody.post('https://none.test/', headers={}, content=b'', trusted=True)
