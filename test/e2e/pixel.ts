/** The smallest image that models take, as base64. */
export const pixel: string =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

/** The same as a part of a prompt of OpenCode 1. */
export const attachedImage = {
  type: "file",
  mime: "image/png",
  filename: "dot.png",
  url: `data:image/png;base64,${pixel}`,
} as const
