#!/bin/bash
# Stand-in for GitHub's runner: same file and process names; what its listener does is the test's listener.sh.
cd "$(dirname "$0")" || exit 1
source ./tell.sh
tell "${AS:-run-environ}" "$(env)"
exec 2>&1
bin/Runner.Listener ./listener.sh
