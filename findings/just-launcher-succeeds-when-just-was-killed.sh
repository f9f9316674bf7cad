#!/bin/sh
# rust-just 1.57.0, the launcher that the npm package installs as `just`.
#
# If the real just is killed (SIGKILL, as by the kernel when memory runs out), the launcher
# exits with 0, as if the recipe had come to its end. A caller that goes by the exit code
# takes an interrupted recipe for a done one.
#
# Seen with a recipe that kills its own just before its last line:
#   real just  exit code 137
#   launcher   exit code 0
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --no-audit --no-fund --loglevel=error rust-just@1.57.0 >/dev/null
cat >justfile <<'JUST'
stopped:
    @kill -KILL $PPID; sleep 1
    @touch done
JUST

real=$(find node_modules -path '*/bin/just' -type f -perm -u+x | head -n 1)
by_real=0
"$real" stopped || by_real=$?
by_launcher=0
node_modules/.bin/just stopped || by_launcher=$?
echo "real just  exit code $by_real"
echo "launcher   exit code $by_launcher"
[ ! -e done ]
[ "$by_real" = 137 ]
[ "$by_launcher" = 0 ]
