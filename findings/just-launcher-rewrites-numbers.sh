#!/bin/sh
# rust-just 1.57.0, the launcher that the npm package installs as `just`.
#
# It reads its arguments as JavaScript values before it passes them on, so an argument that
# looks like a number reaches the recipe as another text: a version "1.10" becomes "1.1".
# The real just, which the same package brings along, passes arguments on as they are.
#
# Seen with the arguments 1.10 1e3 0x10:
#   real just  <1.10><1e3><0x10>
#   launcher   <1.1><1000><16>
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --no-audit --no-fund --loglevel=error rust-just@1.57.0 >/dev/null
cat >justfile <<'JUST'
show *arguments:
    @printf '<%s>' {{ arguments }}
JUST

real=$(find node_modules -path '*/bin/just' -type f -perm -u+x | head -n 1)
by_real=$("$real" show 1.10 1e3 0x10)
by_launcher=$(node_modules/.bin/just show 1.10 1e3 0x10)
echo "real just  $by_real"
echo "launcher   $by_launcher"
[ "$by_real" = '<1.10><1e3><0x10>' ]
[ "$by_launcher" = '<1.1><1000><16>' ]
