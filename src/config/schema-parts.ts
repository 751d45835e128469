import * as z from "zod/mini"

/** Text for people: it becomes the editor's hint, the table of docs/settings.md and the "allowed" of a problem. */
export function about<Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema {
  z.globalRegistry.add(schema, { description })
  return schema
}

export const seconds = (most: number) => z.number().check(z.gte(0), z.lte(most))

export const whole = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most))

/** What a project's file names is shown in terminals, and control characters would speak to those. */
export const printable = z.refine<string>(
  (text) => !/\p{Cc}/u.test(text.trim()),
  "Allowed: no control characters.",
)

export const label = z.string().check(z.regex(/\S/), printable)
