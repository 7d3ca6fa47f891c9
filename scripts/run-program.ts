/** Tells what went wrong in one line, and by the exit code. */
export const runProgram = (program: () => Promise<void>): void => {
  program().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
};
