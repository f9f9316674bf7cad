#!/bin/sh
# Stands before the real program on the PATH of a command of catalog-runbook. The real
# one may do anything, but it applies the reviewed plan or none.
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

# A saved plan is the last argument of apply. The options that can't be given with one are
# refused by the program itself. Where an option's value may be an argument of its own,
# that is not a plan.
case $command in
  plan)
    # Where the plan is made, and where it is saved: these words come after those of
    # TF_CLI_ARGS_plan, and win.
    case $folder in
      /*) ;;
      *) folder=$PWD/$folder ;;
    esac
    echo "$folder" >>"$here/in"
    out=
    value=
    for word; do
      if [ -n "$value" ]; then
        out=$word
        value=
      else
        case $word in
          -out=* | --out=*) out=${word#*=} ;;
          -out | --out) value=yes ;;
        esac
      fi
    done
    case $out in
      '') ;;
      /*) echo "$out" >>"$here/out" ;;
      *) echo "$folder/$out" >>"$here/out" ;;
    esac
    ;;
  destroy) refuse "it takes no plan that was reviewed" ;;
  apply)
    [ -n "$plan" ] || refuse "no plan was reviewed that it could apply"
    given=
    skip=
    seen=
    for word; do
      if [ -n "$skip" ]; then
        skip=
      else
        case $word in
          -backup | -lock-timeout | -parallelism | -state | -state-out | -var | -var-file | -target | -target-file | -exclude | -exclude-file | -replace | -json-into) skip=yes ;;
          -*) ;;
          apply) if [ -n "$seen" ]; then given="$folder/$word"; fi; seen=yes ;;
          /*) given=$word ;;
          *) given=$folder/$word ;;
        esac
      fi
    done
    if [ -z "$given" ]; then
      set -- "$@" "$plan"
    elif ! cmp -s "$given" "$plan"; then
      refuse "it would not apply the plan that was reviewed"
    fi
    # The same plan in the variable would be one too many.
    quoted="'$plan'"
    case ${TF_CLI_ARGS_apply-} in
      *"$quoted"*)
        TF_CLI_ARGS_apply=${TF_CLI_ARGS_apply%%"$quoted"*}${TF_CLI_ARGS_apply#*"$quoted"}
        export TF_CLI_ARGS_apply
        ;;
    esac
    ;;
esac
exec "$next" "$@"
