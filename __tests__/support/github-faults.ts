import { message, type Answer } from "./github-route";

/** What a route does instead of its work, or before it. */
export interface Fault {
  /** As in the table of routes; absent: any route. */
  readonly route?: string;
  /** Answer this instead of doing the work. Absent with `latency`: only late. */
  readonly status?: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Do the work, then cut the connection: the answer is lost. */
  readonly loseAnswer?: boolean;
  /** Milliseconds before the answer. */
  readonly latency?: number;
  /** How many calls it hits. Default: every call until `heal` */
  times?: number;
}

/** What is wrong with which route, on request. */
export class RouteFaults {
  private faults: Fault[] = [];

  inject(fault: Fault): void {
    this.faults.push({ ...fault });
  }

  heal(): void {
    this.faults = [];
  }

  /** The first that hits the route; each is used up by as many calls as it hits. */
  take(route: string | undefined): Fault | undefined {
    const fault = this.faults.find((one) => one.route === undefined || one.route === route);
    if (fault?.times !== undefined && --fault.times <= 0) {
      this.faults = this.faults.filter((one) => one !== fault);
    }
    return fault;
  }
}

export const faultAnswer = ({ status = 500, message: text = "Injected", headers }: Fault): Answer => ({
  ...message(status, text),
  headers,
});
