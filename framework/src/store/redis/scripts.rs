//! What Redis does in one step.
//!
//! A session is a hash: `fence` and `snapshot`; the `node` that wrote last and the `number` of that command there. Commands of one node carry rising
//! numbers: one whose connection broke may arrive after its repetition, and is then known as late.

/// `KEYS[1]`: the session. `ARGV`: fence, node, number, snapshot, milliseconds. Gives 0 when the session has a higher fence. A late command
/// changes nothing, and what it answers nobody hears.
pub(super) const SAVE: &str = "
local fence, node, number = unpack(redis.call('HMGET', KEYS[1], 'fence', 'node', 'number'))
if fence and tonumber(fence) > tonumber(ARGV[1]) then return 0 end
if node == ARGV[2] and tonumber(number) > tonumber(ARGV[3]) then return 1 end
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'node', ARGV[2], 'number', ARGV[3], 'snapshot', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1";

/// `KEYS[1]`: the session. `ARGV`: node, number. Gives the new fence and the snapshot. A command that arrives twice gives the same twice; a late one nothing.
///
/// A fence is the time in microseconds, or one more than the one before: they rise even if Redis has lost its memory in between and got sessions back
/// from nodes that had them. (Numbers are exact up to 2^53 microseconds, which is the year 2255.)
pub(super) const CLAIM: &str = "
local fence, node, number, snapshot = unpack(redis.call('HMGET', KEYS[1], 'fence', 'node', 'number', 'snapshot'))
if not snapshot then return false end
if node == ARGV[1] and tonumber(number) > tonumber(ARGV[2]) then return false end
if node ~= ARGV[1] or number ~= ARGV[2] then
  local time = redis.call('TIME')
  fence = string.format('%.0f', math.max(tonumber(fence) + 1, time[1] * 1000000 + time[2]))
  redis.call('HSET', KEYS[1], 'fence', fence, 'node', ARGV[1], 'number', ARGV[2])
end
return {fence, snapshot}";

/// `KEYS[1]`: the secret. `ARGV`: the secret if there is none yet. Gives the one that holds.
pub(super) const SECRET: &str = "
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])";
