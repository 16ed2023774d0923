#!/bin/bash
# Plugs a cable between the network namespace of pid 1 (ours) and the host's (open on file descriptor 9): a veth pair, made with its
# far end already inside, so that it vanishes with the machine and never lies around half made.
# The interface's name on the host carries the machine's address: the kernel refuses a name in use, which makes the address unique among all
# machines on this host, whoever runs them. The host has the same address ($1) on every cable.
set -euo pipefail
server=$1
host() { nsenter --net=/proc/self/fd/9 ip "$@"; }

for _ in {1..20}; do
  number=$((SRANDOM % 65534 + 1))
  cable=tl$number
  problem=$(host link add name "$cable" type veth peer name eth0 netns 1 2>&1) && break
  cable=
done
[ -n "$cable" ] || { echo "no cable could be plugged in: $problem" >&2; exit 1; }

address=198.18.$((number / 256)).$((number % 256))
host address add "$server/32" peer "$address/32" dev "$cable"
host link set "$cable" up
ip address add "$address/32" peer "$server/32" dev eth0
ip link set lo up
