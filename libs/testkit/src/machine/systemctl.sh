#!/bin/bash
# What the machine has of systemctl. It knows the verbs
#   reboot, poweroff, halt
#   start, stop, restart, is-active   of the payload's unit only
# and never pretends: another unit is "not loaded" (status 5; is-active: "unknown", status 4), any other verb is "unknown" (status 1).
# Every call is logged to /run/systemctl.log.
echo "systemctl $*" >>/run/systemctl.log
state=/run/treeline-machine
words=()
for word in "$@"; do case $word in -*) ;; *) words+=("$word") ;; esac; done
verb=${words[0]}
unit=${words[1]}
ours=$(cat "$state/unit")

is_ours() { [ "$unit" = "$ours" ] || [ "$unit.service" = "$ours" ]; }
must_be_ours() {
  is_ours && return
  echo "Unit $unit not loaded: this machine has only $ours." >&2
  exit 5
}
stop() {
  : >"$state/stopped"
  local pid tries
  pid=$(cat "$state/agent.pid" 2>/dev/null) || return 0
  kill -TERM -- "-$pid" 2>/dev/null
  # agent.pid goes away when pid 1 has seen the end.
  for ((tries = 0; tries < 50; tries++)); do
    [ -e "$state/agent.pid" ] || return 0
    sleep 0.1
  done
  kill -KILL -- "-$pid" 2>/dev/null
  while [ -e "$state/agent.pid" ]; do sleep 0.1; done
}
start() {
  rm -f "$state/stopped"
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    [ ! -e "$state/agent.pid" ] || return 0
    sleep 0.05
  done
  echo "$ours was not started within 5 seconds: see the console" >&2
  exit 1
}

case $verb in
  reboot) exec /run/bin/reboot ;;
  poweroff | halt) exec /run/bin/poweroff ;;
  stop) must_be_ours; stop ;;
  start) must_be_ours; start ;;
  restart) must_be_ours; stop; start ;;
  is-active)
    if ! is_ours; then echo unknown; exit 4; fi
    if [ -e "$state/agent.pid" ]; then echo active; else echo inactive; exit 3; fi ;;
  *)
    echo unknown
    echo "systemctl: this machine does not implement \"$verb\"" >&2
    exit 1 ;;
esac
