import { burstBound, sustainedLimits, usageOf } from "../../../scripts/bench/bounds";

describe("the bound of a burst", () => {
  it.each([
    [180, 1, 0],
    [181, 1, 60],
    [1000, 1, 300],
    [1000, 2, 120],
    [1000, 6, 0],
    [5000, 1, 27 * 60],
    // An App has no more than 5,000 requests an hour.
    [5001, 1, 60 * 60],
    [10_000, 1, 87 * 60],
  ])("lets %d JIT configurations through %d Apps in %d seconds", (jobs, apps, seconds) => {
    expect(burstBound({ jobs, apps, mode: "jit" }).registrationSeconds).toBe(seconds);
  });

  it("lets 1,500 runners in five minutes register with a token, however many Apps there are", () => {
    expect(burstBound({ jobs: 1500, apps: 1, mode: "token" }).registrationSeconds).toBe(0);
    expect(burstBound({ jobs: 1501, apps: 9, mode: "token" }).registrationSeconds).toBe(300);
  });

  it("lets 1,000 machines be launched at once, and two a second after that", () => {
    expect(burstBound({ jobs: 1000, apps: 6, mode: "jit" }).ec2Seconds).toBe(0);
    expect(burstBound({ jobs: 1500, apps: 60, mode: "jit" })).toEqual({
      ec2Seconds: 250,
      registrationSeconds: 0,
      seconds: 250,
    });
  });
});

describe("what is carried for ever", () => {
  const none = { anHour: 0, aJob: 0 };
  const load = { github: { anHour: 80, aJob: 1.25 }, createFleet: none, describe: none, parameters: none };

  it("tells an hour's calls from a job's by two rates", () => {
    expect(usageOf({ jobs: 100, calls: 180 }, { jobs: 300, calls: 380 })).toEqual({ aJob: 1, anHour: 80 });
    expect(usageOf({ jobs: 100, calls: 90 }, { jobs: 300, calls: 380 }).anHour).toBe(0);
  });

  it("is bound by GitHub's hour with one App, and by EC2's machines with more", () => {
    expect(sustainedLimits(load, 1)[0]).toEqual({
      name: "GitHub: requests an hour",
      jobsAnHour: (5000 - 80) / 1.25,
    });
    expect(sustainedLimits(load, 2)[0]).toEqual({ name: "EC2: machines a second", jobsAnHour: 7200 });
  });
});
