import { storeBounds } from "./store.ts"

/** The number is the version of the layout: a release with another layout uses other keys. */
const prefix = "understudy:1:"

export const redisKeys = {
  circuits: `${prefix}circuits`,
  circuitAges: `${prefix}circuits:ages`,
  sessions: `${prefix}sessions`,
  sessionAges: `${prefix}sessions:ages`,
  limits: `${prefix}limits`,
  limitAges: `${prefix}limits:ages`,
  journal: `${prefix}journal`,
  changes: `${prefix}changes`,
} as const

/** Everything is forgotten when no machine has written for this long. */
const timeToLiveMs = storeBounds.journalAgeMs

/**
 * Puts one field into a hash if it still holds what the caller believes, keeps hash and age index within
 * their bounds, and tells the others.
 *
 * KEYS: hash, age index (sorted set). ARGV: field, expected value (`` = absent, `*` = whatever it is), new
 * value, age score, most fields, oldest score allowed, channel, message.
 * Answers nil when written, otherwise the value found (`` when absent).
 */
export const putScript = `
local found = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if ARGV[2] ~= '*' and found ~= ARGV[2] then return found end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
for _, field in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[6])) do
  redis.call('HDEL', KEYS[1], field)
  redis.call('ZREM', KEYS[2], field)
end
local excess = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[5])
if excess > 0 then
  local oldest = redis.call('ZPOPMIN', KEYS[2], excess)
  for index = 1, #oldest, 2 do redis.call('HDEL', KEYS[1], oldest[index]) end
end
redis.call('PEXPIRE', KEYS[1], ${timeToLiveMs})
redis.call('PEXPIRE', KEYS[2], ${timeToLiveMs})
redis.call('PUBLISH', ARGV[7], ARGV[8])
return false`

/** KEYS: hash, age index. ARGV: field, channel, message. */
export const removeScript = `
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return false`

/** KEYS: sorted set. ARGV: score, member, most members, oldest score allowed, channel, message. */
export const appendScript = `
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[4])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ${timeToLiveMs})
redis.call('PUBLISH', ARGV[5], ARGV[6])
return false`
