# Life cycle: this script lays out files and hands over to systemd, which drives the machine from here on.
#   ephemeral-runner-boot      makes ready; success starts the runner, failure finishes
#   ephemeral-runner           the runner, for one job; finishes however it ends
#   ephemeral-runner-idle      (timer) finishes when no job runs for too long; also bounds the boot
#   ephemeral-runner-limit     asks nobody, not even systemd: a job can keep that busy (a flood of orphans to reap)
#   ephemeral-runner-finish    ships the logs and powers off; its own timer is the hard limit
# Powering off terminates the instance: the launch template says so.

# Links, where systemctl would have systemd read all its files anew, which takes as long as the rest of the boot.
# No user gets a manager of their own.
# A machine that restarts powers off: cloud-init runs user data once, so no limit would be set again.
# The working folder is /etc/systemd/system.
ln -sf /dev/null user@.service
ln -sf ../ephemeral-runner-finish.service multi-user.target.wants/
systemd-run --quiet --unit=ephemeral-runner-finish.service --timer-property=AccuracySec=1s \
  --on-active="$HARD_LIMIT_SECONDS"
systemd-run --quiet --unit=ephemeral-runner-idle.service --timer-property=AccuracySec=1s \
  --on-active="$IDLE_BACKSTOP_SECONDS" --on-unit-inactive="$IDLE_BACKSTOP_SECONDS"
systemd-run --quiet --unit=ephemeral-runner-limit --nice=-20 \
  sh -c "sleep $((HARD_LIMIT_SECONDS + GRACE_SECONDS)) && systemctl poweroff -ff"
systemctl start --no-block ephemeral-runner-boot
trap - EXIT
