import { demand } from "../finding";
import { block, numberOf } from "../model";
import { eachTemplate } from "./shared";
import type { Check } from "./shared";

/** Control 8. */
export const imdsV2: Check = eachTemplate(({ resource }) => [
  demand(
    block(resource.attributes.metadata_options).http_tokens === "required",
    resource,
    "metadata_options.http_tokens",
    "IMDSv2 is required",
    'IMDSv1 answers without a session: set http_tokens to "required"',
  ),
]);

/** Control 9. */
export const hopLimit: Check = eachTemplate(({ resource }) => [
  demand(
    numberOf(block(resource.attributes.metadata_options).http_put_response_hop_limit) === 1,
    resource,
    "metadata_options.http_put_response_hop_limit",
    "one hop",
    "a container on a bridge network may reach the metadata service: set the hop limit to 1",
  ),
]);
