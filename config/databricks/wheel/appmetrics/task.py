"""Runs the program as a job's python_wheel_task."""

import collections
import signal
import subprocess
import sys
import threading

from . import binary, environment

# What the exit codes of appmetrics say.
MEANINGS = {
    1: "the database or the workspace could not be reached",
    2: "wrong usage, or the operation failed",
    3: "the growth guard fired: the database is too large and grows too fast",
    4: "not authenticated, or not an administrator",
}
TAIL = 20  # lines of standard error that an exception repeats
PATIENCE = 15  # seconds from the request to stop to the end of waiting


class Failed(Exception):
    """The program did not end with exit code 0."""


def job():
    """Entry point: returns when the program succeeded, and raises when not.

    The parameters of the task are those of appmetrics, after any number of
    --env NAME=VALUE and --secret NAME=scope/key.
    """
    variables, command = environment.prepare(sys.argv[1:])
    with binary.program() as path:
        code, tail = stream([path, *command], variables)
    if code != 0:
        lines = "".join(f"\n  {line}" for line in tail)
        raise Failed(f"appmetrics {' '.join(command)} {describe(code)}; the last lines of standard error:{lines}")


def describe(code):
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code} ({MEANINGS.get(code, 'the code of its command')})"


def stream(command, variables):
    """Runs a command and passes its output on while it runs.

    Through sys.stdout and sys.stderr, not the file descriptors: those are what
    a task's output shows. Returns the exit code and the last lines of standard
    error.
    """
    tail = collections.deque(maxlen=TAIL)
    process = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, encoding="utf-8", errors="replace")
    pumps = [
        threading.Thread(target=pump, args=(process.stdout, sys.stdout, None), daemon=True),
        threading.Thread(target=pump, args=(process.stderr, sys.stderr, tail), daemon=True),
    ]
    try:
        for thread in pumps:
            thread.start()
        process.wait()
    finally:
        stop(process)
        for thread in pumps:
            if thread.ident is not None:
                thread.join()
    return process.returncode, tail


def pump(source, target, tail):
    for line in source:
        target.write(line)
        target.flush()
        if tail is not None:
            tail.append(line.rstrip("\n"))


def stop(process):
    """Ends a process that still runs, because the task was cancelled."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
