/** A mutant that nothing can tell from the original, and why. */
export type EquivalentMutant = {
  readonly file: string
  /** As the run prints it. */
  readonly change: string
  readonly because: string
}

export const equivalentMutants: readonly EquivalentMutant[] = [
  {
    file: "src/core/classify/words/explains.ts",
    change: "<= -> <",
    because: "no word begins a term of both lists",
  },
  {
    file: "src/core/classify/words/mark-clauses.ts",
    change: "known.set(text, clauses) -> ;",
    because: "it only saves reading the same text again",
  },
  {
    file: "src/core/classify/words/mark-clauses.ts",
    change: "beyondAscii.test(plain) -> true",
    because: "both find the same words in a text of Latin letters; one is faster",
  },
  {
    file: "src/core/classify/words/mark-clauses.ts",
    change: "!/[\"'`\\u2018-\\u201D\\u300C\\u00AB]/.test(text) -> false",
    because: "it only saves looking for quotes where no quotation mark stands",
  },
  {
    file: "src/core/classify/words/word-index.ts",
    change: "concept === undefined -> false",
    because: "the generated index has no number without a concept: the question is for the compiler",
  },
  {
    file: "src/core/classify/words/word-index.ts",
    change: "line < 0 -> false",
    because: "a bucket begins with a line break, so that nothing would be read of a key that is not there",
  },
  {
    file: "src/accounts/key-health.ts",
    change: "store.circuit(key) -> true",
    because: "what no failure is known of stays as it is: nothing is written then either",
  },
  {
    file: "src/core/classify/codes-in-text.ts",
    change: "textCodes.length === 0 -> false",
    because: "it only saves looking at a text in which no code stands",
  },
  {
    file: "src/accounts/account-send.ts",
    change: "error === undefined -> false",
    because: "nothing says that a key is to be changed: the question is for the compiler",
  },
  {
    file: "src/accounts/request-key.ts",
    change: "input instanceof Request -> true",
    because:
      "a text and a URL have nothing that a Request would be made of: the question is for the compiler",
  },
  {
    file: "src/opencode/v1/reactive/reactive.ts",
    change: "!claimed -> false",
    because: "a turn that is for the reactive way is running, and so it can be claimed: for the compiler",
  },
  {
    file: "src/failover/next-move.ts",
    change: 'end.do === "giveUp" -> true',
    because: "a turn that waits has no refusal: the question is for the compiler",
  },
  {
    file: "src/store/sqlite-store.ts",
    change: "waiting.length === 0 -> false",
    because: "it only saves a query for each circuit",
  },
  {
    file: "src/async/one-at-a-time.ts",
    change: "last.get(key) === settled -> false",
    because: "it only frees memory: who waits for what is over does not wait",
  },
  {
    file: "src/async/one-at-a-time.ts",
    change: "last.delete(key) -> ;",
    because: "it only frees memory: who waits for what is over does not wait",
  },
  {
    file: "src/store/redis-link.ts",
    change: "tls -> true",
    because: "Bun reads an undefined option as none: the question is for the compiler",
  },
  {
    file: "src/store/circuit-entry.ts",
    change: "> -> >=",
    because: "of two entries that say the same, either may be the later one",
  },
  {
    file: "src/store/probes.ts",
    change: "false -> true",
    because: "the change is called before anybody asks, and decides anew",
  },
  {
    file: "src/store/sqlite-connection.ts",
    change: 'opened.state === "open" -> true',
    because: "what is not open has no file: the question is for the compiler",
  },
  {
    file: "src/store/sqlite-file.ts",
    change: "database.run(`PRAGMA busy_timeout = ${openBusyMs}`) -> ;",
    because: "only a clock on the wall would show how long a lock is waited for",
  },
  {
    file: "src/store/sqlite-file.ts",
    change: 'process.platform === "win32" -> false',
    because: "the run is not made on Windows",
  },
  {
    file: "src/store/sqlite-store.ts",
    change: "Promise.resolve() -> undefined",
    because: "whoever awaits it goes on at once either way",
  },
  {
    file: "src/store/sqlite-tables.ts",
    change: "after !== undefined && before === undefined -> true",
    because: "where none was added, none is too many: it only saves looking",
  },
  {
    file: "src/store/sqlite-tables.ts",
    change: "&& -> ||",
    because: "where none was added, none is too many: it only saves looking",
  },
  {
    file: "src/transport/wire/sse-frames.ts",
    change: "ends.length === 1 -> false",
    because: "it only saves decoding a text of other letters twice",
  },
  {
    file: "src/transport/fetch-arguments.ts",
    change: "input instanceof Request -> true",
    because: "a text and a URL have neither headers nor a signal: the question is for the compiler",
  },
  {
    file: "src/opencode/v1/reactive/idle-signal.ts",
    change: "others?.size === 0 -> false",
    because: "it only frees memory",
  },
  {
    file: "src/opencode/v1/reactive/idle-signal.ts",
    change: "watches.delete(sessionID) -> ;",
    because: "it only frees memory",
  },
  {
    file: "src/opencode/v1/plugin.ts",
    change: "await mayHoldCategories(places) -> true",
    because: "it only saves reading the settings at the start, where no category can stand in them",
  },
  {
    file: "src/opencode/v2/tui-link.ts",
    change: "waiting.delete(replyID) -> ;",
    because: "it only frees memory: who would call what is left there settles what is settled already",
  },
  {
    file: "src/opencode/v2/turns/turn-ends.ts",
    change: "sessionID === undefined -> false",
    because: "nobody knows a session without a name: the question is for the compiler",
  },
  {
    file: "src/opencode/v2/turns/turn-ends.ts",
    change: "deps.steps.forget(sessionID) -> ;",
    because: "it only frees memory: the id of a session that is gone does not come back",
  },
  {
    file: "src/opencode/v2/setup.ts",
    change: "!(await mayHoldCategories(settingsInput(context))) -> false",
    because: "it only saves reading the settings at the start, where no category can stand in them",
  },
  {
    file: "src/notify/notices.ts",
    change: "kind === undefined -> false",
    because: "an undefined kind reads like none: the question is for the compiler",
  },
  {
    file: "src/config/add-prohibitions.ts",
    change: "allow_models === undefined -> false",
    because: "an undefined list reads like none: the question is for the compiler",
  },
  {
    file: "src/async/within-time.ts",
    change: "clearTimeout(timer) -> ;",
    because: "the timer would settle what is settled already",
  },
]
