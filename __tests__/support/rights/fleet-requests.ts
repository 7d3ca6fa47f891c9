import { arn, REGION } from "../applied";
import type { IamRequest } from "../iam";
import type { Asked } from "./asked";
import type { Installation, Template } from "./installation";

type Request = Omit<IamRequest, "role">;

/** The templates that a CreateFleet names. @throws for one that is not of this installation */
export const templatesOf = (asked: Asked, { templates }: Installation): Template[] =>
  (asked.LaunchTemplateConfigs ?? []).map(({ LaunchTemplateSpecification: { LaunchTemplateId: id } }) => {
    const template = templates.get(id);
    if (!template) throw new Error(`No template of this installation is ${id}.`);
    return template;
  });

/** Tags that the call gives to what it makes of a kind, as IAM sees them. */
const tagsFor = ({ TagSpecifications = [] }: Asked, kind: string): Record<string, string> =>
  Object.fromEntries(
    TagSpecifications.filter(({ ResourceType }) => ResourceType === kind).flatMap(({ Tags }) =>
      Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value]),
    ),
  );

/**
 * What EC2 checks of a fleet, each action on the resources that AWS lists for it: CreateFleet once, the RunInstances in it
 * once a type. Only the latter tells of the template.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export const fleetRequests = (
  action: "ec2:CreateFleet" | "ec2:RunInstances",
  asked: Asked,
  installation: Installation,
): Request[] => {
  const [template] = templatesOf(asked, installation);
  if (!template) return [];
  const inside = action === "ec2:RunInstances";
  const context = inside ? { "ec2:LaunchTemplate": template.arn } : undefined;
  const overrides = asked.LaunchTemplateConfigs?.flatMap(({ Overrides }) => Overrides) ?? [];
  const types = new Set(overrides.map(({ InstanceType }) => InstanceType ?? ""));
  const subnets = new Set(overrides.map(({ SubnetId }) => SubnetId ?? ""));
  const spot = asked.TargetCapacitySpecification?.DefaultTargetCapacityType === "spot";
  const on = (resource: string): Request => ({ action, resource, context });
  const machine = [
    ...template.securityGroupIds.map((id) => arn("ec2", `security-group/${id}`)),
    `arn:aws:ec2:${REGION}::snapshot/snap-0123456789abcdef0`,
    arn("ec2", "network-interface/eni-0123456789abcdef0"),
    ...(spot ? [arn("ec2", "spot-instances-request/sir-01234567")] : []),
  ];
  return [
    on(template.arn),
    on(template.imageArn),
    ...[...subnets].map((id) => on(arn("ec2", `subnet/${id}`))),
    on(arn("ec2", "volume/vol-0123456789abcdef0")),
    ...(inside ? machine : [arn("ec2", "fleet/fleet-01234567-89ab-cdef-0123-456789abcdef")]).map(on),
    ...(inside ? [...types] : [undefined]).map((type) => ({
      action,
      resource: arn("ec2", "instance/i-0123456789abcdef0"),
      context: {
        ...context,
        ...tagsFor(asked, "instance"),
        ...(type !== undefined && { "ec2:InstanceType": type }),
      },
    })),
  ];
};
