"""What the tests of the adapters share: clients that are closed again, certificates, and other people's data where it is at hand."""

import datetime as dt
import ipaddress
import json
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.http import Http
from integrations.registry import forget_twins
from tests.integrations.standin import Play, StandIn
from tests.vendors import contracts_folder, stand_ins

REPOSITORY = Path(__file__).resolve().parents[2]
DEADLINE = 0.6


@pytest.fixture(autouse=True)
def fresh_twins() -> Iterator[None]:
    """Imitated receivers begin each test with an empty memory."""
    forget_twins()
    yield
    forget_twins()


@pytest.fixture
def http() -> Iterator[Callable[..., Http]]:
    """Makes clients with a short deadline; afterwards each is closed and its thread is gone."""
    made: list[Http] = []

    def make(**options: Any) -> Http:
        made.append(Http(**{'deadline': DEADLINE, 'connect': DEADLINE / 2, **options}))
        return made[-1]

    yield make
    for client in made:
        client.close()
    assert [thread.name for thread in threading.enumerate() if thread.name == 'http'] == []


@pytest.fixture
def stand_in() -> Iterator[Callable[..., StandIn]]:
    """Makes loopback servers, closed afterwards."""
    made: list[StandIn] = []

    def make(play: Play, **options: Any) -> StandIn:
        made.append(StandIn(play, **options))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture(scope='session')
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key for the name desk.test and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, 'desk.test')])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName('desk.test'), x509.IPAddress(ipaddress.ip_address('127.0.0.1'))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - dt.timedelta(1), now + dt.timedelta(1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp('tls') / 'certificate.pem'
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture(scope='session')
def naughty() -> list[str]:
    """Strings that break programs; skipped loudly where the list is not at hand."""
    path = Path(os.environ.get('DATA_FIXTURES_DIR') or REPOSITORY.parent / 'shared' / 'data') / 'naughty-strings.json'
    if not path.exists():
        pytest.skip('NO NAUGHTY STRINGS: set DATA_FIXTURES_DIR to the folder of naughty-strings.json to run this test')
    found: list[str] = json.loads(path.read_text(encoding='utf-8'))
    return found


class Contracts:
    """Validating stand-ins made from the vendors' descriptions of their interfaces, one process for all."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self._addresses = addresses

    def address(self, name: str) -> str:
        return self._addresses[name]

    def description(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((contracts_folder() / f'{name}.json').read_text(encoding='utf-8'))
        return found


@pytest.fixture(scope='session')
def contracts() -> Iterator[Contracts]:
    """The stand-ins; skipped loudly where the descriptions are not at hand."""
    with stand_ins('slack', 'discord', 'telegram') as found:
        yield Contracts(found)
