import { expect, test } from "bun:test"
import { changedLines } from "../../../../script/mutate/changed-lines.ts"

test("the lines that a change has added or altered, by file; what it has only removed is nowhere", () => {
  const diff = `diff --git src/a.ts src/a.ts
--- src/a.ts
+++ src/a.ts
@@ -3 +3 @@ function a() {
-  return 1
+  return 2
@@ -10,0 +11,2 @@
+  b()
+  c()
@@ -20,2 +22,0 @@
-  d()
-  e()
diff --git src/b.ts src/b.ts
--- src/b.ts
+++ src/b.ts
@@ -0,0 +1 @@
+const b = 1
`
  expect(changedLines(diff)).toEqual(
    new Map([
      ["src/a.ts", new Set([3, 11, 12])],
      ["src/b.ts", new Set([1])],
    ]),
  )
})
