import { countByName } from "../../support/proxy";
import { instancesOf } from "../machines";
import type { World } from "../world";

/** The event that the applied rule sends every two minutes. */
const scheduled = { source: "aws.scheduled", "detail-type": "Scheduled Event", detail: {} };

export const sweep = (world: () => World): void => {
  describe("the sweep", () => {
    it("reads, and changes nothing, where all is as it should be", async () => {
      const before = await instancesOf(world());
      const { result, aws, github } = await world().callsOf(() => world().invoke("sweep", scheduled));
      expect(result).toMatchObject({ failed: false });
      const reads = ["dynamodb:Query", "ec2:DescribeInstances", "ssm:GetParameters"];
      expect(Object.keys(countByName(aws)).filter((name) => !reads.includes(name))).toEqual([]);
      expect(github).toEqual([]);
      expect(await instancesOf(world())).toEqual(before);
    });
  });
};
