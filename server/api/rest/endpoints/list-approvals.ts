import { approvalListQuerySchema, approvalListSchema } from '@/server/contracts/approvals';
import { jsonAnswer } from '../answer';
import { endpoint } from '../endpoint';
import { queryString } from '../input';
import { readPage } from '../read-page';

export const listApprovalsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/approvals',
  operationId: 'listApprovals',
  summary: 'Orders that wait for, or got, a countersignature, newest first.',
  scope: 'approvals:read',
  input: queryString(approvalListQuerySchema),
  answers: [{ status: 200, description: 'A page of approvals', schema: approvalListSchema }],
  handle: async ({ input, services }) => {
    const page = await readPage(() => services.reads.approvals(input));
    return jsonAnswer({ approvals: page.items, next_cursor: page.nextCursor });
  },
});
