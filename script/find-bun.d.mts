export function findBun(): string | undefined
export function findOpenCode(): string | undefined
