"""
What EC2 refuses while something stands in a network, and moto does: loaded by moto-server.py.

Of the refusals that a change of a network can meet, moto 5.2.5 has these itself: InvalidSubnet.Conflict, InvalidSubnet.Range,
InvalidGroup.Duplicate, DeleteVpc with subnets or a second route table in it, DeleteInternetGateway while it is attached,
DeleteRouteTable with associations.

The code is `DependencyViolation`: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.fleets import FleetsBackend
from moto.ec2.models.route_tables import RouteTable

# A terminated machine keeps its interface and its groups in moto; in EC2 the interface of its launch goes with it.
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html (DeleteOnTermination)


def standing_interfaces(backend):
    return [
        eni for eni in backend.enis.values() if eni.instance is None or eni.instance._state.name != "terminated"
    ]


# "You must terminate all running instances in the subnet": any interface keeps it, that of a stopped machine too.
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html
delete_subnet = EC2Backend.delete_subnet


def refuse_subnet_in_use(backend, subnet_id):
    if any(eni.subnet_id == subnet_id for eni in standing_interfaces(backend)):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    deleted = delete_subnet(backend, subnet_id)
    # Its association goes with it; in moto it would hold the route table for ever.
    for table in backend.route_tables.values():
        for association in [one for one, subnet in table._associations.items() if subnet == subnet_id]:
            del table._associations[association]
    return deleted


EC2Backend.delete_subnet = refuse_subnet_in_use

# "associated with an instance or network interface, is referenced by another security group in the same VPC".
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
delete_security_group = EC2Backend.delete_security_group


def names_group(rule, group_id):
    return (rule.source_group or {}).get("GroupId") == group_id


def refuse_group_in_use(backend, name=None, group_id=None):
    group = backend.get_security_group_by_name_or_id(group_id or name)
    if group:
        used = any(group.id in [one.id for one in eni.group_set] for eni in standing_interfaces(backend))
        named = any(
            names_group(rule, group.id)
            for other in backend.groups[group.vpc_id].values()
            if other.id != group.id
            for rule in [*other.ingress_rules, *other.egress_rules]
        )
        if used or named:
            raise DependencyViolationError(f"resource {group.id} has a dependent object")
    return delete_security_group(backend, name, group_id)


EC2Backend.delete_security_group = refuse_group_in_use

# "The VPC must not contain any running instances with Elastic IP addresses or public IPv4 addresses."
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
# The message: https://github.com/hashicorp/terraform/issues/497
detach_internet_gateway = EC2Backend.detach_internet_gateway


def refuse_gateway_in_use(backend, internet_gateway_id, vpc_id):
    if any(eni.vpc_id == vpc_id and eni.public_ip for eni in standing_interfaces(backend)):
        raise DependencyViolationError(
            f"Network {vpc_id} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway."
        )
    return detach_internet_gateway(backend, internet_gateway_id, vpc_id)


EC2Backend.detach_internet_gateway = refuse_gateway_in_use

# "You must detach or delete all gateways and resources that are associated with the VPC": all groups but the default one, too.
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
delete_vpc = EC2Backend.delete_vpc


def refuse_vpc_in_use(backend, vpc_id):
    gateways = [one for one in backend.internet_gateways.values() if one.vpc and one.vpc.id == vpc_id]
    groups = [one for one in backend.groups[vpc_id].values() if one.name != "default"]
    endpoints = [
        one for one in backend.vpc_end_points.values() if one.vpc_id == vpc_id and one.state != "deleted"
    ]
    interfaces = [one for one in standing_interfaces(backend) if one.vpc_id == vpc_id]
    if gateways or groups or endpoints or interfaces:
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    # The main table goes with the VPC, and only so.
    for table in backend.route_tables.values():
        if table.vpc_id == vpc_id:
            table.goes_with_vpc = True
    return delete_vpc(backend, vpc_id)


EC2Backend.delete_vpc = refuse_vpc_in_use

# "You can't delete the main route table": https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html
delete_route_table = EC2Backend.delete_route_table
RouteTable.goes_with_vpc = False


def refuse_main_table(backend, route_table_id):
    table = backend.get_route_table(route_table_id)
    if table.main_association_id and not table.goes_with_vpc:
        raise DependencyViolationError(
            f"The routeTable '{route_table_id}' has dependencies and cannot be deleted."
        )
    return delete_route_table(backend, route_table_id)


EC2Backend.delete_route_table = refuse_main_table

# The machines of a fleet stand in the groups that the launch template names; moto puts them into the VPC's default group.
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html (SecurityGroupIds). One that is
# gone is refused: InvalidGroup.NotFound, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
create_fleet = FleetsBackend.create_fleet


def groups_of(backend, config):
    spec = config["LaunchTemplateSpecification"]
    template = (
        backend.get_launch_template(spec["LaunchTemplateId"])
        if spec.get("LaunchTemplateId")
        else backend.get_launch_template_by_name(spec["LaunchTemplateName"])
    )
    ids = template.get_version(spec.get("Version", "$Default")).data.get("SecurityGroupIds", [])
    found = {id: backend.get_security_group_from_id(id) for id in ids}
    for id, group in found.items():
        if group is None:
            raise EC2ClientError("InvalidGroup.NotFound", f"The security group '{id}' does not exist")
    return list(found.values())


def in_groups_of_template(backend, *arguments, **options):
    configs = options.get("launch_template_configs") or arguments[3]
    groups = [group for config in configs for group in groups_of(backend, config)]
    fleet = create_fleet(backend, *arguments, **options)
    machines = [one["instance"] for one in fleet.on_demand_instances] + [one.instance for one in fleet.spot_requests]
    for machine in machines if groups else []:
        machine.security_groups = groups
        for eni in machine.nics.values():
            eni._group_set = groups
    return fleet


FleetsBackend.create_fleet = in_groups_of_template
