import type { Table } from "../rule.ts"
import { anthropic } from "./anthropic.ts"
import { bedrock } from "./bedrock.ts"
import { alibaba, huawei, minimax, moonshot, volcengine, xiaomi } from "./chinese-clouds.ts"
import { copilot } from "./copilot.ts"
import { gateways, litellm, vercel } from "./gateways.ts"
import { general } from "./general.ts"
import { google } from "./google.ts"
import {
  cerebras,
  cloudflare,
  deepseek,
  fireworks,
  groq,
  mistral,
  nvidia,
  together,
} from "./inference-clouds.ts"
import { localServers } from "./local-servers.ts"
import { network } from "./network.ts"
import { azure, codex, openai } from "./openai.ts"
import { opencode } from "./opencode.ts"
import { openrouter } from "./openrouter.ts"
import { zhipu } from "./zhipu.ts"

/**
 * In order of precedence. A provider id belongs to the first family that fits: `google-vertex-anthropic` is
 * Google's service, `opencode-go` is OpenCode's whatever it relays. Wording that many share comes last:
 * its patterns ask for the words of a refusal next to each other, so that prose about limits, balances or
 * context windows does not match.
 */
export const tables: readonly Table[] = [
  opencode,
  openrouter,
  litellm,
  vercel,
  cloudflare,
  bedrock,
  google,
  azure,
  copilot,
  codex,
  anthropic,
  openai,
  groq,
  mistral,
  deepseek,
  cerebras,
  together,
  fireworks,
  nvidia,
  zhipu,
  minimax,
  moonshot,
  alibaba,
  volcengine,
  huawei,
  xiaomi,
  localServers,
  gateways,
  network,
  general,
]
