import { z } from 'zod';

/**
 * What no public source settles of the broker's behaviour: each has a default, and the other answer can be chosen with
 * `SIMULATOR_VARIANTS=name=value,name=value`.
 */
export const variantsSchema = z.strictObject({
  /** Legs that are `held`: left out of flat lists of open orders, or listed. */
  held_legs: z.enum(['omitted', 'listed']).default('omitted'),
  /** The legs of an entry that ends partly filled: cancelled with it, or active for what was filled. */
  partial_entry_legs: z.enum(['canceled', 'active']).default('canceled'),
  /** Whether the stream reports legs that are held, and legs cancelled because another order of their group ended. */
  leg_events: z.enum(['sent', 'silent']).default('sent'),
  /** A stop leg that is triggered fills under its own id, or is replaced by a market order under a new one. */
  triggered_leg: z.enum(['same_order', 'new_order']).default('same_order'),
  /** An OTO buy while a plain stop of the symbol rests: refused as a wash trade, or taken. */
  oto_beside_stop: z.enum(['refused', 'taken']).default('refused'),
  /** A bracket or OTO buy of a symbol that is held already. */
  class_add: z.enum(['taken', 'refused']).default('taken'),
  /** Whether orders of an OTO can be replaced. */
  oto_replace: z.enum(['refused', 'taken']).default('refused'),
  /** A replacement's `filled_qty`: it starts afresh with what is left, or carries what the replaced order had filled. */
  replace_filled: z.enum(['fresh', 'carried']).default('fresh'),
  /** A cancel of an order at the exchange while the market is closed: pending until the next open, or carried out. */
  closed_cancel: z.enum(['pending', 'at_once']).default('pending'),
  /** A stop for fractions of a share that is placed while the market is closed: queued, or refused. */
  fractional_stop_closed: z.enum(['queued', 'refused']).default('queued'),
  /** Resting stops while the user has suspended trading: they go on working, or do not trigger. */
  suspended_stops: z.enum(['work', 'rest']).default('work'),
  /** The event `accepted`: for orders that wait for the open, or for every order before `pending_new`. */
  accepted_event: z.enum(['queued', 'always']).default('queued'),
  /** A plain stop that the market has passed already: taken and triggered at once, or refused. */
  passed_stop: z.enum(['taken', 'refused']).default('taken'),
});

export type Variants = z.infer<typeof variantsSchema>;

/** Reads `name=value,name=value`. @throws z.ZodError for an unknown name or value */
export function parseVariants(text: string): Variants {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  return variantsSchema.parse(
    Object.fromEntries(
      pairs.map((pair) => {
        const [name = '', ...value] = pair.split('=');
        return [name.trim(), value.join('=').trim()];
      }),
    ),
  );
}
