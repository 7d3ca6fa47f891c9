#!/bin/bash
# Finishes a machine on which no job runs. A backstop: that a machine is idle is decided at GitHub.
# Two looks apart, because a job that was just assigned has no worker yet: GitHub gives a runner 60 seconds to start it.
worker_lives() {
  grep --quiet --no-messages 'Runner[.]Worker' /proc/[0-9]*/cmdline
}

worker_lives && exit
sleep "$IDLE_RECHECK_SECONDS"
worker_lives && exit
echo '{"message":"no job: the idle limit ends the machine"}'
systemctl start --no-block ephemeral-runner-finish
