#!/bin/bash
# boot.sh UNIT [PAYLOAD...]: the boot loader and initramfs of one boot, pid 1 of fresh namespaces. Mounts the deployment as a booted OSTree host has it, then
# becomes init.sh inside. libostree calls a deployment booted when /run/ostree-booted exists and / is the deployment's directory.
#   MACHINE_DEPLOYMENT, _STATEROOT_VAR, _SYSROOT   directories; MACHINE_CMDLINE the kernel's command line; MACHINE_NAME, MACHINE_BOOT_ID
#   MACHINE_SCRIPTS                                where this file lies
#   MACHINE_HOST_DIRECTORIES                       directories of the host's /usr to mount over the deployment's, one per line
#   MACHINE_MOUNTS                                 lines `ro|rw<TAB>host directory<TAB>target inside`
#   MACHINE_OWN_DISK                               1: the sysroot lies on a disk of the machine's own; 0: on the host's file system
#   MACHINE_ROOT                                   1: /sysroot and /boot read-only, as on a real host; 0: in a user namespace ostree could not remount them
#   MACHINE_NETWORK                                own|shared; MACHINE_CABLE in|out; MACHINE_SERVER_ADDRESS
# Tells the power supply on file descriptor 3: `pid N` (as the host counts). A failure ends the boot; its reason is on the console.
set -euo pipefail
PATH=/usr/sbin:/usr/bin:/sbin:/bin
trap 'echo "machine: the boot failed at line $LINENO of boot.sh"' ERR

read -r pid _ </proc/self/stat
echo "pid $pid" >&3

root=$MACHINE_DEPLOYMENT

read_only() {
  # In a user namespace flags such as nodev are locked: leaving them out of the remount would be refused.
  local options
  options=$(findmnt --noheadings --raw --output VFS-OPTIONS --mountpoint "$1" | tail -n 1)
  mount -o "remount,bind,ro,$(sed -E 's/^(rw|ro),?//' <<<"$options")" "$1"
}
bind() { mount --bind "$1" "$2"; }

hostname "$MACHINE_NAME"

bind "$root" "$root"
bind "$MACHINE_SYSROOT" "$root/sysroot"
# ostree freezes the file system of /boot for a moment when it writes boot entries. Ours is the host's, where a freeze would make ostree fail
# in every other machine ("Remounting /sysroot read-write: Device or resource busy") and stall the host. An overlay cannot be frozen; with an
# empty lower layer, all of it lies in the sysroot as before. Where an overlay is not to be had (no root, or the host is on one), nothing can freeze.
# A disk of the machine's own may be frozen, and an overlay on it would sync it when the power goes.
layers=$MACHINE_SYSROOT.boot
overlay() {
  mkdir -p "$layers/lower" "$layers/work"
  mount -t overlay -o "index=off,lowerdir=$layers/lower,upperdir=$MACHINE_SYSROOT/boot,workdir=$layers/work" boot "$root/boot" 2>/dev/null
}
[ "$MACHINE_OWN_DISK" = 0 ] && overlay || bind "$MACHINE_SYSROOT/boot" "$root/boot"
bind "$MACHINE_STATEROOT_VAR" "$root/var"

# /usr first: what is mounted on top of it must not become writable by its remount, nor hide it.
bind "$root/usr" "$root/usr"
read_only "$root/usr"
while read -r directory; do
  [ -d "$root/$directory" ] && [ -d "/$directory" ] || continue
  bind "/$directory" "$root/$directory"
  read_only "$root/$directory"
done <<<"$MACHINE_HOST_DIRECTORIES"

mount -t tmpfs -o mode=755,size=64m tmpfs "$root/run"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mkdir -p "$root/run/ostree" "$root/run/lock" "$root/run/bin" "$root/run/treeline-machine"
: >"$root/run/ostree-booted"
install -m 755 "$MACHINE_SCRIPTS/systemctl.sh" "$root/run/bin/systemctl"
for name in reboot poweroff halt shutdown; do install -m 755 "$MACHINE_SCRIPTS/reboot.sh" "$root/run/bin/$name"; done
install -m 755 "$MACHINE_SCRIPTS/init.sh" "$root/run/treeline-machine/init.sh"

mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
# A fresh sysfs shows the machine's own network interfaces; a user namespace without a network of its own may not mount one.
mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
# Namespaces do not cover this file: one letter in it would reboot the host.
[ ! -e "$root/proc/sysrq-trigger" ] || bind /dev/null "$root/proc/sysrq-trigger"
printf '%s\n' "$MACHINE_CMDLINE" >"$root/run/treeline-machine/cmdline"
bind "$root/run/treeline-machine/cmdline" "$root/proc/cmdline"
printf '%s\n' "$MACHINE_BOOT_ID" >"$root/run/treeline-machine/boot-id"
bind "$root/run/treeline-machine/boot-id" "$root/proc/sys/kernel/random/boot_id"

while IFS=$'\t' read -r mode source target; do
  [ -n "$source" ] || continue
  mkdir -p "$root/$target"
  bind "$source" "$root/$target"
  [ "$mode" = rw ] || read_only "$root/$target"
done <<<"$MACHINE_MOUNTS"

if [ "$MACHINE_ROOT" = 1 ]; then
  read_only "$root/sysroot"
  read_only "$root/boot"
fi

if [ "$MACHINE_NETWORK" = own ]; then
  /bin/bash "$MACHINE_SCRIPTS/plug-in.sh" "$MACHINE_SERVER_ADDRESS" 3>&-
  # A release that ships this file is one that cuts its node off the network.
  if [ "$MACHINE_CABLE" = in ] && [ ! -e "$root/usr/lib/treeline/network-cut" ]; then ip link set eth0 up; fi
fi
# From here on nothing inside may hold a door to the host's network.
exec 9<&-

# The environment given for the payload goes on as it is; ours does not.
unset "${!MACHINE_@}" OLDPWD PWD SHLVL
export PATH=/run/bin:/usr/sbin:/usr/bin
cd "$root"
exec chroot "$root" /bin/bash /run/treeline-machine/init.sh "$@"
