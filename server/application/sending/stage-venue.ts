import type { VenueInfo } from '@/server/application/ports/broker';

/** Where each rollout stage may trade. */
const VENUES: Readonly<Record<string, readonly VenueInfo['environment'][]>> = {
  M0_LOCAL: ['SIM'],
  M1_PAPER: ['SIM', 'PAPER'],
  M2_SANDBOX: ['PAPER'],
  M3_LIVE_SMALL: ['LIVE'],
};

/** Why the stage forbids this venue, in one line; null when it allows it. An unknown stage allows nothing. */
export function venueRefusal(stage: string, environment: VenueInfo['environment']): string | null {
  const allowed = VENUES[stage] ?? [];
  if (allowed.includes(environment)) return null;
  const where = allowed.length === 0 ? 'no venue' : allowed.join(' or ');
  return `stage ${stage} allows ${where}, but BROKER_URL leads to ${environment}: change BROKER_URL or the stage`;
}
