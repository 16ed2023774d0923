#!/bin/bash
# init.sh UNIT [PAYLOAD...]: pid 1 inside the machine. Runs the payload (the agent) as systemd runs a service with Restart=always, and ends the boot in order.
#   HUP, TERM  reboot (status 129)      USR1  power off (status 130)
# Before the payload, the boot guard of the release, if it has one; its deadline comes as often as /etc/treeline/boot-guard-deadline says, in seconds.
# Tells the power supply on file descriptor 3: ready; agent-started PID; agent-exited STATUS; stopping reboot|poweroff.
# Invariants: the payload and all it left in its process group are gone before it is started again, and before the staged deployment is
# finalized; nothing but this script holds file descriptor 3.
unit=$1
shift
state=/run/treeline-machine
agent=

say() { echo "$*" >&3; }
pause() { sleep "$1" 3>&- & wait $!; }
signal_group() { kill "-$1" -- "-$2" 2>/dev/null || kill "-$1" "$2" 2>/dev/null; }

stop_agent() {
  [ -n "$agent" ] || return 0
  signal_group TERM "$agent"
  (sleep 5 && signal_group KILL "$agent") 3>&- &
  disown
  wait "$agent" 2>/dev/null
  signal_group KILL "$agent"
}

# Whoever deploys on this computer outside a machine freezes the file system for a moment, and with it this machine's, which shares it: a real
# host has one of its own. Only that refusal is tried again.
finalize() {
  local said attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    said=$(ostree admin finalize-staged 2>&1) && { echo "$said"; return 0; }
    case $said in *"Device or resource busy"*) sleep 0.2 ;; *) break ;; esac
  done
  echo "$said"
  return 1
}

shut_down() {
  trap '' HUP TERM USR1
  say "stopping $1"
  stop_agent
  # Everything else that runs, as every shutdown does before it leaves the file systems.
  kill -KILL -1 2>/dev/null
  if [ -e /run/ostree/staged-deployment ]; then
    finalize 3>&-
    echo "machine: ostree admin finalize-staged ended with status $?"
  fi
  sync -f /sysroot 3>&-
  exit "$2"
}
trap 'shut_down reboot 129' HUP TERM
trap 'shut_down poweroff 130' USR1

echo "machine: $(hostname) booted $(sed -E 's/.*(ostree=[^ ]*).*/\1/' /proc/cmdline), boot id $(cat /proc/sys/kernel/random/boot_id)"
echo "$unit" >"$state/unit"
say ready
guard=/usr/lib/treeline/boot-guard
if [ -x "$guard" ]; then
  # In the background, so that a signal, its own request to reboot above all, ends the boot at once: the payload is then not started.
  "$guard" start 3>&- </dev/null & wait $!
  deadline=$(cat /etc/treeline/boot-guard-deadline 2>/dev/null || echo 900)
  (while sleep "$deadline"; do "$guard" deadline; done) 3>&- </dev/null &
  disown
fi
while :; do
  if [ $# = 0 ]; then pause infinity; continue; fi
  while [ -e "$state/stopped" ]; do pause 0.1; done
  # A session of its own makes a process group: what the agent left running is ended with it.
  setsid "$@" 3>&- </dev/null &
  agent=$!
  echo "$agent" >"$state/agent.pid"
  say "agent-started $agent"
  wait "$agent" 2>/dev/null
  status=$?
  echo "machine: $unit ended with status $status"
  rm -f "$state/agent.pid"
  signal_group KILL "$agent"
  agent=
  say "agent-exited $status"
  [ -e "$state/stopped" ] || pause 0.5
done
