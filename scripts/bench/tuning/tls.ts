import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";

export interface Certificate {
  /** Path: whoever trusts what is in it trusts the servers. */
  readonly file: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

export interface TlsFront {
  /** At an address of its own, as each service has one: a connection to one is none to another. */
  readonly urlAt: (address: string) => string;
  stop(): Promise<void>;
}

/** All of 127.0.0.0/8 is this machine. */
export const addressOf = (service: number): string => `127.0.0.${service + 1}`;

/** RSA with 2048 bits, as the services that the functions call have it. */
export const makeCertificate = (folder: string, addresses: readonly string[]): Certificate => {
  const [file, keyFile] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const names = addresses.map((address) => `IP:${address}`).join(",");
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bench"];
  execFileSync(
    "openssl",
    [...words, "-addext", `subjectAltName=${names}`, "-keyout", keyFile, "-out", file],
    {
      stdio: "ignore",
    },
  );
  return { file, key: readFileSync(keyFile), cert: readFileSync(file) };
};

/** Stands before a plain server, since encryption is much of what a function computes. */
export const startTlsFront = async (target: string, { key, cert }: Certificate): Promise<TlsFront> => {
  const sockets = new Set<Socket>();
  const { port } = new URL(target);
  const server = createServer({ key, cert }, (socket) => {
    const onward = connect(Number(port), "127.0.0.1");
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.once("close", () => {
        sockets.delete(one);
        socket.destroy();
        onward.destroy();
      });
      one.on("error", () => undefined);
    }
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((ready) => server.listen(0, "0.0.0.0", ready));
  return {
    urlAt: (address) => `https://${address}:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
