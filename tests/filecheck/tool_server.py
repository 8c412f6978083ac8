"""Tools without a start of Python for each run: a process that has imported them forks for each.

A RUN line takes milliseconds, the imports of rasp-opt nearly a second. `tools` makes a directory of commands for lit.
Each asks the server, which runs the tool in a process of its own, with the command's arguments, directory, environment
and standard files.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

TOOLS = ("rasp-opt", "raspc", "filecheck")

OTHERS = ("xdsl-opt",)
"""Tools that the server doesn't have."""

COMMAND = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    call = {{"arguments": [{tool!r}, *sys.argv[1:]], "directory": os.getcwd(), "environment": dict(os.environ)}}
    socket.send_fds(server, [b"files"], [0, 1, 2])
    server.sendall(json.dumps(call).encode())
    server.shutdown(socket.SHUT_WR)
    status = server.recv(1)
sys.exit(status[0] if status else "{tool} died")
"""


@contextmanager
def new_process(address: str) -> Iterator[None]:
    """The server in a process of its own, while the context lasts."""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-m", __name__, address], cwd=root, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n", "the server doesn't start"
            yield
        finally:
            server.terminate()


@contextmanager
def tools(server: Callable[[str], AbstractContextManager[None]] = new_process) -> Iterator[Path]:
    """A directory with the tools as commands, while the server runs."""
    with tempfile.TemporaryDirectory() as name:
        directory, address = Path(name), f"{name}/server"
        for tool in TOOLS:
            path = directory / tool
            path.write_text(COMMAND.format(python=sys.executable, address=address, tool=tool))
            path.chmod(0o755)
        for tool in OTHERS:
            (directory / tool).symlink_to(Path(sys.executable).with_name(tool))
        with server(address):
            yield directory


def serve(address: str) -> None:
    """Run the tools for all who ask."""
    from filecheck.main import main as filecheck

    from raspc.tools import cli, rasp_opt

    mains: dict[str, Callable[[], int | None]] = {"rasp-opt": rasp_opt.main, "raspc": cli.main, "filecheck": filecheck}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the processes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(64)
        print("ready", flush=True)
        while True:
            client, _ = server.accept()
            with client:
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    server.close()
                    answer(client, mains)
                    os._exit(0)


def answer(client: socket.socket, mains: dict[str, Callable[[], int | None]]) -> None:
    """Run a tool in this process, and send its exit status."""
    _, files, _, _ = socket.recv_fds(client, len(b"files"), 3)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    # The objects of before remember whether their files could seek.
    sys.stdin, sys.stdout = open(0), open(1, "w")  # noqa: SIM115  they stay open
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace")  # noqa: SIM115
    with client.makefile("rb") as rest:
        call = json.load(rest)
    os.chdir(call["directory"])
    os.environ.clear()
    os.environ.update(call["environment"])
    sys.argv = call["arguments"]
    try:
        sys.exit(mains[sys.argv[0]]())
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    client.sendall(bytes([status]))


if __name__ == "__main__":
    serve(sys.argv[1])
