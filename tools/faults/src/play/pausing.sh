#!/bin/bash
# pausing.sh ARGUMENTS..., under the name of a program: runs that program. When the file `pause` says `PROGRAM NTH SYSCALLS PATH WORDS` and it is that program
# with these words among its arguments, it (or what it starts) stops itself after the nth call of one of these system calls; with a PATH other than `-`, of
# those that name this path as their argument. `trace` says when. Each rule is used once.
here=/run/treeline-faults
name=${0##*/}
if read -r program nth syscalls path words 2>/dev/null <"$here/pause" && [ "$program" = "$name" ] && [[ " $* " == *" $words "* ]]; then
  rm "$here/pause"
  only=()
  [ "$path" = - ] || only=(-P "$path")
  # -D: the program stays the child of whoever started it, and so dies with it.
  exec strace -D -f -qq -o "$here/trace" -e "trace=$syscalls" -e "inject=$syscalls:signal=STOP:when=$nth" "${only[@]}" "/usr/bin/$name" "$@"
fi
exec "/usr/bin/$name" "$@"
