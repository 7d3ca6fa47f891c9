/** Base of every error this project throws on purpose: one sentence that says what to do next. */
export class RunnersError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
