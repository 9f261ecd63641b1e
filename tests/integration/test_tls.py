"""HTTPS: both doors, the live tail and the official client, behind a certificate of our own."""

import datetime as dt
import ipaddress
import itertools
import ssl
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from foundry_sdk import Config, FoundryClient, UserTokenAuth

from fixtures.api import SENSOR_SCHEMA
from fixtures.server import ADMIN_PASSWORD, ServerProcess, clean_environment


class Certificate(NamedTuple):
    """A certificate that signs itself, and its key."""

    certificate: Path
    key: Path

    def settings(self) -> dict[str, str]:
        return {
            "SLUICEWAY_SERVER__TLS_CERTIFICATE": str(self.certificate),
            "SLUICEWAY_SERVER__TLS_KEY": str(self.key),
        }


def make_certificate(folder: Path, password: bytes | None = None) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password)
    folder.mkdir()
    found = Certificate(folder / "certificate.pem", folder / "key.pem")
    found.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    found.key.write_bytes(key.private_bytes(pem, form, encryption))
    return found


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path / "tls")


def test_everything_works_over_tls(
    own_server: ServerProcess, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_server.environment |= certificate.settings()
    own_server.start()
    assert own_server.url.startswith("https://127.0.0.1:")
    trusted = ssl.create_default_context(cafile=str(certificate.certificate))

    with httpx.Client(base_url=own_server.url, verify=trusted, timeout=30) as client:
        signed = client.post(
            "/multipass/api/sessions", json={"username": "admin", "password": ADMIN_PASSWORD}
        )
        token = signed.json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        where = {"path": "/Main/Quickstart", "preview": "true"}
        folder = client.get("/api/v2/filesystem/resources/getByPath", params=where).json()["rid"]
        body = {"name": "tls", "parentFolderRid": folder, "schema": SENSOR_SCHEMA}
        made = client.post("/api/v2/streams/datasets/create?preview=true", json=body).json()
        stream = f"/api/v2/highScale/streams/datasets/{made['rid']}/streams/master"

        # Plain requests over one connection take the fast door from the second one on.
        for number in range(3):
            answer = client.post(
                f"{stream}/publishRecord", json={"record": {"sensor_id": f"fast {number}"}}
            )
            assert answer.status_code == 204
        chunks = iter([b'{"record": {"sensor_id": ', b'"ordinary"}}'])
        headers = {"Content-Type": "application/json"}
        answer = client.post(f"{stream}/publishRecord", content=chunks, headers=headers)
        assert answer.status_code == 204
        large = [{"sensor_id": "x" * 500_000} for _ in range(8)]
        assert client.post(f"{stream}/publishRecords", json={"records": large}).status_code == 204
        with client.stream("GET", f"/api/v1/streams/{made['rid']}/master/live") as live:
            assert "event: start" in itertools.islice(live.iter_lines(), 4)
        metadata = client.get("/.well-known/oauth-authorization-server").json()
        assert metadata["issuer"] == own_server.url
        session = client.post(
            "/api/v1/session", json={"username": "admin", "password": ADMIN_PASSWORD}
        )
        assert "Secure" in session.headers["set-cookie"]

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.certificate))
    sdk = FoundryClient(
        auth=UserTokenAuth(token),
        hostname=own_server.url.removeprefix("https://"),
        config=Config(scheme="https", verify=str(certificate.certificate)),
    )
    sdk.streams.Dataset.Stream.publish_record(
        made["rid"], "master", record={"sensor_id": "official"}
    )
    records = sdk.streams.Dataset.Stream.get_records(
        made["rid"], "master", limit=100, partition_id="0", preview=True
    )
    names = [record.value["sensor_id"] for record in records]
    assert [name for name in names if len(name) < 100] == [
        "fast 0",
        "fast 1",
        "fast 2",
        "ordinary",
        "official",
    ]
    assert len(names) == 13
    assert own_server.stop() == 0


def test_who_speaks_plain_http_to_it_learns_nothing(
    own_server: ServerProcess, certificate: Certificate
) -> None:
    own_server.environment |= certificate.settings()
    own_server.start()

    with pytest.raises(httpx.TransportError):
        httpx.get(own_server.url.replace("https", "http") + "/healthz")


def refusal(tmp_path: Path, **settings: str) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sluiceway",
            "serve",
            "--port",
            "0",
            "--data-dir",
            tmp_path / "data",
        ],
        env=clean_environment() | settings,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_what_cannot_be_used_stops_the_start(tmp_path: Path, certificate: Certificate) -> None:
    other = make_certificate(tmp_path / "other")
    locked = make_certificate(tmp_path / "locked", b"secret")
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    pairs = {
        "the key is another one's": (certificate.certificate, other.key),
        "No such file": (tmp_path / "missing.pem", certificate.key),
        "the key has a password": locked,
        "they are not both in PEM": (broken, certificate.key),
    }

    for reason, (chain, key) in pairs.items():
        said = refusal(tmp_path, **Certificate(chain, key).settings())
        assert f"server.tls_certificate {chain}" in said
        assert reason.lower() in said.lower()


def test_a_certificate_without_a_key_stops_the_start(
    tmp_path: Path, certificate: Certificate
) -> None:
    said = refusal(tmp_path, SLUICEWAY_SERVER__TLS_CERTIFICATE=str(certificate.certificate))

    assert "server.tls_certificate and server.tls_key are set together" in said
