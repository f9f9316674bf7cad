#!/bin/sh
# Stands before the real program on the PATH of a command of catalog-runbook. The real
# one may do anything but apply another plan than the reviewed one.
here=@here@
plan=@plan@ # '' for none
name=${0##*/}

next=
old=$IFS
IFS=:
for dir in $PATH; do
  if [ "$dir" != "$here" ] && [ -f "$dir/$name" ] && [ -x "$dir/$name" ]; then
    next=$dir/$name
    break
  fi
done
IFS=$old
if [ -z "$next" ]; then
  echo "$name: not found" >&2
  exit 127
fi

refuse() {
  echo "catalog-runbook: \`$name $command\` was not run, because $1." >&2
  : >"$here/refused"
  exit 1
}

command=
folder=.
for word; do
  case $word in
    -chdir=*) folder=${word#-chdir=} ;;
    -*) ;;
    *)
      command=$word
      break
      ;;
  esac
done

# is_plan FILE: it is the reviewed one.
is_plan() { [ -n "$plan" ] && [ -f "$1" ] && cmp -s "$1" "$plan"; }

case $command in
  destroy) refuse "it takes no plan that was reviewed" ;;
  apply)
    allowed=
    if [ -n "$plan" ]; then
      case $TF_CLI_ARGS_apply in *"'$plan'"*) allowed=yes ;; esac
    fi
    for word; do
      case $word in
        -*) ;;
        /*) if is_plan "$word"; then allowed=yes; fi ;;
        *) if is_plan "$folder/$word"; then allowed=yes; fi ;;
      esac
    done
    [ -n "$allowed" ] || refuse "it would not apply the plan that was reviewed"
    ;;
esac
exec "$next" "$@"
