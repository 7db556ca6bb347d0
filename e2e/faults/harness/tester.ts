import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';

/** Who places, cancels and halts in the scenarios. */
export const TESTER: Actor = { kind: 'system', principalId: SYSTEM_PRINCIPAL_ID, name: 'test', correlationId: 'test' };
