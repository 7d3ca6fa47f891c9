# shellcheck shell=bash disable=SC2154,SC2016
# What a hostile job tries as the runner's user. What each attempt comes to stands in hostile-job.test.ts.

# The second runner that this job starts waits here, so that they do not go on without end.
[[ -z ${AS:-} ]] || exec sleep 60

# The metadata service, and so the machine's role.
attempt metadata "${ask[@]}" "$metadata"
attempt metadata-ipv6 "${ask[@]}" "$metadata6"
attempt metadata-mapped "${ask[@]}" 'http://[::ffff:169.254.169.254]/latest/meta-data/'
attempt metadata-by-device "${ask[@]}" --interface ens5 "$metadata"
attempt metadata-token "${ask[@]}" -X PUT -H 'x-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token
attempt metadata-udp python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("169.254.169.254", 80))
s.send(b"x")'
attempt metadata-raw-socket python3 -c '
import socket
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)'
attempt metadata-packet-socket python3 -c '
import socket
socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'
attempt metadata-user-namespace unshare --user --map-root-user "${ask[@]}" "$metadata"
attempt metadata-user-namespace-raw unshare --user --map-root-user python3 -c '
import socket
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)'
attempt metadata-network-namespace unshare --user --map-root-user --net bash -c "ip link set lo up; $(printf '%q ' "${ask[@]}" "$metadata")"
attempt metadata-container-link unshare --user --map-root-user --net ip link add eth0 type veth peer name eth1 netns 1
attempt firewall unshare --user --map-root-user nft flush ruleset
attempt firewall-seen nft list ruleset

# The network: to be another machine, to hear what is not meant for it. What two machines try of each other stands in neighbour.sh.
attempt address ip address add 10.0.0.9/24 dev ens5
attempt route ip route replace default dev lo
attempt neighbour ip neigh replace 10.0.0.3 lladdr 02:00:00:00:00:09 dev ens5
attempt promiscuous ip link set ens5 promisc on
attempt low-port python3 -c '
import socket
socket.create_server(("", 443))'
attempt leave-cgroup bash -c 'echo $$ >/sys/fs/cgroup/cgroup.procs'

# Secrets: of this machine, of other machines, of the installation.
attempt registration cat /run/ephemeral-runner/registration
attempt boot-files ls /opt/ephemeral-runner /etc/ephemeral-runner
attempt user-data cat /var/lib/cloud/instance/user-data.txt
attempt user-data-script bash -c 'cat /var/lib/cloud/instance/scripts/*'
attempt user-data-cloud-init cloud-init query userdata
attempt boot-journal journalctl --quiet --no-pager --unit=ephemeral-runner-boot.service
attempt boot-log cat /var/log/cloud-init-output.log
attempt processes bash -c 'for p in /proc/[0-9]*; do stat --format %U "$p"; done 2>/dev/null | sort | uniq -c | grep -v runner'
attempt environment cat /proc/1/environ
attempt memory-of-1 head -c 1 /proc/1/mem
attempt credentials bash -c 'env | grep ^AWS_; cat ~/.aws/credentials'
attempt credentials-on-disk bash -c '
  grep -rlIsE "(ASIA|AKIA)[A-Z0-9]{16}|instance-session-token|BEGIN [A-Z ]*PRIVATE KEY" --exclude-dir=actions-runner /dev/shm /etc /home /opt /run /root /tmp /var'
attempt take-another bash -c '
  ROLE_ID=AROABOOTTEST000000000 HANDOFF_TABLE=boot-handoff REGISTRATION_WAIT_SECONDS=0 AWS_ENDPOINT_URL=http://127.0.0.1:5000 \
    python3 -IS /opt/ephemeral-runner/aws.py take'
attempt unsigned-call curl --silent --max-time 2 -H 'x-amz-target: AmazonSSM.GetParameters' \
  --data '{"Names":["/acme/github/installation-token"],"WithDecryption":true}' http://127.0.0.1:5000/

# Root.
attempt sudo sudo -n true
attempt su su -c true
attempt pkexec pkexec --disable-internal-agent true
attempt groups id -nG
attempt setuid-root bash -c 'cp /usr/bin/id /tmp/id && chmod u+s /tmp/id && /tmp/id -u'
attempt setuid-programs bash -c '
  find / -xdev -perm /6000 -type f 2>/dev/null | wc -l; awk "/NoNewPrivs|CapPrm|CapEff/ {print \$2}" /proc/self/status | xargs'
attempt become-root setpriv --reuid=0 id
attempt hard-link ln /etc/shadow shadow
attempt mount mount -t tmpfs tmpfs /etc
attempt mount-user-namespace bash -c '
  unshare --user --map-root-user --mount bash -c "
    mount -t tmpfs tmpfs /etc/systemd/system && echo hostile >/etc/systemd/system/hostile.service && echo made"
  test -e /etc/systemd/system/hostile.service'
