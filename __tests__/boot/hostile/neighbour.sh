# shellcheck shell=bash disable=SC2154
# What a job tries of another machine in its subnet, while its own ports wait for that one. Both machines run this at the
# same time; $OWN, $OTHER, $OTHER6 are addresses. What each attempt comes to stands in neighbours.test.ts.
python3 -c '
import selectors, socket
ready = selectors.DefaultSelector()
for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
    port = socket.socket(socket.AF_INET6, kind)
    port.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    port.bind(("::", 7000))
    if kind == socket.SOCK_STREAM: port.listen()
    ready.register(port, selectors.EVENT_READ)
while True:
    for key, _ in ready.select():
        port = key.fileobj
        source = port.accept()[1] if port.type == socket.SOCK_STREAM else port.recvfrom(9)[1]
        print(port.type.name, source[0], file=open("heard", "a"))' &
listener=$!

# reach KIND ADDRESS PORT
reach() { python3 -c '
import socket, sys
family, kind = sys.argv[1].split("/")
port = socket.socket(getattr(socket, family), getattr(socket, kind))
port.settimeout(3)
port.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
port.connect((sys.argv[2], int(sys.argv[3])))
port.send(b"x")' "$@"; }
export -f reach

until grep --quiet ':1B58 ' /proc/net/tcp6; do sleep 0.05; done
tell ready yes
attempt own-port bash -c "reach AF_INET/SOCK_STREAM $OWN 7000"
attempt tcp bash -c "reach AF_INET/SOCK_STREAM $OTHER 7000"
attempt tcp-ipv6 bash -c "reach AF_INET6/SOCK_STREAM $OTHER6 7000"
attempt tcp-service bash -c "reach AF_INET/SOCK_STREAM $OTHER 8000"
attempt udp bash -c "reach AF_INET/SOCK_DGRAM $OTHER 7000"
attempt udp-ipv6 bash -c "reach AF_INET6/SOCK_DGRAM $OTHER6 7000"
attempt udp-from-dns python3 -c "
import socket
port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port.bind(('', 53))"
attempt broadcast bash -c "reach AF_INET/SOCK_DGRAM 10.0.0.255 7000"
tell tried yes
kill "$listener"
tell heard "$(sort -u heard)"
tell end yes
