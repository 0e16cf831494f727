"""Requests over real sockets on loopback: kept connections, certificates, ends to waiting."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from datarobot_service.stand_in.messages import Request as Seen
from datarobot_service.stand_in.messages import Response as Reply
from datarobot_service.stand_in.server import Server

from dspipe._remote._messages import NoAnswerError, Request
from dspipe._remote._transport import Transport
from dspipe.errors import ConfigurationError


@contextmanager
def serving(
    answer: Callable[[Seen], Reply], context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve a function on a free port, with TLS if a context is given."""
    server = Server(answer)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.start()
    try:
        yield server.url.replace("http:", "https:") if context else server.url
    finally:
        server.close()


def echo(request: Seen) -> Reply:
    """Answer with what came, and the number of the connection."""
    return Reply(200, request.body, {"X-Connection": str(request.connection)})


def send(url: str, *, seconds: float = 5.0, **options: int) -> bytes:
    """Send one request over a transport of its own."""
    transport = Transport(n_connections=1, needed_by="This test", **options)  # type: ignore[arg-type] # only numbers here
    try:
        return transport(Request(url, b"rows"), seconds).body
    finally:
        transport.close()


def test_connection_is_kept_when_requests_follow_each_other() -> None:
    """A handshake costs more than a small request."""
    transport = Transport(n_connections=1, needed_by="This test")

    with serving(echo) as url:
        first, second = (transport(Request(url, b"x" * 200_000), 5.0) for _ in range(2))
        transport.close()

    assert first.body == b"x" * 200_000
    assert first.headers["x-connection"] == second.headers["x-connection"]


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(ends_after_bytes=0, is_reset=True), "the connection was lost"),
        (Reply(ends_after_bytes=0), "the connection was lost"),
        (Reply(200, b"x" * 500, ends_after_bytes=300), "its answer was cut off"),
        (Reply(200, b"x" * 40, {"Content-Encoding": "gzip"}), "its answer cannot be unpacked"),
        (
            Reply(200, b"x" * 40, piece_bytes=1 << 30, seconds_a_piece=60),
            "no answer came within 0.3 seconds",
        ),
        (
            Reply(200, b"x" * 400, piece_bytes=1, seconds_a_piece=0.02),
            "no answer came within 0.3 seconds",
        ),
        (Reply(200, b"x" * 2000), "its answer is larger than 1,000 bytes"),
    ],
    ids=["reset", "closed", "cut", "unpacked", "hanging", "dripping", "endless"],
)
def test_answer_is_none_when_it_does_not_come_whole(reply: Reply, sentence: str) -> None:
    """What went wrong is one sentence, and no waiting goes beyond its limit."""
    with serving(lambda request: reply) as url, pytest.raises(NoAnswerError) as caught:
        send(url, seconds=0.3, most_bytes=1000)

    assert str(caught.value) == sentence
    assert caught.value.is_timeout == sentence.startswith("no answer came")


def test_answer_is_none_when_nobody_is_there() -> None:
    """A port without a server, a host without an address, an address that is none."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with pytest.raises(NoAnswerError, match=r"^nobody accepts a connection there$"):
            send(f"http://127.0.0.1:{port}")
    with pytest.raises(NoAnswerError, match=r"^its host has no address$"):
        send("http://nobody.invalid")
    with pytest.raises(NoAnswerError, match=r"^its address is none$") as caught:
        send("nowhere:")
    assert caught.value.is_final


def test_redirect_is_an_answer_and_not_followed() -> None:
    """Rows and tokens go only where they were sent."""
    reply = Reply(302, b"", {"Location": "http://127.0.0.1:9/"})
    transport = Transport(n_connections=1, needed_by="This test")

    with serving(lambda request: reply) as url:
        response = transport(Request(url, b"rows"), 5.0)
        transport.close()

    assert response.status == 302


def test_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Companies let nothing else out; what is excepted goes straight."""
    seen: list[str] = []

    def proxy(request: Seen) -> Reply:
        seen.append(request.headers["host"])
        return Reply(200, b"by proxy")

    with serving(proxy) as url:
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")

        assert send("http://models.invalid/x") == b"by proxy"
        assert send(url) == b"by proxy"
    with pytest.raises(NoAnswerError, match=r"^the proxy of the environment cannot be reached$"):
        send("http://models.invalid/x")
    assert seen[0] == "models.invalid"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for loopback that signs itself, and its key beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:  # pragma: no cover - it is where Python's ssl is
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("authority") / "both.pem"
    words = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=loopback")
    more = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", f"{path}.cert")
    subprocess.run([openssl, *words, *more], check=True, capture_output=True)
    return path


def test_certificate_is_trusted_only_when_its_authority_is(authority: Path) -> None:
    """Nothing is sent to a server that could be anybody's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{authority}.cert", authority)
    trusting = Transport(n_connections=1, needed_by="This test", ca_file=f"{authority}.cert")

    with serving(echo, context) as url:
        response = trusting(Request(url, b"rows"), 5.0)
        trusting.close()
        with pytest.raises(NoAnswerError, match=r"^its certificate cannot be trusted") as caught:
            send(url)

    assert response.body == b"rows"
    assert caught.value.is_final


def test_certificates_are_refused_when_the_file_holds_none(tmp_path: Path) -> None:
    """A wrong path is a setting to correct, and no reason to go without."""
    path = str(tmp_path / "absent.pem")

    with pytest.raises(ConfigurationError) as caught:
        Transport(n_connections=1, needed_by="T", ca_file=path)(Request("https://127.0.0.1"), 1.0)

    assert str(caught.value) == (
        f"The certificates in {path} cannot be used: [Errno 2] No such file or directory. Name a "
        "file of PEM certificates."
    )