attempt trace python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE = 0x4206
for pid in range(1, 1000):
    if pid != os.getpid() and libc.ptrace(PTRACE_SEIZE, pid, 0, 0) == 0 and os.stat(f"/proc/{pid}").st_uid != os.getuid():
        print("traced", pid)'
attempt core-pattern bash -c 'echo "|/tmp/core" >/proc/sys/kernel/core_pattern'
attempt kernel-module python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
init_module = {"x86_64": 175, "aarch64": 105}[os.uname().machine]
libc.syscall(init_module, b"x", 1, b"")
raise SystemExit(os.strerror(ctypes.get_errno()))'
attempt kernel-log dmesg
attempt writable bash -c '
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/tmp \) -prune -o \
    \( -type f -o -type d \) -writable ! -user runner -print 2>/dev/null | xargs'
attempt docker-socket curl --silent --show-error --max-time 2 --unix-socket /run/docker.sock http://docker/info

# The units that end the machine.
attempt unit-file bash -c 'echo >>/etc/systemd/system/ephemeral-runner-finish.service'
attempt unit-drop-in mkdir -p /run/systemd/system/ephemeral-runner-finish.service.d
attempt program bash -c 'echo exit >/opt/ephemeral-runner/aws.py'
attempt stop-limit systemctl --no-ask-password stop ephemeral-runner-limit.service
attempt stop-finish systemctl --no-ask-password stop ephemeral-runner-finish.timer
attempt mask-finish systemctl --no-ask-password mask --runtime ephemeral-runner-finish.service
attempt stop-idle systemctl --no-ask-password stop ephemeral-runner-idle.timer
attempt set-property systemctl --no-ask-password set-property --runtime ephemeral-runner.service TimeoutStopSec=infinity
attempt exit-system busctl --no-pager call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager Halt
attempt kill-limit bash -c 'kill -KILL 1 || pkill -KILL --uid root'
attempt cancel-shutdown bash -c 'shutdown -c; systemctl --no-ask-password list-timers --no-legend "ephemeral-runner-*" | wc -l'
attempt restart systemctl --no-ask-password --force --force reboot
attempt clock date --set 2030-01-01
attempt clock-of-systemd timedatectl --no-ask-password set-time 2030-01-01
attempt realtime chrt --fifo 99 true
attempt inhibit-block systemd-inhibit --what=shutdown --mode=block true
setsid systemd-inhibit --what=shutdown --mode=delay sleep 60 &>/dev/null &

# What systemd may be told. The unit's properties are compared before and after.
properties() {
  systemctl show ephemeral-runner.service --property=MainPID,NotifyAccess,TimeoutStopUSec,RuntimeMaxUSec,WatchdogUSec,StatusText,SubState,NFileDescriptorStore
}
before=$(properties)
attempt notify python3 -c '
import socket
for path in ["/run/systemd/notify", "\0/org/freedesktop/systemd1/notify"]:
    for message in ["READY=1", "EXTEND_TIMEOUT_USEC=3600000000", "MAINPID=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1",
                    "WATCHDOG=trigger", "WATCHDOG_USEC=1", "FDSTORE=1\nFDNAME=x", "STATUS=hostile", "ERRNO=1"]:
        try:
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(message.encode(), path)
        except OSError as error:
            print(error)'
attempt notify-effect test "$before" = "$(properties)"

# Outliving the job.
attempt user-manager bash -c '
  units=~/.config/systemd/user
  mkdir -p $units/default.target.wants
  ln -s ../hostile.service $units/default.target.wants/
  printf "[Service]\nType=oneshot\nExecStart=/bin/cp /proc/self/status /var/tmp/escaped\n" >$units/hostile.service
  loginctl --no-ask-password enable-linger runner; sleep 2
  grep NoNewPrivs /var/tmp/escaped'
attempt system-run systemd-run --no-ask-password --wait curl --silent http://127.0.0.1:8000/tell/escaped
attempt at bash -c 'echo true | at now'
attempt cron bash -c 'echo "* * * * * true" | crontab -'
attempt cron-file bash -c 'echo "* * * * * root true" >/etc/cron.d/hostile'
attempt second-job bash -c 'AS=second-run setsid ./run.sh &>/dev/null & sleep 0.5; pgrep --exact Runner.Listener | wc -l'
attempt double-fork bash -c '(setsid bash -c "while sleep 0.1; do source ./tell.sh; tell daemon alive; done" &>/dev/null &); sleep 0.3'
attempt resources systemctl show ephemeral-runner.service --property=TasksMax,MemoryMax,CPUWeight
tell end yes
