import { providerOf } from "../../core/model-ref.ts"
import { closeCore, assembleCore, type CoreInput, type CoreOverrides } from "../../failover/assemble.ts"
import { createTimeouts } from "../../failover/timeouts.ts"
import { createOwnFaults } from "../../host/own-fault.ts"
import { sidebarFacts } from "../../notify/sidebar-facts.ts"
import { processWide } from "../../turn/process-wide.ts"
import { hold } from "../../turn/transitions.ts"
import type { BusEvent, Context, ContextEvent, HookName, SessionHooks } from "./host/context.ts"
import { keyOf } from "./host/model-reference.ts"
import type { OpenCodeHost } from "./host/opencode-host.ts"
import { contextAttachments } from "./host/read-attachments.ts"
import { createLoans, newLentSessions } from "./lending/loans.ts"
import type { Parts } from "./lending/parts.ts"
import { agentOf, readStanding } from "./lending/session-model.ts"
import { createSetUpCheck } from "./lending/set-up-check.ts"
import { isProcessAlive } from "./lending/stored-loan.ts"
import { createCompactions } from "./requests/compaction.ts"
import { dropProviderCalls, shortenCallIDs } from "./requests/foreign-calls.ts"
import { createHttpHooks } from "./requests/http.ts"
import { createOwnRequests } from "./requests/own-requests.ts"
import { createSteps } from "./requests/steps.ts"
import { createTitles } from "./requests/titles.ts"
import { createWebSocketHooks } from "./requests/web-socket.ts"
import { type Answers, dropNotes } from "./tui-link.ts"
import { createRetryHook } from "./turns/retry.ts"
import { createTurnEnds } from "./turns/turn-ends.ts"
import { createTurnStarts } from "./turns/turn-starts.ts"

export type EngineInput = {
  readonly context: Context
  readonly loaded: CoreInput["loaded"]
  readonly host: OpenCodeHost
  readonly overrides: CoreOverrides
}

/** What is to be hung into OpenCode 2. Its hooks throw only to end a request of ours; see `createSetUpCheck`. */
export type Engine = {
  readonly hooks: { readonly [Name in HookName]: (event: SessionHooks[Name]) => Promise<void> }
  readonly onEvent: (event: BusEvent) => Promise<void>
  /** Events may have been missed. May reject. */
  readonly onGap: () => Promise<void>
  readonly answers: Answers
  readonly dispose: () => Promise<void>
}

/** Everything that works while OpenCode 2 runs, put together from the settings in force. */
export async function createEngine({ context, loaded, host, overrides }: EngineInput): Promise<Engine> {
  const core = await assembleCore({ loaded, host, audience: context.location.directory, overrides })
  const faults = createOwnFaults(host)
  const loans = createLoans({
    context,
    host,
    lent: processWide("loans@7", newLentSessions),
    pid: process.pid,
    isAlive: isProcessAlive,
    keepsStandIn: core.settings.runtime_fallback.restore_primary === "never",
    now: core.now,
    onStorageFault: faults.log,
  })
  // Nothing waits for it. A project that is loaded anew may have missed the end of a turn.
  void faults.guardAsync(() => Promise.all([loans.repair(), loans.giveBackAtRest()]))
  let isOver = false
  const after = (ms: number, run: () => Promise<void>): void => {
    setTimeout(() => void (isOver || run()), ms).unref()
  }
  const asking = processWide("set-up-checks@1", () => new Set<string>())
  const setUp = createSetUpCheck({ context, host, asking })
  const parts = { ...core, context, host, faults, loans, setUp }
  return {
    ...assembleHooks(parts, after),
    onGap: loans.giveBackAtRest,
    answers: assembleAnswers(parts),
    dispose: async (): Promise<void> => {
      isOver = true
      await closeCore(core)
    },
  }
}

/** Runs what never rejects, so many milliseconds later. */
type After = (ms: number, run: () => Promise<void>) => void

/** How long OpenCode may take to begin the turn of a prompt. Milliseconds. */
const longestStartMs = 10_000

