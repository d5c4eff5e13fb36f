"""Certificates are accepted by a TLS stack, not only well formed."""

import base64
import socket
import ssl
import threading
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.x509.oid import NameOID

from sandbox.cluster import pki


def _handshake(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> None:
    near, far = socket.socketpair()
    with near, far:
        accepting = threading.Thread(target=lambda: server.wrap_socket(far, server_side=True).close())
        accepting.start()
        client.wrap_socket(near, server_hostname=host).close()
        accepting.join()


def test_a_client_that_trusts_the_authority_accepts_the_server_by_address(tmp_path: Path) -> None:
    authority = pki.new_authority("cutover-test")
    pair = pki.issue(authority, "kube-apiserver", hosts=("198.18.0.2", "localhost"))
    for name, content in {"crt": pair.certificate_pem, "key": pair.key_pem}.items():
        pki.write_secret(tmp_path / name, content)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    client = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    for host in ("198.18.0.2", "localhost"):
        _handshake(server, client, host)
    names = pair.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_user_and_group_are_where_kubernetes_reads_them() -> None:
    pair = pki.issue(pki.new_authority("cutover-test"), "system:node:one", group="system:nodes")
    subject = pair.certificate.subject
    assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "system:node:one"
    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "system:nodes"


def test_a_kubeconfig_carries_everything_in_itself() -> None:
    authority = pki.new_authority("cutover-test")
    client = pki.issue(authority, "admin")
    loaded = yaml.safe_load(pki.kubeconfig("here", "https://198.18.0.2:6443", authority, client))
    assert loaded["current-context"] == "here"
    assert loaded["clusters"][0]["cluster"]["server"] == "https://198.18.0.2:6443"
    assert base64.b64decode(loaded["users"][0]["user"]["client-key-data"]) == client.key_pem


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old, and readable by all")
    pki.write_secret(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
