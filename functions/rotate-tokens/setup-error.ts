import { RunnersError } from "../shared/errors";
import { GithubError } from "../shared/github";

/** Something that a person set up does not fit: the message says what to change, and where. */
export class SetupError extends RunnersError {}

/**
 * Waits for a call to GitHub and, if it is refused with one of the statuses in the table, says in its sentence what
 * to change. Any other failure passes as it is.
 *
 * @throws SetupError
 */
export const explained = async <T>(
  call: Promise<T>,
  sentences: Readonly<Record<number, string | undefined>>,
): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    const sentence = error instanceof GithubError && !error.limited ? sentences[error.status] : undefined;
    if (sentence === undefined) throw error;
    throw new SetupError(sentence, { cause: error });
  }
};
