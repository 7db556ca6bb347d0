/**
 * SQL for the active policy's `portfolio_max_age_seconds`, in ms. The statement's author judges an age by it in TypeScript. Without
 * an active policy it is 0, so that nothing counts as recent.
 */
export const PORTFOLIO_MAX_AGE_MS = `coalesce((
      SELECT (p.body->>'portfolio_max_age_seconds')::float8 * 1000
      FROM settings active JOIN policy_versions p ON p.version = active.active_policy_version
      WHERE active.id = 1), 0)`;
