import { Octokit } from "@octokit/rest";
import { clientsOf } from "../shared/github";

/** With GitHub's endpoints by their names. */
export const restClient = clientsOf(Octokit);
