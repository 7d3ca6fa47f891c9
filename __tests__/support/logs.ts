import { logger } from "../../functions/shared/logger";

export interface CapturedLogs {
  /** Everything written to stdout and stderr, as it is. */
  readonly text: () => string;
  /** The lines, parsed. */
  readonly lines: () => Record<string, unknown>[];
  readonly restore: () => void;
}

/** Catches what the functions log: their logger writes to the process's own streams, as in Lambda. */
export const captureLogs = (): CapturedLogs => {
  let written = "";
  const level = logger.getLevelName();
  logger.setLogLevel("DEBUG");
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, "write").mockImplementation((chunk) => {
      written += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      return true;
    }),
  );
  return {
    text: () => written,
    lines: () =>
      written
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    restore: () => {
      logger.setLogLevel(level);
      spies.forEach((spy) => spy.mockRestore());
    },
  };
};
