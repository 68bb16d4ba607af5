#!/usr/bin/env python3
"""Builds a Python wheel that carries a Linux binary of appmetrics.

    build.py --binary FILE --arch amd64 --version v1.2.3 --out DIRECTORY

The same input makes the same bytes: dates are fixed, files are sorted, and
nothing but the binary, which is compressed already, is worth compressing.
It refuses to make a file that a Databricks app could not have.
"""

import argparse
import base64
import hashlib
import io
import lzma
import pathlib
import re
import sys
import zipfile

# A larger source file fails the deployment of a Databricks app.
LIMIT = 10_485_760
PACKAGE = pathlib.Path(__file__).resolve().parent / "appmetrics"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}

ENTRY_POINTS = """\
[console_scripts]
appmetrics = appmetrics.__main__:main

[databricks]
job = appmetrics:job
"""


def main():
    options = parse()
    binary = options.binary.read_bytes()
    digest = hashlib.sha256(binary).hexdigest()
    version = pep440(options.version, digest)
    tags = platform_tags(MACHINES[options.arch])
    content = archive(version, tags, {
        **{f"appmetrics/{source.name}": source.read_bytes() for source in PACKAGE.glob("*.py")},
        "appmetrics/appmetrics.sha256": f"{digest}  appmetrics\n".encode(),
        "appmetrics/appmetrics.xz": compress(binary, options.arch, options.level),
    })
    name = f"appmetrics-{version}-py3-none-{'.'.join(tags)}.whl"
    if len(content) > LIMIT:
        sys.exit(f"build.py: {name} would have {len(content):,} bytes; a file of a Databricks app has {LIMIT:,} at most")
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / name).write_bytes(content)
    print(f"{options.out / name}: {len(content):,} bytes, binary {len(binary):,}")


def parse():
    parser = argparse.ArgumentParser(description="Builds a wheel that carries a Linux binary of appmetrics.")
    parser.add_argument("--binary", type=pathlib.Path, required=True, metavar="FILE")
    parser.add_argument("--arch", choices=sorted(MACHINES), required=True)
    parser.add_argument("--version", default="", metavar="DESCRIPTION", help="as `git describe` says it (default 0.0.0)")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIRECTORY")
    parser.add_argument("--level", type=int, choices=range(10), default=9, help="of xz (default 9: half a minute)")
    return parser.parse_args()


def pep440(described, digest):
    """Turns what `git describe --tags --always --dirty` says into a version.

    Every build has its own, for pip keeps what is installed when the version
    is the same: commits after a tag are named, and uncommitted changes by the
    binary that they made.
    """
    clean = described.removesuffix("-dirty")
    local = []
    tagged = re.fullmatch(r"v?(\d+(?:\.\d+)+)(?:-?(a|b|rc)\.?(\d+))?(?:-(\d+)-g([0-9a-f]+))?", clean)
    if tagged:
        version = tagged[1] + (tagged[2] + tagged[3] if tagged[2] else "")
        if tagged[4]:
            version += f".post{int(tagged[4])}"
            local.append("g" + tagged[5])
    elif not clean or re.fullmatch(r"[0-9a-f]{7,40}", clean):
        version = "0.0.0"
        local += ["g" + clean] if clean else []
    else:
        sys.exit(f"build.py: --version {described}: neither a version such as v1.2.3 nor what `git describe` makes of one")
    if described != clean:
        local.append("d" + digest[:8])
    return version + ("+" + ".".join(local) if local else "")


def platform_tags(machine):
    """Linux of every kind: the binary is static, so glibc and musl do not matter."""
    return [f"manylinux2014_{machine}", f"manylinux_2_17_{machine}", f"musllinux_1_1_{machine}"]


def compress(binary, arch, level):
    filters = [{"id": lzma.FILTER_LZMA2, "preset": level | (lzma.PRESET_EXTREME if level == 9 else 0)}]
    if arch == "amd64":
        filters.insert(0, {"id": lzma.FILTER_X86})  # 5 % smaller: jumps become absolute
    return lzma.compress(binary, format=lzma.FORMAT_XZ, filters=filters)


def archive(version, tags, files):
    """Makes the wheel of these files, with its metadata and their hashes."""
    info = f"appmetrics-{version}.dist-info"
    wheel = "".join(f"Tag: py3-none-{tag}\n" for tag in tags)
    files = dict(sorted(files.items()))
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: appmetrics\nVersion: {version}\n"
        "Summary: Is our app fast, is it failing, who uses what? One binary.\n"
        "Requires-Python: >=3.9\n").encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: appmetrics\nRoot-Is-Purelib: false\n{wheel}".encode()
    files[f"{info}/entry_points.txt"] = ENTRY_POINTS.encode()
    record = "".join(f"{name},sha256={encoded(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return zipped(files)


def encoded(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def zipped(files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as wheel:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, on whatever this runs
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, content)
    return target.getvalue()


if __name__ == "__main__":
    main()
