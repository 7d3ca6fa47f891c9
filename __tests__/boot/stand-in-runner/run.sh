#!/bin/bash
# Stand-in for GitHub's runner: same file and process names; what its listener does is the test's listener.sh.
cd "$(dirname "$0")" || exit 1
source ./tell.sh
tell "${AS:-run-environ}" "$(env)"
exec 2>&1
bin/Runner.Listener ./listener.sh
code=$?
# The code of a version that GitHub refuses is handed on to who asks for it only:
# https://github.com/actions/runner/blob/v2.336.0/src/Misc/layoutroot/run.sh
[[ $code != 7 || $ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE == 1 ]] || code=0
exit "$code"