export function assembleHooks(parts: Parts, after: After): Pick<Engine, "hooks" | "onEvent"> {
  const { host, faults, loans, setUp } = parts
  const { starts, ends, compactions, http, webSocket, onRetry } = assembleTurns(parts)
  const harmless =
    <Event>(run: (event: Event) => Promise<void> | void) =>
    async (event: Event): Promise<void> => {
      await faults.guardAsync(async () => run(event))
    }
  return {
    hooks: {
      prompt: harmless(async (event) => {
        await starts.begin(event)
        // OpenCode may refuse it, or its client wants no turn yet.
        if (loans.of(event.sessionID)) after(longestStartMs, () => harmless(ends.hadItsTime)(event))
      }),
      context: harmless(async (event) => {
        compactions.ended(event.sessionID)
        dropNotes(event)
        addOptions(parts, event)
        await readContext(parts, event)
      }),
      "model.request": async (event) => {
        const isEnough = setUp.seen(event)
        await harmless(() => {
          host.isUp()
          if (event.kind === "primary") starts.noteStep(event)
        })(event)
        if (isEnough) throw new Error("Understudy wanted to know no more than that this model can be asked")
      },
      "http.request": harmless(http.onRequest),
      "http.response": harmless(http.onResponse),
      "experimental.ws.handshake": harmless(webSocket.onRequest),
      "experimental.ws.receive": harmless(webSocket.onFrame),
      retry: harmless(onRetry),
      compaction: harmless(compactions.onCompaction),
    },
    onEvent: harmless(ends.onEvent),
  }
}

/** What other models have left in the conversation is made fit for this one. */
async function readContext({ sessions, context }: Parts, event: ContextEvent): Promise<void> {
  const turn = sessions.turn(event.sessionID)
  if (!turn) return
  sessions.change(turn, "hold", hold(contextAttachments(event)))
  if (providerOf(turn.own.model) !== event.model.providerID) dropProviderCalls(event)
  await shortenCallIDs(context, event)
}

/** What follows a turn from its prompt to its end. */
function assembleTurns(parts: Parts) {
  const { settings, accountSend } = parts
  const ownRequests = createOwnRequests(async (request, step) => {
    const { url, method, headers, signal } = request
    return accountSend(step, fetch)(url, { method, headers, signal, body: await request.text() })
  })
  // 2.0.15 has no limit of its own.
  const timeouts = createTimeouts(settings, () => 0)
  const shared = {
    ...parts,
    timeouts,
    ownRequests,
    steps: createSteps(),
    starts: createTurnStarts(parts),
  }
  const compactions = createCompactions(shared)
  const titles = createTitles(shared)
  return {
    starts: shared.starts,
    compactions,
    http: createHttpHooks({ ...shared, compactions, titles }),
    webSocket: createWebSocketHooks(shared),
    onRetry: createRetryHook({ ...shared, compactions }),
    ends: createTurnEnds({ ...shared, compactions }),
  }
}

export function assembleAnswers({ store, command, context, host, loans }: Parts): Answers {
  return {
    command: async (sessionID, argumentsText) => {
      await loans.claim(sessionID, "the dead")
      const { session, models } = await readStanding(context, loans, sessionID)
      if (!models) return "OpenCode has no model for this session."
      const place = { sessionID, agent: await agentOf(context, session), model: keyOf(models.own) }
      const answer = (): Promise<string> => command(place, argumentsText)
      // It may be the first thing that anybody wants to know.
      return session.model ? host.listing(keyOf(session.model), answer) : answer()
    },
    sidebar: async (sessionID) => sidebarFacts(store, await host.catalog(), sessionID),
    loan: async (sessionID) => loans.owed(sessionID) ?? null,
  }
}

/** Puts what the chain's entry says of the model in use into the options of the request. */
function addOptions(
  { failover }: Pick<Parts, "failover">,
  { sessionID, model, options }: ContextEvent,
): void {
  const entry = failover.entryInUse(sessionID, keyOf(model))
  if (entry?.temperature !== undefined) options["temperature"] = entry.temperature
  if (entry?.top_p !== undefined) options["topP"] = entry.top_p
  if (entry?.max_tokens !== undefined) options["maxTokens"] = entry.max_tokens
}
