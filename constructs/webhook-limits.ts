/** GitHub gives up on a delivery after 10: https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks */
export const WEBHOOK_TIMEOUT_SECONDS = 8;
