/**
 * What Terraform replaces a resource for, among what this library sets: the arguments that the providers' schemas mark
 * `ForceNew` (or `RequiresReplace`), as a plan of each change with the AWS provider 5.100 shows them. All else changes in
 * place. The keys of tables cannot be changed alone, so they are taken from the schema, as is what makes budgets, keys,
 * topics, the service-linked role and a repository's webhook anew:
 * https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service/dynamodb/table.go
 */
export const REPLACED_FOR: Readonly<Record<string, readonly string[]>> = {
  aws_apigatewayv2_api: ["protocol_type"],
  aws_apigatewayv2_integration: ["api_id", "integration_type"],
  aws_apigatewayv2_route: ["api_id"],
  aws_apigatewayv2_stage: ["api_id", "name"],
  aws_budgets_budget: ["account_id", "name"],
  aws_cloudwatch_event_rule: ["name"],
  aws_cloudwatch_event_target: ["rule"],
  aws_cloudwatch_log_group: ["name"],
  aws_cloudwatch_metric_alarm: ["alarm_name"],
  aws_default_security_group: ["vpc_id"],
  aws_dynamodb_table: ["name", "hash_key", "range_key", "local_secondary_index"],
  aws_iam_instance_profile: ["name"],
  aws_iam_role: ["name"],
  aws_iam_role_policy: ["name", "role"],
  aws_iam_service_linked_role: ["aws_service_name"],
  aws_internet_gateway: [],
  aws_kms_key: ["customer_master_key_spec", "key_usage", "multi_region"],
  aws_lambda_event_source_mapping: ["event_source_arn"],
  aws_lambda_function: ["function_name"],
  aws_lambda_permission: ["action", "function_name", "principal", "source_arn"],
  aws_launch_template: ["name"],
  // vpc_id is not: https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service/ec2/vpc_main_route_table_association.go
  aws_main_route_table_association: [],
  aws_route: ["destination_cidr_block", "route_table_id"],
  aws_route_table: ["vpc_id"],
  aws_route_table_association: ["subnet_id"],
  aws_security_group: ["description", "name", "vpc_id"],
  aws_sns_topic: ["fifo_topic", "name"],
  aws_sqs_queue: ["name"],
  aws_sqs_queue_policy: ["queue_url"],
  aws_sqs_queue_redrive_allow_policy: ["queue_url"],
  aws_ssm_parameter: ["name"],
  aws_subnet: ["availability_zone", "cidr_block", "vpc_id"],
  aws_vpc: ["cidr_block"],
  aws_vpc_endpoint: ["service_name", "vpc_endpoint_type", "vpc_id"],
  aws_vpc_security_group_egress_rule: ["security_group_id"],
  github_actions_runner_group: [],
  github_organization_webhook: [],
  github_repository_webhook: ["repository"],
  terraform_data: ["triggers_replace"],
};
