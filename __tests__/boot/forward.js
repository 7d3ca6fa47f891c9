// Runs inside a container's network namespace: forwards each `ADDRESS PORT SOCKET` to that unix socket outside.
const net = require("node:net");

const [, , ...routes] = process.argv;
for (let at = 0; at < routes.length; at += 3) {
  const [address, port, socket] = routes.slice(at, at + 3);
  net
    .createServer((inside) => {
      const outside = net.connect(socket);
      inside.on("error", () => outside.destroy()).pipe(outside);
      outside.on("error", () => inside.destroy()).pipe(inside);
    })
    .listen(Number(port), address, () => console.log("listens"));
}
