import { BlockList, isIPv4 } from 'node:net';
import type { Caller, GatewayServices } from './context';
import { ApiError, forbidden } from './errors';

/** What a request identifies itself with: Alpaca's pair of keys, or a bearer token. */
export interface Credentials {
  readonly keyId: string | null;
  readonly secret: string | null;
}

const BEARER = /^bearer +(\S+)$/i;
const BASIC = /^basic +(\S+)$/i;

/** The key pair of a request's headers. HTTP basic authentication carries the same pair. */
export function credentialsOf(header: (name: string) => string | undefined): Credentials {
  const secret = header('apca-api-secret-key');
  if (secret !== undefined) return { keyId: header('apca-api-key-id') ?? null, secret };
  const authorization = header('authorization') ?? '';
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer !== undefined) return { keyId: null, secret: bearer };
  const basic = BASIC.exec(authorization)?.[1];
  if (basic === undefined) return { keyId: null, secret: null };
  const [keyId = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { keyId, secret: rest.join(':') };
}

const unauthorized = (why: string): ApiError => new ApiError(401, 40110000, `request is not authorized: ${why}`);

/**
 * The bot behind a key pair: the token is the secret key, and its first characters, as lists show them, are the key id.
 * @param address of the client
 * @throws ApiError 401 for a token that is not valid, 403 for an address that the bot does not allow
 */
export async function authenticate(
  services: Pick<GatewayServices, 'verifyToken'>,
  { keyId, secret }: Credentials,
  address: string,
  requestId: string,
): Promise<Caller> {
  if (secret === null || secret === '')
    throw unauthorized(
      'send a token of Countersign as APCA-API-SECRET-KEY, and its first 9 characters as APCA-API-KEY-ID',
    );
  if (keyId !== null && (keyId.length < 9 || !secret.startsWith(keyId)))
    throw unauthorized('the key id is not that of the token: it is the token’s first 9 characters');
  const verdict = await services.verifyToken(secret);
  if (!verdict.ok) throw unauthorized(`the token is ${verdict.reason}`);
  const { tokenId, tokenName, userId, scopes, bot } = verdict.identity;
  if (bot.allow_from !== undefined && !allows(bot.allow_from, address))
    throw forbidden(`this bot may not be used from ${address}`);
  return {
    bot: { id: tokenId, name: tokenName, principalId: userId, settings: bot },
    actor: { kind: 'token', principalId: userId, name: `token:${tokenName}`, correlationId: requestId },
    scopes,
  };
}

/** An IPv4 address without the prefix that a dual-stack socket gives it. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

function allows(networks: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', prefix] = network.split('/');
    const family = isIPv4(base) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(prefix), family);
  }
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
