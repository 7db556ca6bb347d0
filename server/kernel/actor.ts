import type { ActorKind } from '@/server/kernel/vocabulary';

/** Who requests something. Authorised at the edge (role or token scope) before a command is called; recorded by it. */
export interface Actor {
  readonly kind: ActorKind;
  /** User id that the act is attributed to; {@link SYSTEM_PRINCIPAL_ID} for strategies and the system. */
  readonly principalId: string;
  /** For audit and display: e-mail, token name, strategy name. */
  readonly name: string;
  readonly correlationId: string;
}

/** Principal of strategies and the system itself. */
export const SYSTEM_PRINCIPAL_ID = '00000000-0000-7000-8000-000000000001';
