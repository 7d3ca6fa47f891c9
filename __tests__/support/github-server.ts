import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Github, type GithubOptions } from "./github-core";
import { readAll } from "./proxy";

export type { LoggedRequest } from "./github-core";
export type { Fault } from "./github-faults";

export interface GithubServerOptions extends GithubOptions {
  /** Default: any free one */
  readonly port?: number;
}

/** The local GitHub behind a socket, for code that runs in a process of its own. */
export class GithubServer extends Github {
  private readonly server = createServer((request, response) => {
    this.handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  static async start(options: GithubServerOptions = {}): Promise<GithubServer> {
    const github = new GithubServer(options);
    await new Promise<void>((resolve, reject) => {
      github.server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return github;
  }

  /** `apiUrl` of the settings. `<url>/api/v3` answers too, as on Enterprise Server. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.answer({
      method: request.method ?? "GET",
      // The host as the caller knows it: links to further pages lead there.
      url: new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`),
      authorization: request.headers.authorization,
      body: (await readAll(request)).toString(),
    });
    if (!answer) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }
}
