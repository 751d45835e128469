/**
 * The part of OpenCode 2's plugin interface that we use, as 2.0.15 has it. Written by hand and structural: its
 * packages of types are not published. Every value that comes from OpenCode is read as if it might be missing.
 */

/** A model as OpenCode 2 names it. */
export type ModelReference = {
  readonly id: string
  readonly providerID: string
  readonly variant?: string | undefined
}

export type SessionInfo = {
  readonly id: string
  readonly parentID?: string | undefined
  /** Of plugins and clients, and never shown. */
  readonly metadata?: unknown
  readonly agent?: string | undefined
  /** Absent while the session follows the default model. */
  readonly model?: ModelReference | undefined
  /** `idle`: when the session last came to rest; milliseconds since 1970. */
  readonly time?: { readonly idle?: number | undefined } | undefined
}

export type PromptEvent = {
  readonly sessionID: string
  readonly messageID: string
  readonly prompt: { readonly files?: readonly { readonly uri: string }[] | undefined }
}

export type RequestKind = "primary" | "title" | "compaction" | "generate"

export type StepEvent = {
  readonly sessionID: string
  readonly agent: string
  readonly model: ModelReference
  readonly kind: RequestKind
}

/** A message of the conversation; `providerExecuted`: a call that the provider has run itself, or its result. */
export type ContextMessage = {
  content?: readonly { readonly type?: unknown; readonly id?: unknown; readonly providerExecuted?: unknown }[]
}

/** A request of a step before it is made, with the whole conversation; `options` are the model's. */
export type ContextEvent = Omit<StepEvent, "kind"> & {
  readonly options: Record<string, unknown>
  readonly messages?: ContextMessage[]
}

export type HttpRequestEvent = StepEvent & { request: Request }

/** A request of a step that goes over a WebSocket, whether one is open already or not. */
export type WebSocketRequestEvent = StepEvent & { url: string }

/** What the provider has sent over a WebSocket: one event of its protocol, as JSON. */
export type WebSocketFrameEvent = StepEvent & { frame: string }

export type HttpResponseEvent = StepEvent & { readonly request: Request; response: Response }

/** What becomes of a failed step; `delay` in milliseconds. */
export type RetryDecision = { readonly retry: false } | { readonly retry: true; readonly delay: number }

export type RetryEvent = {
  readonly sessionID: string
  readonly agent: string
  readonly model: ModelReference
  /** What the history and the caller will be told if the step fails. */
  readonly error: { type: string; message: string; readonly status?: number | undefined }
  /** 2 for the first retry of a step, 11 for the last one that OpenCode allows. */
  readonly attempt: number
  decision: RetryDecision
}

export type CompactionEvent = {
  readonly sessionID: string
  readonly agent: string
  readonly model: ModelReference
  readonly system: unknown
  readonly messages: readonly unknown[]
  /** Set: OpenCode takes this summary and asks no model. */
  result?: { readonly summary: string } | undefined
}

export type SessionHooks = {
  readonly prompt: PromptEvent
  readonly context: ContextEvent
  readonly "model.request": StepEvent
  readonly "http.request": HttpRequestEvent
  readonly "http.response": HttpResponseEvent
  readonly "experimental.ws.handshake": WebSocketRequestEvent
  readonly "experimental.ws.receive": WebSocketFrameEvent
  readonly retry: RetryEvent
  readonly compaction: CompactionEvent
}

export type HookName = keyof SessionHooks

/** A slash command that runs without any request to a model. */
export type SlashCommand = {
  readonly name: string
  readonly description: string
  readonly execute: (invocation: {
    readonly sessionID: string
    readonly prompt: { readonly text: string }
  }) => Promise<void>
}

/** A tool that models call by its own name (`codemode: false`); `input` is a JSON schema. */
export type Tool = {
  readonly name: string
  readonly description: string
  readonly options: { readonly codemode: false }
  readonly input: unknown
  readonly execute: (
    input: unknown,
    call: { readonly sessionID: string; readonly signal: AbortSignal },
  ) => Promise<{ readonly content: readonly { readonly type: "text"; readonly text: string }[] }>
}

/** An event of OpenCode's bus. */
export type BusEvent = {
  readonly type: string
  readonly data?: unknown
  readonly location?: { readonly directory?: string | undefined } | undefined
}

export type Context = {
  readonly app: { readonly version: string }
  readonly location: {
    readonly directory: string
    readonly project?: { readonly directory?: string | undefined } | undefined
  }
  readonly options: unknown
  readonly model: {
    /** Read by `read-catalog.ts`. */
    list(): Promise<unknown>
    default(): Promise<{ readonly data?: ModelReference | undefined }>
  }
  readonly agent: { list(): Promise<unknown> }
  readonly event: { subscribe(): AsyncIterable<BusEvent> }
  readonly generate: {
    text(input: {
      readonly model: ModelReference
      readonly prompt: string
    }): Promise<{ readonly text: string }>
  }
  /** Durable, and the plugin's own. */
  readonly storage: {
    get(key: string): Promise<unknown>
    set(key: string, value: unknown): Promise<void>
    remove(key: string): Promise<void>
    scan(input: { readonly prefix: string; readonly limit: number }): Promise<{
      readonly entries: readonly { readonly key: string; readonly value: unknown }[]
    }>
  }
  /** Between the halves of a plugin; the schemas are Standard Schema's. */
  readonly rpc: {
    register(
      definition: unknown,
      handlers: Readonly<Record<string, (input: unknown) => Promise<unknown>>>,
    ): Promise<{ readonly events: { emit(name: string, data: unknown): Promise<void> } }>
  }
  readonly tool: { transform(change: (tools: { add(tool: Tool): void }) => void): Promise<unknown> }
  readonly command: {
    transform(change: (commands: { add(command: SlashCommand): void }) => void): Promise<unknown>
  }
  readonly session: {
    hook<Name extends HookName>(
      name: Name,
      callback: (event: SessionHooks[Name]) => Promise<void> | void,
    ): Promise<unknown>
    get(input: { readonly sessionID: string }): Promise<SessionInfo>
    /** Adds a row that is shown as `description`; its text goes to the model with the next prompt. */
    synthetic(input: {
      readonly sessionID: string
      readonly description: string
      readonly text: string
      readonly resume: false
    }): Promise<unknown>
    /** Without a location: in the process's own folder. */
    create(input: {
      readonly title: string
      readonly location: { readonly directory: string }
      readonly metadata: Readonly<Record<string, unknown>>
    }): Promise<SessionInfo>
    switchAgent(input: { readonly sessionID: string; readonly agent: string }): Promise<void>
    prompt(input: { readonly sessionID: string; readonly text: string }): Promise<unknown>
    wait(input: { readonly sessionID: string }): Promise<void>
    /** Asks the session's model beside its turn. */
    generate(input: { readonly sessionID: string; readonly prompt: string }): Promise<unknown>
    interrupt(input: { readonly sessionID: string }): Promise<unknown>
    /** The messages of a session, oldest first. */
    context(input: { readonly sessionID: string }): Promise<unknown>
    switchModel(input: { readonly sessionID: string; readonly model: ModelReference }): Promise<void>
  }
}

/** OpenCode 1.18 calls `setup` too, with a context of its own that has no such hooks. */
export function isContext(value: unknown): value is Context {
  if (typeof value !== "object" || value === null) return false
  const session: unknown = Reflect.get(value, "session")
  return typeof session === "object" && session !== null && typeof Reflect.get(session, "hook") === "function"
}
