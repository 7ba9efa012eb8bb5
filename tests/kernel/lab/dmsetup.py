# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the installed dmsetup: a process for each command, or the server of dmsetup_server.c if there is one."""
import os
import shutil
import signal
import struct
import subprocess
import threading

REQUEST_FD, ANSWER_FD = 198, 199  # as dmsetup_server.c has them


class Server:
    """One dmsetup process that runs one command at a time."""

    def __init__(self, program, preload):
        requests, self.to_server = os.pipe()
        self.from_server, answers = os.pipe()
        nowhere = os.open(os.devnull, os.O_RDWR)
        environment = dict(os.environ, LD_PRELOAD=preload, LD_BIND_NOW="1")
        actions = [(os.POSIX_SPAWN_DUP2, nowhere, fd) for fd in (0, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, requests, REQUEST_FD), (os.POSIX_SPAWN_DUP2, answers, ANSWER_FD)]
        self.pid = os.posix_spawn(program, ["dmsetup"], environment, file_actions=actions)
        for fd in (requests, answers, nowhere):
            os.close(fd)

    def _read(self, size):
        data = b""
        while len(data) < size:
            piece = os.read(self.from_server, size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def run(self, arguments, folder, text):
        """The exit code and the standard output; None if the process died of it."""
        words = (folder, "dmsetup", *arguments)
        request = b"".join(word.encode("utf8", "surrogateescape") + b"\0" for word in words)
        text = text.encode("utf8", "surrogateescape")
        try:
            os.write(self.to_server, struct.pack("=II", len(request), len(text)) + request + text)
            code, size = struct.unpack("=iI", self._read(8))
            return code, self._read(size)
        except (EOFError, BrokenPipeError):
            return None

    def close(self):
        os.close(self.to_server)
        os.close(self.from_server)
        return os.waitpid(self.pid, 0)[1]

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)


class Dmsetup:
    def __init__(self, preload=None):
        self.program = shutil.which("dmsetup", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        self.preload = preload
        self.lock = threading.Lock()
        self.idle, self.busy = [], set()

    def run(self, *arguments, folder=".", text=""):
        """The exit code and standard output of one dmsetup command, run in `folder`; it reads `text`."""
        if not self.preload:
            done = subprocess.run([self.program, *arguments], input=text.encode("utf8", "surrogateescape"),
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder)
            return done.returncode, done.stdout.decode("utf8", "replace")
        with self.lock:
            server = self.idle.pop() if self.idle else Server(self.program, self.preload)
            self.busy.add(server)
        answer = server.run(arguments, folder, text)
        with self.lock:
            self.busy.discard(server)
            if answer is not None:
                self.idle.append(server)
        if answer is None:
            return -os.WTERMSIG(server.close()), ""
        return answer[0], answer[1].decode("utf8", "replace")

    def kill_running(self):
        """Ends the commands that other threads wait for."""
        with self.lock:
            for server in self.busy:
                server.kill()
