# How do files get into the outputs path whole, and which of them is the newest checkpoint?
"""
A run may be killed at any instant and resumed from what it left. So a file is written in a hidden folder beside its
place and renamed into it: under its own name it is either complete or not there.
"""

import glob
import os
import re
import shutil
import tempfile
from contextlib import contextmanager, suppress

_TEMPORARY = re.compile(r'^\.|\.(tmp|temp|part|partial)$|~$')


@contextmanager
def atomic_write(root, name):
    """
    Yields a path to write one file or one folder at; on leaving, it takes its place as `name` under `root`.
    The path ends with the name wanted, because frameworks choose their format by it. On an exception nothing appears.
    """
    target = _inside(root, name)
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    workplace = tempfile.mkdtemp(prefix='.', suffix='.tmp', dir=parent)
    try:
        written = os.path.join(workplace, os.path.basename(target))
        yield written
        _make_durable(written)
        _replace(written, target, os.path.join(workplace, '.replaced'))
        _sync_folder(parent)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def add_file(root, path, name=None):
    """Brings a file from elsewhere into the outputs; one that is there already stays as it is. Returns where it is."""
    if name is None and is_inside(root, path):
        return os.path.realpath(path)
    name = name or os.path.basename(os.path.abspath(path))
    with atomic_write(root, name) as copy:
        shutil.copy2(path, copy)
    return _inside(root, name)


def add_folder(root, path):
    """Brings a folder's files into the outputs, under the folder's name; each appears whole."""
    if is_inside(root, path):
        return os.path.realpath(path)
    name = os.path.basename(os.path.abspath(path))
    for folder, _, files in os.walk(path):
        for file in files:
            source = os.path.join(folder, file)
            add_file(root, source, os.path.join(name, os.path.relpath(source, path)))
    return _inside(root, name)


def is_inside(root, path):
    root, path = os.path.realpath(root), os.path.realpath(path)
    return os.path.commonpath([root, path]) == root


def latest_checkpoint(root, pattern='*'):
    """The newest complete file or folder that matches, or None. Hidden, temporary and empty ones are not complete."""
    found = []
    for path in glob.glob(os.path.join(glob.escape(root), pattern)):
        if any(_TEMPORARY.search(segment) for segment in os.path.relpath(path, root).split(os.sep)):
            continue
        modified = _modified(path)
        if modified is not None:
            found.append((modified, _natural_order(path), path))
    return max(found)[2] if found else None


def _modified(path):
    """When its content changed last, in nanoseconds; None: it has no content."""
    files = [path]
    if os.path.isdir(path):
        files = [os.path.join(folder, file) for folder, _, names in os.walk(path) for file in names]
    newest = None
    for file in files:
        try:
            status = os.stat(file)
        except OSError:
            continue  # rotated away while we looked
        if status.st_size > 0:
            newest = max(newest or 0, status.st_mtime_ns)
    return newest


def _natural_order(path):
    """epoch-10 comes after epoch-9: decides between files of the same instant, as a copy may leave them."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r'([0-9]+)', path)]


def _inside(root, name):
    target = os.path.normpath(os.path.join(root, name))
    if os.path.isabs(name) or not target.startswith(os.path.join(os.path.normpath(root), '')):
        raise ValueError('{!r} is not a name under the outputs path'.format(name))
    return target


def _replace(written, target, aside):
    # A folder can't be renamed over one that has files, so the old one steps aside first.
    if os.path.isdir(target) and not os.path.islink(target):
        os.rename(target, aside)
    os.replace(written, target)


def _make_durable(path):
    if not os.path.isdir(path):
        _sync(path)
        return
    for folder, _, files in os.walk(path):
        for file in files:
            _sync(os.path.join(folder, file))
        _sync_folder(folder)


def _sync_folder(path):
    with suppress(OSError):  # some file systems can't; the rename holds all the same
        _sync(path)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
