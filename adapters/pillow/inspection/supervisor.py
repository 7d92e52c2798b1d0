"""Forks a child for each file, and ends it when nobody waits for its answer any more.

This process has the decoders in memory, so that a child begins at once, and nothing of the
application: no secret, no connection. It has one thread, reads no file, and ends with the
application, because its socket closes.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress

from adapters.pillow.inspection.child import load_decoders, run

REQUEST_MAXIMUM = 64_000
"""Bytes of a request, which one `send` writes as a whole."""


class Supervisor:
    """`control` brings one byte and the socket of a job at a time. The request lies in that socket
    already; the answer goes back through it."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._jobs: dict[int, socket.socket] = {}
        woken, self._wakes = socket.socketpair()
        for end in (woken, self._wakes):
            end.setblocking(False)
        self._selector.register(control, selectors.EVENT_READ)
        self._selector.register(woken, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        self._woken = woken

    def serve(self) -> None:
        """Returns when the application has closed its end."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    if not self._begin():
                        self._end_all()
                        return
                elif key.fileobj is self._woken:
                    self._woken.recv(4096)
                else:
                    self._abandon(key.data)
            self._reap()

    def _begin(self) -> bool:
        received, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        if not received or not descriptors:
            return False
        job = socket.socket(fileno=descriptors[0])
        request = job.recv(REQUEST_MAXIMUM)
        try:
            child = os.fork()
        except OSError:  # no more processes: the job ends without an answer
            job.close()
            return True
        if child == 0:
            self._run_child(job, request)
        self._jobs[child] = job
        self._selector.register(job, selectors.EVENT_READ, data=child)
        return True

    def _run_child(self, job: socket.socket, request: bytes) -> None:
        """Does not return."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (*self._jobs.values(), self._control, self._woken, self._wakes):
                other.close()
            run(job, request)
            status = 0
        finally:
            os._exit(status)

    def _abandon(self, child: int) -> None:
        """The application has closed its end of the job, because it was cancelled."""
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        with suppress(KeyError):
            self._selector.unregister(self._jobs[child])

    def _reap(self) -> None:
        while self._jobs:
            child, _ = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            job = self._jobs.pop(child)
            with suppress(KeyError):
                self._selector.unregister(job)
            job.close()

    def _end_all(self) -> None:
        for child in self._jobs:
            os.kill(child, signal.SIGKILL)


def main() -> None:
    """Standard input is the control socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C of the application reaches the group
    control = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    load_decoders()
    gc.freeze()  # so that collections in children do not copy pages
    Supervisor(control).serve()


if __name__ == "__main__":
    main()
