#!/bin/bash
# power-on.sh UNIT [PAYLOAD...]: gives one boot its namespaces (MACHINE_NAMESPACES: those that depend on who runs it). Run under `setpriv --pdeathsig KILL`, which survives every exec below, so that the
# machine dies with whoever powered it, even by SIGKILL: setpriv's death signal ends unshare, --kill-child ends pid 1, and pid 1 takes
# its namespaces (processes, mounts, network) with it.
set -euo pipefail

# A parent that died before setpriv armed the signal would never be noticed.
[ "$PPID" = "$MACHINE_PARENT" ] || exit 1

# How boot.sh reaches the host's network to plug the cable in.
exec 9</proc/self/ns/net
# shellcheck disable=SC2086
exec unshare --mount --uts --ipc --pid --fork --kill-child --propagation private $MACHINE_NAMESPACES /bin/bash "$MACHINE_SCRIPTS/boot.sh" "$@"
