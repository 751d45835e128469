import { isCodeKey, isTextKey } from "./field-names.ts"
import { maxChars, withoutEntities } from "./unwrap-text.ts"

const page = /^<(?:!doctype html|html|head|body)\b/i
const element = /<(?:[\w.-]{1,60}:)?([\w.-]{1,60})(?:\s[^<>]{0,300})?>([^<]*)<\//g
const characterData = /<!\[CDATA\[([^]{0,8000}?)\]\]>/g
const mostElements = 50

/**
 * The elements of an XML document that hold nothing but text, as an object's fields: S3's and Azure's `<Error>`, SOAP's
 * `faultstring`. A page is none.
 *
 * @returns `undefined` where none of them is a field of an error
 */
export function parseXml(text: string): Readonly<Record<string, string>> | undefined {
  if (text.length > maxChars || !text.startsWith("<") || !text.endsWith(">") || page.test(text))
    return undefined
  const fields: Record<string, string> = {}
  const plain = text.replaceAll(characterData, (_, data: string) => data.replaceAll("<", "&lt;"))
  let left = mostElements
  for (const [, name = "", value = ""] of plain.matchAll(element)) {
    if ((left -= 1) < 0) break
    fields[name] ??= withoutEntities(value.trim())
  }
  const isError = Object.keys(fields).some(
    (name) => isTextKey(name.toLowerCase()) || isCodeKey(name.toLowerCase()),
  )
  return isError ? fields : undefined
}
