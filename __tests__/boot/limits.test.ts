import { BOOT_SECONDS, FINISH_SECONDS, ran, useWorld } from "./world";

const { live } = useWorld();

/** TimeoutStopSec= of the runner's unit. */
const STOP_SECONDS = 30;
/** TimeoutStartSec= and TimeoutStopSec= of the finishing unit. */
const SHIPPING_SECONDS = 35;

const stubbornDaemon = `setsid bash -c 'trap "" TERM HUP INT; while :; do sleep 1; done' &`;

describe("the machine powers off", () => {
  it("when the runner fails", async () => {
    const outcome = await live({ listener: "exit 3" });
    expect(outcome.journal).toContain("ephemeral-runner.service: Failed with result 'exit-code'");
    expect(outcome.secondsSinceRunner).toBeLessThan(FINISH_SECONDS);
  });

  it("when the boot hangs: the idle limit bounds it", async () => {
    const outcome = await live({ props: { setupCommands: ["sleep 300"], idleBackstopMinutes: 0.1 } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.seconds).toBeGreaterThan(6 + 2);
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS + 6 + 2);
  });

  it("when no job comes: after the idle limit and a second look", async () => {
    const outcome = await live({ listener: "sleep 300", props: { idleBackstopMinutes: 0.1 } });
    expect(outcome.secondsSinceRunner).toBeGreaterThan(6 + 2 - 0.5);
    expect(outcome.secondsSinceRunner).toBeLessThan(6 + 2 + FINISH_SECONDS);
    expect(outcome.shipped.join("\n")).toContain("the idle limit ends the machine");
  });

  it("when a job never ends, ignores signals and asks systemd for more time: at the hard limit", async () => {
    const outcome = await live({
      props: { hardLimitMinutes: 0.25, idleBackstopMinutes: 0.1 },
      job: `
        trap '' TERM INT HUP
        export NOTIFY_SOCKET=/run/systemd/notify
        systemd-notify EXTEND_TIMEOUT_USEC=3600000000
        systemd-notify MAINPID=1
        ${stubbornDaemon}
        while :; do tell alive yes; sleep 0.2; done`,
    });
    const alive = (outcome.toldAt.get("alive") ?? 0) - (outcome.toldAt.get("run-environ") ?? 0);
    expect(alive).toBeGreaterThan(5000);
    expect(outcome.secondsSinceRunner).toBeLessThan(15 + FINISH_SECONDS);
    expect(outcome.shipped.join("\n")).not.toContain("the idle limit ends the machine");
  });

  it("when a job leaves a daemon behind that ignores signals: once systemd has ended it", async () => {
    const outcome = await live({ job: `${stubbornDaemon}\nsleep 0.2` });
    expect(outcome.secondsSinceRunner).toBeLessThan(STOP_SECONDS + FINISH_SECONDS);
  });

  it("when the log service does not answer", async () => {
    const outcome = await live({ hang: (target) => target.startsWith("Logs_") });
    expect(outcome.secondsSinceRunner).toBeLessThan(SHIPPING_SECONDS);
  });

  it("when shipping the logs hangs and ignores signals", async () => {
    const shipment = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(999)";
    const outcome = await live({
      props: { setupCommands: [`echo '${shipment}' >/opt/ephemeral-runner/aws.py`] },
    });
    expect(ran(outcome)).toBe(true);
    expect(outcome.secondsSinceRunner).toBeGreaterThan(SHIPPING_SECONDS - 1);
    expect(outcome.secondsSinceRunner).toBeLessThan(SHIPPING_SECONDS + FINISH_SECONDS);
  });
});
