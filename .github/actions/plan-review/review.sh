#!/usr/bin/env bash
# Reviews PLAN, writes the review into the job's summary and into the pull request, and ends as the review does.
# PLAN, STACK, FAIL_ON, KEY and LOGIN are the action's inputs; STACK and FAIL_ON may be empty.
set -euo pipefail

# A key may hold slashes.
review=${RUNNER_TEMP:?}/plan-review-${KEY//\//-}.md
arguments=("$PLAN")
[[ -z $STACK ]] || arguments+=(--stack "$STACK")
[[ -z $FAIL_ON ]] || arguments+=(--fail-on "$FAIL_ON")

# Only what is installed: nothing is fetched here.
program=(npx --no-install ephemeral-runners)

# 1: reviewed, and refused by --fail-on. The comment is what tells why, so it comes first.
status=0
"${program[@]}" plan-review "${arguments[@]}" >"$review" || status=$?
[[ $status -le 1 ]] || exit "$status"

cat "$review" >>"${GITHUB_STEP_SUMMARY:?}"
echo "review=$review" >>"${GITHUB_OUTPUT:?}"

if [[ ${GITHUB_EVENT_NAME:-} == pull_request ]]; then
  posted=0
  "${program[@]}" post-comment "$review" --key "$KEY" --login "$LOGIN" || posted=$?
  case $posted in
    0) ;;
    1) echo "::warning title=Plan review::The review could not be posted; it stands in the summary of this job." ;;
    *) exit "$posted" ;;
  esac
fi
exit "$status"
