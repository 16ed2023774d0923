"""set-default.py SYSROOT OSNAME CHECKSUM SERIAL

Makes an existing deployment the default of the next boot, through libostree. SYSROOT "/" is the booted host; the caller then gives us a mount
namespace of our own. A staged deployment is left out of the new list, and libostree drops it: at shutdown it would become the default again.
The deployment is found by name under the sysroot lock, so no index can go stale.
"""

import sys

try:
    import gi

    gi.require_version("OSTree", "1.0")
    from gi.repository import Gio, OSTree
except (ImportError, ValueError) as error:
    sys.exit(f"error: libostree bindings missing ({error}): install python3-gi and gir1.2-ostree-1.0")

path, osname, checksum, serial = sys.argv[1:]
sysroot = OSTree.Sysroot.new(Gio.File.new_for_path(path))
if path == "/":
    sysroot.set_mount_namespace_in_use()
sysroot.load(None)
sysroot.lock()
try:
    sysroot.load(None)  # again, now that nobody else can change it
    deployments = [d for d in sysroot.get_deployments() if not d.is_staged()]
    name = (osname, checksum, int(serial))
    first = [d for d in deployments if (d.get_osname(), d.get_csum(), d.get_deployserial()) == name]
    if len(first) != 1:
        sys.exit(f"error: Out of range deployment index: no deployment {osname} {checksum}.{serial}")
    others = [d for d in deployments if not d.equal(first[0])]
    sysroot.write_deployments(first + others, None)
finally:
    sysroot.unlock()
