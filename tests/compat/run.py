#!/usr/bin/env python3
"""usage: run.py TIDEMARK SESSION PROGRAM…

Starts `tidemark serve` on a free port of this machine, over a database of its own, and runs PROGRAM, a
session of an official client, against it. The session asserts what it sees; afterwards the database
must be whole. SESSION is the name to report by."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile

# What the slowest session needs on a busy machine, many times over.
SESSION_S = 240
START_S = 60


def command(tidemark, folder, *words):
    return subprocess.run([tidemark, *words], cwd=folder, check=True, capture_output=True, text=True,
                          timeout=START_S).stdout.strip()


class Server:
    """The server, for as long as the `with` block runs."""

    def __init__(self, tidemark, folder):
        self.log = open(pathlib.Path(folder) / "server.log", "w+")
        self.process = subprocess.Popen(
            [tidemark, "serve", "data.db", "--listen", "127.0.0.1:0", "--auth-jwt-key", "server.key.pub", "--json"],
            cwd=folder, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(START_S)
            sys.exit(f"compat: the server did not start:\n{self.read_log()}")
        self.url = json.loads(line)["url"]

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            sys.exit("compat: the server does not end on SIGTERM")
        if self.process.returncode != 0:
            sys.exit(f"compat: the server ended with {self.process.returncode}:\n{self.read_log()}")


def run(session, program, environment):
    # A session of its own, so that nothing of the client outlives it.
    child = subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, start_new_session=True)
    try:
        out, _ = child.communicate(timeout=SESSION_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, _ = child.communicate()
        return f"{session} did not end within {SESSION_S} s:\n{out}"
    if child.returncode != 0 or not out.strip().endswith(" assertions"):
        return f"{session} failed ({child.returncode}):\n{out}"
    print(f"{session}: {out.strip()}")
    return None


def main():
    tidemark, session, *program = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="tidemark-compat-") as folder:
        command(tidemark, folder, "keys", "create", "server.key")
        sign = ["token", "create", "--key", "server.key", "--expires", "1h"]
        with Server(tidemark, folder) as server:
            failed = run(session, program, {
                **os.environ,
                "COMPAT_URL": server.url,
                "COMPAT_TOKEN": command(tidemark, folder, *sign),
                "COMPAT_READ_ONLY_TOKEN": command(tidemark, folder, *sign, "--read-only"),
            })
            if failed:
                sys.exit(f"{failed}\nThe server's log:\n{server.read_log()}")
        database = sqlite3.connect(pathlib.Path(folder) / "data.db")
        for pragma, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            found = database.execute(f"PRAGMA {pragma}").fetchall()
            if found != good:
                sys.exit(f"compat: {pragma} says {found}")


if __name__ == "__main__":
    main()
