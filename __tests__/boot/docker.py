# Stand-in for dockerd: runs what it is sent as root in a network namespace behind a bridge, as a container's first process.
import grp
import os
import socket
import subprocess

SETUP = """
ip netns add container
ip link add docker0 type veth peer name eth0 netns container
ip address add 172.17.0.1/24 dev docker0
ip address add fd00:17::1/64 dev docker0 nodad
ip link set docker0 up
ip -n container address add 172.17.0.2/24 dev eth0
ip -n container address add fd00:17::2/64 dev eth0 nodad
ip -n container link set eth0 up
ip -n container route add default via 172.17.0.1
ip -n container route add default via fd00:17::1
nft add table inet docker
nft add chain inet docker postrouting { type nat hook postrouting priority srcnat \\; }
nft add rule inet docker postrouting oifname ens5 masquerade
"""
subprocess.run(["sh", "-euc", SETUP], check=True)
server = socket.socket(socket.AF_UNIX)
server.bind("/run/docker.sock")
os.chown("/run/docker.sock", 0, grp.getgrnam("docker").gr_gid)
os.chmod("/run/docker.sock", 0o660)
server.listen()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
while True:
    client, _ = server.accept()
    command = client.makefile().read()
    done = subprocess.run(["ip", "netns", "exec", "container", "sh", "-c", command], capture_output=True, text=True)
    client.sendall(f"{done.stdout}{done.stderr}exit {done.returncode}".encode())
    client.close()
