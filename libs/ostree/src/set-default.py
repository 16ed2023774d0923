"""set-default.py SYSROOT OSNAME CHECKSUM SERIAL

Makes an existing deployment the default of the next boot, through libostree. SYSROOT "/" is the booted host; the caller then gives us a mount
namespace of our own. Nothing is done while a deployment is staged: at shutdown that would become the default, and libostree would drop it here. Whether it may
go is for the caller to say, who undeploys it before.
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
    deployments = sysroot.get_deployments()
    staged = [d for d in deployments if d.is_staged()]
    if staged:
        sys.exit(f"error: {staged[0].get_csum()}.{staged[0].get_deployserial()} is staged and would be dropped: boot it, or take it back (ostree admin undeploy)")
    name = (osname, checksum, int(serial))
    first = [d for d in deployments if (d.get_osname(), d.get_csum(), d.get_deployserial()) == name]
    if len(first) != 1:
        sys.exit(f"error: Out of range deployment index: no deployment {osname} {checksum}.{serial}")
    others = [d for d in deployments if not d.equal(first[0])]
    sysroot.write_deployments(first + others, None)
finally:
    sysroot.unlock()
