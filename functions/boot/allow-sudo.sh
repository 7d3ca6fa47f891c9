# The job is root when it wants to be, and what it mounts is the whole machine's. Runs before the commands of the team.
install -m 440 /dev/stdin /etc/sudoers.d/ephemeral-runner <<<'runner ALL=(ALL) NOPASSWD:ALL'
install -D -m 644 /dev/stdin /etc/systemd/system/ephemeral-runner.service.d/sudo.conf <<'DROP_IN'
[Service]
NoNewPrivileges=no
ProtectProc=default
DROP_IN
systemctl daemon-reload
