import { TAG, type LaunchSettings } from "../../../functions/shared/contract";
import { isAllowed } from "../../support/iam";
import { refusedRequests, unusedGrants } from "../../support/rights/grants";
import { checksOf, lambdaCalls, type Check } from "../../support/rights/implied";
import { readInstallation } from "../../support/rights/installation";
import { checksFor } from "../../support/rights/judge";
import { FLEET, PREFIX, type World } from "../world";

/** moto lets everybody do everything; here the applied policies decide. */
export const rights = (world: () => World): void => {
  describe("rights", () => {
    const role = `${PREFIX}_${FLEET.name}_runner`;
    const own = (): string =>
      `${String(world().resource("aws_iam_role", role).unique_id)}:i-0123456789abcdef0`;
    const handoff = (): string =>
      String(
        world().resource("aws_dynamodb_table", world().settings<LaunchSettings>("launch").handoffTable).arn,
      );
    const may = (action: string, context: Record<string, string | string[]>): Promise<boolean> =>
      isAllowed(world().terraform.resources(), {
        role,
        action,
        resource: handoff(),
        context: { "aws:userid": own(), ...context },
      });

    const launchMay = (action: string, resource: string, context = {}): Promise<boolean> =>
      isAllowed(world().terraform.resources(), { role: `${PREFIX}-launch`, action, resource, context });

    it("let a machine take its own registration", async () => {
      expect(await may("dynamodb:DeleteItem", { "dynamodb:LeadingKeys": [own()] })).toBe(true);
    });

    it("let a machine take no other's registration, not even beside its own", async () => {
      const other = own().replace(/0$/, "1");
      expect(await may("dynamodb:DeleteItem", { "dynamodb:LeadingKeys": [other] })).toBe(false);
      expect(await may("dynamodb:DeleteItem", { "dynamodb:LeadingKeys": [own(), other] })).toBe(false);
    });

    it("let a machine do nothing where the keys are not told", async () => {
      expect(await may("dynamodb:DeleteItem", {})).toBe(false);
    });

    it.each(["GetItem", "Query", "Scan", "UpdateItem", "BatchGetItem"])(
      "let a machine not %s",
      async (action) => {
        const keys: Record<string, string[]> = action === "Scan" ? {} : { "dynamodb:LeadingKeys": [own()] };
        expect(await may(`dynamodb:${action}`, keys)).toBe(false);
      },
    );

    const checks = (): Check[] => {
      const installation = readInstallation(world().terraform.resources());
      const calls = [...world().aws.calls, ...world().lambda.calls];
      const own = calls.filter(({ caller }) => caller.startsWith(`${PREFIX}-`));
      return checksOf([...own, ...lambdaCalls(installation)], installation);
    };

    it("cover every call that the functions made", async () => {
      expect(checks().length).toBeGreaterThan(50);
      expect(await refusedRequests(world().terraform.resources(), checks())).toEqual([]);
    });

    it("grant nothing that no call uses, of those that were made and of those that this run did not come to", async () => {
      const resources = world().terraform.resources();
      const { figures } = await unusedGrants(resources, checks());
      for (const { role, statements, granted, used } of figures) {
        const text = `${granted} actions granted in ${statements} statements, ${used} of them used by this run`;
        world().figures.note(`rights of ${role}`, text);
      }
      const others = await checksFor({ resources, credentials: {} });

      expect((await unusedGrants(resources, [...checks(), ...others])).unused).toEqual([]);
    });

    it("let launch start machines of the applied template, and of no other", async () => {
      const { arn } = world()
        .terraform.resources()
        .find(({ type }) => type === "aws_launch_template")!.values;
      const other = String(arn).replace(/.$/, "x");
      for (const action of ["ec2:CreateFleet", "ec2:RunInstances"]) {
        expect(await launchMay(action, String(arn))).toBe(true);
        expect(await launchMay(action, other)).toBe(false);
      }
      const machine = "arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0";
      const launch = (template: object, type = "m7i.large"): Promise<boolean> =>
        launchMay("ec2:RunInstances", machine, {
          [`aws:RequestTag/${TAG.installation}`]: PREFIX,
          "ec2:InstanceType": type,
          ...template,
        });
      expect(await launch({ "ec2:LaunchTemplate": String(arn) })).toBe(true);
      expect(await launch({ "ec2:LaunchTemplate": other })).toBe(false);
      expect(await launch({})).toBe(false);
      expect(await launch({ "ec2:LaunchTemplate": String(arn) }, "p5.48xlarge")).toBe(false);
    });

    it("let launch end machines of its own, and of no one else", async () => {
      const machine = "arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0";
      const of = (installation: string): Record<string, string> => ({
        [`ec2:ResourceTag/${TAG.installation}`]: installation,
      });
      expect(await launchMay("ec2:TerminateInstances", machine, of(PREFIX))).toBe(true);
      expect(await launchMay("ec2:TerminateInstances", machine, of("another"))).toBe(false);
    });

    it("let nobody but the rotation read the private key", async () => {
      const resource = "arn:aws:ssm:eu-central-1:123456789012:parameter/octo-org/github-app-key";
      const resources = world().terraform.resources();
      const roles = resources
        .filter(({ type }) => type === "aws_iam_role")
        .map(({ values }) => String(values.name));
      const readers = [];
      for (const one of roles) {
        if (await isAllowed(resources, { role: one, action: "ssm:GetParameters", resource }))
          readers.push(one);
      }
      expect(readers).toEqual([`${PREFIX}-rotate-tokens`]);
    });
  });
};
