import { readStoredPolicy } from '@/server/contracts/policy-body';
import { type CompiledPolicy, compilePolicy } from '@/server/domain/policy';

/** Compiled policies by version. Versions are immutable, so nothing here becomes stale. */
export class PolicyCache {
  private readonly compiled = new Map<number, CompiledPolicy>();

  constructor(private readonly load: (version: number) => Promise<unknown>) {}

  /** @throws Error when the version does not exist or its body is not a policy */
  async get(version: number): Promise<CompiledPolicy> {
    const known = this.compiled.get(version);
    if (known !== undefined) return known;
    const policy = compilePolicy(readStoredPolicy(await this.load(version)), version);
    this.compiled.set(version, policy);
    return policy;
  }
}
