/** Waits until a model is no longer resting that failed just now, the jitter of a cooldown (a tenth at most) included. */
export const afterRest = (cooldownSeconds: number): Promise<void> => Bun.sleep(cooldownSeconds * 1_100 + 100)
