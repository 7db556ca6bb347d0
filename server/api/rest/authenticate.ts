import type { TokenIdentity, TokenVerdict } from '@/server/auth/tokens';
import type { Scope } from '@/server/contracts/access';
import type { Actor } from '@/server/kernel/actor';
import { ProblemError } from './problem';
import type { RestServices } from './services';

const REALM = 'Bearer realm="countersign"';
const BEARER = /^bearer +([^\s]+)$/i;

const REFUSED: Readonly<Record<Extract<TokenVerdict, { ok: false }>['reason'], string>> = {
  malformed: 'The token is not from this API: its tokens begin with cs_',
  unknown: 'The token is unknown',
  revoked: 'The token was revoked',
  expired: 'The token has expired',
  disabled: 'The user of the token is disabled',
};

/**
 * Identifies the caller by bearer token and checks that it has every scope.
 * @throws ProblemError 401 with WWW-Authenticate, or 403 naming the missing scope
 */
export async function authenticate(
  request: Request,
  scopes: readonly Scope[],
  services: RestServices,
  requestId: string,
): Promise<Actor> {
  const header = request.headers.get('authorization');
  if (header === null) throw unauthenticated('Send authorization: Bearer <token>', REALM);
  const token = BEARER.exec(header)?.[1];
  if (token === undefined)
    throw unauthenticated('The authorization header must be: Bearer <token>', `${REALM}, error="invalid_request"`);
  const verdict = await services.verifyToken(token);
  if (!verdict.ok) throw unauthenticated(REFUSED[verdict.reason], `${REALM}, error="invalid_token"`);
  for (const scope of scopes) requireScope(verdict.identity, scope);
  return {
    kind: 'token',
    principalId: verdict.identity.userId,
    // The prefix keeps the audit log from mistaking a token for a person of the same name.
    name: `token:${verdict.identity.tokenName}`,
    correlationId: requestId,
  };
}

function requireScope(identity: TokenIdentity, scope: Scope): void {
  if (identity.scopes.has(scope)) return;
  throw new ProblemError(
    'FORBIDDEN',
    `The token lacks the scope ${scope}, or the role of its user no longer allows it`,
    {
      headers: { 'www-authenticate': `${REALM}, error="insufficient_scope", scope="${scope}"` },
      extra: { missing_scope: scope },
    },
  );
}

function unauthenticated(detail: string, challenge: string): ProblemError {
  return new ProblemError('UNAUTHENTICATED', detail, { headers: { 'www-authenticate': challenge } });
}
