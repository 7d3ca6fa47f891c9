import { stopSystemd } from "./machine";
import { FINISH_SECONDS, useWorld } from "./world";

const { live } = useWorld();

/** What a computer that is worked to the utmost adds to each step. */
const LOAD_SECONDS = 15;

const HARD_LIMIT_SECONDS = 12;
const GRACE_SECONDS = 5;
const limits = { hardLimitMinutes: HARD_LIMIT_SECONDS / 60, graceSeconds: GRACE_SECONDS };

const shippedLast = /^Logs_20140328\.PutLogEvents$/;

describe("the machine ends, its logs shipped,", () => {
  it("when a job fills the disk", async () => {
    const outcome = await live({
      bounds: { disk: 96 },
      job: `
        cat /dev/zero >/var/tmp/full 2>/dev/null
        for n in {1..100}; do mkdir /var/tmp/$n; done 2>/dev/null
        tell left "$(df --output=avail / | tail -n 1)"
        echo the job told this`,
    });
    expect(Number(outcome.told.get("left"))).toBeLessThan(1024);
    expect(outcome.secondsSinceRunner).toBeLessThan(FINISH_SECONDS + LOAD_SECONDS);
    expect(outcome.calls.at(-1)?.target).toMatch(shippedLast);
    expect(outcome.shipped.join("\n")).toContain("boot step");
  });

  it("when a job makes as many files as the disk holds", async () => {
    const outcome = await live({
      bounds: { disk: 96, files: 4000 },
      job: `
        mkdir /var/tmp/full
        python3 -c 'for n in range(100000): open(f"/var/tmp/full/{n}", "w")' 2>/dev/null
        tell left "$(df --output=iavail / | tail -n 1)"`,
    });
    expect(outcome.told.get("left")).toBe("0");
    expect(outcome.secondsSinceRunner).toBeLessThan(FINISH_SECONDS + LOAD_SECONDS);
    expect(outcome.calls.at(-1)?.target).toMatch(shippedLast);
    expect(outcome.shipped.join("\n")).toContain("boot step");
  });

  it("when a job lays traps where its logs are read: no end, no writer, another folder", async () => {
    const outcome = await live({
      job: `
        mkdir -p _diag
        ln -s /dev/zero _diag/Runner_1.log
        mkfifo _diag/Runner_2.log
        ln -s /etc/ephemeral-runner/settings _diag/Runner_3.log
        tell trapped yes`,
    });
    expect(outcome.told.get("trapped")).toBe("yes");
    expect(outcome.secondsSinceRunner).toBeLessThan(FINISH_SECONDS + LOAD_SECONDS);
    expect(outcome.shipped.join("\n")).toContain("boot step");
    expect(outcome.shipped.join("\n")).not.toContain("HANDOFF_TABLE");
  });

  it("when a job takes all memory, which ends its step and not the machine", async () => {
    const outcome = await live({
      job: `
        python3 -c 'a = [bytearray(2**24) for _ in range(1000)]'
        tell memory $?
        (for i in 1 2 3; do python3 -c 'a = [bytearray(2**24) for _ in range(1000)]' & done; wait)
        tell all $?`,
    });
    expect(outcome.told.get("memory")).toBe("137");
    expect(outcome.told.has("all")).toBe(true);
    expect(outcome.secondsSinceRunner).toBeLessThan(FINISH_SECONDS + LOAD_SECONDS);
    expect(outcome.calls.at(-1)?.target).toMatch(shippedLast);
  });

  it("when a job takes all processes that it may have, and floods systemd and its journal", async () => {
    const outcome = await live({
      bounds: { processes: 400 },
      props: limits,
      job: `
        tell bomb lit
        python3 -c '
        import os, socket
        for _ in range(3): os.fork()
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        while True:
            for path in ("/run/systemd/notify", "/dev/log"):
                try: s.sendto(b"WATCHDOG=1" * 100, path)
                except OSError: pass' &
        bomb() { bomb | bomb & }
        bomb 2>/dev/null
        sleep 300`.replaceAll("\n        ", "\n"),
    });
    expect(outcome.told.get("bomb")).toBe("lit");
    expect(outcome.secondsSinceRunner).toBeLessThan(HARD_LIMIT_SECONDS + GRACE_SECONDS + LOAD_SECONDS);
  });
});

describe("the machine ends", () => {
  it("when systemd itself does nothing any more: the kernel is told, after the hard limit and the time to ship logs", async () => {
    const outcome = await live({
      props: limits,
      job: "tell alive yes; sleep 300",
      onTold: { alive: stopSystemd },
    });
    expect(outcome.secondsSinceRunner).toBeLessThan(HARD_LIMIT_SECONDS + GRACE_SECONDS + FINISH_SECONDS);
    expect(outcome.calls.filter(({ target }) => target.startsWith("Logs_"))).toEqual([]);
  });
});
