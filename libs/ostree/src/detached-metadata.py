"""detached-metadata.py REPO CHECKSUM < COMMITMETA

Writes the detached metadata (a{sv}, from standard input) of a commit through libostree.
"""

import sys

try:
    import gi

    gi.require_version("OSTree", "1.0")
    from gi.repository import Gio, GLib, OSTree
except (ImportError, ValueError) as error:
    sys.exit(f"error: libostree bindings missing ({error}): install python3-gi and gir1.2-ostree-1.0")

path, checksum = sys.argv[1:]
repo = OSTree.Repo.new(Gio.File.new_for_path(path))
repo.open(None)
metadata = GLib.Variant.new_from_bytes(GLib.VariantType("a{sv}"), GLib.Bytes.new(sys.stdin.buffer.read()), False)
if not metadata.is_normal_form():
    sys.exit("error: Data is corrupt: detached metadata not in normal form")
repo.write_commit_detached_metadata(checksum, metadata, None)
