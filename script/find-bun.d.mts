export function findBun(): string | undefined
