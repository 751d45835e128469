export const commandName = "understudy"

/** What the list of commands says of it; a terminal of 80 columns shows some 60 characters. */
export const commandDescription = "Fallbacks: status, next, use, chain, off, on, hold, reset"
