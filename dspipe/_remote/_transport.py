"""Requests over HTTP: connections that are kept, certificates that are checked, ends to waiting.

The only file that knows urllib3. Nothing is retried or redirected here.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dspipe._extras import load_extra
from dspipe._remote._messages import NoAnswerError, Request, Response
from dspipe._text import count
from dspipe.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

CONNECT_SECONDS = 10.0
MOST_ANSWER_BYTES = 1 << 30
_PIECE_BYTES = 1 << 16


class Transport:
    """Sends requests over connections that are kept; any number of threads may share it.

    Parameters
    ----------
    n_connections : int
        Connections to keep.
    ca_file : str, optional
        Certificates of authorities to trust in the place of the system's.
    needed_by : str
        Who asks, for the error where urllib3 is absent.
    most_bytes : int
        Largest answer to read.
    clock : callable, default=time.monotonic
        Tells the time in seconds.
    """

    def __init__(
        self,
        *,
        n_connections: int,
        needed_by: str,
        ca_file: str | None = None,
        most_bytes: int = MOST_ANSWER_BYTES,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._n_connections, self._needed_by = n_connections, needed_by
        self._ca_file, self._most_bytes, self._clock = ca_file, most_bytes, clock
        self._pools: dict[str | None, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, request: Request, timeout_seconds: float) -> Response:
        """Send a request and read all of its answer, within so many seconds.

        Raises
        ------
        NoAnswerError
            If nothing came back in time, or not all of it.
        """
        until = self._clock() + timeout_seconds
        with _translated(timeout_seconds):
            timeout = _urllib3(self._needed_by).Timeout(
                connect=min(CONNECT_SECONDS, timeout_seconds), read=timeout_seconds
            )
            response = self._pool(request.url).request(
                request.method,
                request.url,
                # A file is sent in pieces, each with the timeout; bytes all within one.
                body=BytesIO(request.body) if request.body else None,
                headers={**request.headers, "content-length": str(len(request.body))},
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                body = b"".join(self._read(response, until, timeout_seconds))
            except BaseException:
                response.close()  # what was not read to its end cannot carry another answer
                raise
            response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status, body, headers)

    def close(self) -> None:
        """Close all connections; the next request opens others."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.clear()

    def _read(self, response: Any, until: float, timeout_seconds: float) -> Iterator[bytes]:
        """Read what comes; neither a drop a second nor an endless answer holds the caller."""
        n_bytes = 0
        while piece := response.read1(_PIECE_BYTES):
            n_bytes += len(piece)
            if n_bytes > self._most_bytes:
                raise NoAnswerError(
                    f"its answer is larger than {count(self._most_bytes, 'byte')}", is_final=True
                )
            if self._clock() > until:
                raise _late(timeout_seconds)
            yield piece

    def _pool(self, url: str) -> Any:
        proxy = _find_proxy(url)
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = self._make_pool(proxy)
            return self._pools[proxy]

    def _make_pool(self, proxy: str | None) -> Any:
        urllib3 = _urllib3(self._needed_by)
        options = {
            "maxsize": self._n_connections,
            "ssl_context": _make_context(self._ca_file),
        }
        if proxy is None:
            return urllib3.PoolManager(**options)
        return urllib3.ProxyManager(proxy, **options)


def _urllib3(needed_by: str) -> Any:
    return load_extra("urllib3", extra="http", needed_by=needed_by)


def _make_context(ca_file: str | None) -> "ssl.SSLContext":
    import ssl  # with urllib3, a tenth of a second that only a request is worth

    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"The certificates in {ca_file} cannot be used: {error}. Name a file of PEM "
            "certificates."
        ) from error


def _find_proxy(url: str) -> str | None:
    """Find the proxy that the environment names for a URL."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass

    parts, proxies = urlsplit(url), getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return None if not proxy or proxy_bypass(parts.hostname or "") else proxy


@contextmanager
def _translated(timeout_seconds: float) -> Iterator[None]:
    try:
        yield
    except (NoAnswerError, ConfigurationError):
        raise
    except Exception as error:
        made = _explain(error, timeout_seconds)
        if made is None:
            raise
        raise made from error


def _explain(error: Exception, timeout_seconds: float) -> NoAnswerError | None:
    from urllib3 import exceptions as known

    if isinstance(error, known.SSLError):
        return NoAnswerError(f"its certificate cannot be trusted ({error})", is_final=True)
    if isinstance(error, known.LocationValueError):
        return NoAnswerError("its address is none", is_final=True)
    if any(
        isinstance(cause, known.IncompleteRead | known.InvalidChunkLength) for cause in error.args
    ):
        return NoAnswerError("its answer was cut off")
    # The most specific first: a connection that is refused is also one that timed out.
    sentences: dict[type[Exception], str] = {
        known.ProxyError: "the proxy of the environment cannot be reached",
        known.NameResolutionError: "its host has no address",
        known.NewConnectionError: "nobody accepts a connection there",
        known.TimeoutError: "",
        known.DecodeError: "its answer cannot be unpacked",
        known.ProtocolError: "the connection was lost",
        known.HTTPError: f"{type(error).__name__} came in the place of an answer",
    }
    for kind, sentence in sentences.items():
        if isinstance(error, kind):
            return NoAnswerError(sentence) if sentence else _late(timeout_seconds)
    return None


def _late(timeout_seconds: float) -> NoAnswerError:
    return NoAnswerError(f"no answer came within {timeout_seconds:.3g} seconds", is_timeout=True)
