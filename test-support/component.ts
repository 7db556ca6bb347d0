import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// Limits are for what hangs, also on a machine that is busy with other things.
configure({ asyncUtilTimeout: 20_000 });

afterEach(cleanup);
