import { type CommandParser, defineScript } from '@redis/client';

/** A symbol that is no longer quoted is forgotten after a day, in seconds. */
const FORGET_SECONDS = 86_400;

/**
 * For each key: keeps the value if its time (the digits before the first blank) is later than the one there, and tells the
 * channel. Comparing and setting are one step of the server, so other writers cannot interfere. Returns how many were kept.
 */
const SCRIPT = `
local kept = 0
for i, key in ipairs(KEYS) do
  local value = ARGV[i + 1]
  local old = redis.call('GET', key)
  if not old or tonumber(string.match(old, '^%d+')) < tonumber(string.match(value, '^%d+')) then
    redis.call('SET', key, value, 'EX', ${FORGET_SECONDS})
    redis.call('PUBLISH', ARGV[1], string.match(value, ' (.*)$'))
    kept = kept + 1
  end
end
return kept`;

export const keepNewest = defineScript({
  SCRIPT,
  parseCommand(parser: CommandParser, channel: string, entries: readonly (readonly [key: string, value: string])[]) {
    parser.push(String(entries.length));
    for (const [key] of entries) parser.pushKey(key);
    parser.push(channel);
    for (const [, value] of entries) parser.push(value);
  },
  transformReply: (reply: number) => reply,
});
