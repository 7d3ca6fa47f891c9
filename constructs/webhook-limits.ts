/** GitHub gives up on a delivery after 10: https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks */
export const WEBHOOK_TIMEOUT_SECONDS = 8;

/** Room for the largest body that Lambda takes (6 MB), in base64 and parsed. */
export const WEBHOOK_MEMORY_MB = 256;
