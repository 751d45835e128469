;; What alike-frames.ts asks of many bytes: WebAssembly looks at eight at a time, and at the bytes themselves.
;; `npm run fix` makes alike-frames.generated.ts of it.
;;
;; Memory: the beginning of such frames at 0, their end at 0x8000, the bytes at 0x10000. Words are read beyond the end
;; of each; what stands there is not looked at.
;;
;; A place is 0 where a frame is another one, and -1 where the bytes end before that is known.
(module
  (memory (export "memory") 3)

  ;; Where the frames end that stand at $at, one behind the other. Negated, less one: there begins one that is cut.
  (func (export "skim")
    (param $at i32) (param $end i32) (param $headLength i32) (param $tailLength i32) (result i32)
    (local $left i32) (local $next i32)
    (loop $frame
      (local.set $left (i32.sub (local.get $end) (local.get $at)))
      (if (i32.eqz (local.get $left)) (then (return (local.get $at))))
      (if (i32.eqz (call $begins (local.get $at) (local.get $left) (i32.const 0) (local.get $headLength)))
        (then (return (local.get $at))))
      (local.set $next (i32.const -1))
      (if (i32.gt_u (local.get $left) (local.get $headLength))
        (then
          (local.set $next (i32.add (local.get $at) (local.get $headLength)))
          (local.set $next
            (if (result i32) (local.get $tailLength)
              (then (call $behindTail (local.get $next) (local.get $end) (local.get $tailLength)))
              ;; The head may end with the first LF of the blank line.
              (else (call $behindBlankLine (i32.sub (local.get $next) (i32.const 1)) (local.get $end)))))))
      (if (i32.le_s (local.get $next) (i32.const 0))
        (then (return (i32.xor (local.get $at) (local.get $next)))))
      (local.set $at (local.get $next))
      (br $frame))
    (unreachable))

  ;; Behind the inside of a JSON string that is not empty, and the tail.
  (func $behindTail (param $at i32) (param $end i32) (param $tailLength i32) (result i32)
    (local $quote i32) (local $left i32)
    (local.set $quote (call $quote (local.get $at) (local.get $end)))
    (if (i32.le_s (local.get $quote) (i32.const 0)) (then (return (local.get $quote))))
    (if (i32.eq (local.get $quote) (local.get $at)) (then (return (i32.const 0))))
    (local.set $left (i32.sub (local.get $end) (local.get $quote)))
    (if (i32.eqz (call $begins (local.get $quote) (local.get $left) (i32.const 0x8000) (local.get $tailLength)))
      (then (return (i32.const 0))))
    (select
      (i32.const -1)
      (i32.add (local.get $quote) (local.get $tailLength))
      (i32.lt_u (local.get $left) (local.get $tailLength))))

  ;; The quote that ends a JSON string.
  (func $quote (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (loop $next
      (local.set $at (call $find (local.get $at) (local.get $end) (i64.const 0x2222222222222222) (i64.const 0x5c5c5c5c5c5c5c5c)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 0x22)) (then (return (local.get $at))))
      (if (i32.ne (local.get $byte) (i32.const 0x5c)) (then (return (i32.const 0))))
      ;; Behind a backslash stands any character but an end of the line.
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (if (i32.lt_u (i32.load8_u (local.get $at)) (i32.const 0x20)) (then (return (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; A CR may end a line as well, and a blank line with it: such a frame is another one.
  (func $behindBlankLine (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (loop $next
      (local.set $at (call $find (local.get $at) (local.get $end) (i64.const 0x0a0a0a0a0a0a0a0a) (i64.const 0x0a0a0a0a0a0a0a0a)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eq (local.get $byte) (i32.const 0x0d)) (then (return (i32.const 0))))
      (br_if $next (i32.ne (local.get $byte) (i32.const 0x0a)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (br_if $next (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x0a)))
      (return (i32.add (local.get $at) (i32.const 1))))
    (unreachable))

  ;; The first byte that is a control character or one of these two, each of which fills a word.
  (func $find (param $at i32) (param $end i32) (param $one i64) (param $other i64) (result i32)
    (local $word i64) (local $found i64)
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $end))))
      (local.set $word (i64.load (local.get $at)))
      ;; The highest bit of each such byte; those above the lowest one may be wrong.
      (local.set $found
        (i64.and
          (i64.const 0x8080808080808080)
          (i64.and
            (i64.xor (local.get $word) (i64.const -1))
            (i64.or
              (i64.sub (local.get $word) (i64.const 0x2020202020202020))
              (i64.or
                (i64.sub (i64.xor (local.get $word) (local.get $one)) (i64.const 0x0101010101010101))
                (i64.sub (i64.xor (local.get $word) (local.get $other)) (i64.const 0x0101010101010101)))))))
      (if (i64.eqz (local.get $found))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br $next)))
      (return (i32.add (local.get $at) (i32.wrap_i64 (i64.shr_u (i64.ctz (local.get $found)) (i64.const 3))))))
    (unreachable))

  ;; Whether the bytes at $at are those of the pattern, as far as there are $left.
  (func $begins (param $at i32) (param $left i32) (param $pattern i32) (param $length i32) (result i32)
    (local $bits i64)
    (local.set $left (select (local.get $left) (local.get $length) (i32.lt_u (local.get $left) (local.get $length))))
    (loop $next
      (local.set $bits (i64.xor (i64.load (local.get $at)) (i64.load (local.get $pattern))))
      (if (i32.gt_u (local.get $left) (i32.const 8))
        (then
          (if (i64.ne (local.get $bits) (i64.const 0)) (then (return (i32.const 0))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (local.set $pattern (i32.add (local.get $pattern) (i32.const 8)))
          (local.set $left (i32.sub (local.get $left) (i32.const 8)))
          (br $next))))
    ;; Of the last word, the lowest bytes: 1 to 8.
    (i64.eqz (i64.shl (local.get $bits) (i64.extend_i32_u (i32.sub (i32.const 64) (i32.shl (local.get $left) (i32.const 3)))))))
)
