"""Owns the unpacked program: where it is, and that it is the one that was built."""

import contextlib
import hashlib
import lzma
import os
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PACKED = os.path.join(HERE, "appmetrics.xz")
BESIDE = os.path.join(HERE, "appmetrics")
CHUNK = 1 << 20


class Broken(Exception):
    """The program cannot be unpacked; the message is one line."""


@contextlib.contextmanager
def program():
    """Gives the path of the program, which is unpacked when it is not there yet.

    It stays beside this package where that is writable. Otherwise it is in a
    private temporary directory, and removed at the end of the block.
    """
    digest = recorded()
    if not matches(BESIDE, digest):
        try:
            unpack(BESIDE, digest)
        except OSError:
            with temporary(digest) as path:
                yield path
            return
    yield BESIDE


@contextlib.contextmanager
def temporary(digest):
    try:
        folder = tempfile.TemporaryDirectory(prefix="appmetrics-")
    except OSError as error:
        raise Broken(f"no temporary directory to unpack into: {error}") from error
    with folder:
        path = os.path.join(folder.name, "appmetrics")
        try:
            unpack(path, digest)
        except OSError as error:
            raise Broken(f"unpack into {HERE} or {folder.name}: {error.strerror}; "
                         "free 64 MB there, or set TMPDIR") from error
        yield path


def recorded():
    """Returns the SHA-256 that the build recorded."""
    with open(os.path.join(HERE, "appmetrics.sha256"), encoding="ascii") as file:
        return file.read().split()[0]


def matches(path, digest):
    """Says whether a file is the program, whole."""
    found = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while chunk := file.read(CHUNK):
                found.update(chunk)
    except OSError:
        return False
    return found.hexdigest() == digest


def unpack(path, digest):
    """Puts the program at path in one step, so that several may do so at once."""
    handle, partial = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".appmetrics-")
    try:
        found = hashlib.sha256()
        with os.fdopen(handle, "wb") as target, lzma.open(PACKED) as packed:
            while chunk := packed.read(CHUNK):
                found.update(chunk)
                target.write(chunk)
            os.fchmod(target.fileno(), 0o755)
        if found.hexdigest() != digest:
            raise Broken(f"{PACKED} is not what was built: install the wheel again")
        os.replace(partial, path)
    except (lzma.LZMAError, EOFError) as error:
        raise Broken(f"{PACKED} is damaged: {error}; install the wheel again") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
